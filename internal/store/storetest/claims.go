package storetest

import (
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/espalier-cloud/espalier/internal/store"
)

func testClaims(t *testing.T, s *store.Store) {
	email := func(value, owner string) store.Claim {
		return store.Claim{Space: "email", Value: value, Owner: owner}
	}
	check := func(value, want string) {
		t.Helper()
		owner, held, err := s.Claim(t.Context(), "email", value)
		if err != nil || owner != want || held != (want != "") {
			t.Errorf("Claim(%q): %q, %v, %v; want %q", value, owner, held, err, want)
		}
	}
	commit(t, s, store.Batch{Claims: []store.Claim{email("a", "1"), email("b", "2")}})
	check("a", "1")
	check("c", "")

	refuseClaim(t, s, store.Batch{Claims: []store.Claim{email("c", "2"), email("a", "2")}},
		store.ClaimedError{Space: "email", Value: "a", Owner: "1"})
	refuseClaim(t, s, store.Batch{Claims: []store.Claim{email("c", "2"), email("c", "3")}},
		store.ClaimedError{Space: "email", Value: "c", Owner: "2"})
	commit(t, s, store.Batch{Claims: []store.Claim{email("a", "1"), email("a", "1"), {Space: "id", Value: "a", Owner: "2"}}})

	// Only the owner releases; what a batch releases it may give to somebody else.
	commit(t, s, store.Batch{Releases: []store.Claim{email("a", "2"), email("absent", "2")}})
	check("a", "1")
	commit(t, s, store.Batch{Releases: []store.Claim{email("a", "1"), email("b", "2")}, Claims: []store.Claim{email("a", "2")}})
	check("a", "2")
	check("b", "")
	if owner, held, err := s.Claim(t.Context(), "id", "a"); err != nil || !held || owner != "2" {
		t.Errorf("the same value in another space: %q, %v, %v", owner, held, err)
	}
}

func testClaimText(t *testing.T, s *store.Store) {
	var batch store.Batch
	for _, text := range awkward() {
		batch.Claims = append(batch.Claims,
			store.Claim{Space: "s", Value: text, Owner: "owner of " + text},
			store.Claim{Space: "S", Value: text, Owner: "other"})
	}
	slices.Reverse(batch.Claims)
	commit(t, s, batch)
	for _, text := range awkward() {
		if owner, _, err := s.Claim(t.Context(), "s", text); err != nil || owner != "owner of "+text {
			t.Errorf("Claim(%q): %q, %v", text, owner, err)
		}
	}
	var got []string
	for after := ""; ; after = got[len(got)-1] {
		page, err := s.Claims(t.Context(), "s", after, 7)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range page {
			got = append(got, c.Value)
		}
		if len(page) < 7 {
			break
		}
	}
	mustEqual(t, "values by pages", got, awkward(), slices.Equal)
}

// testClaimRace: of those who claim a value at once, one gets it.
func testClaimRace(t *testing.T, s *store.Store) {
	for round := range 5 {
		var won atomic.Int64
		value := fmt.Sprint("value ", round)
		together(8, func(i int) {
			owner := fmt.Sprint("owner ", i)
			err := s.Commit(t.Context(), store.Batch{
				Aggregates: []store.Advance{advance(store.AggregateID(value+owner), 0)},
				Claims:     []store.Claim{{Space: "s", Value: value, Owner: owner}},
			})
			switch claimed, lost := errors.AsType[*store.ClaimedError](err); {
			case err == nil:
				won.Add(1)
			case !lost || claimed.Value != value || claimed.Owner == owner:
				t.Errorf("Commit: %v", err)
			}
		})
		if won.Load() != 1 {
			t.Errorf("%d claimed %q", won.Load(), value)
		}
	}
}
