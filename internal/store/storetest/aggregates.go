package storetest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/espalier-cloud/espalier/internal/store"
)

func versions(t testing.TB, s *store.Store, ids ...store.AggregateID) map[store.AggregateID]int64 {
	t.Helper()
	found, err := s.Versions(t.Context(), ids...)
	if err != nil {
		t.Fatalf("Versions: %v", err)
	}
	return found
}

func testVersions(t *testing.T, s *store.Store) {
	mustEqual(t, "no aggregate", versions(t, s, "a"), map[store.AggregateID]int64{}, maps.Equal)
	mustEqual(t, "no question", versions(t, s), map[store.AggregateID]int64{}, maps.Equal)
	commit(t, s, store.Batch{Aggregates: []store.Advance{advance("a", 0), advance("b", 0), advance("c", 0)}})
	commit(t, s, store.Batch{Aggregates: []store.Advance{advance("c", 1), advance("a", 1)}})
	commit(t, s, store.Batch{Aggregates: []store.Advance{{ID: "a", From: 2, To: 7}}})
	mustEqual(t, "versions", versions(t, s, "a", "b", "c", "d", "a", "\x00"),
		map[store.AggregateID]int64{"a": 7, "b": 1, "c": 2}, maps.Equal)
}

func testConflicts(t *testing.T, s *store.Store) {
	commit(t, s, store.Batch{Aggregates: []store.Advance{advance("a", 0), advance("b", 0)}})
	commit(t, s, store.Batch{Aggregates: []store.Advance{advance("a", 1)}})
	for name, advances := range map[string][]store.Advance{
		"created again":            {advance("a", 0)},
		"behind":                   {advance("a", 1)},
		"ahead":                    {advance("a", 3)},
		"absent":                   {advance("x", 1)},
		"deleted from behind":      {{ID: "a", From: 1, To: 0}},
		"deleted absent":           {{ID: "x", From: 1, To: 0}},
		"asserted behind":          {{ID: "a", From: 1, To: 1}},
		"one of two":               {advance("b", 1), advance("a", 1)},
		"one of two created":       {advance("new", 0), advance("a", 0)},
		"a good one and a deleted": {advance("b", 1), {ID: "a", From: 9, To: 0}},
	} {
		t.Run(name, func(t *testing.T) {
			refuse(t, s, store.Batch{Aggregates: advances, Claims: []store.Claim{{Space: "s", Value: name, Owner: "a"}}}, store.ErrConflict)
		})
	}
	commit(t, s, store.Batch{Aggregates: []store.Advance{{ID: "a", From: 2, To: 2}}})
	mustEqual(t, "after an assertion", versions(t, s, "a"), map[store.AggregateID]int64{"a": 2}, maps.Equal)
}

func testDeletion(t *testing.T, s *store.Store) {
	ctx := t.Context()
	for _, id := range []store.AggregateID{"a", "ab"} {
		commit(t, s, store.Batch{
			Aggregates: []store.Advance{advance(id, 0)},
			Entities:   []store.Entity{{Aggregate: id, Kind: "k", ID: "1", Doc: []byte("x")}},
			Claims:     []store.Claim{{Space: "s", Value: string(id), Owner: string(id)}},
			Trail:      []store.TrailRow{{TrailPosition: store.TrailPosition{Aggregate: id, Version: 1}, Account: "1"}},
		})
	}
	commit(t, s, store.Batch{
		Aggregates: []store.Advance{{ID: "a", From: 1, To: 0}},
		Entities:   []store.Entity{{Aggregate: "a", Kind: "k", ID: "2", Doc: []byte("y")}},
		Releases:   []store.Claim{{Space: "s", Value: "a", Owner: "a"}},
	})
	if version, keys, _ := entities(t, s, "a"); version != 0 || len(keys) != 0 {
		t.Errorf("a deleted aggregate has version %d and entities %v", version, keys)
	}
	if version, keys, _ := entities(t, s, "ab"); version != 1 || len(keys) != 1 {
		t.Errorf("its neighbour has version %d and entities %v", version, keys)
	}
	if journal, err := s.Journal(ctx, "a", 0); err != nil || len(journal) != 0 {
		t.Errorf("a deleted aggregate has the journal %v, %v", journal, err)
	}
	if _, held, err := s.Claim(ctx, "s", "a"); held || err != nil {
		t.Errorf("its claim: %v, %v", held, err)
	}
	if events, err := s.Trail(ctx, store.TrailQuery{Account: "1", Limit: 9}); err != nil || len(events) != 2 {
		t.Errorf("the trail has %d events, %v; want both", len(events), err)
	}
	commit(t, s, store.Batch{Aggregates: []store.Advance{advance("a", 0)}})
	if version, keys, _ := entities(t, s, "a"); version != 1 || len(keys) != 0 {
		t.Errorf("created again it has version %d and entities %v", version, keys)
	}
}

func testChains(t *testing.T, s *store.Store) {
	commit(t, s, store.Batch{Aggregates: []store.Advance{advance("a", 0), advance("b", 0), advance("a", 1), advance("a", 2)}})
	mustEqual(t, "versions", versions(t, s, "a", "b"), map[store.AggregateID]int64{"a": 3, "b": 1}, maps.Equal)
	if s.Exclusive() {
		expectNoJournal(t, s, "a", 3)
	} else if journal, err := s.Journal(t.Context(), "a", 0); err != nil || len(journal) != 3 {
		t.Errorf("the journal has %d rows, %v; want 3", len(journal), err)
	}
	commit(t, s, store.Batch{Aggregates: []store.Advance{advance("a", 3), {ID: "a", From: 4, To: 0}}})
	commit(t, s, store.Batch{Aggregates: []store.Advance{advance("c", 0), {ID: "c", From: 1, To: 0}}})
	mustEqual(t, "after deletion", versions(t, s, "a", "c"), map[store.AggregateID]int64{}, maps.Equal)

	before := exported(t, s)
	for _, broken := range [][]store.Advance{
		{advance("b", 1), advance("b", 3)},
		{{ID: "b", From: 1, To: 0}, advance("b", 0)},
		{{ID: "b", From: -1, To: 1}},
		{{ID: "b", From: 1, To: -1}},
	} {
		if err := s.Commit(t.Context(), store.Batch{Aggregates: broken}); err == nil || errors.Is(err, store.ErrConflict) {
			t.Errorf("Commit(%v): %v, want an error of its own", broken, err)
		}
	}
	mustEqual(t, "after broken chains", exported(t, s), before, slices.Equal)
}

func testAggregates(t *testing.T, s *store.Store) {
	var batch store.Batch
	var want []store.AggregateID
	for _, text := range awkward() {
		want = append(want, store.AggregateID(text))
		batch.Aggregates = append(batch.Aggregates, advance(store.AggregateID(text), 0))
	}
	batch.Aggregates = append(batch.Aggregates, store.Advance{ID: "other", Kind: "Thing", To: 1})
	commit(t, s, batch)
	var got []store.AggregateID
	after := store.AggregateID("")
	for {
		page, err := s.Aggregates(t.Context(), "thing", after, 5)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		got = append(got, page...)
		after = page[len(page)-1]
	}
	mustEqual(t, "ids by pages", got, want, slices.Equal)
}

// testIncrements: of writers that race to move one aggregate, each step is won by one.
func testIncrements(t *testing.T, s *store.Store) {
	const writers, steps = 8, 20
	commit(t, s, store.Batch{Aggregates: []store.Advance{advance("a", 0), advance("b", 0)}})
	var conflicts atomic.Int64
	together(writers, func(writer int) {
		for step := range steps {
			if err := increment(t.Context(), s, fmt.Sprintf("%d-%d", writer, step), &conflicts); err != nil {
				t.Errorf("writer %d: %v", writer, err)
				return
			}
		}
	})
	mustEqual(t, "versions", versions(t, s, "a", "b"), map[store.AggregateID]int64{"a": 1 + writers*steps, "b": 1 + writers*steps}, maps.Equal)
	_, _, docs := entities(t, s, "a")
	mustEqual(t, "counter", docs["counter/1"], fmt.Sprint(1+writers*steps), func(a, b string) bool { return a == b })
	if marks := len(docs) - 1; marks != writers*steps {
		t.Errorf("%d of %d increments left their mark", marks, writers*steps)
	}
	t.Logf("%d conflicts", conflicts.Load())
}

// increment moves a and b by one version, starting again whenever another writer was
// faster. The aggregates come in an order of the caller's, to provoke deadlocks.
func increment(ctx context.Context, s *store.Store, operation string, conflicts *atomic.Int64) error {
	for {
		at, err := s.Versions(ctx, "a", "b")
		if err != nil {
			return err
		}
		a, b := advance("a", at["a"]), advance("b", at["b"])
		advances := []store.Advance{a, b}
		if len(operation)%2 == 0 {
			slices.Reverse(advances)
		}
		err = s.Commit(ctx, store.Batch{Aggregates: advances, Entities: []store.Entity{
			{Aggregate: "a", Kind: "counter", ID: "1", Doc: fmt.Append(nil, a.To)},
			{Aggregate: "a", Kind: "mark", ID: operation, Doc: []byte{}},
		}})
		if !errors.Is(err, store.ErrConflict) {
			return err
		}
		conflicts.Add(1)
	}
}
