package e2e_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
)

// secrets are what the clients of a server have shown it, and nobody else may find.
type secrets struct {
	mu    sync.Mutex
	known map[string]bool
}

// add adds secrets; "" is none.
func (s *secrets) add(all ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil {
		s.known = map[string]bool{}
	}
	for _, secret := range all {
		if secret != "" {
			s.known[secret] = true
		}
	}
}

// in tells whether a text shows a secret.
func (s *secrets) in(text []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for secret := range s.known {
		if bytes.Contains(text, []byte(secret)) {
			return true
		}
	}
	return false
}

// keepsSecrets fails the test if a secret that a client used stands in the database, its write-ahead log or tables, the
// trail (which is in both), the log or the metrics. The root user's key has a file of its own, which is for its owner.
func (s *server) keepsSecrets() {
	s.t.Helper()
	places := map[string][]byte{"the log": []byte(s.log.String())}
	if response, err := http.Get(s.endpoint() + "/metrics"); err == nil {
		places["the metrics"], _ = io.ReadAll(response.Body)
		response.Body.Close()
	}
	files, err := filepath.Glob(filepath.Join(s.dataDir, "*.db*"))
	if at := slices.Index(s.args, "--database-url"); at >= 0 {
		places["the database"] = tables(s.t, s.args[at+1])
	} else if err != nil || len(files) == 0 {
		s.t.Fatalf("%d files of the database, %v", len(files), err)
	}
	for _, file := range files {
		if places[file], err = os.ReadFile(file); err != nil {
			s.t.Error(err)
		}
	}
	for place, text := range places {
		if s.secrets.in(text) {
			s.t.Errorf("%s shows a secret", place)
		}
	}
}

// tables returns all that is in the tables of a PostgreSQL database.
func tables(t *testing.T, url string) []byte {
	t.Helper()
	ctx := context.WithoutCancel(t.Context()) // the test is over
	connection, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close(ctx)
	rows, err := connection.Query(ctx, "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema()")
	if err != nil {
		t.Fatal(err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(names) == 0 {
		t.Fatalf("%d tables, %v", len(names), err)
	}
	var all bytes.Buffer
	for _, name := range names {
		rows, err := connection.Query(ctx, "SELECT * FROM "+pgx.Identifier{name}.Sanitize())
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			values, err := rows.Values()
			if err != nil {
				t.Fatal(err)
			}
			for _, value := range values {
				if raw, ok := value.([]byte); ok {
					all.Write(raw)
				} else {
					fmt.Fprintln(&all, value)
				}
			}
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
	}
	if all.Len() == 0 {
		t.Fatal("the database is empty")
	}
	return all.Bytes()
}
