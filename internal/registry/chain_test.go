package registry_test

import (
	"iter"
	"testing"

	"github.com/espalier-cloud/espalier/internal/store"
	"github.com/espalier-cloud/espalier/internal/trail"
)

// chain returns the trail of an organization or account, after checking that its
// hashes hold.
func (f fixture) chain(id store.AggregateID) []store.TrailRow {
	f.Helper()
	rows, err := f.Store.TrailChain(f.Context(), id, 0, -1, 100_000)
	must(f, err)
	if _, err := trail.Verify(nil, links(rows)); err != nil {
		f.Errorf("the trail of %s: %v", id, err)
	}
	return rows
}

func links(rows []store.TrailRow) iter.Seq2[trail.Link, error] {
	return func(yield func(trail.Link, error) bool) {
		for _, row := range rows {
			if !yield(trail.Link{Doc: row.Doc, Hash: row.Hash}, nil) {
				return
			}
		}
	}
}

// TestChain: the events of each account are one chain, whichever servers wrote
// them and whatever they had in memory.
func TestChain(t *testing.T) {
	eachDatabase(t, func(t *testing.T, servers []fixture) {
		const writers, each = 8, 8
		servers[0].signUp(alice, bob)
		together(writers, func(i int) {
			for range each {
				for servers[i%len(servers)].increment(alice) != nil { // the servers may get into each other's way
				}
			}
		})
		for _, f := range servers {
			f.Forget()
			must(t, f.incrementSilently(alice)) // without a look at the trail
			must(t, f.increment(alice))
			must(t, f.increment(bob))
		}
		for id, want := range map[store.AggregateID]int{store.AggregateID(alice): writers*each + len(servers), store.AggregateID(bob): len(servers)} {
			if rows := servers[0].chain(id); len(rows) != want {
				t.Errorf("%s has %d events, want %d", id, len(rows), want)
			}
		}
	})
}
