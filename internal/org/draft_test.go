package org

import (
	"sync"
	"testing"
	"time"
)

func TestDraftKeepsTimeToTheMicrosecond(t *testing.T) {
	zone := time.FixedZone("elsewhere", 3600)
	d := NewDraft(AWSRules(), day0.Add(1999*time.Nanosecond).In(zone), seeded())
	must(t, d.CreateOrganization("o-aaaaaaaaaa", AllFeatures, management))
	if got := d.Settings().Created; got != day0.Add(time.Microsecond) {
		t.Errorf("created %v", got)
	}
}

func TestForkIsPrivate(t *testing.T) {
	d := founded(t)
	root := ParentID(d.root.ID)
	changes := len(d.Changes())
	fork := d.Fork(day0.Add(time.Hour))
	a := unit(t, fork, root, "A")
	other := d.Fork(day0)
	unit(t, other, root, "B")
	if d.hasParent(a) || other.hasParent(a) || len(d.Changes()) != changes {
		t.Error("a fork touched another draft")
	}
	if len(fork.Changes()) != changes+1 || len(other.Changes()) != changes+1 {
		t.Errorf("%d and %d changes", len(fork.Changes()), len(other.Changes()))
	}
	ou, err := fork.OrganizationalUnit(OUID(a))
	must(t, err)
	if !ou.Created.Equal(day0.Add(time.Hour)) {
		t.Errorf("created %v", ou.Created)
	}
}

func TestDamagedEntityIsADefect(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("an entity without JSON was put")
		}
	}()
	d := founded(t)
	d.put(&Settings{ID: d.settings.ID, Created: time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)})
}

// TestReadersWhileDraftsAreMade is for the race detector: a published state is
// walked while drafts are made from it and changed.
func TestReadersWhileDraftsAreMade(t *testing.T) {
	d := founded(t)
	root := ParentID(d.root.ID)
	a := unit(t, d, root, "A")
	for _, id := range []AccountID{"222222222222", "333333333333", "444444444444"} {
		invited(d, id)
	}
	published := d.Organization
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() {
			for range 200 {
				if n := len(values(published.Accounts(""))); n != 4 {
					t.Errorf("%d accounts", n)
				}
				if _, err := published.Parent(ChildID(a)); err != nil {
					t.Error(err)
				}
			}
		})
		all.Go(func() {
			for range 200 {
				draft := published.Draft(AWSRules(), day0, seeded())
				if err := draft.MoveAccount("222222222222", root, a); err != nil {
					t.Error(err)
				}
				if err := draft.RemoveAccount("333333333333"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}
