package registry_test

import (
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
	"github.com/espalier-cloud/espalier/internal/store"
)

func TestView(t *testing.T) {
	eachDatabase(t, func(t *testing.T, servers []fixture) {
		f, other := servers[0], servers[len(servers)-1]
		if _, err := other.View(t.Context(), alice); !errors.Is(err, registry.ErrNotFound) {
			t.Errorf("no account: %v", err)
		}
		f.signUp(alice, bob)
		standing := func(want org.ID) {
			t.Helper()
			view, err := other.View(t.Context(), bob)
			must(t, err)
			got := org.ID("")
			if view.Organization != nil {
				got = view.Organization.Settings().ID
			}
			if got != want || org.ID(view.Account.Organization()) != want {
				t.Errorf("the view is of %q, the account is in %q, want %q", got, view.Account.Organization(), want)
			}
		}
		standing("")
		id := f.found(alice)
		must(t, f.Write(t.Context(), registry.OrganizationKey(id), "Join", func(tx *registry.Tx) error { return join(tx, id, bob) }))
		standing(id)
		f.Forget()
		standing(id)
		must(t, f.Write(t.Context(), registry.OrganizationKey(id), "Leave", func(tx *registry.Tx) error { return leave(tx, id, bob) }))
		standing("")
	})
}

// TestViewsAgree: while accounts move between organizations, and organizations
// come and go, a view never joins an account with an organization that does not
// have it.
func TestViewsAgree(t *testing.T) {
	eachDatabase(t, func(t *testing.T, servers []fixture) {
		const moves, viewers = 30, 2
		servers[0].signUp(alice, bob, carol)
		var over atomic.Bool
		var viewing sync.WaitGroup
		for i := range viewers {
			viewing.Go(func() {
				for !over.Load() {
					servers[i%len(servers)].mustAgree(t)
					runtime.Gosched()
				}
			})
		}
		for n := range moves {
			f := servers[n%len(servers)]
			x := f.found(alice)
			must(t, f.Write(t.Context(), registry.OrganizationKey(x), "Join", func(tx *registry.Tx) error { return join(tx, x, carol) }))
			y := f.found(bob)
			// From one organization to the other in one commit.
			must(t, f.Write(t.Context(), registry.OrganizationKey(y), "Move", func(tx *registry.Tx) error {
				return errors.Join(leave(tx, x, carol), join(tx, y, carol))
			}))
			must(t, f.Write(t.Context(), registry.OrganizationKey(y), "Leave", func(tx *registry.Tx) error { return leave(tx, y, carol) }))
			f.disband(alice, x)
			f.disband(bob, y)
		}
		over.Store(true)
		viewing.Wait()
	})
}

// mustAgree fails the test when a view is of two moments.
func (f fixture) mustAgree(t *testing.T) {
	view, err := f.View(t.Context(), carol)
	if err != nil {
		t.Error(err)
		return
	}
	id := org.ID(view.Account.Organization())
	switch {
	case (id == "") != (view.Organization == nil):
		t.Errorf("the account is in %q, the view is of %v", id, view.Organization)
	case id == "":
	case view.Organization.Settings().ID != id || view.Organization.Standing(org.AccountID(carol)) != org.Member:
		t.Errorf("the account is in %q, the view is of %q, in which it stands as %d", id, view.Organization.Settings().ID, view.Organization.Standing(org.AccountID(carol)))
	}
}

// TestDeletedOrganization: it is gone, and its trail stays.
func TestDeletedOrganization(t *testing.T) {
	eachDatabase(t, func(t *testing.T, servers []fixture) {
		f := servers[0]
		f.signUp(alice)
		id := f.found(alice)
		must(t, f.Write(t.Context(), registry.OrganizationKey(id), "Test", func(tx *registry.Tx) error { return tx.Record(happened(tx, alice, 1)) }))
		f.disband(alice, id)
		for _, s := range servers {
			if _, err := s.Organization(t.Context(), id); !errors.Is(err, registry.ErrNotFound) {
				t.Errorf("the organization: %v", err)
			}
			if view, err := s.View(t.Context(), alice); err != nil || view.Organization != nil {
				t.Errorf("the view: %v, %v", view, err)
			}
		}
		if rows := f.chain(store.AggregateID(id)); len(rows) != 1 {
			t.Errorf("%d events of the organization are left, want 1", len(rows))
		}
		if version, rows, err := f.Store.Entities(t.Context(), store.AggregateID(id)); version != 0 || err != nil {
			for row := range rows {
				t.Errorf("left: %v", row)
			}
			t.Errorf("version %d, %v", version, err)
		}
	})
}

// TestFoundedAndDeletedAtOnce: what one batch makes and removes is never seen.
func TestFoundedAndDeletedAtOnce(t *testing.T) {
	f := inMemory(t)
	f.signUp(alice)
	var id org.ID
	remove := func(tx *registry.Tx) error { return tx.DeleteOrganization(id) }
	results := f.queued(alice, func(tx *registry.Tx) error {
		id = org.NewID(tx.Rand)
		d := org.NewDraft(tx.Rules, tx.Now, tx.Rand)
		if err := d.CreateOrganization(id, org.AllFeatures, org.Owner{ID: org.AccountID(alice), Name: "n", Email: "e@example.com"}); err != nil {
			return err
		}
		tx.NewOrganization(d)
		return nil
	}, remove, remove)
	if results[0] != nil || results[1] != nil || !errors.Is(results[2], registry.ErrNotFound) {
		t.Errorf("got %v", results)
	}
	if _, err := f.Organization(t.Context(), id); !errors.Is(err, registry.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

func TestAccessKeyOwner(t *testing.T) {
	eachDatabase(t, func(t *testing.T, servers []fixture) {
		f, other := servers[0], servers[len(servers)-1]
		f.signUp(alice)
		owner := func(f fixture, want bool) {
			t.Helper()
			id, ok, err := f.AccessKeyOwner(t.Context(), "AKIAEXAMPLE")
			if ok != want || err != nil || ok && id != store.AggregateID(alice) {
				t.Errorf("the key belongs to %q: %v, %v", id, ok, err)
			}
		}
		write := func(change func(*registry.Tx) error) {
			t.Helper()
			must(t, f.Write(t.Context(), registry.AccountKey(alice), "Test", change))
		}
		owner(f, false)
		owner(other, false)
		write(func(tx *registry.Tx) error { return tx.Claim(registry.SpaceAccessKey, "AKIAEXAMPLE", string(alice)) })
		owner(f, true)
		owner(other, true)
		write(func(tx *registry.Tx) error {
			tx.Release(registry.SpaceAccessKey, "AKIAEXAMPLE", string(alice))
			return nil
		})
		owner(f, false)
		other.Forget() // until then the account's state tells that the key is gone
		owner(other, false)
	})
}

func TestAccounts(t *testing.T) {
	f := inMemory(t)
	f.signUp(carol, alice, bob)
	f.found(alice)
	first, err := f.Accounts(t.Context(), "", 2)
	must(t, err)
	rest, err := f.Accounts(t.Context(), first[1], 2)
	must(t, err)
	if len(first) != 2 || first[0] != alice || first[1] != bob || len(rest) != 1 || rest[0] != carol {
		t.Errorf("got %v and %v", first, rest)
	}
}
