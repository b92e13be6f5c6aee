package registry

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/store"
)

// The kinds of aggregates. They are stored: their names never change.
const (
	kindOrganization store.Kind = "organization"
	kindAccount      store.Kind = "account"
)

// Key names an organization or account. A write lines up at the queue of the one
// that it changes most; it may change others as well.
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
	progress  atomic.Int32
	done      chan error
}

// The progress of a write.
const (
	waiting int32 = iota
	begun
	withdrawn
)

// begin keeps the write from being withdrawn. It is false when it was already.
func (w *write) begin() bool {
	return w.progress.CompareAndSwap(waiting, begun) || w.progress.Load() == begun
}

const (
	// maxBatch is how many writes are committed together: enough to share the
	// cost of a commit, few enough to keep a transaction under 1,000 rows.
	maxBatch = 128
	// attempts is how often a batch is tried when other writers change the same.
	attempts = 16
	// patience is how long the writes of a batch may take altogether.
	patience = 30 * time.Second
)

// Write runs a change and returns when it is durable and visible. A change that
// returns an error has no effect, and Write returns that error. When the change
// conflicts with those of other servers again and again, Write returns
// ErrConcurrentModification; when a claim is taken, a *store.ClaimedError. A
// write whose context ends before its turn is withdrawn; once it has begun,
// Write waits for its end. The operation's name goes to the journal.
func (r *Registry) Write(ctx context.Context, key Key, operation string, change func(*Tx) error) error {
	w := &write{ctx: ctx, operation: operation, change: change, done: make(chan error, 1)}
	if a := r.enqueue(key, w); a != nil {
		r.lead(a)
	}
	select {
	case err := <-w.done:
		return err
	case <-ctx.Done():
		if w.progress.CompareAndSwap(waiting, withdrawn) {
			return ctx.Err()
		}
		return <-w.done
	}
}

// enqueue adds a write to a queue. It returns the queue when nobody works it
// off: the caller has to.
func (r *Registry) enqueue(key Key, w *write) *aggregate {
	for {
		a := r.memory.aggregate(key)
		a.mu.Lock()
		if !a.retired {
			a.pending = append(a.pending, w)
			leads := !a.writing
			a.writing = true
			a.mu.Unlock()
			if leads {
				return a
			}
			return nil
		}
		a.mu.Unlock()
	}
}

// lead commits the first batch of a queue in the goroutine of its first write,
// which has nothing to do but wait: a lonely write is spared the way to another
// goroutine and back. What came meanwhile is left to one of its own.
func (r *Registry) lead(a *aggregate) {
	r.commit(a.Key, a.next())
	a.mu.Lock()
	more := len(a.pending) > 0
	a.writing = more
	a.mu.Unlock()
	switch {
	case more:
		go r.drain(a)
	case a.current.Load() == nil:
		r.memory.tidy(a) // what was to be created was not
	}
}

// drain commits the queue in batches until it is empty.
func (r *Registry) drain(a *aggregate) {
	for {
		batch := a.next()
		if len(batch) == 0 {
			break
		}
		r.commit(a.Key, batch)
	}
	if a.current.Load() == nil {
		r.memory.tidy(a) // what was to be created was not
	}
}

// next takes the next batch off the queue. When there is none the writer ends.
func (a *aggregate) next() []*write {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := min(len(a.pending), maxBatch)
	batch := a.pending[:n:n]
	if a.pending = a.pending[n:]; len(a.pending) == 0 {
		a.pending = nil
	}
	a.writing = n > 0
	return batch
}

// A trial is a write that was run in a transaction that is not committed yet.
type trial struct {
	*write
	refused error // by its change
}

// commit runs the writes of a batch and answers them. When one of them keeps
// the batch from being committed, each is committed alone, so that only that
// one fails.
func (r *Registry) commit(key Key, batch []*write) {
	// The commit serves several callers: it must not end when one of them goes.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(batch[0].ctx), patience)
	defer cancel()
	err := store.ErrConflict
	for range attempts {
		tx, trials := r.run(ctx, key, batch)
		if len(trials) == 0 {
			return
		}
		if err = protected(func() error { return r.save(ctx, tx, trials[0].operation) }); err == nil {
			for _, t := range trials {
				t.done <- t.refused
			}
			return
		}
		batch = nil
		for _, t := range trials {
			batch = append(batch, t.write)
		}
		if !errors.Is(err, store.ErrConflict) {
			break
		}
		r.settle()
	}
	if len(batch) > 1 && blamesOne(err) {
		for _, w := range batch {
			r.commit(key, []*write{w})
		}
		return
	}
	if errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrBusy) {
		err = fmt.Errorf("%w: %w", ErrConcurrentModification, err)
	}
	for _, w := range batch {
		w.done <- err
	}
}

// blamesOne tells whether a batch failed for something that one of its writes
// wanted, and not for what all of them met.
func blamesOne(err error) bool {
	var claimed *store.ClaimedError
	var defect *panicError
	return errors.As(err, &claimed) || errors.Is(err, store.ErrText) || errors.As(err, &defect)
}

// run applies the writes of a batch one after another to a new transaction. It
// answers those that are refused, but not behind one that is accepted: what they
// are refused for may not be there before the commit, and never without it.
func (r *Registry) run(ctx context.Context, key Key, batch []*write) (*Tx, []trial) {
	all := &Tx{
		Rand: r.Rand, Rules: r.Rules, ctx: ctx, registry: r, primary: key,
		parts: map[store.AggregateID]*part{}, claims: map[store.Claim]bool{},
	}
	var trials []trial
	for _, w := range batch {
		if !w.begin() {
			continue
		}
		if err := w.ctx.Err(); err != nil {
			w.done <- err
			continue
		}
		all.Now = r.after(all.Now)
		tx := all.fork()
		err := protected(func() error { return w.change(tx) })
		switch {
		case err == nil:
			all.join(tx)
		case len(trials) == 0:
			w.done <- err
			continue
		}
		trials = append(trials, trial{w, err})
	}
	return all, trials
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

// panicError is a panic that a defect caused.
type panicError struct {
	value any
	stack []byte
}

func (e *panicError) Error() string { return fmt.Sprintf("registry: panic: %v\n%s", e.value, e.stack) }

// protected turns a panic into an error: a defect in one rule must not end the
// writer of an organization.
func protected(do func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &panicError{p, debug.Stack()}
		}
	}()
	return do()
}

// save commits a transaction and makes its states visible.
func (r *Registry) save(ctx context.Context, tx *Tx, operation string) error {
	batch, next, err := tx.batch(operation)
	if err != nil {
		return err
	}
	if err := r.publish(ctx, batch, next); err != nil {
		return err
	}
	r.memory.evict()
	for claim, taken := range tx.claims {
		if !taken && claim.Space == SpaceAccessKey {
			r.keys.Delete(claim.Value)
		}
	}
	if len(batch.Jobs) > 0 {
		r.Scheduled()
	}
	if batch.Announce {
		r.Announced()
	}
	return nil
}

func (r *Registry) publish(ctx context.Context, batch store.Batch, states map[store.AggregateID]*snapshot) error {
	r.commits.RLock()
	defer r.commits.RUnlock()
	err := r.Store.Commit(ctx, batch)
	for id, s := range states {
		switch {
		case err == nil:
			r.memory.publish(id, s)
		case errors.Is(err, store.ErrUncertain):
			r.memory.drop(id) // nobody knows whether the commit came through
		}
	}
	return err
}

// settle waits until what is committed is visible. Where servers share the
// database, who looks again compares versions with it anyway.
func (r *Registry) settle() {
	if r.Store.Exclusive() {
		r.commits.Lock()
		defer r.commits.Unlock()
	}
}
