package ops

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
	"github.com/espalier-cloud/espalier/internal/store"
	"github.com/espalier-cloud/espalier/internal/trail"
)

// The kinds of background jobs. They are stored: their names never change.
const (
	jobCreateAccount = "create-account"
	jobCloseAccount  = "close-account"
	jobPurgeAccount  = "purge-account"
	jobPolicyType    = "policy-type"
)

// task is what a job is about.
type task struct {
	Creation   org.CreationID    `json:"creation,omitempty"`
	Account    org.AccountID     `json:"account,omitempty"`
	PolicyType org.PolicyType    `json:"policyType,omitempty"`
	Failure    org.FailureReason `json:"failure,omitempty"` // how a fault lets the work fail
	Returns    int               `json:"returns,omitempty"` // how often a fault takes the work back first
}

// A Fault is how a test wants background work to go wrong. The zero value lets
// it go well.
type Fault struct {
	Delay   time.Duration     // in addition to the configured one
	Failure org.FailureReason // of an account's creation
	Returns int               // how often a closing account is active again before it is closed
}

// Handlers returns what works off the background jobs, by kind.
func (o *Organizations) Handlers() map[string]func(context.Context, store.Job) error {
	return map[string]func(context.Context, store.Job) error{
		jobCreateAccount: o.createAccount,
		jobCloseAccount:  o.closeAccount,
		jobPurgeAccount:  o.purgeAccount,
		jobPolicyType:    o.finishPolicyType,
	}
}

// schedule adds a job about the organization.
func schedule(tx *registry.Tx, d *org.Draft, kind, about string, delay time.Duration, t task) error {
	payload, err := json.Marshal(t)
	if err != nil {
		return fmt.Errorf("job: %w", err)
	}
	id := d.Settings().ID
	tx.Schedule(store.Job{
		ID: kind + "/" + string(id) + "/" + about, Kind: kind, Aggregate: store.AggregateID(id), Due: tx.Now.Add(delay), Payload: payload,
	})
	return nil
}

// fault asks a test how the work of an operation goes wrong.
func (c *Core) fault(operation string) Fault {
	if c.Fault == nil {
		return Fault{}
	}
	return c.Fault(operation)
}

func (o *Organizations) scheduleCreation(tx *registry.Tx, d *org.Draft, creation *org.Creation) error {
	f := o.fault("CreateAccount")
	return schedule(tx, d, jobCreateAccount, string(creation.ID), o.Delays.CreateAccount+f.Delay, task{Creation: creation.ID, Failure: f.Failure})
}

func (o *Organizations) scheduleClosing(tx *registry.Tx, d *org.Draft, account org.AccountID) error {
	f := o.fault("CloseAccount")
	return schedule(tx, d, jobCloseAccount, string(account), o.Delays.CloseAccount+f.Delay, task{Account: account, Returns: f.Returns})
}

// schedulePolicyType arranges for the end of what EnablePolicyType or
// DisablePolicyType began.
func (o *Organizations) schedulePolicyType(tx *registry.Tx, d *org.Draft, t org.PolicyType) error {
	if !d.Root().Status(t).Pending() {
		return nil
	}
	return schedule(tx, d, jobPolicyType, string(t), o.Delays.PolicyType+o.fault("EnablePolicyType").Delay, task{PolicyType: t})
}

// work runs a job's change in its organization and removes the job in the same
// commit. A job whose organization is gone, or whose work is done already, is
// only removed.
func (o *Organizations) work(ctx context.Context, job store.Job, change func(*registry.Tx, *org.Draft, task) error) error {
	var t task
	if err := json.Unmarshal(job.Payload, &t); err != nil {
		return fmt.Errorf("job %s: %w", job.ID, err)
	}
	err := o.Registry.Write(ctx, registry.OrganizationKey(org.ID(job.Aggregate)), job.Kind, func(tx *registry.Tx) error {
		d, err := tx.Organization(org.ID(job.Aggregate))
		if err != nil {
			return err
		}
		tx.Finish(job.ID)
		return change(tx, d, t)
	})
	var settled *org.Error
	if errors.Is(err, registry.ErrNotFound) || errors.As(err, &settled) {
		return nil // the runner removes the job
	}
	return err
}

// createAccount makes the account that CreateAccount asked for, or gives the
// request up.
func (o *Organizations) createAccount(ctx context.Context, job store.Job) error {
	err := o.work(ctx, job, func(tx *registry.Tx, d *org.Draft, t task) error {
		if t.Failure != "" {
			return o.failCreation(tx, d, t.Creation, t.Failure)
		}
		return o.finishCreation(tx, d, t.Creation)
	})
	var claimed *store.ClaimedError
	var refused *identity.Error
	reason := org.FailureReason("")
	switch {
	case errors.As(err, &claimed) && claimed.Space == registry.SpaceEmail:
		reason = org.EmailAlreadyExists
	case errors.As(err, &refused):
		reason = org.InternalFailure
	default:
		return err // also when the account id is taken: the next attempt draws another one
	}
	return o.work(ctx, job, func(tx *registry.Tx, d *org.Draft, t task) error {
		return o.failCreation(tx, d, t.Creation, reason)
	})
}

func (o *Organizations) finishCreation(tx *registry.Tx, d *org.Draft, id org.CreationID) error {
	creation, err := d.Creation(id)
	if err != nil {
		return err
	}
	accountID, err := identity.NewAccountID(tx.Rand)
	if err != nil {
		return err
	}
	if _, err := d.FinishCreation(id, org.AccountID(accountID)); err != nil {
		return err
	}
	settings := d.Settings()
	account, err := identity.NewAccount(accountID, identity.Partition(settings.Partition), creation.AccountName, creation.Email, tx.Now, tx.Rand)
	if err != nil {
		return err
	}
	if err := account.JoinOrganization(identity.OrganizationID(settings.ID)); err != nil {
		return err
	}
	if _, err := account.CreateOrganizationAccessRole(creation.RoleName, identity.AccountID(settings.ManagementAccount)); err != nil {
		return err
	}
	if _, err := account.CreateServiceLinkedRole(organizationsService); err != nil {
		return err
	}
	if err := addAccount(tx, account); err != nil {
		return err
	}
	return o.creationResult(tx, d, id)
}

func (o *Organizations) failCreation(tx *registry.Tx, d *org.Draft, id org.CreationID, reason org.FailureReason) error {
	if err := d.FailCreation(id, reason); err != nil {
		return err
	}
	return o.creationResult(tx, d, id)
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
	if c.FailureReason != "" {
		status["failureReason"] = c.FailureReason
	}
	return o.serviceEvent(tx, d, "CreateAccountResult", map[string]any{"createAccountStatus": status})
}

// masked stands for a value that the trail must not show.
const masked = "****"

// serviceEvent records what the service did on its own account in the trail of
// the management account.
func (o *Organizations) serviceEvent(tx *registry.Tx, d *org.Draft, name string, details map[string]any) error {
	doc, err := json.Marshal(details)
	if err != nil {
		return fmt.Errorf("service event: %w", err)
	}
	var random [16]byte
	if _, err := tx.Rand.Read(random[:]); err != nil {
		return fmt.Errorf("service event: %w", err)
	}
	return tx.Record(trail.ServiceEventOf(trail.NewID(random), organizationsService, name, tx.Now, identity.AccountID(d.Settings().ManagementAccount), doc))
}

// closeAccount ends the closing of an account and arranges for its purge.
func (o *Organizations) closeAccount(ctx context.Context, job store.Job) error {
	return o.work(ctx, job, func(tx *registry.Tx, d *org.Draft, t task) error {
		if t.Returns > 0 {
			return o.oscillate(tx, d, t)
		}
		if err := d.FinishClosing(t.Account); err != nil {
			return err
		}
		account, err := tx.Account(identity.AccountID(t.Account))
		if err != nil {
			return err
		}
		if err := account.Close(); err != nil {
			return err
		}
		closed, err := d.Organization.Account(t.Account)
		if err != nil {
			return err
		}
		if err := schedule(tx, d, jobPurgeAccount, string(t.Account), tx.Rules.ClosedRetention, task{Account: t.Account}); err != nil {
			return err
		}
		return o.serviceEvent(tx, d, "CloseAccountResult", map[string]any{"closeAccountStatus": map[string]any{
			"accountId": closed.ID, "state": "SUCCEEDED",
			"requestedTimestamp": trail.Timestamp(closed.CloseAsked), "completedTimestamp": trail.Timestamp(closed.ClosedAt),
		}})
	})
}

// oscillate lets a closing account be active for a while, as clients of AWS
// have met it.
func (o *Organizations) oscillate(tx *registry.Tx, d *org.Draft, t task) error {
	account, err := d.Organization.Account(t.Account)
	if err != nil {
		return err
	}
	delay := o.Delays.CloseAccount + o.fault("CloseAccount").Delay
	if account.State == org.PendingClosure {
		err = d.Reinstate(t.Account)
	} else {
		err = d.CloseAccount(t.Account)
		t.Returns--
	}
	if err != nil {
		return err
	}
	return schedule(tx, d, jobCloseAccount, string(t.Account), delay, t)
}

// purgeAccount removes a closed account from its organization for good. The
// account itself stays closed, so that neither its id nor its e-mail address is
// ever used again.
func (o *Organizations) purgeAccount(ctx context.Context, job store.Job) error {
	return o.work(ctx, job, func(tx *registry.Tx, d *org.Draft, t task) error {
		if err := d.Purge(t.Account); err != nil {
			return err
		}
		return leave(tx, identity.AccountID(t.Account))
	})
}

// detachAtOnce is how many attachments one commit removes.
const detachAtOnce = 400

// finishPolicyType ends the enabling or disabling of a policy type.
func (o *Organizations) finishPolicyType(ctx context.Context, job store.Job) error {
	done := false
	for !done {
		err := o.work(ctx, job, func(tx *registry.Tx, d *org.Draft, t task) error {
			d.FinishEnabling(t.PolicyType)
			if done = d.DetachSome(t.PolicyType, detachAtOnce); !done {
				return schedule(tx, d, job.Kind, string(t.PolicyType), 0, t) // should this server stop in between
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
