package registry_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
	"github.com/espalier-cloud/espalier/internal/store"
)

// TestTwoQueues: writes at different queues change the same account.
func TestTwoQueues(t *testing.T) {
	eachDatabase(t, func(t *testing.T, servers []fixture) {
		const writers, each = 8, 10
		servers[0].signUp(alice, bob, carol)
		together(writers, func(i int) {
			f := servers[i%len(servers)]
			key := registry.AccountKey(alice)
			if i/2%2 == 0 {
				key = registry.AccountKey(bob)
			}
			for range each {
				err := registry.ErrConcurrentModification
				for errors.Is(err, registry.ErrConcurrentModification) {
					err = f.Write(t.Context(), key, "Test", func(tx *registry.Tx) error {
						_, err := increment(tx, carol)
						return err
					})
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
		for _, f := range servers {
			if got := f.counted(carol); got != writers*each {
				t.Errorf("counted to %d, want %d", got, writers*each)
			}
		}
	})
}

// TestReadsHold: what a write read is as it was when the write is committed,
// although the write did not change it.
func TestReadsHold(t *testing.T) {
	eachDatabase(t, func(t *testing.T, servers []fixture) {
		f, other := servers[0], servers[len(servers)-1]
		f.signUp(alice, bob)
		runs := 0
		must(t, f.Write(t.Context(), registry.AccountKey(alice), "Test", func(tx *registry.Tx) error {
			d, err := tx.Account(bob)
			if err != nil {
				return err
			}
			read := count(d.Profile())
			if runs++; runs == 1 {
				must(t, other.increment(bob)) // between the read and the commit
			}
			if read != runs-1 {
				t.Errorf("run %d read %d", runs, read)
			}
			_, err = increment(tx, alice)
			return err
		}))
		if runs != 2 || f.counted(alice) != 1 {
			t.Errorf("%d runs, counted to %d", runs, f.counted(alice))
		}
	})
}

// TestConflictsWithoutEnd: a write that others are always faster than is given
// up, and has no effect.
func TestConflictsWithoutEnd(t *testing.T) {
	eachDatabase(t, func(t *testing.T, servers []fixture) {
		f, other := servers[0], servers[len(servers)-1]
		f.signUp(alice, bob)
		runs := 0
		err := f.Write(t.Context(), registry.AccountKey(alice), "Test", func(tx *registry.Tx) error {
			runs++
			if _, err := increment(tx, bob); err != nil {
				return err
			}
			return other.increment(bob)
		})
		if !errors.Is(err, registry.ErrConcurrentModification) || runs != registry.Attempts {
			t.Errorf("after %d runs: %v", runs, err)
		}
		if got := f.counted(bob); got != registry.Attempts {
			t.Errorf("counted to %d, want %d", got, registry.Attempts)
		}
	})
}

// TestServersSeeEachOther: what one server answered the other one shows.
func TestServersSeeEachOther(t *testing.T) {
	servers := started(t, databases()[2], registry.Config{})
	servers[0].signUp(alice)
	if _, err := servers[1].Account(t.Context(), bob); !errors.Is(err, registry.ErrNotFound) {
		t.Errorf("an account that is not there yet: %v", err)
	}
	servers[0].signUp(bob)
	if got := servers[1].counted(bob); got != 0 {
		t.Errorf("counted to %d", got)
	}
	var id org.ID
	for n := range 10 {
		f, other := servers[n%2], servers[1-n%2]
		must(t, f.increment(alice))
		if got := other.counted(alice); got != n+1 {
			t.Errorf("the other server counts to %d, want %d", got, n+1)
		}
		id = f.found(alice)
		view, err := other.View(t.Context(), alice)
		must(t, err)
		if view.Organization == nil || view.Organization.Settings().ID != id {
			t.Errorf("the other server does not see organization %s", id)
		}
		if _, err := other.Organization(t.Context(), id); err != nil {
			t.Error(err)
		}
		f.disband(alice, id)
		if _, err := other.Organization(t.Context(), id); !errors.Is(err, registry.ErrNotFound) {
			t.Errorf("the other server shows a deleted organization: %v", err)
		}
		if view, err := other.View(t.Context(), alice); err != nil || view.Organization != nil {
			t.Errorf("the other server's view: %v, %v", view, err)
		}
		err = other.Write(t.Context(), registry.OrganizationKey(id), "Test", func(tx *registry.Tx) error {
			_, err := tx.Organization(id)
			return err
		})
		if !errors.Is(err, registry.ErrNotFound) {
			t.Errorf("the other server writes a deleted organization: %v", err)
		}
	}
}

// TestUncertainCommit: a server whose commit got no answer goes on from what the
// database has.
func TestUncertainCommit(t *testing.T) {
	cfg := databases()[1].cfg(t)
	f := over(t, open(t, cfg), registry.Config{})
	f.signUp(alice)
	must(t, f.increment(alice))
	execute(t, cfg.DatabaseURL, `CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$`)
	execute(t, cfg.DatabaseURL, `CREATE CONSTRAINT TRIGGER die AFTER UPDATE ON aggregates DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION die()`)
	if err := f.increment(alice); !errors.Is(err, store.ErrUncertain) {
		t.Errorf("got %v", err)
	}
	until(func() bool { held, _ := f.Held(); return held == 0 })
	execute(t, cfg.DatabaseURL, `DROP TRIGGER die ON aggregates`)
	must(t, f.increment(alice))
	if got := f.counted(alice); got != 2 {
		t.Errorf("counted to %d, want 2", got)
	}
	f.chain(store.AggregateID(alice))
}

// execute runs a statement on a connection of its own.
func execute(t *testing.T, url, statement string) {
	t.Helper()
	connection, err := pgx.Connect(t.Context(), url)
	must(t, err)
	_, err = connection.Exec(t.Context(), statement)
	must(t, errors.Join(err, connection.Close(t.Context())))
}

// TestPurgedJournal: a server that is further behind than the journal reaches
// loads what it needs.
func TestPurgedJournal(t *testing.T) {
	cfg := databases()[1].cfg(t)
	f, other := over(t, open(t, cfg), registry.Config{}), over(t, open(t, cfg), registry.Config{})
	f.signUp(alice)
	for n := range 6 {
		if got := other.counted(alice); got != 2*n {
			t.Errorf("counted to %d, want %d", got, 2*n)
		}
		must(t, f.increment(alice))
		must(t, f.increment(alice))
		through := f.version(store.AggregateID(alice))
		if n%2 == 0 {
			through--
		}
		execute(t, cfg.DatabaseURL, fmt.Sprintf("DELETE FROM journal WHERE aggregate = '%s' AND version <= %d", alice, through))
	}
	must(t, other.increment(alice))
	if got := f.counted(alice); got != 13 {
		t.Errorf("counted to %d, want 13", got)
	}
	other.chain(store.AggregateID(alice))
}

// TestDamagedRows: documents and a journal that cannot be read are errors that
// say where.
func TestDamagedRows(t *testing.T) {
	cfg := databases()[1].cfg(t)
	f := over(t, open(t, cfg), registry.Config{})
	f.signUp(alice)
	id := f.found(alice)
	damage := func(b store.Batch) { must(t, f.Store.Commit(t.Context(), b)) }
	version := f.version(store.AggregateID(alice))

	damage(store.Batch{Aggregates: []store.Advance{{ID: store.AggregateID(alice), From: version, To: version + 1, At: day0, Changes: []byte("{")}}})
	if _, err := f.Account(t.Context(), alice); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("journal, version %d", version+1)) {
		t.Errorf("a damaged journal: %v", err)
	}
	f.Forget()
	if got := f.counted(alice); got != 0 {
		t.Errorf("loaded anew it counts to %d", got)
	}

	damage(store.Batch{Entities: []store.Entity{{Aggregate: store.AggregateID(alice), Kind: "account", ID: string(alice), Doc: []byte("{")}}})
	damage(store.Batch{Entities: []store.Entity{{Aggregate: store.AggregateID(id), Kind: "unheard-of", ID: "x", Doc: []byte("{}")}}})
	f.Forget()
	if _, err := f.Account(t.Context(), alice); err == nil || !strings.Contains(err.Error(), "load 111111111111") {
		t.Errorf("a damaged document: %v", err)
	}
	if _, err := f.View(t.Context(), alice); err == nil {
		t.Error("a view of a damaged document")
	}
	if _, err := f.Organization(t.Context(), id); err == nil || !strings.Contains(err.Error(), "unheard-of") {
		t.Errorf("an unknown kind: %v", err)
	}
	if err := f.increment(alice); err == nil {
		t.Error("a damaged account was written")
	}
	until(func() bool { held, _ := f.Held(); return held == 0 }) // the writer ends after its answer
}
