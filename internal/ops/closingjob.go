package ops

import (
	"context"
	"errors"
	"slices"
	"sync"

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

// endClosing ends the closing of an account and of its pair in AWS GovCloud (US), and
// arranges for its purge. Where the closing failed, the account is active again.
func (o *Organizations) endClosing(ctx context.Context, job store.Job, t task) error {
	return o.work(ctx, job, func(tx *registry.Tx, d *org.Draft, _ task) error {
		account, err := tx.Account(identity.AccountID(t.Account))
		if err != nil {
			return err
		}
		govCloud, err := pairOf(tx, account)
		if err != nil {
			return err
		}
		if t.Failure == "" && govCloud.manages() {
			t.Failure = org.InternalFailure // it founded an organization meanwhile
		}
		if t.Failure != "" {
			return o.failClosing(tx, d, t)
		}
		if err := d.FinishClosing(t.Account); err != nil {
			return err
		}
		if err := errors.Join(account.Close(), govCloud.close(tx)); err != nil {
			return err
		}
		closed, err := d.Organization.Account(t.Account)
		if err != nil {
			return err
		}
		if err := schedulePurge(tx, d); err != nil {
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
	return serviceEvent(tx, d, "CloseAccountResult", map[string]any{"closeAccountStatus": status})
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

const (
	// purgedAccountsAtOnce is how many accounts one commit purges: as many as are quick, and
	// as keep others waiting for no longer than a few of their own commits.
	purgedAccountsAtOnce = 64
	// purgesInARow is how many such commits one job makes: many, as taking a job and giving
	// it back are commits, too, and few enough to be done long before its lease ends.
	purgesInARow = 64
)

// schedulePurge arranges for the purge of the closed account whose time is next.
func schedulePurge(tx *registry.Tx, d *org.Draft) error {
	due, some := d.NextPurge()
	if !some {
		return nil
	}
	return schedule(tx, d, jobPurgeAccount, "", task{Delay: max(0, due.Sub(tx.Now))})
}

// purgeAccounts removes closed accounts from their organization for good, some in a
// commit. The accounts themselves stay closed, so that neither their ids nor their
// e-mail addresses are ever used again. A retention that was prolonged meanwhile is
// waited for.
func (o *Organizations) purgeAccounts(ctx context.Context, job store.Job) error {
	id := org.ID(job.Aggregate)
	due := o.purgeDue(ctx, id)
	o.load(ctx, atOnce(due))
	for len(due) > purgedAccountsAtOnce {
		some, rest := atOnce(due), due[purgedAccountsAtOnce:]
		var ahead sync.WaitGroup
		ahead.Go(func() { o.load(ctx, atOnce(rest)) }) // while these are purged
		err := o.Registry.Write(ctx, registry.OrganizationKey(id), job.Kind, func(tx *registry.Tx) error {
			d, err := tx.Organization(id)
			if err != nil {
				return err
			}
			if err := purgeMembers(tx, d, some); err != nil {
				return err
			}
			return o.settle(tx, d)
		})
		ahead.Wait()
		if err != nil {
			break // the end of the work tells what is wrong
		}
		due = rest
	}
	return o.work(ctx, job, func(tx *registry.Tx, d *org.Draft, _ task) error {
		if err := purgeMembers(tx, d, atOnce(due)); err != nil {
			return err
		}
		return errors.Join(schedulePurge(tx, d), settleHandshakes(tx, d))
	})
}

// purgeDue returns the accounts of an organization whose time has come, no more than one
// job purges. They are in the order of their ids, in which the database has them: those of
// one commit are neighbours there.
func (o *Organizations) purgeDue(ctx context.Context, id org.ID) (due []identity.AccountID) {
	organization, err := o.Registry.Organization(ctx, id)
	if err != nil {
		return nil // the end of the work tells what is wrong
	}
	for account := range organization.PurgeDue(o.Registry.Rules, o.Clock()) {
		if due = append(due, identity.AccountID(account.ID)); len(due) == purgesInARow*purgedAccountsAtOnce {
			break
		}
	}
	slices.Sort(due)
	return due
}

// atOnce returns the first accounts, no more than one commit purges.
func atOnce(accounts []identity.AccountID) []identity.AccountID {
	return accounts[:min(len(accounts), purgedAccountsAtOnce)]
}

// purgeMembers removes accounts from their organization, but for those that are due no more.
func purgeMembers(tx *registry.Tx, d *org.Draft, accounts []identity.AccountID) error {
	for _, id := range accounts {
		if d.Purge(org.AccountID(id)) != nil {
			continue // it was reinstated or purged meanwhile
		}
		if err := leave(tx, d, id, departureCleaned); err != nil {
			return err
		}
	}
	return nil
}

// load has accounts in memory, so that nobody waits for them in the queue of the
// organization. What cannot be loaded is met there again.
func (o *Organizations) load(ctx context.Context, accounts []identity.AccountID) {
	const readers = 4 // as many as read a database beside one another
	var loading sync.WaitGroup
	for some := range slices.Chunk(accounts, max(1, (len(accounts)+readers-1)/readers)) {
		loading.Go(func() {
			for _, account := range some {
				_, _ = o.Registry.Account(ctx, account)
			}
		})
	}
	loading.Wait()
}
