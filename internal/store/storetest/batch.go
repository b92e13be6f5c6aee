package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/espalier-cloud/espalier/internal/store"
)

// everything is a batch with something in each of its parts.
func everything(id store.AggregateID, from int64) store.Batch {
	return store.Batch{
		Aggregates: []store.Advance{advance(id, from)},
		Entities:   []store.Entity{{Aggregate: id, Kind: "k", ID: "1", Doc: fmt.Append(nil, from)}, {Aggregate: id, Kind: "k", ID: "0"}},
		Claims:     []store.Claim{{Space: "s", Value: fmt.Sprint(id, from+1), Owner: string(id)}},
		Releases:   []store.Claim{{Space: "s", Value: fmt.Sprint(id, from), Owner: string(id)}},
		Trail:      []store.TrailRow{event("e", 1, id, from+1, 0)},
		Jobs:       []store.Job{{ID: fmt.Sprint(from + 1), Due: at(1)}},
		DoneJobs:   []string{fmt.Sprint(from)},
	}
}

// testAllOrNothing spoils a batch in its last parts: the first must not stay.
func testAllOrNothing(t *testing.T, s *store.Store) {
	commit(t, s, everything("a", 0))
	commit(t, s, store.Batch{Claims: []store.Claim{{Space: "s", Value: "taken", Owner: "b"}}})

	late := everything("a", 1)
	late.Trail = append(late.Trail, event("e", 1, "a", 1, 0))
	refuse(t, s, late, store.ErrConflict)

	claimed := everything("a", 1)
	claimed.Claims = append(claimed.Claims, store.Claim{Space: "s", Value: "taken", Owner: "a"})
	refuseClaim(t, s, claimed, store.ClaimedError{Space: "s", Value: "taken", Owner: "b"})

	commit(t, s, everything("a", 1))
	commit(t, s, store.Batch{})
	if _, held, err := s.Claim(t.Context(), "s", "a1"); held || err != nil {
		t.Errorf("the released claim is held: %v, %v", held, err)
	}
	if jobs, err := s.Jobs(t.Context(), "", 9); err != nil || jobIDs(jobs) != "2" {
		t.Errorf("the jobs are %v, %v", jobs, err)
	}
}

func testCancelled(t *testing.T, s *store.Store) {
	commit(t, s, everything("a", 0))
	before := exported(t, s)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Commit(cancelled, everything("a", 1)); !errors.Is(err, context.Canceled) {
		t.Errorf("Commit: %v, want %v", err, context.Canceled)
	}
	mustEqual(t, "after it", exported(t, s), before, bytes.Equal)
	commit(t, s, everything("a", 1))
}

// testCancelledMidway gives up on commits and reads at any moment. What was
// acknowledged stays, the rest is whole or absent, and the store goes on.
func testCancelledMidway(t *testing.T, s *store.Store) {
	commit(t, s, everything("a", 0))
	for round := range 150 {
		before := versions(t, s, "a")["a"]
		ctx, cancel := context.WithCancel(t.Context())
		var err error
		together(2, func(i int) {
			if i == 0 {
				err = s.Commit(ctx, everything("a", before))
				return
			}
			for range round * 20 {
				runtime.Gosched()
			}
			cancel()
		})
		version, _, docs := entities(t, s, "a")
		if version != before+1 && (version != before || err == nil) {
			t.Fatalf("from version %d a commit that returned %v leads to %d", before, err, version)
		}
		if version == before+1 && err != nil && !errors.Is(err, store.ErrUncertain) {
			t.Fatalf("a commit that returned %v was carried out", err)
		}
		if docs["k/1"] != fmt.Sprint(version-1) {
			t.Fatalf("version %d has the document of version %s", version, docs["k/1"])
		}
		if _, rows, err := s.Entities(ctx, "a"); err == nil {
			for _, err := range rows {
				if err != nil {
					break
				}
			}
		}
	}
}

// testLargeBatch: a group commit of many writers.
func testLargeBatch(t *testing.T, s *store.Store) {
	const n = 389 // not a multiple of any size of statement
	var batch, undo store.Batch
	for i := range n {
		one := everything(store.AggregateID(fmt.Sprintf("%05d", i)), 0)
		one.Jobs[0].ID = fmt.Sprintf("job %05d", i)
		batch.Aggregates = append(batch.Aggregates, one.Aggregates...)
		batch.Entities = append(batch.Entities, one.Entities...)
		batch.Claims = append(batch.Claims, one.Claims...)
		batch.Trail = append(batch.Trail, one.Trail...)
		batch.Jobs = append(batch.Jobs, one.Jobs...)
		undo.Aggregates = append(undo.Aggregates, advance(one.Aggregates[0].ID, 1))
		undo.Entities = append(undo.Entities, store.Entity{Aggregate: one.Aggregates[0].ID, Kind: "k", ID: "1"})
		undo.DoneJobs = append(undo.DoneJobs, one.Jobs[0].ID)
	}
	undo.Releases = batch.Claims
	commit(t, s, batch)
	counts := func() [4]int {
		ids, err := s.Aggregates(t.Context(), "thing", "", 2*n)
		claims, err2 := s.Claims(t.Context(), "s", "", 2*n)
		jobs, err3 := s.Jobs(t.Context(), "", 2*n)
		events, err4 := s.Trail(t.Context(), store.TrailQuery{Account: "111111111111", Limit: 2 * n})
		if err := errors.Join(err, err2, err3, err4); err != nil {
			t.Fatal(err)
		}
		return [4]int{len(ids), len(claims), len(jobs), len(events)}
	}
	if got, want := counts(), [4]int{n, n, n, n}; got != want {
		t.Errorf("there are %v aggregates, claims, jobs and events; want %v", got, want)
	}
	batch = store.Batch{Aggregates: slices.Clone(undo.Aggregates), Claims: []store.Claim{{Space: "s", Value: "x", Owner: "x"}}}
	batch.Aggregates[n-1].From, batch.Aggregates[n-1].To = 7, 8
	refuse(t, s, batch, store.ErrConflict)
	commit(t, s, undo)
	if got, want := counts(), [4]int{n, 0, 0, n}; got != want {
		t.Errorf("then there are %v, want %v", got, want)
	}
	if version, keys, _ := entities(t, s, "00388"); version != 2 || len(keys) != 0 {
		t.Errorf("the last has version %d and entities %v", version, keys)
	}
}

// testUnstorable spoils every text of a batch.
func testUnstorable(t *testing.T, s *store.Store) {
	for _, bad := range []string{"\x00", "a\x00b", "\xff", "a\xc3", "\xed\xa0\x80"} {
		id := store.AggregateID(bad)
		for i, batch := range []store.Batch{
			{Aggregates: []store.Advance{{ID: id, To: 1}}},
			{Aggregates: []store.Advance{{ID: "a", Kind: store.Kind(bad), To: 1}}},
			{Aggregates: []store.Advance{{ID: "a", To: 1, Operation: bad}}},
			{Entities: []store.Entity{{Aggregate: id}}},
			{Entities: []store.Entity{{Kind: bad}}},
			{Entities: []store.Entity{{ID: bad, Doc: []byte{}}}},
			{Claims: []store.Claim{{Space: bad}}},
			{Claims: []store.Claim{{Value: bad}}},
			{Claims: []store.Claim{{Owner: bad}}},
			{Releases: []store.Claim{{Value: bad}}},
			{Trail: []store.TrailRow{{TrailPosition: store.TrailPosition{Aggregate: id}}}},
			{Trail: []store.TrailRow{{Account: bad}}},
			{Trail: []store.TrailRow{{ID: bad}}},
			{Trail: []store.TrailRow{{Name: bad}}},
			{Trail: []store.TrailRow{{Source: bad}}},
			{Trail: []store.TrailRow{{Username: bad}}},
			{Trail: []store.TrailRow{{AccessKey: bad}}},
			{Jobs: []store.Job{{ID: bad}}},
			{Jobs: []store.Job{{Kind: bad}}},
			{Jobs: []store.Job{{Aggregate: id}}},
			{DoneJobs: []string{bad}},
		} {
			if err := s.Commit(t.Context(), batch); !errors.Is(err, store.ErrText) {
				t.Errorf("Commit of batch %d with %q: %v, want %v", i, bad, err, store.ErrText)
			}
		}
		commit(t, s, store.Batch{Trail: []store.TrailRow{event(fmt.Sprintf("%x", bad), 1, store.AggregateID(fmt.Sprintf("%x", bad)), 0, 0)}})
		expectNothing(t, s, bad)
	}
}

// expectNothing looks an unstorable text up everywhere.
func expectNothing(t *testing.T, s *store.Store, bad string) {
	t.Helper()
	ctx, id := t.Context(), store.AggregateID(bad)
	if _, held, err := s.Claim(ctx, bad, bad); held || err != nil {
		t.Errorf("Claim(%q): %v, %v", bad, held, err)
	}
	if _, found, err := s.Meta(ctx, bad); found || err != nil {
		t.Errorf("Meta(%q): %v, %v", bad, found, err)
	}
	if version, keys, _ := entities(t, s, id); version != 0 || len(keys) != 0 {
		t.Errorf("Entities(%q): %d, %v", bad, version, keys)
	}
	if rows, err := s.Journal(ctx, id, 0); len(rows) != 0 || err != nil {
		t.Errorf("Journal(%q): %v, %v", bad, rows, err)
	}
	if _, found, err := s.TrailHead(ctx, id); found || err != nil {
		t.Errorf("TrailHead(%q): %v, %v", bad, found, err)
	}
	if rows, err := s.TrailChain(ctx, id, 0, 0, 1); len(rows) != 0 || err != nil {
		t.Errorf("TrailChain(%q): %v, %v", bad, rows, err)
	}
	_, err1 := s.Claims(ctx, "s", bad, 1)
	_, err2 := s.Aggregates(ctx, "k", id, 1)
	_, err3 := s.Jobs(ctx, bad, 1)
	_, err4 := s.LeaseJobs(ctx, at(0), bad, leaseTime, 1)
	_, err5 := s.InitMeta(ctx, bad, nil)
	for i, err := range []error{err1, err2, err3, err4, err5, s.SetMeta(ctx, bad, nil)} {
		if !errors.Is(err, store.ErrText) {
			t.Errorf("call %d with %q: %v, want %v", i, bad, err, store.ErrText)
		}
	}
}

// model is what the store should hold.
type model struct {
	versions map[store.AggregateID]int64
	docs     map[store.AggregateID]map[string]string
	claims   map[string]string
}

// testModel runs random batches against the store and against maps.
func testModel(t *testing.T, s *store.Store) {
	rapid.Check(t, func(r *rapid.T) {
		if err := s.Reset(t.Context()); err != nil {
			r.Fatal(err)
		}
		m := model{versions: map[store.AggregateID]int64{}, docs: map[store.AggregateID]map[string]string{}, claims: map[string]string{}}
		for range rapid.IntRange(1, 8).Draw(r, "batches") {
			m.step(t.Context(), r, s)
		}
		got, err := s.Versions(t.Context(), modelIDs...)
		if err != nil || !maps.Equal(got, m.versions) {
			r.Fatalf("versions are %v, %v; want %v", got, err, m.versions)
		}
		for _, id := range modelIDs {
			if version, _, docs := entities(t, s, id); version != m.versions[id] || version > 0 && !maps.Equal(docs, m.docs[id]) {
				r.Fatalf("%s has version %d and %v, want %d and %v", id, version, docs, m.versions[id], m.docs[id])
			}
		}
		claims, err := s.Claims(t.Context(), "s", "", 100)
		if err != nil || len(claims) != len(m.claims) {
			r.Fatalf("the claims are %v, %v; want %v", claims, err, m.claims)
		}
		for _, c := range claims {
			if m.claims[c.Value] != c.Owner {
				r.Fatalf("%q is claimed by %q, want %q", c.Value, c.Owner, m.claims[c.Value])
			}
		}
	})
}

var modelIDs = []store.AggregateID{"a", "b", "c"}

// step commits one batch to the store and, where the rules allow it, to the model.
func (m *model) step(ctx context.Context, r *rapid.T, s *store.Store) {
	id := rapid.SampledFrom(modelIDs).Draw(r, "id")
	from := m.versions[id] + int64(rapid.SampledFrom([]int{0, 0, 0, 1}).Draw(r, "ahead"))
	step := store.Advance{ID: id, Kind: "k", From: from, To: rapid.SampledFrom([]int64{from + 1, from + 1, from, 0}).Draw(r, "to")}
	claim := store.Claim{Space: "s", Value: rapid.SampledFrom([]string{"v", "w"}).Draw(r, "claim"), Owner: string(id)}
	release := store.Claim{Space: "s", Value: rapid.SampledFrom([]string{"v", "w"}).Draw(r, "release"), Owner: string(id)}
	batch := store.Batch{Aggregates: []store.Advance{step}, Claims: []store.Claim{claim}, Releases: []store.Claim{release}}
	for range rapid.IntRange(0, 6).Draw(r, "entities") {
		entity := store.Entity{Aggregate: id, Kind: "k", ID: rapid.SampledFrom([]string{"x", "y", "z"}).Draw(r, "entity")}
		if rapid.Bool().Draw(r, "write") {
			entity.Doc = rapid.SliceOfN(rapid.Byte(), 0, 4).Draw(r, "doc")
		}
		batch.Entities = append(batch.Entities, entity)
	}
	err := s.Commit(ctx, batch)

	owner := m.claims[claim.Value]
	if owner == string(id) && release.Value == claim.Value {
		owner = ""
	}
	_, claimed := errors.AsType[*store.ClaimedError](err)
	switch {
	case from != m.versions[id]:
		if !errors.Is(err, store.ErrConflict) {
			r.Fatalf("Commit: %v, want a conflict", err)
		}
	case owner != "" && owner != string(id):
		if !claimed {
			r.Fatalf("Commit: %v, want a claim of %q", err, owner)
		}
	case err != nil:
		r.Fatalf("Commit: %v", err)
	default:
		m.apply(batch, step)
	}
}

func (m *model) apply(batch store.Batch, step store.Advance) {
	for _, c := range batch.Releases {
		if m.claims[c.Value] == c.Owner {
			delete(m.claims, c.Value)
		}
	}
	for _, c := range batch.Claims {
		m.claims[c.Value] = c.Owner
	}
	if step.To == 0 {
		delete(m.versions, step.ID)
		delete(m.docs, step.ID)
		return
	}
	m.versions[step.ID] = step.To
	if m.docs[step.ID] == nil {
		m.docs[step.ID] = map[string]string{}
	}
	for _, e := range batch.Entities {
		if e.Doc == nil {
			delete(m.docs[step.ID], e.Kind+"/"+e.ID)
		} else {
			m.docs[step.ID][e.Kind+"/"+e.ID] = string(e.Doc)
		}
	}
}
