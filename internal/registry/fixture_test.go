package registry_test

import (
	"crypto/rand"
	"fmt"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
	"github.com/espalier-cloud/espalier/internal/store"
	"github.com/espalier-cloud/espalier/internal/store/storetest"
	"github.com/espalier-cloud/espalier/internal/trail"
)

// day0 is when the tests take place. Their clock stands still.
var day0 = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

const (
	alice identity.AccountID = "111111111111"
	bob   identity.AccountID = "222222222222"
	carol identity.AccountID = "333333333333"
)

// fixture is a registry as tests use it.
type fixture struct {
	*registry.Registry
	testing.TB
}

// A database can be opened by several servers, which SQLite's cannot.
type database struct {
	name    string
	servers int // that the test runs
	cfg     func(testing.TB) store.Config
}

func databases() []database {
	file := func(t testing.TB) store.Config {
		return store.Config{SQLitePath: filepath.Join(t.TempDir(), "espalier.db")}
	}
	postgres := func(t testing.TB) store.Config { return store.Config{DatabaseURL: storetest.Postgres(t)} }
	return []database{{"sqlite", 1, file}, {"postgres", 1, postgres}, {"two servers", 2, postgres}}
}

// eachDatabase runs a test with the servers of every kind of database.
func eachDatabase(t *testing.T, test func(t *testing.T, servers []fixture)) {
	t.Helper()
	for _, d := range databases() {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			test(t, started(t, d, registry.Config{}))
		})
	}
}

// started starts the servers of a database.
func started(t testing.TB, d database, cfg registry.Config) []fixture {
	t.Helper()
	opened := d.cfg(t)
	var servers []fixture
	for range d.servers {
		servers = append(servers, over(t, open(t, opened), cfg))
	}
	return servers
}

// inMemory starts a server over a database in memory.
func inMemory(t testing.TB) fixture {
	t.Helper()
	return over(t, open(t, store.Config{SQLitePath: ":memory:"}), registry.Config{})
}

func open(t testing.TB, cfg store.Config) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// over returns a registry over a database, with the rules of AWS but for those
// that make a test wait.
func over(t testing.TB, s *store.Store, cfg registry.Config) fixture {
	rules := org.AWSRules()
	rules.WaitPeriod, rules.ConcurrentCreations, rules.OUs, rules.Accounts = 0, 1_000_000, 1_000_000, 2_000_000
	cfg.Store, cfg.Clock, cfg.Rand, cfg.Rules = s, func() time.Time { return day0 }, rand.Reader, rules
	return fixture{registry.New(cfg), t}
}

// must fails the test for an error.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// signUp makes standalone accounts.
func (f fixture) signUp(ids ...identity.AccountID) {
	f.Helper()
	for _, id := range ids {
		must(f, f.Write(f.Context(), registry.AccountKey(id), "SignUp", func(tx *registry.Tx) error {
			d, err := identity.NewAccount(id, identity.PartitionAWS, "0", string(id)+"@example.com", tx.Now, tx.Rand)
			if err != nil {
				return err
			}
			if err := tx.NewAccount(d); err != nil {
				return err
			}
			return tx.Claim(registry.SpaceEmail, string(id)+"@example.com", string(id))
		}))
	}
}

// found makes an account the management account of a new organization.
func (f fixture) found(owner identity.AccountID) org.ID {
	f.Helper()
	var id org.ID
	must(f, f.Write(f.Context(), registry.AccountKey(owner), "CreateOrganization", func(tx *registry.Tx) error {
		account, err := tx.Account(owner)
		if err != nil {
			return err
		}
		id = org.NewID(tx.Rand)
		d := org.NewDraft(tx.Rules, tx.Now, tx.Rand)
		p := account.Profile()
		if err := d.CreateOrganization(id, org.AllFeatures, org.Owner{ID: org.AccountID(owner), Name: p.Name, Email: p.Email}); err != nil {
			return err
		}
		tx.NewOrganization(d)
		return account.JoinOrganization(identity.OrganizationID(id))
	}))
	return id
}

// disband deletes an organization.
func (f fixture) disband(owner identity.AccountID, id org.ID) {
	f.Helper()
	must(f, f.Write(f.Context(), registry.AccountKey(owner), "DeleteOrganization", func(tx *registry.Tx) error {
		d, err := tx.Organization(id)
		if err != nil {
			return err
		}
		if err := d.DeleteOrganization(); err != nil {
			return err
		}
		account, err := tx.Account(owner)
		if err != nil {
			return err
		}
		if err := account.LeaveOrganization(); err != nil {
			return err
		}
		return tx.DeleteOrganization(id)
	}))
}

// join makes a standalone account a member of an organization.
func join(tx *registry.Tx, id org.ID, member identity.AccountID) error {
	d, err := tx.Organization(id)
	if err != nil {
		return err
	}
	creation, err := d.CreateAccount(org.NewAccount{Email: string(member) + "@example.com", Name: "member"})
	if err != nil {
		return err
	}
	if _, err := d.FinishCreation(creation.ID, org.AccountID(member), ""); err != nil {
		return err
	}
	account, err := tx.Account(member)
	if err != nil {
		return err
	}
	return account.JoinOrganization(identity.OrganizationID(id))
}

// leave makes a member of an organization standalone.
func leave(tx *registry.Tx, id org.ID, member identity.AccountID) error {
	d, err := tx.Organization(id)
	if err != nil {
		return err
	}
	if err := d.RemoveAccount(org.AccountID(member)); err != nil {
		return err
	}
	account, err := tx.Account(member)
	if err != nil {
		return err
	}
	return account.LeaveOrganization()
}

// count returns the number that an account has for a name.
func count(p identity.Profile) int {
	n, err := strconv.Atoi(p.Name)
	if err != nil {
		return -1
	}
	return n
}

// increment adds one to the number that an account has for a name.
func increment(tx *registry.Tx, id identity.AccountID) (int, error) {
	d, err := tx.Account(id)
	if err != nil {
		return 0, err
	}
	n := count(d.Profile()) + 1
	return n, d.Rename(strconv.Itoa(n))
}

// increment adds one to the number of an account at its queue, and leaves an
// event of it.
func (f fixture) increment(id identity.AccountID) error {
	return f.Write(f.Context(), registry.AccountKey(id), "Increment", func(tx *registry.Tx) error {
		n, err := increment(tx, id)
		if err != nil {
			return err
		}
		return tx.Record(happened(tx, id, n))
	})
}

// incrementSilently adds one to the number of an account, and leaves no event of it.
func (f fixture) incrementSilently(id identity.AccountID) error {
	return f.Write(f.Context(), registry.AccountKey(id), "Increment", func(tx *registry.Tx) error {
		_, err := increment(tx, id)
		return err
	})
}

// happened is an event.
func happened(tx *registry.Tx, id identity.AccountID, n int) trail.Event {
	return trail.ServiceEventOf(fmt.Sprint("event ", n), "test.amazonaws.com", "Increment", tx.Now, id, identity.PartitionAWS, fmt.Appendf(nil, `{"n":%d}`, n))
}

// counted returns the number of an account.
func (f fixture) counted(id identity.AccountID) int {
	f.Helper()
	a, err := f.Account(f.Context(), id)
	must(f, err)
	return count(a.Profile())
}

// version returns how many commits changed an organization or account.
func (f fixture) version(id store.AggregateID) int64 {
	f.Helper()
	versions, err := f.Store.Versions(f.Context(), id)
	must(f, err)
	return versions[id]
}

// held keeps the queue of a key busy until release is called.
func (f fixture) held(key registry.Key) (release func()) {
	f.Helper()
	busy, released := make(chan struct{}), make(chan struct{})
	done := make(chan error)
	go func() {
		done <- f.Write(f.Context(), key, "Hold", func(*registry.Tx) error {
			close(busy)
			<-released
			return nil
		})
	}()
	<-busy
	return func() {
		close(released)
		if err := <-done; err != nil {
			f.Error(err)
		}
	}
}

// together runs n functions at once and waits for them.
func together(n int, do func(i int)) {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { do(i) })
	}
	all.Wait()
}

// until waits for a condition that others are about to fulfil.
func until(fulfilled func() bool) {
	for !fulfilled() {
		runtime.Gosched()
	}
}
