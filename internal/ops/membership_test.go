package ops_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/store"
)

// memberships returns what the trail of an account tells of who joined and who departed, the earliest first: the
// account, and how.
func (w *world) memberships(t *testing.T, of identity.Caller) []string {
	t.Helper()
	var told []string
	for _, e := range slices.Backward(w.trail(t, of)) {
		details, _ := e.ServiceEventDetails.(map[string]any)
		switch e.EventName {
		case "AccountJoinedOrganization":
			told = append(told, fmt.Sprint(details["accountId"], " ", details["joinedMethod"]))
		case "AccountDepartedOrganization":
			told = append(told, fmt.Sprint(details["accountId"], " ", details["departureMethod"]))
		default:
			continue
		}
		if details["joinedTime"] == nil && details["departureTime"] == nil || len(details) != 3 || e.EventType != "AwsServiceEvent" || e.RecipientAccountID != string(of.Account) {
			t.Errorf("the event is %s", e.doc)
		}
	}
	return told
}

// Management accounts are told of every account that joins or departs, and how it did, and nobody else is.
func TestMembershipIsTold(t *testing.T) {
	w := newWorld(t)
	first, second := w.organization(t, "ALL"), w.organization(t, "ALL")
	created, closed := w.member(t, first, "Created"), w.member(t, first, "Closed")
	guest := w.standalone(t, "Guest")
	w.clock.advance(5 * day)
	w.do(t, guest, accepting(w.invite(t, first, "ACCOUNT", string(guest.Account))))
	w.do(t, created, accepting(w.invite(t, second, "ACCOUNT", string(created.Account))))
	w.do(t, guest, &organizations.LeaveOrganizationInput{})
	w.do(t, second, &organizations.RemoveAccountFromOrganizationInput{AccountId: string(created.Account)})
	w.do(t, first, &organizations.CloseAccountInput{AccountId: string(closed.Account)})
	w.work(t)
	told := func(by identity.Caller, want ...string) {
		t.Helper()
		if got := w.memberships(t, by); !slices.Equal(got, want) {
			t.Errorf("the trail of %s tells %q, want %q", by.Account, got, want)
		}
	}
	is := func(of identity.Caller, how string) string { return string(of.Account) + " " + how }
	told(first, is(first, "INVITED"), is(created, "CREATED"), is(closed, "CREATED"), is(guest, "INVITED"), is(created, "LEFT"), is(guest, "LEFT"))
	told(second, is(second, "INVITED"), is(created, "INVITED"), is(created, "REMOVED"))
	told(created)
	told(guest)
	w.clock.advance(90 * day)
	w.work(t)
	told(first, is(closed, "CLEANED"))
}

// What an organization is told of an account that leaves it for another one is among its own events, so that receivers
// see it in their order.
func TestTransferIsToldInOrder(t *testing.T) {
	w := newWorld(t)
	from, to := w.organization(t, "ALL"), w.organization(t, "ALL")
	member := w.member(t, from, "Member")
	w.clock.advance(5 * day)
	w.do(t, member, accepting(w.invite(t, to, "ACCOUNT", string(member.Account))))
	for of, want := range map[identity.OrganizationID]string{w.organizationOf(t, from): "AccountDepartedOrganization", w.organizationOf(t, to): "AcceptHandshake"} {
		rows, err := w.store.TrailChain(t.Context(), store.AggregateID(of), 0, 0, 100)
		if err != nil || len(rows) == 0 || rows[len(rows)-1].Name != want {
			t.Errorf("the last of %d events of %s is not %s (%v)", len(rows), of, want, err)
		}
	}
}

// Events of an organization in AWS GovCloud (US) happen in its region.
func TestMembershipInGovCloud(t *testing.T) {
	w, _, govCloud, _, paired := pairs(t)
	want := []string{string(govCloud.Account) + " INVITED", string(paired.Account) + " INVITED"}
	if got := w.memberships(t, govCloud); !slices.Equal(got, want) {
		t.Errorf("told are %q, want %q", got, want)
	}
	for _, e := range w.trail(t, govCloud) {
		if e.AWSRegion != "us-gov-west-1" {
			t.Errorf("the event is %s", e.doc)
		}
	}
}
