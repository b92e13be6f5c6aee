package store_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/espalier-cloud/espalier/internal/store"
	"github.com/espalier-cloud/espalier/internal/store/storetest"
)

// TestOpenFreesJobs: what a process had leased when it died is not held up until
// the lease runs out.
func TestOpenFreesJobs(t *testing.T) {
	cfg := store.Config{SQLitePath: file(t)}
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for attempt := 1; attempt <= 2; attempt++ {
		s, err := store.Open(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		if attempt == 1 {
			if err := s.Commit(t.Context(), store.Batch{Jobs: []store.Job{{ID: "a", Due: now}}}); err != nil {
				t.Fatal(err)
			}
		}
		jobs, err := s.LeaseJobs(t.Context(), now, "process", time.Hour, 1)
		if err != nil || len(jobs) != 1 || jobs[0].Attempts != attempt {
			t.Errorf("leased in process %d: %+v, %v", attempt, jobs, err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// refuseOpen opens a database that must not open, and checks what the error says.
func refuseOpen(t *testing.T, cfg store.Config, says ...string) {
	t.Helper()
	s, err := store.Open(t.Context(), cfg)
	if err == nil {
		_ = s.Close()
		t.Fatalf("Open(%+v) succeeded", cfg)
	}
	for _, words := range says {
		if !strings.Contains(err.Error(), words) {
			t.Errorf("Open: %q, want it to say %q", err, words)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	directory := t.TempDir()
	garbage := filepath.Join(directory, "garbage.db")
	if err := os.WriteFile(garbage, bytes.Repeat([]byte("not a database\n"), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		cfg  store.Config
		says []string
	}{
		"nothing":           {store.Config{}, []string{"neither"}},
		"two databases":     {store.Config{SQLitePath: ":memory:", DatabaseURL: "postgres://localhost/x"}, []string{"choose one"}},
		"missing directory": {store.Config{SQLitePath: filepath.Join(directory, "no", "x.db")}, []string{"x.db", "no such file or directory"}},
		"directory":         {store.Config{SQLitePath: directory}, []string{directory, "is a directory"}},
		"garbage":           {store.Config{SQLitePath: garbage}, []string{garbage, "the file is not a database"}},
		"malformed URL":     {store.Config{DatabaseURL: "postgres://user:secret@host:port/x"}, []string{"database URL"}},
		"no server":         {store.Config{DatabaseURL: "postgres:///x?host=" + directory}, []string{"open database x on " + directory, "PostgreSQL cannot be reached"}},
	} {
		t.Run(name, func(t *testing.T) {
			refuseOpen(t, c.cfg, c.says...)
			if _, err := store.Open(t.Context(), c.cfg); err == nil || strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "another process") {
				t.Errorf("Open again: %v", err)
			}
		})
	}
}

func TestOneOwner(t *testing.T) {
	cfg := store.Config{SQLitePath: file(t)}
	first, err := store.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	refuseOpen(t, cfg, cfg.SQLitePath, "another process is using it")
	if err := first.Commit(t.Context(), oneRow("a", 0, 1)); err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second, err := store.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	if versions, err := second.Versions(t.Context(), "a"); err != nil || versions["a"] != 1 {
		t.Errorf("opened again it has %v, %v", versions, err)
	}
}

func TestFileIsPrivate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a b?c#d%20.db")
	s := open(t, store.Config{SQLitePath: path})
	if err := s.Commit(t.Context(), oneRow("a", 0, 1)); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(filepath.Dir(path), func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err == nil && (info.Mode().Perm() != 0o600 || !strings.HasPrefix(name, path)) {
			t.Errorf("%s has mode %v", name, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if !s.Exclusive() {
		t.Error("a SQLite file is not exclusive")
	}
}

func TestDamagedFile(t *testing.T) {
	cfg := store.Config{SQLitePath: file(t)}
	s, err := store.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Commit(t.Context(), oneRow("a", 0, 500)); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(cfg.SQLitePath)
	if err != nil {
		t.Fatal(err)
	}
	const page = 4096
	for i := page; i < len(content); i++ {
		content[i] = 0xaa
	}
	if err := os.WriteFile(cfg.SQLitePath, content, 0o600); err != nil {
		t.Fatal(err)
	}
	refuseOpen(t, cfg, cfg.SQLitePath, "the database file is damaged")
}

func TestSchema(t *testing.T) {
	for schema, says := range map[string]string{
		"9":  "database schema 9 is newer than this espalier understands (3)",
		"x":  "is not a number",
		"-1": "is not a number",
	} {
		for name, cfg := range map[string]store.Config{"sqlite": {SQLitePath: file(t)}, "postgres": {}} {
			t.Run(name+" "+schema, func(t *testing.T) {
				if cfg.SQLitePath == "" {
					cfg.DatabaseURL = storetest.Postgres(t)
				}
				s, err := store.Open(t.Context(), cfg)
				if err != nil {
					t.Fatal(err)
				}
				if err := errors.Join(s.SetMeta(t.Context(), "schema", []byte(schema)), s.Close()); err != nil {
					t.Fatal(err)
				}
				refuseOpen(t, cfg, says)
			})
		}
	}
}

func TestServersStartTogether(t *testing.T) {
	url := storetest.Postgres(t)
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			s, err := store.Open(t.Context(), store.Config{DatabaseURL: url})
			if err != nil {
				t.Errorf("Open: %v", err)
				return
			}
			if err := s.Close(); err != nil {
				t.Errorf("Close: %v", err)
			}
		})
	}
	all.Wait()
	if open(t, store.Config{DatabaseURL: url}).Exclusive() {
		t.Error("PostgreSQL is exclusive")
	}
}
