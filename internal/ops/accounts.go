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
	return a.drawn(func(id identity.AccountID) (RootKey, error) { return a.create(ctx, id, name, email) })
}

// CreateGovCloud makes the account in AWS GovCloud (US) that an account is paired
// with: standalone, with a root access key, and with the name and the e-mail address
// of that account. It returns registry.ErrNotFound, ErrEmailTaken, and
// *identity.Error for an account that cannot be paired.
func (a *Accounts) CreateGovCloud(ctx context.Context, of identity.AccountID) (identity.AccountID, RootKey, error) {
	return a.drawn(func(id identity.AccountID) (RootKey, error) {
		return a.signUp(ctx, registry.AccountKey(of), func(tx *registry.Tx) (*identity.Draft, error) {
			standard, err := tx.Account(of)
			if err != nil {
				return nil, err
			}
			p := standard.Profile()
			d, err := identity.NewAccount(id, identity.PartitionGovCloud, p.Name, p.Email, tx.Now, tx.Rand)
			if err != nil {
				return nil, err
			}
			return d, identity.Pair(standard, d)
		})
	})
}

// Ensure makes a standalone account of a given id unless there is one.
func (a *Accounts) Ensure(ctx context.Context, id identity.AccountID, name, email string) error {
	_, err := a.Registry.Account(ctx, id)
	if !errors.Is(err, registry.ErrNotFound) {
		return err
	}
	if _, err = a.create(ctx, id, name, email); idTaken(err) {
		return nil // somebody else was faster
	}
	return err
}

// drawn makes an account of a random id: of another one while that is taken.
func (a *Accounts) drawn(create func(identity.AccountID) (RootKey, error)) (identity.AccountID, RootKey, error) {
	for {
		id, err := identity.NewAccountID(a.Registry.Rand)
		if err != nil {
			return "", RootKey{}, err
		}
		if key, err := create(id); !idTaken(err) {
			return id, key, err
		}
	}
}

// idTaken tells whether an account could not be made because there is one of its id.
func idTaken(err error) bool {
	var claimed *store.ClaimedError
	return errors.As(err, &claimed) && !errors.Is(err, ErrEmailTaken)
}

func (a *Accounts) create(ctx context.Context, id identity.AccountID, name, email string) (RootKey, error) {
	return a.signUp(ctx, registry.AccountKey(id), func(tx *registry.Tx) (*identity.Draft, error) {
		return identity.NewAccount(id, identity.Partition(tx.Rules.Partition), name, email, tx.Now, tx.Rand)
	})
}

// signUp makes the account that is drafted, with a root access key.
func (a *Accounts) signUp(ctx context.Context, at registry.Key, draft func(*registry.Tx) (*identity.Draft, error)) (key RootKey, err error) {
	err = a.Registry.Write(ctx, at, "SignUp", func(tx *registry.Tx) error {
		d, err := draft(tx)
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
	if _, claimed := emailClaimed(err); claimed {
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
	if err := claimEmail(tx, d.Profile()); err != nil {
		return err
	}
	for k := range d.AccessKeys() {
		if err := tx.Claim(registry.SpaceAccessKey, string(k.ID), string(d.ID())); err != nil {
			return err
		}
	}
	return nil
}

// emailSpace is where the accounts of a partition claim their e-mail addresses: an
// owner has one for his accounts in the partition aws and in AWS GovCloud (US).
func emailSpace(p identity.Partition) string {
	if p == identity.PartitionGovCloud {
		return registry.SpaceGovCloudEmail
	}
	return registry.SpaceEmail
}

// claimEmail makes the e-mail address of an account its own.
func claimEmail(tx *registry.Tx, p identity.Profile) error {
	return tx.Claim(emailSpace(p.Partition), strings.ToLower(p.Email), string(p.ID))
}

// releaseEmail lets other accounts have the e-mail address of an account.
func releaseEmail(tx *registry.Tx, p identity.Profile) {
	tx.Release(emailSpace(p.Partition), strings.ToLower(p.Email), string(p.ID))
}

// emailClaimed tells whether an error says that another account has the e-mail
// address, in which space of claims.
func emailClaimed(err error) (space string, claimed bool) {
	refused, ok := errors.AsType[*store.ClaimedError](err)
	if !ok || refused.Space != registry.SpaceEmail && refused.Space != registry.SpaceGovCloudEmail {
		return "", false
	}
	return refused.Space, true
}
