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

	if n, err := s.PurgeJournal(ctx, "a", 4, 3); n != 3 || err != nil {
		t.Errorf("PurgeJournal: %d, %v; want 3", n, err)
	}
	check(3, 4, 5, 6)
	if rows, err := s.Journal(ctx, "a", 2); !errors.Is(err, store.ErrJournalPurged) {
		t.Errorf("before the purge: %v, %v", rows, err)
	}
	if n, err := s.PurgeJournal(ctx, "a", 6, 100); n != 3 || err != nil {
		t.Errorf("PurgeJournal: %d, %v; want 3", n, err)
	}
	check(6)
	if rows, err := s.Journal(ctx, "a", 5); !errors.Is(err, store.ErrJournalPurged) {
		t.Errorf("all purged: %v, %v", rows, err)
	}
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
