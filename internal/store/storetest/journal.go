package storetest

import (
	"errors"
	"testing"

	"github.com/espalier-cloud/espalier/internal/store"
)

func testJournal(t *testing.T, s *store.Store) {
	ctx := t.Context()
	if rows, err := s.Journal(ctx, "a", 0); err != nil || len(rows) != 0 {
		t.Errorf("the journal of nothing: %v, %v", rows, err)
	}
	for version := range int64(6) {
		commit(t, s, store.Batch{Aggregates: []store.Advance{advance("a", version), advance("b", version)}})
	}
	if s.Exclusive() {
		expectNoJournal(t, s, "a", 6)
		return
	}
	check := func(after int64, want ...int64) {
		t.Helper()
		rows, err := s.Journal(ctx, "a", after)
		if err != nil || len(rows) != len(want) {
			t.Fatalf("Journal(%d): %v, %v; want %v", after, rows, err, want)
		}
		for i, row := range rows {
			made := advance("a", want[i]-1)
			if row.Version != want[i] || row.Operation != "Change" || string(row.Changes) != string(made.Changes) || !row.At.Equal(made.At) {
				t.Errorf("Journal(%d)[%d]: %v, want %v", after, i, row, made)
			}
		}
	}
	check(0, 1, 2, 3, 4, 5, 6)
	check(4, 5, 6)
	check(6)
	check(9)

	// What lies ten thousand versions back goes, now and then.
	jump := func(from, to int64) {
		t.Helper()
		a := advance("a", to-1)
		a.From = from
		commit(t, s, store.Batch{Aggregates: []store.Advance{a}})
	}
	jump(6, 10_003)
	jump(10_003, 10_004)
	gone := func(after int64) {
		t.Helper()
		if rows, err := s.Journal(ctx, "a", after); !errors.Is(err, store.ErrJournalPurged) {
			t.Errorf("after %d: %v, %v", after, rows, err)
		}
	}
	gone(2)
	check(3, 4, 5, 6, 10_003, 10_004)
	jump(10_004, 10_499)
	check(3, 4, 5, 6, 10_003, 10_004, 10_499)
	jump(10_499, 10_500)
	gone(5)
	check(10_003, 10_004, 10_499, 10_500)
	check(10_500)
	if rows, err := s.Journal(ctx, "b", 0); err != nil || len(rows) != 6 {
		t.Errorf("the neighbour's journal has %d rows, %v", len(rows), err)
	}
}

// expectNoJournal: who is behind a version learns that the journal does not help.
func expectNoJournal(t *testing.T, s *store.Store, id store.AggregateID, version int64) {
	t.Helper()
	for after := range version {
		if rows, err := s.Journal(t.Context(), id, after); !errors.Is(err, store.ErrJournalPurged) {
			t.Errorf("after %d: %v, %v", after, rows, err)
		}
	}
	if rows, err := s.Journal(t.Context(), id, version); err != nil || len(rows) != 0 {
		t.Errorf("after the last: %v, %v", rows, err)
	}
}
