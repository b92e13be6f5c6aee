package storetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/espalier-cloud/espalier/internal/store"
)

func event(id string, milliseconds int, aggregate store.AggregateID, version, n int64) store.TrailRow {
	return store.TrailRow{
		TrailPosition: store.TrailPosition{At: at(milliseconds), Aggregate: aggregate, Version: version, N: n},
		Account:       "111111111111", ID: id, Name: "CreatePolicy", Source: "organizations.amazonaws.com",
		Username: "root", AccessKey: "AKIA1", Doc: []byte(`{"id":"` + id + `"}`), Hash: []byte{0, 0xff, byte(n)},
	}
}

func ids(events []store.TrailRow) string {
	var all []string
	for _, e := range events {
		all = append(all, e.ID)
	}
	return strings.Join(all, " ")
}

// lookup returns the ids of the events that a query selects in one account.
func lookup(t testing.TB, s *store.Store, query store.TrailQuery) string {
	t.Helper()
	query.Account = "111111111111"
	if query.Limit == 0 {
		query.Limit = 100
	}
	events, err := s.Trail(t.Context(), query)
	if err != nil {
		t.Fatalf("Trail: %v", err)
	}
	return ids(events)
}

// lookupEvents are events to look up, oldest first: e1 and e2 happen in one version,
// e3 at the same time as e2 elsewhere.
func lookupEvents() []store.TrailRow {
	e1, e2, e3, e4 := event("e1", 1, "o", 1, 0), event("e2", 2, "o", 1, 1), event("e3", 2, "p", 7, 0), event("e4", 5, "o", 2, 0)
	other := event("other", 3, "o", 1, 2)
	other.Account = "222222222222"
	e1.Name, e1.Username = "createpolicy", "Root"
	e2.ReadOnly, e2.Source = true, "iam.amazonaws.com"
	e3.AccessKey = "ASIA2"
	e3.Resources = []store.Resource{{Type: "AWS::Organizations::Policy", Name: "p-1"}, {Type: "Name", Name: "a&b=c %"}}
	e4.Resources = []store.Resource{{Type: "AWS::Organizations::Policy", Name: "P-1"}, {Type: "AWS::IAM::Role", Name: ""}}
	return []store.TrailRow{e1, e2, other, e3, e4}
}

func testTrailLookup(t *testing.T, s *store.Store) {
	commit(t, s, store.Batch{Trail: lookupEvents()})
	for name, c := range map[string]struct {
		query store.TrailQuery
		want  string
	}{
		"all":                {store.TrailQuery{}, "e4 e3 e2 e1"},
		"limit":              {store.TrailQuery{Limit: 2}, "e4 e3"},
		"from":               {store.TrailQuery{From: at(2)}, "e4 e3 e2"},
		"to":                 {store.TrailQuery{To: at(2)}, "e3 e2 e1"},
		"between":            {store.TrailQuery{From: at(3), To: at(4)}, ""},
		"id":                 {store.TrailQuery{ID: "e3"}, "e3"},
		"id of another":      {store.TrailQuery{ID: "other"}, ""},
		"name":               {store.TrailQuery{Name: "CreatePolicy"}, "e4 e3 e2"},
		"source":             {store.TrailQuery{Source: "iam.amazonaws.com"}, "e2"},
		"username":           {store.TrailQuery{Username: "root"}, "e4 e3 e2"},
		"access key":         {store.TrailQuery{AccessKey: "ASIA2"}, "e3"},
		"read only":          {store.TrailQuery{ReadOnly: new(true)}, "e2"},
		"not read only":      {store.TrailQuery{ReadOnly: new(false)}, "e4 e3 e1"},
		"resource type":      {store.TrailQuery{ResourceType: "AWS::Organizations::Policy"}, "e4 e3"},
		"resource name":      {store.TrailQuery{ResourceName: "p-1"}, "e3"},
		"awkward name":       {store.TrailQuery{ResourceName: "a&b=c %"}, "e3"},
		"part of a name":     {store.TrailQuery{ResourceName: "b"}, ""},
		"type for a name":    {store.TrailQuery{ResourceName: "AWS::IAM::Role"}, ""},
		"name for a type":    {store.TrailQuery{ResourceType: "p-1"}, ""},
		"both":               {store.TrailQuery{Name: "CreatePolicy", AccessKey: "AKIA1", From: at(3)}, "e4"},
		"unstorable":         {store.TrailQuery{Name: "Create\x00Policy"}, ""},
		"after e3":           {store.TrailQuery{After: &store.TrailPosition{At: at(2), Aggregate: "p", Version: 7}}, "e2 e1"},
		"after a moment":     {store.TrailQuery{After: &store.TrailPosition{At: at(2)}}, "e1"},
		"after, with filter": {store.TrailQuery{After: &store.TrailPosition{At: at(5), Aggregate: "o", Version: 2}, Username: "root"}, "e3 e2"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := lookup(t, s, c.query); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
	events, err := s.Trail(t.Context(), store.TrailQuery{Account: "111111111111", ID: "e3", Limit: 1})
	if want := lookupEvents()[3]; err != nil || len(events) != 1 || fmt.Sprint(events[0]) != fmt.Sprint(want) {
		t.Errorf("got %v, %v; want %v", events, err, want)
	}
}

func testTrailChain(t *testing.T, s *store.Store) {
	if head, found, err := s.TrailHead(t.Context(), "o"); found || err != nil {
		t.Errorf("the head of nothing: %v, %v", head, err)
	}
	commit(t, s, store.Batch{Trail: []store.TrailRow{event("c", 9, "o", 2, 0), event("a", 3, "o", 1, 9), event("b", 1, "o", 1, 10), event("x", 99, "p", 9, 9)}})
	head, found, err := s.TrailHead(t.Context(), "o")
	if err != nil || !found || head.Version != 2 || head.N != 0 || !slices.Equal(head.Hash, []byte{0, 0xff, 0}) {
		t.Errorf("TrailHead: %v, %v, %v", head, found, err)
	}
	chain := func(version, n int64, limit int, want string) {
		t.Helper()
		events, err := s.TrailChain(t.Context(), "o", version, n, limit)
		if err != nil || ids(events) != want {
			t.Errorf("TrailChain(%d, %d): %q, %v; want %q", version, n, ids(events), err, want)
		}
	}
	chain(0, 0, 9, "a b c")
	chain(1, 9, 9, "b c")
	chain(0, 0, 2, "a b")
	chain(2, 0, 9, "")

	// Whoever wanted the same place in the chain was too late.
	refuse(t, s, store.Batch{Trail: []store.TrailRow{event("d", 9, "o", 3, 0), event("late", 9, "o", 2, 0)}}, store.ErrConflict)
}

func testTrailPurge(t *testing.T, s *store.Store) {
	for i := range 10 {
		other := event("of another", i, "p", int64(i), 0)
		other.Account = "222222222222"
		commit(t, s, store.Batch{Trail: []store.TrailRow{event(fmt.Sprint("e", i), i, "o", int64(i), 0), other}})
	}
	purge := func(before time.Time, limit, want int) {
		t.Helper()
		if n, err := s.PurgeTrail(t.Context(), "111111111111", before, limit); n != want || err != nil {
			t.Errorf("PurgeTrail: %d, %v; want %d", n, err, want)
		}
	}
	purge(at(0), 100, 0)
	purge(at(5), 3, 3)
	if got := lookup(t, s, store.TrailQuery{To: at(5)}); got != "e5 e4 e3" {
		t.Errorf("after the first purge: %q", got)
	}
	purge(at(5), 100, 2)
	if got := lookup(t, s, store.TrailQuery{}); got != "e9 e8 e7 e6 e5" {
		t.Errorf("after the second purge: %q", got)
	}
	if rest, err := s.TrailChain(t.Context(), "p", 0, -1, 100); err != nil || len(rest) != 10 {
		t.Errorf("the other account has %d events left, %v", len(rest), err)
	}
	purge(at(99), 100, 5)
	if n, err := s.PurgeTrail(t.Context(), "\x00", at(99), 1); n != 0 || err != nil {
		t.Errorf("of an account that cannot be: %d, %v", n, err)
	}
}

// testOldTrails: whose trails reach back beyond a time.
func testOldTrails(t *testing.T, s *store.Store) {
	expect := func(before time.Time, want ...string) {
		t.Helper()
		got, err := s.OldTrails(t.Context(), before)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("before %v: %q, %v; want %q", before, got, err, want)
		}
	}
	expect(at(99))
	accounts := append([]string{""}, awkward()...)
	for i, account := range accounts {
		first, second := event("e", 2*i, "o", int64(i), 0), event("f", 2*i+1, "o", int64(i), 1)
		first.Account, second.Account = account, account
		commit(t, s, store.Batch{Trail: []store.TrailRow{second, first}})
	}
	expect(at(0))
	expect(at(1), "")
	expect(at(7), accounts[:4]...)
	expect(at(1000), accounts...)
	if n, err := s.PurgeTrail(t.Context(), "", at(1000), 9); n != 2 || err != nil {
		t.Errorf("PurgeTrail: %d, %v", n, err)
	}
	expect(at(1000), accounts[1:]...)
}
