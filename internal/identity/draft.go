package identity

import (
	"cmp"
	"io"
	"slices"
	"time"

	"github.com/tidwall/btree"
)

// Draft is an account in the making: the methods of the rules change it, and what they refuse leaves it unchanged.
// One goroutine uses it at a time.
type Draft struct {
	state
	base    *Account // of which it is a draft, nil for a new account
	now     time.Time
	rand    io.Reader
	quotas  *Quotas
	touched []entity
}

// entity names a row of the account's state.
type entity struct{ kind, id string }

// Account returns the account as drafted so far: the one that was drafted from as long as nothing has changed. Later
// changes of the draft do not show in it.
func (d *Draft) Account() *Account {
	if d.base != nil && len(d.touched) == 0 {
		return d.base
	}
	return &Account{state: d.copy()}
}

// Fork returns a draft that goes on from this one, changes included, and leaves it as it is.
// It costs the same however large the account is.
func (d *Draft) Fork() *Draft {
	return &Draft{state: d.copy(), base: d.base, now: d.now, rand: d.rand, quotas: d.quotas, touched: slices.Clip(d.touched)}
}

// Changes returns the entities that were changed, in the order in which they were first touched.
func (d *Draft) Changes() []Change {
	changes := make([]Change, 0, len(d.touched))
	for _, e := range d.touched {
		changes = append(changes, d.changeOf(e))
	}
	return changes
}

func (d *Draft) touch(kind, id string) {
	if e := (entity{kind, id}); !slices.Contains(d.touched, e) {
		d.touched = append(d.touched, e)
	}
}

// copy returns a copy of a draft's state; both may be changed afterwards.
func (s *state) copy() state {
	return state{
		profile: s.profile,
		users:   s.users.Copy(), groups: s.groups.Copy(), roles: s.roles.Copy(), policies: s.policies.Copy(),
		tasks: s.tasks.Copy(), keys: s.keys.Copy(), providers: s.providers.Copy(), links: s.links.Copy(),
	}
}

// branch returns a copy of a published state. Unlike copy it does not write to s, which others are reading.
func (s *state) branch() state {
	links := *s.links
	return state{
		profile: s.profile,
		users:   branchMap(s.users), groups: branchMap(s.groups), roles: branchMap(s.roles), policies: branchMap(s.policies),
		tasks: branchMap(s.tasks), keys: branchMap(s.keys), providers: branchMap(s.providers), links: links.Copy(),
	}
}

// branchMap copies a map that is never written to again. Map.Copy marks both sides as sharing their nodes; done to
// a copy of the header, the mark of the original's side goes nowhere, and the original needs none.
func branchMap[K cmp.Ordered, V any](m *btree.Map[K, V]) *btree.Map[K, V] {
	header := *m
	return header.Copy()
}
