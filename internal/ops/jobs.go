package ops

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
	"github.com/espalier-cloud/espalier/internal/store"
)

// The kinds of background jobs. They are stored: their names never change.
const (
	jobCreateAccount   = "create-account"
	jobCloseAccount    = "close-account"
	jobPurgeAccount    = "purge-account"
	jobPolicyType      = "policy-type"
	jobEffectivePolicy = "effective-policy"
	jobEffectiveEvents = "effective-policy-events"
	jobRetention       = "retention"
	jobHandshakes      = "handshakes"
	jobLeftover        = "leftover-handshakes"
)

// task is what a job is about.
type task struct {
	Creation   org.CreationID    `json:"creation,omitempty"`
	Account    org.AccountID     `json:"account,omitempty"`
	PolicyType org.PolicyType    `json:"policyType,omitempty"`
	Failure    org.FailureReason `json:"failure,omitempty"`  // how a fault lets the work fail
	Returns    int               `json:"returns,omitempty"`  // how often a fault takes the work back first
	Delay      time.Duration     `json:"delay,omitempty"`    // how long it waited, and waits each time it is taken back
	Begun      time.Time         `json:"begun,omitzero"`     // when the provisioner was first asked
	Email      string            `json:"email,omitempty"`    // that is taken for an account that is being made
	GovCloud   org.AccountID     `json:"govCloud,omitempty"` // the id that is settled for its pair

	Judgement *org.Judgement `json:"judgement,omitempty"` // to be told
	After     org.Cursor     `json:"after,omitempty"`     // the last account that was told
	Asked     string         `json:"asked,omitempty"`     // when the judgement was made, as events show it
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
		jobCreateAccount:   o.createAccount,
		jobCloseAccount:    o.closeAccount,
		jobPurgeAccount:    o.purgeAccounts,
		jobPolicyType:      o.finishPolicyType,
		jobRetention:       o.retain,
		jobEffectivePolicy: o.publishEffective,
		jobEffectiveEvents: o.tellEffective,
		jobHandshakes:      o.tidyHandshakes,
		jobLeftover:        o.clearLeftover,
	}
}

// schedule adds a job about the organization, due when its delay is over.
func schedule(tx *registry.Tx, d *org.Draft, kind, about string, t task) error {
	payload, err := json.Marshal(t)
	if err != nil {
		return fmt.Errorf("job: %w", err)
	}
	id := d.Settings().ID
	tx.Schedule(store.Job{
		ID: jobID(d, kind, about), Kind: kind, Aggregate: store.AggregateID(id), Due: tx.Now.Add(t.Delay), Payload: payload,
	})
	return nil
}

// jobID is the id of a job about the organization.
func jobID(d *org.Draft, kind, about string) string {
	return kind + "/" + string(d.Settings().ID) + "/" + about
}

// fault returns what asks a test how the work of a call goes wrong. It asks at
// most once, because a change may run several times.
func (c *Core) fault(by Caller) func() Fault {
	return sync.OnceValue(func() Fault {
		if c.Fault == nil {
			return Fault{}
		}
		return c.Fault(by.Call.Name)
	})
}

// taskOf returns what a job is about.
func taskOf(job store.Job) (task, error) {
	var t task
	if err := json.Unmarshal(job.Payload, &t); err != nil {
		return t, fmt.Errorf("job %s: %w", job.ID, err)
	}
	return t, nil
}

// work runs a job's change in its organization and removes the job in the same
// commit. A job whose organization is gone, or whose work is done already, is
// only removed.
func (o *Organizations) work(ctx context.Context, job store.Job, change func(*registry.Tx, *org.Draft, task) error) error {
	t, err := taskOf(job)
	if err != nil {
		return err
	}
	err = o.Registry.Write(ctx, registry.OrganizationKey(org.ID(job.Aggregate)), job.Kind, func(tx *registry.Tx) error {
		d, err := tx.Organization(org.ID(job.Aggregate))
		if err != nil {
			return err
		}
		tx.Finish(job.ID)
		if err := change(tx, d, t); err != nil {
			return err
		}
		return o.settle(tx, d)
	})
	var settled *org.Error
	switch {
	case errors.Is(err, registry.ErrNotFound):
		return o.abandon(ctx, job, t)
	case errors.As(err, &settled):
		return nil // the runner removes the job
	}
	return err
}

// abandon removes a job whose organization is gone.
func (o *Organizations) abandon(ctx context.Context, job store.Job, t task) error {
	if t.Email == "" {
		return nil // the runner removes the job
	}
	return o.Registry.Store.Commit(ctx, store.Batch{Releases: t.claims(), DoneJobs: []string{job.ID}})
}

// masked stands for a value that the trail must not show.
const masked = "****"

const (
	retentionInterval = 24 * time.Hour // between two looks for what is too old to keep
	purgedAtOnce      = 500            // events in one commit

	// lostEventTime is how much longer than events their deliveries are kept, for
	// receivers to be told what they missed.
	lostEventTime = 24 * time.Hour
)

// ScheduleRetention begins, at the start of a server, what keeps the trail at
// ninety days. It may be called by every server of a database.
func (o *Organizations) ScheduleRetention(ctx context.Context, at time.Time) error {
	return o.Registry.Store.Commit(ctx, store.Batch{Jobs: []store.Job{{ID: jobRetention, Kind: jobRetention, Due: at}}})
}

// retain removes the events that LookupEvents does not show any more, and what was
// to be delivered of them, and arranges for the next time.
func (o *Organizations) retain(ctx context.Context, _ store.Job) error {
	now, rows := o.Clock(), o.Registry.Store
	old := now.Add(-eventHistory)
	accounts, err := rows.OldTrails(ctx, old)
	if err != nil {
		return err
	}
	for _, account := range accounts {
		if err := purge(func(limit int) (int, error) { return rows.PurgeTrail(ctx, account, old, limit) }); err != nil {
			return err
		}
	}
	if err := purge(func(limit int) (int, error) { return rows.PurgeDeliveries(ctx, old.Add(-lostEventTime), limit) }); err != nil {
		return err
	}
	return o.ScheduleRetention(ctx, now.Add(retentionInterval))
}

// purge deletes, some in a commit, until less is left than that.
func purge(some func(limit int) (int, error)) error {
	for purged := purgedAtOnce; purged == purgedAtOnce; {
		var err error
		if purged, err = some(purgedAtOnce); err != nil {
			return err
		}
	}
	return nil
}
