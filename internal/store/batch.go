package store

import "context"

// Batch is everything that one commit changes. Within it the order is fixed: claims
// are released before others are taken, finished jobs go before others come, and of
// several writes to one entity or job the last one counts.
type Batch struct {
	Aggregates []Advance  // versions to move, each with its journal row
	Entities   []Entity   // documents to write; one without Doc is deleted
	Claims     []Claim    // values to take; taking one's own again is no error
	Releases   []Claim    // values to give up, where the owner matches
	Trail      []TrailRow // events to append
	Announce   bool       // whether receivers are to be told of these events
	Jobs       []Job      // work to schedule, in the place of a job with the same id
	DoneJobs   []string   // ids of jobs to remove
}

// Commit writes the batch, all of it or nothing. It returns ErrConflict when an
// aggregate is not at the version the batch starts from or a place in its trail is
// taken, a *ClaimedError when a claim belongs to somebody else, ErrText for text that
// cannot be kept, ErrBusy when it gave up, and ErrUncertain when the answer was lost.
func (s *Store) Commit(ctx context.Context, batch Batch) error {
	chains, err := chainsOf(batch.Aggregates)
	if err != nil {
		return err
	}
	if !batch.storable() {
		return ErrText
	}
	if s.Exclusive() {
		// It is soon done, and to watch for the end of ctx takes a goroutine for each statement.
		if err := ctx.Err(); err != nil {
			return err
		}
		ctx = context.WithoutCancel(ctx)
	}
	return s.transact(ctx, "commit", func(t *transaction) error { return t.apply(ctx, batch, chains) })
}

func (t *transaction) apply(ctx context.Context, batch Batch, chains []chain) error {
	if err := t.advance(ctx, chains); err != nil {
		return err
	}
	if err := t.release(ctx, batch.Releases); err != nil {
		return err
	}
	if err := t.claim(ctx, batch.Claims); err != nil {
		return err
	}
	if err := t.writeEntities(ctx, batch.Entities, chains); err != nil {
		return err
	}
	if err := t.appendTrail(ctx, batch.Trail); err != nil {
		return err
	}
	if batch.Announce {
		if err := t.announce(ctx, batch.Trail); err != nil {
			return err
		}
	}
	if err := t.removeJobs(ctx, batch.DoneJobs); err != nil {
		return err
	}
	return t.schedule(ctx, batch.Jobs)
}

func (b Batch) storable() bool {
	return all(b.Aggregates, Advance.storable) && all(b.Entities, Entity.storable) &&
		all(b.Claims, Claim.storable) && all(b.Releases, Claim.storable) &&
		all(b.Trail, TrailRow.storable) && all(b.Jobs, Job.storable) && storable(b.DoneJobs...)
}

func all[T any](values []T, ok func(T) bool) bool {
	for _, value := range values {
		if !ok(value) {
			return false
		}
	}
	return true
}
