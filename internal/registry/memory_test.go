package registry_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"testing"

	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
	"github.com/espalier-cloud/espalier/internal/store"
)

// TestStrangersTakeNoMemory: nothing is kept of what does not exist.
func TestStrangersTakeNoMemory(t *testing.T) {
	eachDatabase(t, func(t *testing.T, servers []fixture) {
		f := servers[0]
		together(8, func(i int) {
			for n := range 10 {
				id := identity.AccountID(fmt.Sprintf("%012d", 100*i+n))
				_, viewed := f.View(t.Context(), id)
				_, asked := f.Organization(t.Context(), org.ID("o-"+string(id)))
				written := f.increment(id)
				for _, err := range []error{viewed, asked, written} {
					if !errors.Is(err, registry.ErrNotFound) {
						t.Error(err)
					}
				}
			}
		})
		until(func() bool { held, _ := f.Held(); return held == 0 }) // the writers end after their answers
	})
}

// TestEvictionLosesNothing: with room for next to nothing, everybody reads what
// was written, and nobody reads anything older than he did before.
func TestEvictionLosesNothing(t *testing.T) {
	for _, d := range databases() {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			const accounts, clients, each = 12, 8, 40
			servers := started(t, d, registry.Config{MaxEntities: 3})
			id := func(n int) identity.AccountID { return identity.AccountID(fmt.Sprintf("%012d", n)) }
			for n := range accounts {
				servers[0].signUp(id(n))
			}
			var written [clients][accounts]int
			together(clients, func(i int) {
				f := servers[i%len(servers)]
				var seen [accounts]int
				for k := range each {
					n := (i*7 + k*5) % accounts
					switch err := f.increment(id(n)); {
					case err == nil:
						written[i][n]++
						seen[n]++
					case !errors.Is(err, registry.ErrConcurrentModification):
						t.Error(err)
					}
					for _, m := range []int{n, (n + k) % accounts} {
						a, err := f.Account(t.Context(), id(m))
						if err != nil {
							t.Error(err)
							return
						}
						if got := count(a.Profile()); got < seen[m] {
							t.Errorf("account %d counts to %d after %d", m, got, seen[m])
						} else {
							seen[m] = got
						}
					}
				}
			})
			for n := range accounts {
				want := 0
				for i := range clients {
					want += written[i][n]
				}
				for _, f := range servers {
					if got := f.counted(id(n)); got != want {
						t.Errorf("account %d counts to %d, want %d", n, got, want)
					}
				}
			}
			for _, f := range servers {
				until(func() bool { held, entities := f.Held(); return held <= 4 && entities <= 4 })
			}
		})
	}
}

// TestGrowth: what writes add counts, so that they cannot fill the memory.
func TestGrowth(t *testing.T) {
	f := over(t, open(t, store.Config{SQLitePath: ":memory:"}), registry.Config{MaxEntities: 60})
	f.signUp(alice, bob)
	id := f.found(alice)
	for n := range 100 {
		must(t, f.Write(t.Context(), registry.OrganizationKey(id), "Test", func(tx *registry.Tx) error {
			d, err := tx.Organization(id)
			if err != nil {
				return err
			}
			_, err = d.CreateOrganizationalUnit(org.ParentID(d.Root().ID), strconv.Itoa(n), nil)
			return err
		}))
	}
	if held, entities := f.Held(); held != 1 || entities < 100 {
		t.Errorf("%d are in memory with %d documents", held, entities)
	}
	f.Forget()
	if held, entities := f.Held(); held != 0 || entities != 0 {
		t.Errorf("%d are in memory with %d documents", held, entities)
	}
}

// TestSlowLoad: who waits for a load can give up, and other accounts do not
// notice.
func TestSlowLoad(t *testing.T) {
	eachDatabase(t, func(t *testing.T, servers []fixture) {
		f := servers[0]
		f.signUp(alice, bob)
		f.Forget()
		release := f.HoldLoad(registry.AccountKey(alice))
		ctx, cancel := context.WithCancel(t.Context())
		gaveUp := make(chan error)
		go func() {
			_, err := f.Account(ctx, alice)
			gaveUp <- err
		}()
		waited := make(chan error)
		go func() { waited <- f.increment(alice) }()

		must(t, f.increment(bob))
		if got := f.counted(bob); got != 1 {
			t.Errorf("counted to %d", got)
		}
		cancel()
		if err := <-gaveUp; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		release()
		if err := <-waited; err != nil || f.counted(alice) != 1 {
			t.Errorf("got %v, counted to %d", err, f.counted(alice))
		}
	})
}

// TestCommitNotVisibleYet: a write that conflicts with a commit of another queue
// waits until that is visible, instead of trying in vain.
func TestCommitNotVisibleYet(t *testing.T) {
	f := inMemory(t)
	f.signUp(alice)
	settling, release := f.HoldCommit()
	runs := 0
	done := make(chan error)
	go func() {
		done <- f.Write(t.Context(), registry.AccountKey(alice), "Test", func(tx *registry.Tx) error {
			if runs++; runs == 1 {
				version := f.version(store.AggregateID(alice))
				must(t, f.Store.Commit(t.Context(), store.Batch{Aggregates: []store.Advance{{ID: store.AggregateID(alice), From: version, To: version + 1, At: day0, Changes: []byte("[]")}}}))
			}
			_, err := increment(tx, alice)
			return err
		})
	}()
	until(settling)
	f.Forget() // it is visible now
	release()
	if err := <-done; err != nil || runs != 2 {
		t.Errorf("after %d runs: %v", runs, err)
	}
}
