package storetest

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/espalier-cloud/espalier/internal/store"
)

func testEntityText(t *testing.T, s *store.Store) {
	batch := store.Batch{Aggregates: []store.Advance{advance("o", 0)}}
	var want []string
	for _, kind := range []string{"K", "k"} {
		for _, id := range awkward() {
			want = append(want, kind+"/"+id)
			batch.Entities = append(batch.Entities, store.Entity{Aggregate: "o", Kind: kind, ID: id, Doc: []byte(kind + id)})
		}
	}
	slices.Reverse(batch.Entities)
	commit(t, s, batch)
	_, keys, docs := entities(t, s, "o")
	mustEqual(t, "keys", keys, want, slices.Equal)
	for key, doc := range docs {
		if kind, id, _ := strings.Cut(key, "/"); doc != kind+id {
			t.Errorf("entity %q holds %q", key, doc)
		}
	}
}

func testDocuments(t *testing.T, s *store.Store) {
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	docs := map[string][]byte{"empty": {}, "bytes": every, "NUL": {0}, "large": bytes.Repeat(every, 12<<10)}
	batch := store.Batch{Aggregates: []store.Advance{advance("o", 0)}}
	for id, doc := range docs {
		batch.Entities = append(batch.Entities, store.Entity{Aggregate: "o", Kind: "k", ID: id, Doc: doc})
	}
	commit(t, s, batch)
	check := func() {
		t.Helper()
		_, keys, got := entities(t, s, "o")
		if len(keys) != len(docs) {
			t.Errorf("there are entities %v", keys)
		}
		for id, doc := range docs {
			if got["k/"+id] != string(doc) {
				t.Errorf("entity %s of %d bytes came back with %d", id, len(doc), len(got["k/"+id]))
			}
		}
	}
	check()

	// The last of several writes counts; deleting what is not there is no error.
	docs["bytes"] = []byte("new")
	delete(docs, "large")
	commit(t, s, store.Batch{Entities: []store.Entity{
		{Aggregate: "o", Kind: "k", ID: "bytes"},
		{Aggregate: "o", Kind: "k", ID: "bytes", Doc: []byte("old")},
		{Aggregate: "o", Kind: "k", ID: "bytes", Doc: []byte("new")},
		{Aggregate: "o", Kind: "k", ID: "large", Doc: []byte("old")},
		{Aggregate: "o", Kind: "k", ID: "large"},
		{Aggregate: "o", Kind: "k", ID: "absent"},
		{Aggregate: "other", Kind: "k", ID: "empty"},
	}})
	check()
}

// testAbandonedRows: a caller that stops reading rows gives its connection back.
func testAbandonedRows(t *testing.T, s *store.Store) {
	fill(t, s, "o", 500)
	for range 40 {
		_, rows, err := s.Entities(t.Context(), "o")
		if err != nil {
			t.Fatal(err)
		}
		for _, err := range rows {
			if err != nil {
				t.Fatal(err)
			}
			break
		}
	}
	commit(t, s, store.Batch{Aggregates: []store.Advance{advance("o", 1)}})

	// A commit while rows are being read neither waits for the reader nor is seen by it.
	version, rows, err := s.Entities(t.Context(), "o")
	if err != nil {
		t.Fatal(err)
	}
	read := 0
	for _, err := range rows {
		if err != nil {
			t.Fatal(err)
		}
		if read++; read == 1 {
			commit(t, s, store.Batch{Aggregates: []store.Advance{{ID: "o", From: 2, To: 0}}})
		}
	}
	if version != 2 || read != 500 {
		t.Errorf("read %d entities at version %d, want 500 at 2", read, version)
	}
}

func fill(t testing.TB, s *store.Store, id store.AggregateID, n int) {
	t.Helper()
	batch := store.Batch{Aggregates: []store.Advance{advance(id, 0)}}
	for i := range n {
		batch.Entities = append(batch.Entities, store.Entity{Aggregate: id, Kind: "k", ID: fmt.Sprintf("%06d", i), Doc: []byte("1")})
	}
	commit(t, s, batch)
}

// testConsistentRows: whoever reads while others write sees the entities of one version.
func testConsistentRows(t *testing.T, s *store.Store) {
	const rows, steps = 100, 60
	fill(t, s, "o", rows)
	ctx, stop := context.WithCancel(t.Context())
	together(3, func(worker int) {
		if worker == 0 {
			defer stop()
			rewrite(t, s, rows, steps)
			return
		}
		for ctx.Err() == nil {
			version, keys, docs := entities(t, s, "o")
			if len(keys) != rows {
				t.Errorf("version %d has %d entities", version, len(keys))
			}
			for key, doc := range docs {
				if doc != fmt.Sprint(version) {
					t.Errorf("version %d has %s of version %s", version, key, doc)
					return
				}
			}
		}
	})
}

// rewrite writes the version into every entity, version after version.
func rewrite(t *testing.T, s *store.Store, rows, steps int) {
	for version := int64(1); version <= int64(steps); version++ {
		batch := store.Batch{Aggregates: []store.Advance{advance("o", version)}}
		for i := range rows {
			batch.Entities = append(batch.Entities, store.Entity{Aggregate: "o", Kind: "k", ID: fmt.Sprintf("%06d", i), Doc: fmt.Append(nil, version+1)})
		}
		if err := s.Commit(t.Context(), batch); err != nil {
			t.Errorf("Commit: %v", err)
			return
		}
	}
}
