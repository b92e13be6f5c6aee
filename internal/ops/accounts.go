package ops

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/registry"
	"github.com/espalier-cloud/espalier/internal/store"
)

// Accounts makes the accounts that no organization creates: what a person does
// at a sign-up page, and an operator at the command line.
type Accounts struct{ Core }

// RootKey is an access key of a root user, to be shown once.
type RootKey struct {
	AccessKeyID identity.AccessKeyID
	Secret      identity.Secret
}

// ErrEmailTaken says that another account has the e-mail address.
var ErrEmailTaken = errors.New("another account has this e-mail address")

// Create makes a standalone account with a root access key. It returns
// ErrEmailTaken, and *identity.Error for a name or address that is none.
func (a *Accounts) Create(ctx context.Context, name, email string) (identity.AccountID, RootKey, error) {
	for {
		id, err := identity.NewAccountID(a.Registry.Rand)
		if err != nil {
			return "", RootKey{}, err
		}
		key, err := a.create(ctx, id, name, email)
		var claimed *store.ClaimedError
		if errors.As(err, &claimed) && claimed.Space != registry.SpaceEmail {
			continue // the id is taken: draw another
		}
		return id, key, err
	}
}

// Ensure makes a standalone account of a given id unless there is one.
func (a *Accounts) Ensure(ctx context.Context, id identity.AccountID, name, email string) error {
	_, err := a.Registry.Account(ctx, id)
	if !errors.Is(err, registry.ErrNotFound) {
		return err
	}
	_, err = a.create(ctx, id, name, email)
	var claimed *store.ClaimedError
	if errors.As(err, &claimed) && claimed.Space != registry.SpaceEmail {
		return nil // somebody else was faster
	}
	return err
}

func (a *Accounts) create(ctx context.Context, id identity.AccountID, name, email string) (key RootKey, err error) {
	err = a.Registry.Write(ctx, registry.AccountKey(id), "SignUp", func(tx *registry.Tx) error {
		d, err := identity.NewAccount(id, identity.Partition(tx.Rules.Partition), name, email, tx.Now, tx.Rand)
		if err != nil {
			return err
		}
		k, secret, err := d.CreateRootAccessKey(a.Keyring)
		if err != nil {
			return err
		}
		key = RootKey{k.ID, secret}
		return addAccount(tx, d)
	})
	var claimed *store.ClaimedError
	if errors.As(err, &claimed) && claimed.Space == registry.SpaceEmail {
		err = fmt.Errorf("%w (%w)", ErrEmailTaken, err)
	}
	return key, err
}

// addAccount adds a drafted account and claims what must be unique: its e-mail
// address, and the access keys that it has.
func addAccount(tx *registry.Tx, d *identity.Draft) error {
	if err := tx.NewAccount(d); err != nil {
		return err
	}
	owner := string(d.ID())
	if err := tx.Claim(registry.SpaceEmail, strings.ToLower(d.Profile().Email), owner); err != nil {
		return err
	}
	for k := range d.AccessKeys() {
		if err := tx.Claim(registry.SpaceAccessKey, string(k.ID), owner); err != nil {
			return err
		}
	}
	return nil
}
