package store

import (
	"fmt"
	"path/filepath"
	"testing"
)

// TestCheckpoint: a log that became long is soon begun anew although somebody writes all the
// time, and long before he would have to see to it himself. Nothing is lost by that.
func TestCheckpoint(t *testing.T) {
	path := filepath.Join(t.TempDir(), "espalier.db")
	s, err := Open(t.Context(), Config{SQLitePath: path})
	if err != nil {
		t.Fatal(err)
	}
	const entities, pagesEach, kept = 16, 2, 64
	doc := make([]byte, 8192)
	version := int64(0)
	write := func() {
		t.Helper()
		batch := Batch{Aggregates: []Advance{{ID: "a", Kind: "test", From: version, To: version + 1}}}
		for i := range entities {
			batch.Entities = append(batch.Entities, Entity{Aggregate: "a", Kind: "document", ID: fmt.Sprint(version%kept, " ", i), Doc: doc})
		}
		if err := s.Commit(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
		version++
	}
	for version < 2*checkpointPages/(entities*pagesEach) {
		write()
	}
	for pages := checkpointPages; pages >= checkpointPages; {
		if version == 1000 {
			t.Fatalf("the log has %d pages", pages)
		}
		write()
		if pages, err = s.log.log(t.Context(), "NOOP"); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err = Open(t.Context(), Config{SQLitePath: path}); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	found := 0
	at, rows, err := s.Entities(t.Context(), "a")
	for range rows {
		found++
	}
	if err != nil || at != version || found != kept*entities {
		t.Errorf("%d documents at version %d (%v), want %d at %d", found, at, err, kept*entities, version)
	}
}
