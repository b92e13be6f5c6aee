package ops

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/espalier-cloud/espalier/internal/api/account"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/registry"
)

// GetPrimaryEmail shows the e-mail address of a member's root user.
func (a *AccountManagement) GetPrimaryEmail(ctx context.Context, by Caller, in *account.GetPrimaryEmailInput) (*account.GetPrimaryEmailOutput, error) {
	of, err := a.read(ctx, by, &in.AccountId)
	if err != nil {
		return nil, err
	}
	return &account.GetPrimaryEmailOutput{PrimaryEmail: new(of.Profile().Email)}, nil
}

// StartPrimaryEmailUpdate asks for another e-mail address of a member's root user.
// The code that confirms it goes to the operator of the server, who stands for the
// owner of that address: see [Accounts.EmailUpdate].
func (a *AccountManagement) StartPrimaryEmailUpdate(ctx context.Context, by Caller, in *account.StartPrimaryEmailUpdateInput) (*account.StartPrimaryEmailUpdateOutput, error) {
	id, err := a.about(by, &in.AccountId)
	if err != nil {
		return nil, err
	}
	owner, taken, err := a.Registry.Store.Claim(ctx, emailSpace(by.View.Account.Partition()), strings.ToLower(in.PrimaryEmail))
	if err != nil {
		return nil, err
	}
	if taken && owner != string(id) {
		return nil, emailTaken()
	}
	return manage(ctx, a, by, &in.AccountId, func(_ *registry.Tx, d *identity.Draft) (*account.StartPrimaryEmailUpdateOutput, error) {
		return &account.StartPrimaryEmailUpdateOutput{Status: new(account.PrimaryEmailUpdateStatusPending)}, d.StartEmailUpdate(in.PrimaryEmail, a.Keyring)
	})
}

// AcceptPrimaryEmailUpdate gives a member's root user the e-mail address that was
// asked for. Its organization shows it from then on, and nobody else can have it.
// That a code was wrong is kept, although the call is refused.
func (a *AccountManagement) AcceptPrimaryEmailUpdate(ctx context.Context, by Caller, in *account.AcceptPrimaryEmailUpdateInput) (*account.AcceptPrimaryEmailUpdateOutput, error) {
	id, err := a.about(by, &in.AccountId)
	if err != nil {
		return nil, err
	}
	out, accepted := &account.AcceptPrimaryEmailUpdateOutput{Status: new(account.PrimaryEmailUpdateStatusAccepted)}, false
	err = a.Registry.Write(ctx, registry.AccountKey(id), by.Call.Name, func(tx *registry.Tx) error {
		d, err := managed(tx, by, id)
		if err != nil {
			return err
		}
		before := d.Profile()
		if accepted, err = d.AcceptEmailUpdate(in.PrimaryEmail, in.Otp, a.Keyring); err != nil || !accepted {
			return err
		}
		releaseEmail(tx, before)
		if err := errors.Join(claimEmail(tx, d.Profile()), tellOrganization(tx, d)); err != nil {
			return err
		}
		return tx.Record(by.Call.Event(out))
	})
	switch {
	case err != nil:
		return nil, accountException(err)
	case !accepted:
		return nil, invalidField("otp", "The code is not the one that was sent to the e-mail address.")
	}
	return out, nil
}

func emailTaken() error {
	return &account.ConflictException{Message: "The e-mail address belongs to another account."}
}

// EmailUpdate is what confirms that an e-mail address belongs to the owner of an
// account.
type EmailUpdate struct {
	Email string
	Code  identity.Secret
	Until time.Time
}

// ErrNoEmailUpdate says that no update of the account's e-mail address waits to be
// accepted.
var ErrNoEmailUpdate = errors.New("no update of the e-mail address waits to be accepted")

// EmailUpdate returns the e-mail address that an account waits for, and the code
// that confirms it: AWS sends it to that address, Espalier to nobody. It returns
// registry.ErrNotFound and ErrNoEmailUpdate.
func (a *Accounts) EmailUpdate(ctx context.Context, id identity.AccountID) (EmailUpdate, error) {
	of, err := a.Registry.Account(ctx, id)
	if err != nil {
		return EmailUpdate{}, err
	}
	email, code, until, err := of.EmailUpdate(a.Clock(), a.Keyring)
	if refused, ok := errors.AsType[*identity.Error](err); ok && refused.Kind == identity.NoSuchEntity {
		return EmailUpdate{}, ErrNoEmailUpdate
	}
	return EmailUpdate{email, code, until}, err
}
