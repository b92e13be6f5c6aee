package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/espalier-cloud/espalier/internal/store"
	"github.com/espalier-cloud/espalier/internal/store/storetest"
)

// TestTwoServers shares one PostgreSQL between two stores.
func TestTwoServers(t *testing.T) {
	cfg := store.Config{DatabaseURL: storetest.Postgres(t)}
	servers := []*store.Store{open(t, cfg), open(t, cfg)}
	ctx := t.Context()

	// A change made through one is seen at once through the other.
	for version := range int64(10) {
		writer, reader := servers[version%2], servers[1-version%2]
		if err := writer.Commit(ctx, oneRow("a", version, 1)); err != nil {
			t.Fatal(err)
		}
		versions, err := reader.Versions(ctx, "a")
		if err != nil || versions["a"] != version+1 {
			t.Errorf("the other server sees %v, %v; want %d", versions, err, version+1)
		}
		rows, err := reader.Journal(ctx, "a", version)
		if err != nil || len(rows) != 1 || rows[0].Version != version+1 {
			t.Errorf("the other server sees the journal %v, %v", rows, err)
		}
		if err := reader.Commit(ctx, oneRow("a", version, 1)); !errors.Is(err, store.ErrConflict) {
			t.Errorf("the other server commits from version %d: %v", version, err)
		}
	}
	leaseThroughBoth(t, servers)
}

// TestJournalThatEnds: of a database that was for a while where no journal is kept, the
// journal is not taken for the whole.
func TestJournalThatEnds(t *testing.T) {
	shared, own := open(t, store.Config{DatabaseURL: storetest.Postgres(t)}), open(t, store.Config{SQLitePath: file(t)})
	if err := shared.Commit(t.Context(), oneRow("a", 0, 1)); err != nil {
		t.Fatal(err)
	}
	move := func(from, to *store.Store) {
		t.Helper()
		var snapshot bytes.Buffer
		if err := errors.Join(from.Export(t.Context(), &snapshot), to.Import(t.Context(), &snapshot)); err != nil {
			t.Fatal(err)
		}
	}
	move(shared, own)
	if err := own.Commit(t.Context(), oneRow("a", 1, 1)); err != nil {
		t.Fatal(err)
	}
	move(own, shared)
	if rows, err := shared.Journal(t.Context(), "a", 0); !errors.Is(err, store.ErrJournalPurged) {
		t.Errorf("the journal to version 2: %v, %v", rows, err)
	}
}

// leaseThroughBoth: no two servers get the same job.
func leaseThroughBoth(t *testing.T, servers []*store.Store) {
	t.Helper()
	const jobs = 100
	var batch store.Batch
	for i := range jobs {
		batch.Jobs = append(batch.Jobs, store.Job{ID: fmt.Sprint(i), Due: time.UnixMicro(1)})
	}
	if err := servers[0].Commit(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	leased := map[string]int{}
	var all sync.WaitGroup
	for i, server := range servers {
		all.Go(func() {
			for {
				got, err := server.LeaseJobs(t.Context(), time.UnixMicro(5), fmt.Sprint(i), time.Minute, 3)
				if err != nil {
					t.Errorf("LeaseJobs: %v", err)
				}
				if len(got) == 0 {
					return
				}
				mu.Lock()
				for _, job := range got {
					leased[job.ID]++
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	for id, times := range leased {
		if times != 1 {
			t.Errorf("job %s was leased %d times", id, times)
		}
	}
	if len(leased) != jobs {
		t.Errorf("%d of %d jobs were leased", len(leased), jobs)
	}
}

// administer runs a statement on a connection of its own to another database of the
// same server.
func administer(t *testing.T, other, statement string, args ...any) {
	t.Helper()
	connection, err := pgx.Connect(t.Context(), other)
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close(context.Background())
	if _, err := connection.Exec(t.Context(), statement, args...); err != nil {
		t.Fatal(err)
	}
}

// TestLostConnection ends the connections of a store, then keeps it from connecting.
func TestLostConnection(t *testing.T) {
	other, url := storetest.Postgres(t), storetest.Postgres(t)
	config, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	s := open(t, store.Config{DatabaseURL: url})
	ctx := t.Context()
	disconnect := func() {
		administer(t, other, "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = $1", config.Database)
	}
	for version := range int64(5) {
		if err := s.Commit(ctx, oneRow("a", version, 1)); err != nil {
			t.Fatalf("after the connection was lost: %v", err)
		}
		disconnect()
		if versions, err := s.Versions(ctx, "a"); err != nil || versions["a"] != version+1 {
			t.Fatalf("after the connection was lost: %v, %v", versions, err)
		}
		disconnect()
	}

	administer(t, other, "ALTER DATABASE "+config.Database+" ALLOW_CONNECTIONS false")
	disconnect()
	if err := s.Commit(ctx, oneRow("a", 5, 1)); err == nil || !strings.Contains(err.Error(), "PostgreSQL cannot be reached") {
		t.Errorf("without a database: %v", err)
	}
	if err := s.Ping(ctx); err == nil {
		t.Error("without a database Ping succeeds")
	}
	administer(t, other, "ALTER DATABASE "+config.Database+" ALLOW_CONNECTIONS true")
	if versions, err := s.Versions(ctx, "a"); err != nil || versions["a"] != 5 {
		t.Errorf("when it is back: %v, %v; want version 5", versions, err)
	}
	if err := s.Commit(ctx, oneRow("a", 5, 1)); err != nil {
		t.Errorf("when it is back: %v", err)
	}
}
