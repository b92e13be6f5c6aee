package ops

import (
	"context"
	"errors"
	"time"

	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
	"github.com/espalier-cloud/espalier/internal/store"
	"github.com/espalier-cloud/espalier/internal/trail"
)

func (o *Organizations) scheduleClosing(tx *registry.Tx, d *org.Draft, account org.AccountID, f Fault) error {
	return schedule(tx, d, jobCloseAccount, string(account), task{Account: account, Returns: f.Returns, Delay: o.Delays.CloseAccount + f.Delay})
}

// closeAccount works on the closing of an account.
func (o *Organizations) closeAccount(ctx context.Context, job store.Job) error {
	t, err := taskOf(job)
	switch {
	case err != nil:
		return err
	case t.Returns > 0:
		return o.work(ctx, job, o.oscillate)
	case o.Provisioner != nil:
		return o.provisionClosing(ctx, job, t)
	}
	return o.endClosing(ctx, job, t)
}

// endClosing ends the closing of an account and arranges for its purge. Where the
// closing failed, the account is active again.
func (o *Organizations) endClosing(ctx context.Context, job store.Job, t task) error {
	return o.work(ctx, job, func(tx *registry.Tx, d *org.Draft, _ task) error {
		if t.Failure != "" {
			return o.failClosing(tx, d, t)
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
		if err := schedulePurge(tx, d, t.Account, tx.Rules.ClosedRetention); err != nil {
			return err
		}
		return o.closingResult(tx, d, closed, map[string]any{"state": "SUCCEEDED"})
	})
}

// failClosing makes an account active again whose closing failed.
func (o *Organizations) failClosing(tx *registry.Tx, d *org.Draft, t task) error {
	closing, err := d.Organization.Account(t.Account)
	if err != nil {
		return err
	}
	if err := d.FailClosing(t.Account); err != nil {
		return err
	}
	return o.closingResult(tx, d, closing, map[string]any{"state": "FAILED", "failureReason": t.Failure})
}

// closingResult records how the closing of an account ended.
func (o *Organizations) closingResult(tx *registry.Tx, d *org.Draft, asked *org.Account, status map[string]any) error {
	status["accountId"] = asked.ID
	status["requestedTimestamp"], status["completedTimestamp"] = trail.Timestamp(asked.CloseAsked), trail.Timestamp(tx.Now)
	return o.serviceEvent(tx, d, "CloseAccountResult", map[string]any{"closeAccountStatus": status})
}

// oscillate lets a closing account be active for a while, as clients of AWS
// have met it. One that may not be closed again, because others are being
// closed, stays active.
func (o *Organizations) oscillate(tx *registry.Tx, d *org.Draft, t task) error {
	account, err := d.Organization.Account(t.Account)
	if err != nil {
		return err
	}
	if account.State == org.PendingClosure {
		err = d.Reinstate(t.Account)
	} else {
		err = d.CloseAccount(t.Account)
		t.Returns--
	}
	if err != nil {
		return err
	}
	return schedule(tx, d, jobCloseAccount, string(t.Account), t)
}

func schedulePurge(tx *registry.Tx, d *org.Draft, account org.AccountID, delay time.Duration) error {
	return schedule(tx, d, jobPurgeAccount, string(account), task{Account: account, Delay: delay})
}

// purgeAccount removes a closed account from its organization for good. The
// account itself stays closed, so that neither its id nor its e-mail address is
// ever used again. A retention that was prolonged meanwhile is waited for.
func (o *Organizations) purgeAccount(ctx context.Context, job store.Job) error {
	return o.work(ctx, job, func(tx *registry.Tx, d *org.Draft, t task) error {
		account, err := d.Organization.Account(t.Account)
		if err != nil {
			return err
		}
		if left := account.ClosedAt.Add(tx.Rules.ClosedRetention).Sub(tx.Now); left > 0 {
			return schedulePurge(tx, d, t.Account, left)
		}
		if err := d.Purge(t.Account); err != nil {
			return err
		}
		return errors.Join(leave(tx, identity.AccountID(t.Account)), settleHandshakes(tx, d))
	})
}
