package identity

import (
	"crypto/rand"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestRoleSession(t *testing.T) {
	d := newDraft(t)
	role, err := d.CreateRole(NewRole{Name: "R", Path: "/p/", TrustPolicy: trustDocument("AWS", "*")})
	must(t, err)
	a := d.Account()
	s, err := a.RoleSession(role, Caller{}, NewRoleSession{Name: "alice@x", Duration: time.Hour}, testTime)
	must(t, err)
	s.AccessKeyID = "ASIAEXAMPLE"
	issuer := &SessionIssuer{ARN: "arn:aws:iam::111122223333:role/p/R", ID: role.ID, Name: "R", SessionName: "alice@x"}
	want := Caller{Account: testAccount, Type: AssumedRole, ARN: "arn:aws:sts::111122223333:assumed-role/R/alice@x",
		UserID: string(role.ID) + ":alice@x", AccessKeyID: "ASIAEXAMPLE", Role: issuer, IssuedAt: testTime}
	if diff := cmp.Diff(want, s.Caller()); diff != "" {
		t.Error(diff)
	}
	if end := testTime.Add(time.Hour); s.Expired(end.Add(-1)) || !s.Expired(end) {
		t.Errorf("the session ends at %v, not at %v", s.Expires, end)
	}
	for _, given := range []Session{*s, s.Abridged()} {
		doc, err := json.Marshal(given)
		must(t, err)
		var back Session
		must(t, json.Unmarshal(doc, &back))
		back.Complete()
		if diff := cmp.Diff(*s, back); diff != "" {
			t.Error(diff)
		}
	}
	if short := s.Abridged(); strings.Contains(short.ARN+string(short.Account)+string(short.Type)+short.UserID+short.Role.Name, "R") {
		t.Errorf("abridged, it is %+v", short)
	}
	for _, tt := range []struct {
		name string
		d    time.Duration
		text string
	}{
		{"a", time.Hour, "session name"},
		{strings.Repeat("a", 65), time.Hour, "session name"},
		{"a b", time.Hour, "session name"},
		{"ab", 15*time.Minute - 1, "DurationSeconds"},
		{"ab", time.Hour + 1, "MaxSessionDuration"},
	} {
		_, err := a.RoleSession(role, Caller{}, NewRoleSession{Name: tt.name, Duration: tt.d}, testTime)
		wantRefusal(t, err, ValidationError, tt.text)
	}
}

func TestUserSession(t *testing.T) {
	d, keyring := newDraft(t), newKeyring(t)
	key, _, err := d.CreateRootAccessKey(keyring)
	must(t, err)
	a := d.Account()
	root := a.Caller(key)
	s, err := a.UserSession(root, testTime, 36*time.Hour)
	must(t, err)
	got := s.Caller()
	if got.ARN != root.ARN || got.Type != Root || got.UserID != root.UserID || !got.IssuedAt.Equal(testTime) || s.BegunBy != key.ID {
		t.Errorf("got %+v", got)
	}
	for _, d := range []time.Duration{15*time.Minute - 1, 36*time.Hour + 1} {
		_, err := a.UserSession(root, testTime, d)
		wantRefusal(t, err, ValidationError, "between 900 and 129600")
	}
	_, err = a.UserSession(got, testTime, time.Hour)
	wantRefusal(t, err, AccessDenied, "session credentials")
	_, err = a.UserSession(Caller{Type: AssumedRole}, testTime, time.Hour)
	wantRefusal(t, err, AccessDenied, "session credentials")
}

// TestSessionsOfUsersEnd: with the key that began them, and with the name of the user.
func TestSessionsOfUsersEnd(t *testing.T) {
	d, keyring := newDraft(t), newKeyring(t)
	must(t, second(d.CreateUser(NewUser{Name: "ann"})))
	key, _, err := d.CreateAccessKey("ann", keyring)
	must(t, err)
	a := d.Account()
	s, err := a.UserSession(a.Caller(key), testTime, time.Hour)
	must(t, err)
	must(t, a.CheckSession(s))
	for name, end := range map[string]func(*Draft) error{
		"deactivated": func(d *Draft) error { return d.SetAccessKeyStatus(key.ID, KeyInactive) },
		"deleted":     func(d *Draft) error { return d.DeleteAccessKey(key.ID) },
		"renamed":     func(d *Draft) error { return second(d.UpdateUser("ann", new("bob"), nil)) },
	} {
		t.Run(name, func(t *testing.T) {
			d := a.Draft(testTime, rand.Reader)
			must(t, end(d))
			wantRefusal(t, d.Account().CheckSession(s), SessionRevoked, "no longer accepted")
		})
	}
	again := a.Draft(testTime, rand.Reader)
	must(t, again.SetAccessKeyStatus(key.ID, KeyInactive))
	must(t, again.SetAccessKeyStatus(key.ID, KeyActive))
	must(t, again.Account().CheckSession(s))
}

func TestMayCall(t *testing.T) {
	for _, tt := range []struct {
		session            Session
		service, operation string
		want               bool
	}{
		{Session{Operation: SessionAssumeRole}, "iam", "GetUser", true},
		{Session{Operation: SessionAssumeRole}, "sts", "GetSessionToken", true},
		{Session{Operation: SessionGetSessionToken}, "organizations", "ListRoots", true},
		{Session{Operation: SessionGetSessionToken}, "iam", "GetUser", false},
		{Session{Operation: SessionGetSessionToken, MFA: true}, "iam", "GetUser", true},
		{Session{Operation: SessionGetSessionToken}, "sts", "AssumeRole", true},
		{Session{Operation: SessionGetSessionToken}, "sts", "GetCallerIdentity", true},
		{Session{Operation: SessionGetSessionToken, MFA: true}, "sts", "GetFederationToken", false},
	} {
		if got := tt.session.MayCall(tt.service, tt.operation); got != tt.want {
			t.Errorf("%s by %+v: %v", tt.operation, tt.session, got)
		}
	}
}

func TestCheckSession(t *testing.T) {
	d := newDraft(t)
	role, err := d.CreateRole(NewRole{Name: "R", TrustPolicy: trustDocument("AWS", "*")})
	must(t, err)
	s, err := d.Account().RoleSession(role, Caller{}, NewRoleSession{Name: "alice", Duration: time.Hour}, testTime)
	must(t, err)
	must(t, d.Account().CheckSession(s))
	must(t, d.Account().CheckSession(&Session{Type: Root}))

	deleted := d.Account().Draft(testTime, rand.Reader)
	must(t, deleted.DeleteRole("R"))
	wantRefusal(t, deleted.Account().CheckSession(s), SessionRevoked, "no longer exists")
	_, err = deleted.CreateRole(NewRole{Name: "R", TrustPolicy: trustDocument("AWS", "*")})
	must(t, err)
	wantRefusal(t, deleted.Account().CheckSession(s), SessionRevoked, "no longer exists")

	must(t, d.Close())
	wantRefusal(t, d.Account().CheckSession(s), AccountClosed, "closed")
}
