package org

import (
	"errors"
	"io"
	"iter"
	"math/rand/v2"
	"testing"
	"time"
)

// day0 is when the tests' organizations are created.
var day0 = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// management owns the tests' organizations.
var management = Owner{ID: "111111111111", Name: "Management", Email: "root@example.com"}

func seeded() *rand.ChaCha8 { return rand.NewChaCha8([32]byte{1}) }

// founded returns a draft of a new organization with all features.
func founded(t testing.TB) *Draft { return foundedBy(t, AWSRules()) }

func foundedBy(t testing.TB, rules *Rules) *Draft {
	t.Helper()
	d := NewDraft(rules, day0, seeded())
	must(t, d.CreateOrganization(NewID(seeded()), AllFeatures, management))
	return d
}

// billing returns a draft of a new organization with consolidated billing only.
func billing(t testing.TB) *Draft {
	t.Helper()
	d := NewDraft(AWSRules(), day0, seeded())
	must(t, d.CreateOrganization(NewID(seeded()), ConsolidatedBilling, management))
	return d
}

// grown creates an account and returns it.
func grown(t testing.TB, d *Draft, id AccountID) *Account {
	t.Helper()
	creation, err := d.CreateAccount(NewAccount{Email: "a" + string(id) + "@example.com", Name: "Account " + string(id)})
	must(t, err)
	account, err := d.FinishCreation(creation.ID, id, "")
	must(t, err)
	return account
}

// invited puts an account at the root that was not created in the organization.
func invited(d *Draft, id AccountID) *Account {
	account := &Account{
		ID: id, Parent: ParentID(d.root.ID), Name: "Invited", Email: "i" + string(id) + "@example.com",
		State: Active, JoinedMethod: Invited, Joined: d.now,
	}
	d.put(account)
	return account
}

// unit creates a unit and returns its id.
func unit(t testing.TB, d *Draft, parent ParentID, name string) ParentID {
	t.Helper()
	ou, err := d.CreateOrganizationalUnit(parent, name, nil)
	must(t, err)
	return ParentID(ou.ID)
}

// later lets time pass.
func later(d *Draft, after time.Duration) { d.now = d.now.Add(after) }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// refused checks that a rule returned an error of a kind and a reason, with a
// sentence for the client.
func refused(t testing.TB, err error, kind Kind, reason Reason) {
	t.Helper()
	var refusal *Error
	if !errors.As(err, &refusal) {
		t.Fatalf("got %v, want kind %d, reason %q", err, kind, reason)
	}
	if refusal.Kind != kind || refusal.Reason != reason {
		t.Errorf("got kind %d, reason %q, want kind %d, reason %q", refusal.Kind, refusal.Reason, kind, reason)
	}
	if refusal.Message == "" {
		t.Error("the client reads nothing")
	}
}

// values returns the elements of a list.
func values[V any](list iter.Seq2[Cursor, V]) []V {
	var all []V
	for _, v := range list {
		all = append(all, v)
	}
	return all
}

// pages returns the elements of a list that is walked one page after the other.
func pages[V any](size int, list func(after Cursor) iter.Seq2[Cursor, V]) []V {
	var all []V
	for after, more := Cursor(""), true; more; {
		n := 0
		more = false
		for cursor, v := range list(after) {
			if n == size {
				more = true
				break
			}
			all, after, n = append(all, v), cursor, n+1
		}
	}
	return all
}

// documentOf returns a document that a policy of the type may have.
func documentOf(t PolicyType) string {
	statement := `"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalArn": "condition value"}}`
	switch t {
	case ServiceControlPolicy:
		return `{"Statement": {` + statement + `}}`
	case ResourceControlPolicy:
		return `{"Statement": {` + statement + `, "Principal": "*"}}`
	case TagPolicy:
		return `{"tags": {}}`
	case BackupPolicy:
		return `{"plans": {}}`
	case SecurityHub:
		return `{"securityhub": {"enable_in_regions": {"@@assign": []}}}` // the other half is missing
	default:
		return `{}`
	}
}

// delegationTo returns a resource policy by which an account may list roots and
// attach tag policies.
func delegationTo(account AccountID) string {
	return `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + string(account) + `"},` +
		`"Action":["organizations:ListRoots","organizations:AttachPolicy"],"Resource":"*"}}`
}

// newAccountID returns an account id that is most likely no other account's.
func newAccountID(rand io.Reader) AccountID { return AccountID(random(rand, "0123456789", 12)) }
