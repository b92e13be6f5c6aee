package ops

import (
	"context"
	"errors"

	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
	"github.com/espalier-cloud/espalier/internal/store"
	"github.com/espalier-cloud/espalier/internal/trail"
)

func (o *Organizations) scheduleCreation(tx *registry.Tx, d *org.Draft, creation *org.Creation, f Fault) error {
	return schedule(tx, d, jobCreateAccount, string(creation.ID), task{Creation: creation.ID, Failure: f.Failure, Delay: o.Delays.CreateAccount + f.Delay})
}

// createAccount makes the account that CreateAccount asked for, or gives the
// request up.
func (o *Organizations) createAccount(ctx context.Context, job store.Job) error {
	t, err := taskOf(job)
	switch {
	case err != nil:
		return err
	case o.Provisioner != nil && t.Failure == "":
		return o.provisionCreation(ctx, job, t)
	}
	return o.endCreation(ctx, job, t)
}

// endCreation adds the account to the organization, or ends the request as failed.
func (o *Organizations) endCreation(ctx context.Context, job store.Job, t task) error {
	err := o.work(ctx, job, func(tx *registry.Tx, d *org.Draft, _ task) error {
		if t.Failure != "" {
			return o.failCreation(tx, d, t, t.Failure)
		}
		_, reason, err := creationFailure(tx, d, t.Creation)
		if err != nil {
			return err
		}
		if reason != "" {
			return o.failCreation(tx, d, t, reason)
		}
		return o.finishCreation(tx, d, t)
	})
	return o.failRefused(ctx, job, t, err)
}

// failRefused ends a request as failed that could not be fulfilled for a reason that
// was found while it was.
func (o *Organizations) failRefused(ctx context.Context, job store.Job, t task, err error) error {
	space, taken := emailClaimed(err)
	var claimed *store.ClaimedError
	var refused *identity.Error
	reason := org.FailureReason("")
	switch {
	case taken && space == registry.SpaceGovCloudEmail:
		reason = org.GovCloudAccountAlreadyExists
	case taken:
		reason = org.EmailAlreadyExists
	case errors.As(err, &refused):
		reason = org.InvalidEmail // all else about a new account was checked when it was asked for
	case errors.As(err, &claimed) && t.Account != "":
		reason = org.InternalFailure // an account got the id that was settled
	default:
		return err // also when the account id is taken: the next attempt draws another one
	}
	return o.work(ctx, job, func(tx *registry.Tx, d *org.Draft, _ task) error {
		return o.failCreation(tx, d, t, reason)
	})
}

// creationFailure returns a request, and why an account cannot be made although it
// could be asked for, or "".
func creationFailure(tx *registry.Tx, d *org.Draft, id org.CreationID) (*org.Creation, org.FailureReason, error) {
	creation, err := d.Creation(id)
	if err != nil {
		return nil, "", err
	}
	management, err := managementOf(tx, d.Organization)
	if err != nil {
		return nil, "", err
	}
	return creation, d.CreationFailure(creation, management.Lacks), nil
}

func (o *Organizations) finishCreation(tx *registry.Tx, d *org.Draft, t task) error {
	creation, err := d.Creation(t.Creation)
	if err != nil {
		return err
	}
	account, err := newMember(tx, d.Settings(), creation, t.Account)
	if err != nil {
		return err
	}
	if err := addAccount(tx, account); err != nil {
		return err
	}
	govCloud, err := newPair(tx, d.Settings(), creation, account, t.GovCloud)
	if err != nil {
		return err
	}
	if _, err := d.FinishCreation(t.Creation, org.AccountID(account.ID()), govCloud); err != nil {
		return err
	}
	if err := tellJoined(tx, d, account.ID()); err != nil {
		return err
	}
	return o.creationResult(tx, d, t.Creation)
}

// newMember drafts the account that was asked for: a member with the role for
// the management account and the one for AWS Organizations, and with the contact
// information of the management account. It has the id that is reserved, or a new
// one.
func newMember(tx *registry.Tx, settings org.Settings, creation *org.Creation, reserved org.AccountID) (*identity.Draft, error) {
	management, err := tx.Account(identity.AccountID(settings.ManagementAccount))
	if err != nil {
		return nil, err
	}
	account, err := newAccount(tx, management, creation, reserved)
	if err != nil {
		return nil, err
	}
	if contact, err := management.ContactInformation(); err == nil {
		if err := account.SetContactInformation(contact); err != nil {
			return nil, err
		}
	}
	return account, account.JoinOrganization(management.Organization())
}

// newPair adds the account in AWS GovCloud (US) that was asked for together with one,
// and returns its id, "" when none was. It is in no organization, and its role is for
// the pair of the management account. It has the id that is reserved, or a new one.
func newPair(tx *registry.Tx, settings org.Settings, creation *org.Creation, account *identity.Draft, reserved org.AccountID) (org.AccountID, error) {
	if !creation.Pair {
		return "", nil
	}
	management, err := tx.Account(identity.AccountID(settings.ManagementAccount))
	if err != nil {
		return "", err
	}
	manager, err := tx.Account(management.Paired())
	if err != nil {
		return "", err
	}
	govCloud, err := newAccount(tx, manager, creation, reserved)
	if err != nil {
		return "", err
	}
	if err := identity.Pair(account, govCloud); err != nil {
		return "", err
	}
	return org.AccountID(govCloud.ID()), addAccount(tx, govCloud)
}

// newAccount drafts an account that was asked for, in the partition of the account
// that may assume its role.
func newAccount(tx *registry.Tx, manager *identity.Draft, creation *org.Creation, reserved org.AccountID) (*identity.Draft, error) {
	id, err := accountID(tx, reserved)
	if err != nil {
		return nil, err
	}
	account, err := identity.NewAccount(id, manager.Partition(), creation.AccountName, creation.Email, tx.Now, tx.Rand)
	if err != nil {
		return nil, err
	}
	if _, err := account.CreateOrganizationAccessRole(creation.RoleName, manager.ID()); err != nil {
		return nil, err
	}
	_, err = account.EnsureOrganizationsRole()
	return account, err
}

func (o *Organizations) failCreation(tx *registry.Tx, d *org.Draft, t task, reason org.FailureReason) error {
	if err := d.FailCreation(t.Creation, reason); err != nil {
		return err
	}
	if t.Account != "" {
		for _, c := range t.claims() {
			tx.Release(c.Space, c.Value, c.Owner)
		}
	}
	return o.creationResult(tx, d, t.Creation)
}

// creationResult records how the creation of an account ended.
func (o *Organizations) creationResult(tx *registry.Tx, d *org.Draft, id org.CreationID) error {
	c, err := d.Creation(id)
	if err != nil {
		return err
	}
	status := map[string]any{
		"id": c.ID, "state": c.State, "accountName": masked,
		"requestedTimestamp": trail.Timestamp(c.Requested), "completedTimestamp": trail.Timestamp(c.Completed),
	}
	if c.Account != "" {
		status["accountId"] = c.Account
	}
	if c.GovCloud != "" {
		status["govCloudAccountId"] = c.GovCloud
	}
	if c.FailureReason != "" {
		status["failureReason"] = c.FailureReason
	}
	return serviceEvent(tx, d, "CreateAccountResult", map[string]any{"createAccountStatus": status})
}
