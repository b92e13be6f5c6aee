package store

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"
)

// TestMigrations: what was written with each earlier schema is there after all of them.
func TestMigrations(t *testing.T) {
	for version := 1; version <= len(migrations); version++ {
		t.Run(fmt.Sprint("from ", version), func(t *testing.T) {
			cfg := Config{SQLitePath: filepath.Join(t.TempDir(), "x.db")}
			s, err := connect(t.Context(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			err = s.transact(t.Context(), "migrate", func(tx *transaction) error {
				if _, err := tx.exec(t.Context(), s.dialect.schema.Replace(metaTable)); err != nil {
					return err
				}
				return s.run(t.Context(), tx, 0, version)
			})
			if err != nil {
				t.Fatal(err)
			}
			event := TrailRow{TrailPosition: TrailPosition{At: time.UnixMicro(1), Aggregate: "a", Version: 1}, Account: "1", ID: "e"}
			if err := s.Commit(t.Context(), Batch{Aggregates: []Advance{{ID: "a", To: 1}}, Trail: []TrailRow{event}}); err != nil {
				t.Fatal(err)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if s, err = Open(t.Context(), cfg); err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			events, err := s.Trail(t.Context(), TrailQuery{Account: "1", Limit: 9})
			if err != nil || len(events) != 1 || events[0].ID != "e" {
				t.Errorf("the trail is %v, %v", events, err)
			}
			schema, _, err := s.Meta(t.Context(), schemaKey)
			if err != nil || string(schema) != fmt.Sprint(len(migrations)) {
				t.Errorf("the schema is %q, %v", schema, err)
			}
			rows, err := s.reader.query(t.Context(), `SELECT name FROM sqlite_schema WHERE name = 'trail_by_time'`)
			if err != nil {
				t.Fatal(err)
			}
			defer rows.Close()
			if rows.Next() {
				t.Error("the index of the trail by time is still there")
			}
			if err := rows.Err(); err != nil {
				t.Error(err)
			}
		})
	}
}
