package registry_test

import (
	"fmt"
	"runtime"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
	"github.com/espalier-cloud/espalier/internal/store"
)

// BenchmarkWrite creates units in one organization, with the event of each.
func BenchmarkWrite(b *testing.B) {
	for _, d := range databases()[:2] {
		for _, clients := range []int{1, 64} {
			b.Run(fmt.Sprint(d.name, "/", clients), func(b *testing.B) {
				f := started(b, d, registry.Config{})[0]
				f.signUp(alice)
				id := f.found(alice)
				before := f.version(store.AggregateID(id))
				var names atomic.Int64
				b.SetParallelism(max(1, clients/runtime.GOMAXPROCS(0)))
				if clients == 1 {
					for b.Loop() {
						f.createUnit(id, strconv.FormatInt(names.Add(1), 10))
					}
				} else {
					b.RunParallel(func(pb *testing.PB) {
						for pb.Next() {
							f.createUnit(id, strconv.FormatInt(names.Add(1), 10))
						}
					})
				}
				b.StopTimer()
				b.ReportMetric(float64(names.Load())/b.Elapsed().Seconds(), "writes/s")
				b.ReportMetric(float64(names.Load())/float64(f.version(store.AggregateID(id))-before), "writes/commit")
			})
		}
	}
}

func (f fixture) createUnit(id org.ID, name string) {
	err := f.Write(f.Context(), registry.OrganizationKey(id), "CreateOrganizationalUnit", func(tx *registry.Tx) error {
		d, err := tx.Organization(id)
		if err != nil {
			return err
		}
		if _, err := d.CreateOrganizationalUnit(org.ParentID(d.Root().ID), name, nil); err != nil {
			return err
		}
		return tx.Record(happened(tx, alice, 1))
	})
	if err != nil {
		f.Error(err)
	}
}

// BenchmarkView takes views of a member account.
func BenchmarkView(b *testing.B) {
	for _, d := range databases()[:2] {
		b.Run(d.name, func(b *testing.B) {
			f := started(b, d, registry.Config{})[0]
			f.signUp(alice, bob)
			id := f.found(alice)
			must(b, f.Write(b.Context(), registry.OrganizationKey(id), "Join", func(tx *registry.Tx) error { return join(tx, id, bob) }))
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, err := f.View(b.Context(), bob); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}

// BenchmarkLoad loads an organization, and the accounts in it, from the database
// and tells how much memory they take.
func BenchmarkLoad(b *testing.B) {
	for _, accounts := range []int{10_000, 30_000} {
		f := over(b, open(b, databases()[0].cfg(b)), registry.Config{})
		f.signUp(alice)
		id := f.found(alice)
		f.fill(id, accounts)
		measure := func(name string, load func(b *testing.B)) {
			b.Run(fmt.Sprint(name, "/", accounts), func(b *testing.B) {
				for b.Loop() {
					f.Forget()
					load(b)
				}
				loaded := heap()
				f.Forget()
				b.ReportMetric(float64(loaded-heap())/float64(accounts), "bytes/account")
			})
		}
		measure("organization", func(b *testing.B) {
			if _, err := f.Organization(b.Context(), id); err != nil {
				b.Fatal(err)
			}
		})
		measure("accounts", func(b *testing.B) {
			for n := range accounts {
				if _, err := f.Account(b.Context(), numbered(n)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// heap returns how much memory is in use, in bytes.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func numbered(n int) identity.AccountID { return identity.AccountID(fmt.Sprintf("%012d", n)) }

// fill creates accounts in an organization as CreateAccount does.
func (f fixture) fill(id org.ID, accounts int) {
	f.Helper()
	const atOnce = 1000
	for first := 0; first < accounts; first += atOnce {
		must(f, f.Write(f.Context(), registry.OrganizationKey(id), "Fill", func(tx *registry.Tx) error {
			for n := first; n < first+atOnce; n++ {
				if err := create(tx, id, numbered(n)); err != nil {
					return err
				}
			}
			return nil
		}))
	}
}

// create creates a member account.
func create(tx *registry.Tx, id org.ID, member identity.AccountID) error {
	email := string(member) + "@example.com"
	account, err := identity.NewAccount(member, identity.PartitionAWS, "account "+string(member), email, tx.Now, tx.Rand)
	if err != nil {
		return err
	}
	if _, err := account.CreateOrganizationAccessRole(org.DefaultRoleName, alice); err != nil {
		return err
	}
	if _, err := account.EnsureOrganizationsRole(); err != nil {
		return err
	}
	if err := tx.NewAccount(account); err != nil {
		return err
	}
	return join(tx, id, member)
}
