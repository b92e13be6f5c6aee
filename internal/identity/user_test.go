package identity

import (
	"crypto/rand"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// drawRandom is the randomness of tests that do not care about it.
func drawRandom() io.Reader { return rand.Reader }

func TestCreateUser(t *testing.T) {
	d := newPopulation(t)
	u, err := d.CreateUser(NewUser{Name: "Bob", PermissionsBoundary: ownPolicy, Tags: []Tag{{"k", "v"}}})
	must(t, err)
	want := &User{Entity: Entity{Name: "Bob", Path: "/", Created: testTime, PermissionsBoundary: ownPolicy, Tags: []Tag{{"k", "v"}}}, ID: u.ID}
	if diff := cmp.Diff(want, u); diff != "" {
		t.Error(diff)
	}
	if len(u.ID) != 21 || !strings.HasPrefix(string(u.ID), "AIDA") || d.UserARN(u) != "arn:aws:iam::111122223333:user/Bob" {
		t.Errorf("%s, %s", u.ID, d.UserARN(u))
	}
	if got, ok := d.User("bOB"); !ok || got != u {
		t.Error("the user is not found by his name in other case")
	}
	for arn, found := range map[string]bool{d.UserARN(u): true, "arn:aws:iam::111122223333:user/bob": false, "Bob": false, "": false} {
		if _, ok := d.UserByARN(arn); ok != found {
			t.Errorf("%s: found %t", arn, ok)
		}
	}
	for _, c := range []struct {
		in   NewUser
		kind ErrorKind
		text string
	}{
		{NewUser{Name: "BOB"}, EntityAlreadyExists, "User with name BOB already exists."},
		{NewUser{Name: ""}, ValidationError, "userName"},
		{NewUser{Name: strings.Repeat("x", 65)}, ValidationError, "userName"},
		{NewUser{Name: "x", Path: "x"}, ValidationError, "path"},
		{NewUser{Name: "x", Path: "/aws-reserved/x/"}, ValidationError, "path"},
		{NewUser{Name: "x", Tags: []Tag{{"aws:x", ""}}}, InvalidInput, "aws:"},
		{NewUser{Name: "x", PermissionsBoundary: ownPolicy + "x"}, NoSuchEntity, "does not exist or is not attachable."},
	} {
		unchanged(t, d, func() {
			_, err := d.CreateUser(c.in)
			wantRefusal(t, err, c.kind, c.text)
		})
	}
	d.Limit(&Quotas{Users: 2})
	_, err = d.CreateUser(NewUser{Name: "Carol"})
	wantRefusal(t, err, LimitExceeded, "Cannot exceed quota for UsersPerAccount: 2")
}

// TestRenameUser: whatever a user has stays his.
func TestRenameUser(t *testing.T) {
	d, keyring := newPopulation(t), newKeyring(t)
	must(t, d.AttachPolicy(UserNamed("Ann"), ownPolicy))
	must(t, d.AddUserToGroup("Ann", "Staff"))
	key, _, err := d.CreateAccessKey("ann", keyring)
	must(t, err)
	before, _ := d.User("Ann")
	after, err := d.UpdateUser("ann", new("Anna"), new("/"))
	must(t, err)
	want := *before
	want.Name, want.Path = "Anna", "/"
	if diff := cmp.Diff(&want, after); diff != "" {
		t.Error(diff)
	}
	if _, ok := d.User("Ann"); ok {
		t.Error("the old name is still there")
	}
	moved, _ := d.AccessKey(key.ID)
	if by := d.Caller(moved); by.Type != IAMUser || by.ARN != "arn:aws:iam::111122223333:user/Anna" || by.UserID != string(before.ID) || by.AccessKeyID != key.ID {
		t.Errorf("the key speaks for %+v", by)
	}
	if n := d.AttachmentCount(ownPolicy); n != 1 {
		t.Errorf("%d attachments", n)
	}
	for m := range d.Members("staff", "") {
		if m != after {
			t.Errorf("the group has %s", m.Name)
		}
	}
	after, err = d.UpdateUser("Anna", new("ANNA"), nil) // case alone
	must(t, err)
	if got, ok := d.User("anna"); !ok || got != after || got.Name != "ANNA" || d.users.Len() != 1 {
		t.Errorf("got %+v", got)
	}
	_, err = d.CreateUser(NewUser{Name: "Bob"})
	must(t, err)
	for _, c := range []struct {
		name, newName, newPath string
		kind                   ErrorKind
	}{
		{"Nobody", "x", "/", NoSuchEntity}, {"Anna", "BOB", "/", EntityAlreadyExists},
		{"Anna", "a b", "/", ValidationError}, {"Anna", "Anna", "x", ValidationError},
	} {
		unchanged(t, d, func() {
			_, err := d.UpdateUser(c.name, &c.newName, &c.newPath)
			wantRefusal(t, err, c.kind, "")
		})
	}
}

func TestDeleteUser(t *testing.T) {
	d, keyring := newPopulation(t), newKeyring(t)
	must(t, d.AddUserToGroup("Ann", "Staff"))
	key, _, err := d.CreateAccessKey("Ann", keyring)
	must(t, err)
	wantRefusal(t, d.DeleteUser("Nobody"), NoSuchEntity, "The user with name Nobody cannot be found.")
	wantRefusal(t, d.DeleteUser("ann"), DeleteConflict, "Cannot delete entity, must delete access keys first.")
	must(t, d.DeleteAccessKey(key.ID))
	wantRefusal(t, d.DeleteUser("ann"), DeleteConflict, "Cannot delete entity, must remove users from group first.")
	must(t, d.RemoveUserFromGroup("Ann", "Staff"))
	must(t, d.DeleteUser("ann"))
	if c := d.Changes(); c[1].Kind != KindUser || c[1].Doc != nil {
		t.Errorf("got %+v", c[1])
	}
}

func TestGroups(t *testing.T) {
	d := newPopulation(t)
	g, err := d.CreateGroup("Admins", "/a/")
	must(t, err)
	if len(g.ID) != 21 || !strings.HasPrefix(string(g.ID), "AGPA") || d.GroupARN(g) != "arn:aws:iam::111122223333:group/a/Admins" {
		t.Errorf("%s, %s", g.ID, d.GroupARN(g))
	}
	must(t, d.AddUserToGroup("ann", "STAFF"))
	must(t, d.AddUserToGroup("Ann", "Staff")) // again
	must(t, d.AddUserToGroup("Ann", "Admins"))
	_, err = d.CreateUser(NewUser{Name: "bob"})
	must(t, err)
	must(t, d.AddUserToGroup("Bob", "Staff"))
	ann, _ := d.User("ann")
	if got := names(d.GroupsOf(ann, ""), func(g *Group) string { return g.Name }); !slices.Equal(got, []string{"Admins", "Staff"}) {
		t.Errorf("Ann is in %q", got)
	}
	if got := names(d.GroupsOf(ann, "admins"), func(g *Group) string { return g.Name }); !slices.Equal(got, []string{"Staff"}) {
		t.Errorf("behind the first: %q", got)
	}
	if got := names(d.Members("staff", ""), func(u *User) string { return u.Name }); !slices.Equal(got, []string{"Ann", "bob"}) {
		t.Errorf("the group has %q", got)
	}
	if got := names(d.Members("staff", "ann"), func(u *User) string { return u.Name }); !slices.Equal(got, []string{"bob"}) {
		t.Errorf("behind the first: %q", got)
	}
	if got := names(d.Groups("/a/", ""), func(g *Group) string { return g.Name }); !slices.Equal(got, []string{"Admins"}) {
		t.Errorf("under the path: %q", got)
	}
	for range d.GroupsOf(ann, "") {
		break
	}
	for range d.Members("staff", "") {
		break
	}
	for range d.Groups("/", "") {
		break
	}
	for range d.Users("/", "") {
		break
	}
	wantRefusal(t, d.DeleteGroup("Staff"), DeleteConflict, "Cannot delete entity, must remove users from group first.")
	d.Limit(&Quotas{Groups: 2, GroupsPerUser: 2})
	_, err = d.CreateGroup("Third", "")
	wantRefusal(t, err, LimitExceeded, "Cannot exceed quota for GroupsPerAccount: 2")
	d.Limit(&Quotas{Groups: 3, GroupsPerUser: 2})
	_, err = d.CreateGroup("Third", "")
	must(t, err)
	for _, c := range []struct {
		err  error
		kind ErrorKind
		text string
	}{
		{d.AddUserToGroup("Ann", "Third"), LimitExceeded, "Cannot exceed quota for GroupsPerUser: 2"},
		{d.AddUserToGroup("Nobody", "Third"), NoSuchEntity, "The user with name Nobody cannot be found."},
		{d.AddUserToGroup("Ann", "None"), NoSuchEntity, "The group with name None cannot be found."},
		{d.RemoveUserFromGroup("Ann", "None"), NoSuchEntity, "The group with name None cannot be found."},
		{d.RemoveUserFromGroup("Ann", "Third"), NoSuchEntity, "User Ann not in group Third"},
		{d.DeleteGroup("None"), NoSuchEntity, "None"},
		{second(d.CreateGroup("STAFF", "")), EntityAlreadyExists, "Group with name STAFF already exists."},
	} {
		wantRefusal(t, c.err, c.kind, c.text)
	}
	must(t, d.RemoveUserFromGroup("ANN", "staff"))
	must(t, d.RemoveUserFromGroup("bob", "staff"))
	must(t, d.DeleteGroup("staff"))
}

func second[T any](_ T, err error) error { return err }

func names[T any](elements func(func(T) bool), name func(T) string) []string {
	var all []string
	for e := range elements {
		all = append(all, name(e))
	}
	return all
}

// TestUsersInOrder: lists begin behind any name, taken or not.
func TestUsersInOrder(t *testing.T) {
	d := newDraft(t)
	for i := range 20 {
		_, err := d.CreateUser(NewUser{Name: fmt.Sprintf("User%02d", i), Path: map[bool]string{true: "/even/", false: "/"}[i%2 == 0]})
		must(t, err)
	}
	name := func(u *User) string { return u.Name }
	if got := names(d.Users("/", "user17"), name); !slices.Equal(got, []string{"User18", "User19"}) {
		t.Errorf("got %q", got)
	}
	if got := names(d.Users("/even/", "User175"), name); !slices.Equal(got, []string{"User18"}) {
		t.Errorf("got %q", got)
	}
}
