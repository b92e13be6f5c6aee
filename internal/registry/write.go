package registry

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/store"
)

// Key names the organization or account at whose queue a write lines up: the
// one that it changes most. It may change others as well.
type Key struct {
	id   store.AggregateID
	kind store.Kind
}

// OrganizationKey is the queue of an organization.
func OrganizationKey(id org.ID) Key { return Key{store.AggregateID(id), kindOrganization} }

// AccountKey is the queue of an account.
func AccountKey(id identity.AccountID) Key { return Key{store.AggregateID(id), kindAccount} }

// A write is a change that waits in a queue.
type write struct {
	ctx       context.Context
	operation string
	change    func(*Tx) error
	done      chan error
}

const (
	// maxBatch is how many writes are committed together: enough to share the
	// cost of a commit, few enough to keep a transaction under 1,000 rows.
	maxBatch = 128
	// attempts is how often a batch is tried when other servers change the same.
	attempts = 8
)

// Write runs a change and returns when it is durable and visible. A change that
// returns an error has no effect, and Write returns that error. When the change
// conflicts with those of other servers again and again, Write returns
// ErrConcurrentModification; when a claim is taken, a *store.ClaimedError. The
// operation's name goes to the journal.
func (r *Registry) Write(ctx context.Context, key Key, operation string, change func(*Tx) error) error {
	w := &write{ctx: ctx, operation: operation, change: change, done: make(chan error, 1)}
	r.aggregate(key.id, key.kind).enqueue(r, w)
	select {
	case err := <-w.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// enqueue adds a write to the queue, and a writer unless there is one.
func (a *aggregate) enqueue(r *Registry, w *write) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.pending = append(a.pending, w)
	if !a.writing {
		a.writing = true
		go r.drain(a)
	}
}

// drain commits the queue in batches until it is empty.
func (r *Registry) drain(a *aggregate) {
	for {
		a.mu.Lock()
		n := min(len(a.pending), maxBatch)
		if n == 0 {
			a.writing = false
			a.mu.Unlock()
			return
		}
		batch := a.pending[:n:n]
		a.pending = a.pending[n:]
		a.mu.Unlock()
		r.commit(a, batch)
	}
}

// commit runs the writes of a batch and answers them. When a claim stands in
// the way of the batch, each write is committed alone, so that only the one
// whose claim it is fails.
func (r *Registry) commit(a *aggregate, batch []*write) {
	// The commit serves several callers: it must not end when one of them does.
	ctx := context.WithoutCancel(batch[0].ctx)
	err := error(store.ErrConflict)
	var accepted []*write
	for range attempts {
		var tx *Tx
		tx, accepted = r.run(ctx, a, batch)
		if len(accepted) == 0 {
			return
		}
		if err = r.save(ctx, tx, accepted[0].operation); !errors.Is(err, store.ErrConflict) {
			break
		}
		batch = accepted
	}
	var claimed *store.ClaimedError
	if errors.As(err, &claimed) && len(accepted) > 1 {
		for _, w := range accepted {
			r.commit(a, []*write{w})
		}
		return
	}
	if errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrBusy) {
		err = fmt.Errorf("%w: %w", ErrConcurrentModification, err)
	}
	for _, w := range accepted {
		w.done <- err
	}
}

// run applies the writes of a batch one after another to a new transaction and
// answers those that fail. It returns the others.
func (r *Registry) run(ctx context.Context, a *aggregate, batch []*write) (*Tx, []*write) {
	all := &Tx{
		Rand: r.Rand, Rules: r.Rules, ctx: ctx, registry: r, primary: a.id,
		parts: map[store.AggregateID]*part{}, claims: map[store.Claim]bool{},
	}
	var accepted []*write
	for _, w := range batch {
		if err := w.ctx.Err(); err != nil {
			w.done <- err
			continue
		}
		all.Now = r.after(all.Now)
		tx := all.fork(ctx, all.Now)
		if err := protected(w.change, tx); err != nil {
			w.done <- err
			continue
		}
		all.join(tx)
		accepted = append(accepted, w)
	}
	return all, accepted
}

// after returns the time, which within a batch moves on by at least a
// microsecond, so that what two writes create has an order.
func (r *Registry) after(last time.Time) time.Time {
	now := r.Clock().UTC().Truncate(time.Microsecond)
	if !now.After(last) {
		now = last.Add(time.Microsecond)
	}
	return now
}

// protected runs a change and turns a panic into an error: a defect in one rule
// must not end the writer of an organization.
func protected(change func(*Tx) error, tx *Tx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("registry: panic in a change: %v\n%s", p, debug.Stack())
		}
	}()
	return change(tx)
}

// save commits a transaction and publishes the new states.
func (r *Registry) save(ctx context.Context, tx *Tx, operation string) error {
	batch, next, err := tx.batch(operation)
	if err != nil {
		return err
	}
	if err := r.Store.Commit(ctx, batch); err != nil {
		if errors.Is(err, store.ErrUncertain) {
			tx.forget()
		}
		return err
	}
	for a, s := range next {
		r.publish(a, s)
	}
	for claim, taken := range tx.claims {
		if !taken && claim.Space == SpaceAccessKey {
			r.keys.Delete(claim.Value)
		}
	}
	if len(batch.Jobs) > 0 {
		r.Scheduled()
	}
	return nil
}

// forget drops from memory what a commit was based on of which nobody knows
// whether it came through.
func (tx *Tx) forget() {
	for _, p := range tx.parts {
		p.aggregate.mu.Lock()
		if s := p.aggregate.current.Load(); s == p.base {
			p.aggregate.current.Store(nil)
			tx.registry.entities.Add(-s.entities)
		}
		p.aggregate.mu.Unlock()
	}
}
