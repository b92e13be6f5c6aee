package store_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/espalier-cloud/espalier/internal/store"
	"github.com/espalier-cloud/espalier/internal/store/storetest"
)

// open opens a store and closes it when the test ends.
func open(t testing.TB, cfg store.Config) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), cfg)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

func file(t testing.TB) string { return filepath.Join(t.TempDir(), "espalier.db") }

// oneRow is what a write of one row commits: the version, the row and its journal.
func oneRow(id store.AggregateID, from int64, rows int) store.Batch {
	batch := store.Batch{Aggregates: []store.Advance{{ID: id, From: from, To: from + 1, At: time.Unix(from, 0), Operation: "Write", Changes: make([]byte, 100)}}}
	for i := range rows {
		batch.Entities = append(batch.Entities, store.Entity{Aggregate: id, Kind: "k", ID: fmt.Sprintf("ou-%012d", from+int64(i)), Doc: make([]byte, 150)})
		batch.Trail = append(batch.Trail, store.TrailRow{
			TrailPosition: store.TrailPosition{At: time.Unix(from, 0), Aggregate: id, Version: from + 1, N: int64(i)},
			Account:       "111111111111", ID: fmt.Sprint(from, i), Doc: make([]byte, 800), Hash: make([]byte, 32),
		})
	}
	return batch
}

func TestMemory(t *testing.T) {
	storetest.Run(t, func(t *testing.T) *store.Store {
		return open(t, store.Config{SQLitePath: ":memory:"})
	})
}

func TestFile(t *testing.T) {
	storetest.Run(t, func(t *testing.T) *store.Store {
		return open(t, store.Config{SQLitePath: file(t)})
	})
}

func TestPostgres(t *testing.T) {
	for _, level := range []sql.IsolationLevel{sql.LevelReadCommitted, sql.LevelRepeatableRead, sql.LevelSerializable} {
		t.Run(level.String(), func(t *testing.T) {
			storetest.Run(t, func(t *testing.T) *store.Store {
				return open(t, store.Config{DatabaseURL: storetest.Postgres(t), Isolation: level})
			})
		})
	}
}
