package ops

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/provisioner"
	"github.com/espalier-cloud/espalier/internal/registry"
	"github.com/espalier-cloud/espalier/internal/store"
)

// again schedules a job anew with what is known by now.
func (o *Organizations) again(ctx context.Context, job store.Job, t task) error {
	return o.work(ctx, job, func(tx *registry.Tx, _ *org.Draft, _ task) error {
		payload, err := json.Marshal(t)
		if err != nil {
			return fmt.Errorf("job %s: %w", job.ID, err)
		}
		tx.Schedule(store.Job{ID: job.ID, Kind: job.Kind, Aggregate: job.Aggregate, Due: tx.Now.Add(t.Delay), Payload: payload})
		return nil
	})
}

// provisionCreation has what an account stands for made, and then ends the creation.
// The id and the e-mail address of the account are settled before anybody is asked.
func (o *Organizations) provisionCreation(ctx context.Context, job store.Job, t task) error {
	if t.Begun.IsZero() {
		return o.reserveAccount(ctx, job, t)
	}
	organization, err := o.Registry.Organization(ctx, org.ID(job.Aggregate))
	if errors.Is(err, registry.ErrNotFound) {
		return o.abandon(ctx, job, t)
	}
	if err != nil {
		return err
	}
	creation, err := organization.Creation(t.Creation)
	if err != nil || creation.State != org.CreationInProgress {
		return nil //nolint:nilerr // then it was ended already
	}
	r := requestOf(organization, provisioner.CreateAccount, string(creation.ID), t.Account)
	r.Name, r.Email, r.RoleName, r.Requested = creation.AccountName, creation.Email, creation.RoleName, creation.Requested
	r.GovCloud = string(t.GovCloud)
	for _, tag := range creation.Tags {
		r.Tags = append(r.Tags, provisioner.Tag(tag))
	}
	return o.provision(ctx, job, t, r, o.endCreation)
}

// reserveAccount settles the ids of a new account and of its pair and takes their e-mail
// address, or ends a creation that cannot succeed.
func (o *Organizations) reserveAccount(ctx context.Context, job store.Job, t task) error {
	reserved := t
	err := o.work(ctx, job, func(tx *registry.Tx, d *org.Draft, _ task) error {
		creation, reason, err := creationFailure(tx, d, t.Creation)
		if err != nil {
			return err
		}
		if reason != "" {
			return o.failCreation(tx, d, t, reason)
		}
		account, err := newMember(tx, d.Settings(), creation, "")
		if err != nil {
			return err
		}
		reserved.Account, reserved.Email, reserved.Begun, reserved.Delay = org.AccountID(account.ID()), creation.Email, tx.Now, 0
		if reserved.GovCloud, err = reservePair(tx, creation); err != nil {
			return err
		}
		for _, c := range reserved.claims() {
			if err := tx.Claim(c.Space, c.Value, c.Owner); err != nil {
				return err
			}
		}
		return schedule(tx, d, jobCreateAccount, string(t.Creation), reserved)
	})
	return o.failRefused(ctx, job, t, err)
}

// reservePair returns the id that the pair of a new account gets, "" when none was asked
// for.
func reservePair(tx *registry.Tx, creation *org.Creation) (org.AccountID, error) {
	if !creation.Pair {
		return "", nil
	}
	id, err := identity.NewAccountID(tx.Rand)
	return org.AccountID(id), err
}

// claims are those to the address of an account that is being made, and of its pair.
func (t *task) claims() []store.Claim {
	address := strings.ToLower(t.Email)
	claims := []store.Claim{{Space: registry.SpaceEmail, Value: address, Owner: string(t.Account)}}
	if t.GovCloud != "" {
		claims = append(claims, store.Claim{Space: registry.SpaceGovCloudEmail, Value: address, Owner: string(t.GovCloud)})
	}
	return claims
}

// provisionClosing has what an account stands for removed, and then ends the closing.
func (o *Organizations) provisionClosing(ctx context.Context, job store.Job, t task) error {
	if t.Begun.IsZero() {
		t.Begun, t.Delay = o.Clock(), 0
		return o.again(ctx, job, t)
	}
	organization, err := o.Registry.Organization(ctx, org.ID(job.Aggregate))
	if errors.Is(err, registry.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	account, err := organization.Account(t.Account)
	if err != nil || account.State != org.PendingClosure {
		return nil //nolint:nilerr // then it was ended already
	}
	closing, err := o.Registry.Account(ctx, identity.AccountID(account.ID))
	if err != nil {
		return err
	}
	id := fmt.Sprintf("close-%s-%d", account.ID, account.CloseAsked.UnixMicro())
	r := requestOf(organization, provisioner.CloseAccount, id, account.ID)
	r.Name, r.Email, r.Requested, r.GovCloud = account.Name, account.Email, account.CloseAsked, string(closing.Paired())
	return o.provision(ctx, job, t, r, o.endClosing)
}

// requestOf returns a request to the provisioner about an account.
func requestOf(o *org.Organization, operation, id string, account org.AccountID) provisioner.Request {
	settings := o.Settings()
	return provisioner.Request{
		ID: id, Operation: operation, Account: string(account), Organization: string(settings.ID),
		Management: string(settings.ManagementAccount), Partition: settings.Partition,
	}
}

// provision asks the provisioner, and ends the work or looks again later as it says. An
// error gives the job back, to be asked again; who is asked for too long has failed.
func (o *Organizations) provision(ctx context.Context, job store.Job, t task, r provisioner.Request, end func(context.Context, store.Job, task) error) error {
	answer, err := o.Provisioner.Ask(ctx, r)
	if err == nil && answer.State == provisioner.Failed && !isFailureReason(answer.FailureReason) {
		err = errors.New("provisioner: the failure reason is none of AWS's")
	}
	late := o.Clock().Sub(t.Begun) >= o.Provisioner.Patience
	switch {
	case err == nil && answer.State == provisioner.Succeeded:
	case err == nil && answer.State == provisioner.Failed:
		t.Failure = org.FailureReason(answer.FailureReason)
	case late:
		t.Failure = org.InternalFailure
	case err != nil:
		return err
	default:
		t.Delay = answer.RetryAfter
		return o.again(ctx, job, t)
	}
	return end(ctx, job, t)
}

func isFailureReason(text string) bool {
	reason := organizations.CreateAccountFailureReason(text)
	return slices.Contains(reason.Values(), reason)
}

// accountID returns the id of an account that is reserved, or a new one.
func accountID(tx *registry.Tx, reserved org.AccountID) (identity.AccountID, error) {
	if reserved != "" {
		return identity.AccountID(reserved), nil
	}
	return identity.NewAccountID(tx.Rand)
}
