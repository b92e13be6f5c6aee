package identity

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var testTime = time.Date(2026, 1, 2, 3, 4, 5, 678901000, time.UTC)

const testAccount AccountID = "111122223333"

func newDraft(t testing.TB) *Draft {
	t.Helper()
	d, err := NewAccount(testAccount, PartitionAWS, "tests", "root@example.com", testTime, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func newKeyring(t testing.TB) *Keyring {
	t.Helper()
	k, err := NewKeyring(bytes.Repeat([]byte{1}, MasterKeySize))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// wantRefusal asserts that err is a refusal of the kind with the text in its message.
func wantRefusal(t testing.TB, err error, kind ErrorKind, text string) {
	t.Helper()
	var refused *Error
	if !errors.As(err, &refused) {
		t.Fatalf("got %v, want %v", err, kind)
	}
	if refused.Kind != kind || !strings.Contains(refused.Message, text) {
		t.Errorf("got %v, want %v: …%s…", refused, kind, text)
	}
}

// failer is what testing.T and rapid.T have in common here.
type failer interface {
	Helper()
	Fatal(args ...any)
}

// must asserts that a rule does not refuse.
func must(t failer, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func sequence(changes []Change) iter.Seq2[Change, error] {
	return func(yield func(Change, error) bool) {
		for _, c := range changes {
			if !yield(c, nil) {
				return
			}
		}
	}
}

// contents is an account as plain data, to compare.
type contents struct {
	Profile   Profile
	Users     []*User
	Groups    []*Group
	Roles     []*Role
	Policies  []*Policy
	Keys      []*AccessKey
	Providers []*OIDCProvider
	Tasks     []*DeletionTask
	Links     []string
}

func contentsOf(a *Account) contents {
	return contents{
		a.Profile(), slices.Collect(a.Users("/", "")), slices.Collect(a.Groups("/", "")), slices.Collect(a.Roles("/", "")),
		slices.Collect(a.Policies("/", "")), slices.Collect(a.AccessKeys()), slices.Collect(a.OIDCProviders("")),
		slices.Collect(walk(a.tasks, "")), a.links.Keys(),
	}
}

func TestNewAccount(t *testing.T) {
	a := newDraft(t).Account()
	want := Profile{ID: testAccount, Partition: PartitionAWS, Name: "tests", Email: "root@example.com", State: Active, Created: testTime}
	if diff := cmp.Diff(want, a.Profile()); diff != "" {
		t.Error(diff)
	}
	if a.ID() != testAccount || a.Partition() != PartitionAWS || a.State() != Active || a.Organization() != "" {
		t.Errorf("got %+v", a.Profile())
	}
	if c := contentsOf(a); c.Roles != nil || c.Keys != nil {
		t.Errorf("a new account contains %+v", c)
	}
}

func TestNewAccountRefuses(t *testing.T) {
	long := strings.Repeat("x", 51)
	for _, tt := range []struct {
		id          AccountID
		name, email string
	}{
		{"1111", "n", "root@example.com"},
		{"11112222333x", "n", "root@example.com"},
		{testAccount, "", "root@example.com"},
		{testAccount, long, "root@example.com"},
		{testAccount, "naïve", "root@example.com"},
		{testAccount, "n\n", "root@example.com"},
		{testAccount, "n", ""},
		{testAccount, "n", "a@b.c"},
		{testAccount, "n", "root.example.com"},
		{testAccount, "n", "ro ot@example.com"},
		{testAccount, "n", "root@@example.com"},
		{testAccount, "n", long + "@example.com.example"},
	} {
		_, err := NewAccount(tt.id, PartitionAWS, tt.name, tt.email, testTime, rand.Reader)
		wantRefusal(t, err, ValidationError, "")
	}
}

func TestMembership(t *testing.T) {
	d := newDraft(t)
	wantRefusal(t, d.LeaveOrganization(), NotInOrganization, "not a member")
	must(t, d.JoinOrganization("o-aaaaaaaaaa"))
	if p := d.Profile(); p.Organization != "o-aaaaaaaaaa" || !p.Joined.Equal(testTime) {
		t.Errorf("after joining: %+v", p)
	}
	wantRefusal(t, d.JoinOrganization("o-bbbbbbbbbb"), AlreadyInOrganization, "already a member")
	if d.Organization() != "o-aaaaaaaaaa" {
		t.Error("a refused change has changed the membership")
	}
	must(t, d.LeaveOrganization())
	if p := d.Profile(); p.Organization != "" || !p.Joined.IsZero() {
		t.Errorf("after leaving: %+v", p)
	}
}

func TestCloseAndReopen(t *testing.T) {
	d := newDraft(t)
	must(t, d.Close())
	if d.State() != Closed {
		t.Error("the account is not closed")
	}
	wantRefusal(t, d.Close(), AccountClosed, "The provided account is already closed.")
	d.Reopen()
	d.Reopen()
	if d.State() != Active {
		t.Error("the account is not active again")
	}
}

func TestRenameAndEmail(t *testing.T) {
	d := newDraft(t)
	must(t, d.Rename("other"))
	must(t, d.SetEmail("other@example.com"))
	wantRefusal(t, d.Rename(""), ValidationError, "")
	wantRefusal(t, d.SetEmail("x"), ValidationError, "")
	if p := d.Profile(); p.Name != "other" || p.Email != "other@example.com" {
		t.Errorf("got %+v", p)
	}
}

func TestAccessKeys(t *testing.T) {
	d, keyring := newDraft(t), newKeyring(t)
	key, secret, err := d.CreateRootAccessKey(keyring)
	must(t, err)
	if len(key.ID) != 20 || !strings.HasPrefix(string(key.ID), "AKIA") || len(secret.Reveal()) != 40 {
		t.Errorf("key %s with a secret of %d characters", key.ID, len(secret.Reveal()))
	}
	if opened, err := keyring.Open(SecretID(key.ID), key.Sealed); err != nil || string(opened) != secret.Reveal() {
		t.Errorf("the sealed secret is another one, or %v", err)
	}
	second, _, err := d.CreateRootAccessKey(keyring)
	must(t, err)
	_, _, err = d.CreateRootAccessKey(keyring)
	wantRefusal(t, err, LimitExceeded, "Cannot exceed quota for AccessKeysPerUser: 2")

	must(t, d.SetAccessKeyStatus(key.ID, KeyInactive))
	if got, ok := d.AccessKey(key.ID); !ok || got.Status != KeyInactive || key.Status != KeyActive {
		t.Errorf("got %+v, and %+v before", got, key)
	}
	wantRefusal(t, d.SetAccessKeyStatus(key.ID, "Sleepy"), InvalidInput, "")
	wantRefusal(t, d.SetAccessKeyStatus("AKIA", KeyActive), NoSuchEntity, "The Access Key with id AKIA cannot be found.")

	must(t, d.DeleteAccessKey(key.ID))
	wantRefusal(t, d.DeleteAccessKey(key.ID), NoSuchEntity, string(key.ID))
	if got := slices.Collect(d.AccessKeys()); len(got) != 1 || got[0] != second {
		t.Errorf("left are %+v", got)
	}

	must(t, d.JoinOrganization("o-aaaaaaaaaa"))
	want := Caller{Account: testAccount, Type: Root, ARN: "arn:aws:iam::111122223333:root", UserID: "111122223333",
		AccessKeyID: second.ID, Organization: "o-aaaaaaaaaa"}
	if diff := cmp.Diff(want, d.Caller(second)); diff != "" {
		t.Error(diff)
	}
}

// TestNoRandomness gives every rule that needs randomness too little of it: each fails and changes nothing.
func TestNoRandomness(t *testing.T) {
	a, keyring := newDraft(t).Account(), newKeyring(t)
	for n := range 52 { // 10 bytes of key id, 30 of secret, 12 of nonce
		d := a.Draft(testTime, bytes.NewReader(make([]byte, n)))
		if _, _, err := d.CreateRootAccessKey(keyring); !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%d bytes: %v", n, err)
		}
		if len(d.Changes()) > 0 {
			t.Errorf("%d bytes: %+v", n, d.Changes())
		}
	}
	d := a.Draft(testTime, bytes.NewReader(nil))
	if _, err := d.CreateRole(NewRole{Name: "r", TrustPolicy: trustDocument("AWS", "*")}); !errors.Is(err, io.EOF) {
		t.Errorf("got %v", err)
	}
	if _, err := d.CreateOrganizationAccessRole("r", testAccount); !errors.Is(err, io.EOF) {
		t.Errorf("got %v", err)
	}
	if _, err := d.EnsureOrganizationsRole(); !errors.Is(err, io.EOF) || len(d.Changes()) > 0 {
		t.Errorf("got %v, %+v", err, d.Changes())
	}
	if _, err := NewAccountID(bytes.NewReader([]byte{255, 0})); !errors.Is(err, io.EOF) {
		t.Errorf("got %v", err)
	}
}

func TestIDs(t *testing.T) {
	for range 100 {
		id, err := NewAccountID(rand.Reader)
		must(t, err)
		if _, err := ParseAccountID(string(id)); err != nil || id[0] == '0' {
			t.Fatalf("%q: %v", id, err)
		}
	}
	id, err := NewSessionKeyID(rand.Reader)
	if err != nil || len(id) != 20 || !strings.HasPrefix(string(id), "ASIA") {
		t.Errorf("got %s, %v", id, err)
	}
	if got, err := ParseAccountID("000000000000"); err != nil || got != "000000000000" {
		t.Errorf("got %s, %v", got, err)
	}
	for got, want := range map[string]string{
		RoleARN(PartitionChina, testAccount, "/a/b/", "R"):       "arn:aws-cn:iam::111122223333:role/a/b/R",
		UserARN(PartitionAWS, testAccount, "/", "alice"):         "arn:aws:iam::111122223333:user/alice",
		AssumedRoleARN(PartitionGovCloud, testAccount, "R", "s"): "arn:aws-us-gov:sts::111122223333:assumed-role/R/s",
		AdministratorAccess(PartitionAWS):                        "arn:aws:iam::aws:policy/AdministratorAccess",
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestErrors(t *testing.T) {
	cause := errors.New("cause")
	err := &Error{Kind: MalformedPolicyDocument, Message: "m", Err: cause}
	if !errors.Is(err, cause) || err.Error() != "MalformedPolicyDocument: m: cause" {
		t.Errorf("got %v", err)
	}
	if got := refuse(AccessDenied, "no").Error(); got != "AccessDenied: no" {
		t.Errorf("got %s", got)
	}
	if got := ErrorKind(99).String() + ErrorKind(0).String(); got != "ErrorKind(99)ErrorKind(0)" {
		t.Errorf("got %s", got)
	}
	for k := NoSuchEntity; k <= SessionRevoked; k++ {
		if strings.Contains(k.String(), "(") || k.String() == "" {
			t.Errorf("kind %d has no name", int(k))
		}
	}
}
