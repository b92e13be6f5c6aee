// Package storetest proves that a store behaves the same on every database, and
// starts the PostgreSQL that tests need.
package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/espalier-cloud/espalier/internal/store"
)

// Open opens a store on a fresh, empty database and closes it when the test ends.
type Open func(t *testing.T) *store.Store

// Run runs the suite on the databases that open opens.
func Run(t *testing.T, open Open) {
	t.Parallel()
	for name, test := range map[string]func(*testing.T, *store.Store){
		"aggregates/versions":        testVersions,
		"aggregates/conflicts":       testConflicts,
		"aggregates/deletion":        testDeletion,
		"aggregates/several at once": testChains,
		"aggregates/list":            testAggregates,
		"entities/text":              testEntityText,
		"entities/documents":         testDocuments,
		"entities/abandoned":         testAbandonedRows,
		"entities/consistent":        testConsistentRows,
		"claims/rules":               testClaims,
		"claims/text":                testClaimText,
		"claims/race":                testClaimRace,
		"journal/catch up":           testJournal,
		"trail/lookup":               testTrailLookup,
		"trail/chain":                testTrailChain,
		"trail/purge":                testTrailPurge,
		"trail/old":                  testOldTrails,
		"jobs/lease":                 testLease,
		"jobs/schedule":              testSchedule,
		"jobs/race":                  testLeaseRace,
		"jobs/hold":                  testHold,
		"outbox":                     testOutbox,
		"deliveries":                 testDeliveries,
		"deliveries/lost events":     testLostEvents,
		"meta":                       testMeta,
		"batch/all or nothing":       testAllOrNothing,
		"batch/large":                testLargeBatch,
		"batch/increments":           testIncrements,
		"batch/cancelled":            testCancelled,
		"batch/cancelled midway":     testCancelledMidway,
		"batch/unstorable text":      testUnstorable,
		"batch/model":                testModel,
		"snapshot":                   testSnapshot,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

// at is a moment of the tests, in milliseconds after an arbitrary start.
func at(milliseconds int) time.Time {
	return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC).Add(time.Duration(milliseconds) * time.Millisecond)
}

// advance is an advance by one version.
func advance(id store.AggregateID, from int64) store.Advance {
	return store.Advance{ID: id, Kind: "thing", From: from, To: from + 1, At: at(int(from)), Operation: "Change", Changes: fmt.Append(nil, from+1)}
}

// commit commits a batch that must succeed.
func commit(t testing.TB, s *store.Store, batch store.Batch) {
	t.Helper()
	if err := s.Commit(t.Context(), batch); err != nil {
		t.Fatalf("Commit: %v", err)
	}
}

// refuse commits a batch that must fail with the error and change nothing.
func refuse(t testing.TB, s *store.Store, batch store.Batch, want error) {
	t.Helper()
	before := exported(t, s)
	if err := s.Commit(t.Context(), batch); !errors.Is(err, want) {
		t.Errorf("Commit: %v, want %v", err, want)
	}
	if !bytes.Equal(before, exported(t, s)) {
		t.Errorf("a batch refused with %v changed the database", want)
	}
}

// refuseClaim commits a batch that must fail for a claim and change nothing.
func refuseClaim(t testing.TB, s *store.Store, batch store.Batch, want store.ClaimedError) {
	t.Helper()
	before := exported(t, s)
	err := s.Commit(t.Context(), batch)
	if claimed, ok := errors.AsType[*store.ClaimedError](err); !ok || *claimed != want {
		t.Errorf("Commit: %v, want %v", err, &want)
	}
	if !bytes.Equal(before, exported(t, s)) {
		t.Error("a batch refused for a claim changed the database")
	}
}

func exported(t testing.TB, s *store.Store) []byte {
	t.Helper()
	var snapshot bytes.Buffer
	if err := s.Export(t.Context(), &snapshot); err != nil {
		t.Fatalf("Export: %v", err)
	}
	return snapshot.Bytes()
}

// entities reads an aggregate whole: its version, and its documents by "kind/id" in
// the order they came.
func entities(t testing.TB, s *store.Store, id store.AggregateID) (int64, []string, map[string]string) {
	t.Helper()
	version, rows, err := s.Entities(t.Context(), id)
	if err != nil {
		t.Fatalf("Entities: %v", err)
	}
	var keys []string
	docs := map[string]string{}
	for entity, err := range rows {
		if err != nil {
			t.Fatalf("Entities: %v", err)
		}
		if entity.Aggregate != id {
			t.Errorf("Entities(%q) returned one of %q", id, entity.Aggregate)
		}
		key := entity.Kind + "/" + entity.ID
		keys = append(keys, key)
		docs[key] = string(entity.Doc)
	}
	return version, keys, docs
}

// together runs n functions at once and waits for them.
func together(n int, do func(i int)) {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { do(i) })
	}
	all.Wait()
}

// awkward are texts that databases like to confuse, in the order of their bytes.
func awkward() []string {
	texts := []string{
		"A", "B", "Z", "a", "b", "a ", " a", "a\t", "aa", "a-b", "a_b", "a%", "ab", "'", "\"", "\\", "$1", "?",
		"é", "e\u0301", "É", "ß", "ss", "SS", "ı", "İ", "Ω", "日本", "😀", "👩‍👩‍👧", "\u200b", "\ufeff", "\x01", "\x7f", "\U0010ffff", "\ufffd",
	}
	slices.Sort(texts)
	return texts
}

func mustEqual[T any](t testing.TB, what string, got, want T, equal func(T, T) bool) {
	t.Helper()
	if !equal(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}
