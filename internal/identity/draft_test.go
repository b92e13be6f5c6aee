package identity

import (
	"crypto/rand"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestLoadRefuses(t *testing.T) {
	account := newDraft(t).Changes()[0]
	broken := errors.New("the database is gone")
	for _, tt := range []struct {
		name    string
		changes iter.Seq2[Change, error]
		want    string // the beginning of the error
	}{
		{"nothing", sequence(nil), ErrNoAccount.Error()},
		{"broken off", func(yield func(Change, error) bool) { _ = yield(account, nil) && yield(Change{}, broken) }, broken.Error()},
		{"unknown kind", sequence([]Change{account, {Kind: "spoon", ID: "x"}}), `identity: unknown kind of entity "spoon"`},
		{"broken account", sequence([]Change{{Kind: KindAccount, ID: "x", Doc: []byte("{")}}), `identity: account "x": `},
		{"deleted account", sequence([]Change{{Kind: KindAccount, ID: "x"}}), `identity: account "x": `},
		{"broken role", sequence([]Change{account, {Kind: KindRole, ID: "r", Doc: []byte("[")}}), `identity: role "r": `},
	} {
		if a, err := Load(tt.changes); err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%s: got %+v, %v", tt.name, a, err)
		}
	}
	if _, err := newDraft(t).Account().Apply([]Change{{Kind: "spoon"}}); err == nil {
		t.Error("applied a change of an unknown kind")
	}
}

// TestChanges pins the form in which entities are stored.
func TestChanges(t *testing.T) {
	d := newDraft(t)
	must(t, d.JoinOrganization("o-aaaaaaaaaa"))
	r, err := d.CreateOrganizationAccessRole("Admin", "999999999999")
	must(t, err)
	must(t, d.SetEmail("other@example.com"))
	got := d.Changes()
	want := []Change{
		{Kind: "account", ID: "111122223333", Doc: []byte(`{"id":"111122223333","partition":"aws","name":"tests","email":"other@example.com",` +
			`"state":"ACTIVE","created":"2026-01-02T03:04:05.678901Z","organization":"o-aaaaaaaaaa","joined":"2026-01-02T03:04:05.678901Z"}`)},
		{Kind: "role", ID: "admin", Doc: []byte(`{"name":"Admin","path":"/","created":"2026-01-02T03:04:05.678901Z","managed":["arn:aws:iam::aws:policy/AdministratorAccess"],"id":"` + string(r.ID) + `",` +
			`"trust":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"arn:aws:iam::999999999999:root\"},\"Action\":\"sts:AssumeRole\"}]}",` +
			`"maxSession":3600}`)},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	d = d.Account().Draft(testTime, rand.Reader)
	must(t, d.DetachPolicy(RoleNamed("admin"), AdministratorAccess(PartitionAWS)))
	must(t, d.DeleteRole("ADMIN"))
	if diff := cmp.Diff([]Change{{Kind: "role", ID: "admin"}}, d.Changes()); diff != "" {
		t.Error(diff)
	}
}

// TestDraftLeavesOthersAlone changes a draft while others read the account that it was taken from.
func TestDraftLeavesOthersAlone(t *testing.T) {
	d := newDraft(t)
	for i := range 100 {
		_, err := d.CreateRole(NewRole{Name: fmt.Sprint("role", i), TrustPolicy: trustDocument("AWS", "*")})
		must(t, err)
	}
	a := d.Account()
	before := contentsOf(a)
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			d := a.Draft(testTime, rand.Reader)
			for i := range 100 {
				if err := d.DeleteRole(fmt.Sprint("role", i)); err != nil {
					t.Error(err)
				}
				if n := len(contentsOf(a).Roles); n != 100 {
					t.Errorf("the account has %d roles", n)
				}
			}
		})
	}
	must(t, d.DeleteRole("role7"))
	readers.Wait()
	if diff := cmp.Diff(before, contentsOf(a)); diff != "" {
		t.Error(diff)
	}
}

func TestFork(t *testing.T) {
	d := newDraft(t)
	kept := d.Fork()
	_, err := d.CreateOrganizationAccessRole("dropped", testAccount)
	must(t, err)
	must(t, d.Rename("dropped"))
	_, err = kept.CreateOrganizationAccessRole("kept", testAccount)
	must(t, err)
	if _, found := kept.Role("dropped"); found || kept.Profile().Name != "tests" {
		t.Error("the fork has changes of the draft")
	}
	if _, found := d.Role("kept"); found {
		t.Error("the draft has changes of the fork")
	}
	for _, tt := range []struct {
		d    *Draft
		want string
	}{{d, "dropped"}, {kept, "kept"}} {
		if c := tt.d.Changes(); len(c) != 2 || c[1].ID != tt.want {
			t.Errorf("changes of %s: %+v", tt.want, c)
		}
	}
}

// TestAnyHistory draws histories of an account and holds them against the ways of rebuilding it: from the rows that
// were stored, and by applying the changes of each draft as another server does.
func TestAnyHistory(t *testing.T) {
	keyring := newKeyring(t)
	rapid.Check(t, func(t *rapid.T) {
		now := testTime
		d, err := NewAccount(testAccount, PartitionAWS, "tests", "root@example.com", now, rand.Reader)
		must(t, err)
		here := d.Account()
		there, err := Load(sequence(d.Changes()))
		must(t, err)
		rows := map[entity]Change{}
		store(rows, d.Changes())
		for range rapid.IntRange(1, 10).Draw(t, "drafts") {
			now = now.Add(time.Nanosecond * 12345)
			d := here.Draft(now, rand.Reader)
			for range rapid.IntRange(1, 12).Draw(t, "rules") {
				d = drawRule(t, d, keyring)
			}
			before := contentsOf(there)
			next, err := there.Apply(d.Changes())
			must(t, err)
			if diff := cmp.Diff(before, contentsOf(there)); diff != "" {
				t.Fatalf("Apply changed the account: %s", diff)
			}
			here, there = d.Account(), next
			store(rows, d.Changes())
		}
		loaded, err := Load(func(yield func(Change, error) bool) {
			for _, c := range rows {
				if !yield(c, nil) {
					return
				}
			}
		})
		must(t, err)
		if diff := cmp.Diff(contentsOf(here), contentsOf(there)); diff != "" {
			t.Fatalf("the replica differs: %s", diff)
		}
		if kept := slices.DeleteFunc(slices.Collect(maps.Values(rows)), func(c Change) bool { return c.Doc == nil }); here.Len() != len(kept) {
			t.Fatalf("the account counts %d entities, %d are stored", here.Len(), len(kept))
		}
		if diff := cmp.Diff(contentsOf(here), contentsOf(loaded)); diff != "" {
			t.Fatalf("what was loaded differs: %s", diff)
		}
		checkInvariants(t, loaded)
	})
}

// store keeps changes as a database does.
func store(rows map[entity]Change, changes []Change) {
	for _, c := range changes {
		if c.Doc == nil {
			delete(rows, entity{c.Kind, c.ID})
		} else {
			rows[entity{c.Kind, c.ID}] = c
		}
	}
}

func TestRolesInOrder(t *testing.T) {
	d := newDraft(t)
	for _, r := range []NewRole{{Name: "delta"}, {Name: "Bravo", Path: "/x/"}, {Name: "alpha", Path: "/x/y/"}, {Name: "Charlie"}} {
		r.TrustPolicy = trustDocument("AWS", "*")
		_, err := d.CreateRole(r)
		must(t, err)
	}
	for _, tt := range []struct {
		prefix, after string
		want          []string
	}{
		{"/", "", []string{"alpha", "Bravo", "Charlie", "delta"}},
		{"/x/", "", []string{"alpha", "Bravo"}},
		{"/", "BRAVO", []string{"Charlie", "delta"}},
		{"/", "b", []string{"Bravo", "Charlie", "delta"}},
		{"/x/", "alpha", []string{"Bravo"}},
		{"/", "delta", nil},
	} {
		var got []string
		for r := range d.Roles(tt.prefix, tt.after) {
			got = append(got, r.Name)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("under %s after %q: %v, want %v", tt.prefix, tt.after, got, tt.want)
		}
	}
	for r := range d.Roles("/", "") {
		if r.Name != "alpha" {
			t.Error("yields on after it was told to stop")
		}
		break
	}
}

// TestUnchangedAccountIsTheSame: what was found out about an account is found again after writes that only leave events.
func TestUnchangedAccountIsTheSame(t *testing.T) {
	a := newDraft(t).Account()
	d := a.Draft(testTime, rand.Reader)
	fork := d.Fork()
	if d.Account() != a || fork.Account() != a {
		t.Error("a draft without changes makes another account")
	}
	if same, err := a.Apply(nil); same != a || err != nil {
		t.Errorf("no changes make %v, %v", same, err)
	}
	if err := fork.Rename("renamed"); err != nil {
		t.Fatal(err)
	}
	if fork.Account() == a || fork.Fork().Account() == a || a.Profile().Name == "renamed" || d.Account() != a {
		t.Error("a change shows where it should not, or nowhere")
	}
}
