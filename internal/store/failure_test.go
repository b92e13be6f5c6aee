package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/jackc/pgx/v5/pgconn"
)

func TestGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := Open(t.Context(), Config{SQLitePath: memoryPath})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		runs := 0
		err = s.transact(t.Context(), "try", func(*transaction) error { runs++; return errAgain })
		if !errors.Is(err, ErrBusy) || runs != attempts {
			t.Errorf("after %d runs: %v", runs, err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		err = s.transact(ctx, "try", func(*transaction) error { cancel(); return errAgain })
		if !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
	})
}

// TestRunsAgainWhole: what an undone attempt wrote does not stay.
func TestRunsAgainWhole(t *testing.T) {
	s, err := Open(t.Context(), Config{SQLitePath: memoryPath})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	runs := 0
	err = s.transact(t.Context(), "try", func(transaction *transaction) error {
		runs++
		if _, err := transaction.exec(t.Context(), insertMeta, fmt.Sprint("run ", runs), []byte("x")); err != nil {
			return err
		}
		if runs < 3 {
			return errAgain
		}
		return nil
	})
	_, first, _ := s.Meta(t.Context(), "run 1")
	_, last, _ := s.Meta(t.Context(), "run 3")
	if err != nil || first || !last {
		t.Errorf("%v; the first run's row %v, the last run's %v", err, first, last)
	}
}

// TestPanic: a defect undoes its transaction and leaves the connection to the next one.
func TestPanic(t *testing.T) {
	for _, path := range []string{memoryPath, filepath.Join(t.TempDir(), "x.db")} {
		s, err := Open(t.Context(), Config{SQLitePath: path})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic is lost")
				}
			}()
			_ = s.transact(t.Context(), "try", func(transaction *transaction) error {
				if _, err := transaction.exec(t.Context(), insertMeta, "half", []byte("x")); err != nil {
					t.Error(err)
				}
				panic("defect")
			})
		}()
		if err := s.SetMeta(t.Context(), "next", []byte("x")); err != nil {
			t.Error(err)
		}
		if _, half, err := s.Meta(t.Context(), "half"); half || err != nil {
			t.Errorf("what the defect wrote is there: %v, %v", half, err)
		}
	}
}

func TestDiskFull(t *testing.T) {
	s, err := Open(t.Context(), Config{SQLitePath: filepath.Join(t.TempDir(), "x.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	limit := func(pages int) {
		if _, err := s.writer.held.ExecContext(t.Context(), fmt.Sprintf("PRAGMA max_page_count = %d", pages)); err != nil {
			t.Fatal(err)
		}
	}
	large := Batch{
		Aggregates: []Advance{{ID: "a", To: 1}},
		Entities:   []Entity{{Aggregate: "a", Kind: "k", ID: "1", Doc: make([]byte, 1<<20)}},
	}
	limit(60)
	if err := s.Commit(t.Context(), large); err == nil || !strings.Contains(err.Error(), "the disk is full") {
		t.Errorf("Commit: %v", err)
	}
	if versions, err := s.Versions(t.Context(), "a"); err != nil || len(versions) != 0 {
		t.Errorf("a part was written: %v, %v", versions, err)
	}
	limit(10_000)
	if err := s.Commit(t.Context(), large); err != nil {
		t.Errorf("with room again: %v", err)
	}
}

func TestPostgresFailures(t *testing.T) {
	state := func(code string) error { return fmt.Errorf("commit: %w", &pgconn.PgError{Code: code}) }
	for name, c := range map[string]struct {
		err                  error
		temporary, uncertain bool
		cause                string
	}{
		"serialization":   {state("40001"), true, false, ""},
		"deadlock":        {state("40P01"), true, false, ""},
		"shutdown":        {state("57P01"), true, true, "lost"},
		"crash":           {state("57P02"), true, true, "lost"},
		"disk full":       {state("53100"), false, false, "disk"},
		"read only":       {state("25006"), false, false, "no changes"},
		"constraint":      {state("23505"), false, false, ""},
		"dead connection": {driver.ErrBadConn, true, true, "lost"},
		"cut off":         {errors.New("unexpected EOF"), false, true, ""},
		"again":           {errAgain, true, true, ""},
		"unreachable":     {&pgconn.ConnectError{Config: &pgconn.Config{}}, false, true, "cannot be reached"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := postgresTemporary(c.err); got != c.temporary {
				t.Errorf("temporary: %v", got)
			}
			if got := postgresUncertain(c.err); got != c.uncertain {
				t.Errorf("uncertain: %v", got)
			}
			if got := postgresCause(c.err); !strings.Contains(got, c.cause) || c.cause == "" && got != "" {
				t.Errorf("cause: %q, want %q", got, c.cause)
			}
		})
	}
}

// TestNoStatementScans: every statement finds its rows through a key or an index.
func TestNoStatementScans(t *testing.T) {
	s, err := Open(t.Context(), Config{SQLitePath: memoryPath})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var tables []string
	for _, c := range contents {
		tables = append(tables, c.table)
	}
	lookup := TrailQuery{Account: "1", Name: "n", ResourceName: "r", After: &TrailPosition{}}.conditions()
	for _, text := range []string{
		selectMeta, upsertMeta, insertMeta, selectEntities, selectJournal, shortenJournal, selectAggregates,
		updateAggregate, deleteAggregate, deleteAggregateEntities, deleteAggregateJournal, selectClaim, selectClaims,
		selectHead, selectChain, purgeTrail, selectOldTrails, selectJobs, leaseWaiting, leaseAbandoned, nextJob, finishJob, retryJob,
		selectVersions(4), deleteEntities.numbered[0], deleteClaims.numbered[0], deleteJobs.numbered[0],
		selectTrail + strings.Join(lookup.terms, " AND ") + " ORDER BY at DESC, aggregate DESC, version DESC, n DESC LIMIT 9",
	} {
		for _, step := range plan(t, s, text) {
			table, scans := strings.CutPrefix(step, "SCAN ")
			if scans && slices.Contains(tables, table) || strings.Contains(step, "TEMP B-TREE") {
				t.Errorf("%s: %s", step, text)
			}
		}
	}
}

// plan returns the steps by which SQLite would run a statement.
func plan(t *testing.T, s *Store, text string) []string {
	t.Helper()
	args := make([]any, strings.Count(text, "$")) // more than enough: some are used twice
	rows, err := s.reader.db.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+text, args...)
	if err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	steps, err := scanAll(rows, func(rows *sql.Rows) (step string, err error) {
		var id, parent, unused int
		err = rows.Scan(&id, &parent, &unused, &step)
		return step, err
	})
	if err != nil {
		t.Fatal(err)
	}
	return steps
}
