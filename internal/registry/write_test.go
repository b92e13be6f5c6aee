package registry_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/registry"
	"github.com/espalier-cloud/espalier/internal/store"
	"github.com/espalier-cloud/espalier/internal/trail"
)

// queued runs writes that all wait in the queue of an account before the first
// of them begins, so that they are one batch. It returns their results.
func (f fixture) queued(id identity.AccountID, writes ...func(*registry.Tx) error) []error {
	f.Helper()
	key := registry.AccountKey(id)
	release := f.held(key)
	results := make([]error, len(writes))
	starts := make(chan func())
	go func() {
		for start := range starts {
			go start()
		}
	}()
	done := make(chan struct{})
	for i, change := range writes {
		starts <- func() {
			results[i] = f.Write(f.Context(), key, "Test", change)
			done <- struct{}{}
		}
		until(func() bool { return f.Waiting(key) == i+1 })
	}
	close(starts)
	release()
	for range writes {
		<-done
	}
	return results
}

func TestWritesOfABatchAreOneCommit(t *testing.T) {
	f := inMemory(t)
	f.signUp(alice)
	before := f.version(store.AggregateID(alice))
	writes := make([]func(*registry.Tx) error, registry.MaxBatch+1)
	for i := range writes {
		writes[i] = func(tx *registry.Tx) error {
			n, err := increment(tx, alice)
			if n != i+1 {
				t.Errorf("write %d read %d", i, n-1)
			}
			return err
		}
	}
	for i, err := range f.queued(alice, writes...) {
		if err != nil {
			t.Errorf("write %d: %v", i, err)
		}
	}
	if got := f.counted(alice); got != len(writes) {
		t.Errorf("%d writes counted to %d", len(writes), got)
	}
	if commits := f.version(store.AggregateID(alice)) - before; commits != 2 {
		t.Errorf("%d writes were %d commits, want 2", len(writes), commits)
	}
}

// TestGroupCommit: what many clients write at once needs far fewer commits.
func TestGroupCommit(t *testing.T) {
	eachDatabase(t, func(t *testing.T, servers []fixture) {
		const writers, each = 64, 10
		f := servers[0]
		f.signUp(alice)
		together(writers, func(int) {
			for range each {
				if err := f.increment(alice); err != nil {
					t.Error(err)
				}
			}
		})
		if got := f.counted(alice); got != writers*each {
			t.Errorf("counted to %d, want %d", got, writers*each)
		}
		if commits := f.version(store.AggregateID(alice)); commits > writers*each/4 {
			t.Errorf("%d writes were %d commits", writers*each, commits)
		}
	})
}

// TestFailedWriteLeavesNothing: what a write did before it failed is not seen by
// the next one of its batch, and nothing of it is stored.
func TestFailedWriteLeavesNothing(t *testing.T) {
	refused := errors.New("refused")
	everything := func(tx *registry.Tx) error {
		n, err := increment(tx, alice)
		if err != nil {
			return err
		}
		if _, err := increment(tx, bob); err != nil {
			return err
		}
		tx.Schedule(store.Job{ID: "job", Kind: "test", Due: tx.Now})
		tx.Finish("kept job")
		tx.Release(registry.SpaceEmail, "111111111111@example.com", string(alice))
		return errors.Join(tx.Claim("space", "value", "owner"), tx.Record(happened(tx, alice, n)))
	}
	for name, end := range map[string]func() error{
		"error":       func() error { return refused },
		"panic":       func() error { panic("a defect") },
		"nil pointer": func() error { var d *identity.Draft; d.Reopen(); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			f := inMemory(t)
			f.signUp(alice, bob)
			must(t, f.Write(t.Context(), registry.AccountKey(bob), "Schedule", func(tx *registry.Tx) error {
				tx.Schedule(store.Job{ID: "kept job", Kind: "test", Due: tx.Now})
				return nil
			}))
			events := len(f.chain(store.AggregateID(alice)))
			results := f.queued(alice,
				func(tx *registry.Tx) error { return errors.Join(everything(tx), end()) },
				func(tx *registry.Tx) error {
					n, err := increment(tx, alice)
					if n != 1 {
						t.Errorf("the next write of the batch read %d", n-1)
					}
					return err
				})
			if results[0] == nil || results[1] != nil {
				t.Errorf("got %v", results)
			}
			if name == "error" && !errors.Is(results[0], refused) {
				t.Errorf("got %v", results[0])
			}
			if f.counted(alice) != 1 || f.counted(bob) != 0 {
				t.Errorf("counted to %d and %d", f.counted(alice), f.counted(bob))
			}
			if _, taken, err := f.Store.Claim(t.Context(), "space", "value"); taken || err != nil {
				t.Errorf("the claim is taken: %v, %v", taken, err)
			}
			if _, taken, err := f.Store.Claim(t.Context(), registry.SpaceEmail, "111111111111@example.com"); !taken || err != nil {
				t.Errorf("the other claim is taken: %v, %v", taken, err)
			}
			jobs, err := f.Store.Jobs(t.Context(), "", 10)
			if len(jobs) != 1 || jobs[0].ID != "kept job" || err != nil {
				t.Errorf("jobs: %v, %v", jobs, err)
			}
			if got := len(f.chain(store.AggregateID(alice))); got != events {
				t.Errorf("%d events were recorded", got-events)
			}
		})
	}
}

// TestUnreadableEvent: an event that is no JSON fails its write only.
func TestUnreadableEvent(t *testing.T) {
	f := inMemory(t)
	f.signUp(alice)
	results := f.queued(alice,
		func(tx *registry.Tx) error {
			return tx.Record(trail.Event{ID: "x", Time: tx.Now, Account: alice, Request: []byte("{")})
		},
		func(tx *registry.Tx) error { _, err := increment(tx, alice); return err })
	if results[0] == nil || !strings.Contains(results[0].Error(), "panic") || results[1] != nil {
		t.Errorf("got %v", results)
	}
}

// TestCulprit: what only one write of a batch cannot have fails only that one.
func TestCulprit(t *testing.T) {
	for name, tt := range map[string]struct {
		do   func(tx *registry.Tx) error
		want func(error) bool
	}{
		"a claim of somebody else": {
			func(tx *registry.Tx) error {
				return tx.Claim(registry.SpaceEmail, "222222222222@example.com", string(alice))
			},
			func(err error) bool {
				var claimed *store.ClaimedError
				return errors.As(err, &claimed) && claimed.Owner == string(bob)
			},
		},
		"text that cannot be stored": {
			func(tx *registry.Tx) error { return tx.Claim("space", "a\x00b", "owner") },
			func(err error) bool { return errors.Is(err, store.ErrText) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := inMemory(t)
			f.signUp(alice, bob)
			good := func(tx *registry.Tx) error { _, err := increment(tx, alice); return err }
			results := f.queued(alice, good, func(tx *registry.Tx) error { return errors.Join(good(tx), tt.do(tx)) }, good)
			if results[0] != nil || !tt.want(results[1]) || results[2] != nil {
				t.Errorf("got %v", results)
			}
			if got := f.counted(alice); got != 2 {
				t.Errorf("counted to %d, want 2", got)
			}
		})
	}
}

// TestClaims: within a batch and across commits, a value has one owner.
func TestClaims(t *testing.T) {
	f := inMemory(t)
	f.signUp(alice)
	take := func(owner string) func(*registry.Tx) error {
		return func(tx *registry.Tx) error { return tx.Claim("space", "value", owner) }
	}
	give := func(owner string) func(*registry.Tx) error {
		return func(tx *registry.Tx) error { tx.Release("space", "value", owner); return nil }
	}
	results := f.queued(alice, take("a"), take("b"), take("a"), give("b"), take("c"), give("a"), take("d"), take("a"))
	for i, refused := range []bool{false, true, false, false, true, false, false, true} {
		var claimed *store.ClaimedError
		if errors.As(results[i], &claimed) != refused {
			t.Errorf("write %d: %v", i, results[i])
		}
	}
	if owner, taken, err := f.Store.Claim(t.Context(), "space", "value"); owner != "d" || !taken || err != nil {
		t.Errorf("the value belongs to %q: %v, %v", owner, taken, err)
	}
}

func TestNewAccountOnce(t *testing.T) {
	eachDatabase(t, func(t *testing.T, servers []fixture) {
		results := make([]error, 8)
		together(len(results), func(i int) {
			f := servers[i%len(servers)]
			// Some queue up at the new account, some elsewhere.
			keys := []registry.Key{registry.AccountKey(alice), registry.AccountKey(bob)}
			results[i] = f.Write(t.Context(), keys[i/2%2], "SignUp", func(tx *registry.Tx) error {
				d, err := identity.NewAccount(alice, identity.PartitionAWS, fmt.Sprint(i), "a@example.com", tx.Now, tx.Rand)
				if err != nil {
					return err
				}
				return tx.NewAccount(d)
			})
		})
		made := 0
		for _, err := range results {
			var claimed *store.ClaimedError
			switch {
			case err == nil:
				made++
			case !errors.As(err, &claimed) || claimed.Space != "account":
				t.Error(err)
			}
		}
		if made != 1 {
			t.Errorf("the account was made %d times", made)
		}
	})
}

func TestCancelledWrite(t *testing.T) {
	f := inMemory(t)
	f.signUp(alice)
	key := registry.AccountKey(alice)
	ctx, cancel := context.WithCancel(t.Context())

	// In the queue, it is withdrawn.
	release := f.held(key)
	done := make(chan error)
	go func() {
		done <- f.Write(ctx, key, "Test", func(*registry.Tx) error { t.Error("a withdrawn write ran"); return nil })
	}()
	until(func() bool { return f.Waiting(key) == 1 })
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	release()

	// Once it has begun, it is carried out, and its caller learns of that.
	ctx, cancel = context.WithCancel(t.Context())
	err := f.Write(ctx, key, "Test", func(tx *registry.Tx) error {
		cancel()
		_, err := increment(tx, alice)
		return err
	})
	if err != nil || f.counted(alice) != 1 {
		t.Errorf("got %v, counted to %d", err, f.counted(alice))
	}
}

// TestCancelledNeighbour: a batch serves others when the caller of its first
// write goes away.
func TestCancelledNeighbour(t *testing.T) {
	f := inMemory(t)
	f.signUp(alice)
	key := registry.AccountKey(alice)
	ctx, cancel := context.WithCancel(t.Context())
	release := f.held(key)
	first, second := make(chan error), make(chan error)
	write := func(ctx context.Context, done chan error) {
		done <- f.Write(ctx, key, "Test", func(tx *registry.Tx) error { _, err := increment(tx, alice); return err })
	}
	go write(ctx, first)
	until(func() bool { return f.Waiting(key) == 1 })
	go write(t.Context(), second)
	until(func() bool { return f.Waiting(key) == 2 })
	cancel()
	if err := <-first; !errors.Is(err, context.Canceled) {
		t.Errorf("the first: %v", err)
	}
	release()
	if err := <-second; err != nil || f.counted(alice) != 1 {
		t.Errorf("the second: %v, counted to %d", err, f.counted(alice))
	}
}

// TestRefusalsWaitForWhatTheySaw: a write that is refused for what another one of its batch does learns that when it is
// visible, and not at all when it does not come to be.
func TestRefusalsWaitForWhatTheySaw(t *testing.T) {
	f := inMemory(t)
	f.signUp(alice, bob)
	slower := errors.New("somebody was faster")
	good := func(tx *registry.Tx) error { _, err := increment(tx, alice); return err }
	first := func(tx *registry.Tx) error {
		if n, err := increment(tx, alice); err != nil || n == 1 {
			return err
		}
		return slower
	}
	thief := func(tx *registry.Tx) error {
		return errors.Join(good(tx), tx.Claim(registry.SpaceEmail, "222222222222@example.com", string(alice)))
	}
	if results := f.queued(alice, thief, first); results[0] == nil || results[1] != nil || f.counted(alice) != 1 {
		t.Errorf("got %v, counted to %d", results, f.counted(alice))
	}

	key := registry.AccountKey(alice)
	release := f.held(key)
	done, counted := make(chan error), 0
	go func() { done <- f.Write(t.Context(), key, "Test", good) }()
	until(func() bool { return f.Waiting(key) == 1 })
	go func() {
		err := f.Write(t.Context(), key, "Test", first)
		counted = f.counted(alice)
		done <- err
	}()
	until(func() bool { return f.Waiting(key) == 2 })
	release()
	if err := errors.Join(<-done, <-done); !errors.Is(err, slower) || counted != 2 {
		t.Errorf("got %v, and saw %d", err, counted)
	}
}

// TestTimes: what the writes of a batch create has an order although the clock
// stands still.
func TestTimes(t *testing.T) {
	f := inMemory(t)
	f.signUp(alice)
	var times []int64
	note := func(tx *registry.Tx) error { times = append(times, tx.Now.UnixMicro()); return nil }
	f.queued(alice, note, note, note)
	start := day0.UnixMicro()
	if len(times) != 3 || times[0] != start || times[1] != start+1 || times[2] != start+2 {
		t.Errorf("got %v from %d", times, start)
	}
}

func TestJobs(t *testing.T) {
	scheduled := 0
	f := over(t, open(t, store.Config{SQLitePath: ":memory:"}), registry.Config{Scheduled: func() { scheduled++ }})
	f.signUp(alice)
	write := func(change func(*registry.Tx)) {
		must(t, f.Write(t.Context(), registry.AccountKey(alice), "Test", func(tx *registry.Tx) error { change(tx); return nil }))
	}
	ids := func() (ids []string) {
		jobs, err := f.Store.Jobs(t.Context(), "", 10)
		must(t, err)
		for _, j := range jobs {
			ids = append(ids, j.ID)
		}
		return ids
	}
	write(func(tx *registry.Tx) { tx.Schedule(store.Job{ID: "a", Due: tx.Now}) })
	write(func(tx *registry.Tx) { tx.Schedule(store.Job{ID: "b", Due: tx.Now}) })
	if got := ids(); fmt.Sprint(got) != "[a b]" || scheduled != 2 {
		t.Errorf("jobs %v, announced %d times", got, scheduled)
	}
	write(func(tx *registry.Tx) { tx.Finish("a") })
	write(func(tx *registry.Tx) { tx.Finish("b"); tx.Schedule(store.Job{ID: "b", Due: tx.Now}) })
	if got := ids(); fmt.Sprint(got) != "[b]" || scheduled != 3 {
		t.Errorf("jobs %v, announced %d times", got, scheduled)
	}
}

// TestAnnouncements: receivers are told of the events of a commit, where there are
// receivers.
func TestAnnouncements(t *testing.T) {
	for name, told := range map[string]bool{"receivers": true, "no receivers": false} {
		t.Run(name, func(t *testing.T) {
			announced, cfg := 0, registry.Config{}
			if told {
				cfg.Announced = func() { announced++ }
			}
			f := over(t, open(t, store.Config{SQLitePath: ":memory:"}), cfg)
			f.signUp(alice)
			before := announced
			must(t, f.Write(t.Context(), registry.AccountKey(alice), "Quiet", func(*registry.Tx) error { return nil }))
			must(t, f.Write(t.Context(), registry.AccountKey(alice), "Loud", func(tx *registry.Tx) error { return tx.Record(happened(tx, alice, 7)) }))
			events, err := f.Store.Announced(t.Context(), 10)
			must(t, err)
			if !told && (announced != 0 || len(events) != 0) || told && (announced != before+1 || len(events) == 0) {
				t.Errorf("announced %d times, %d events wait", announced-before, len(events))
			}
		})
	}
}

// TestRecordNeedsAHome: an event belongs to the chain of what its write lines up
// at.
func TestRecordNeedsAHome(t *testing.T) {
	f := inMemory(t)
	err := f.Write(t.Context(), registry.AccountKey(alice), "Test", func(tx *registry.Tx) error { return tx.Record(happened(tx, alice, 1)) })
	if !errors.Is(err, registry.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}
