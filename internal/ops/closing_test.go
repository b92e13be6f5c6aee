package ops_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/espalier-cloud/espalier/internal/api"
	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/ops"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
)

func TestCloseAccount(t *testing.T) {
	g := newGarden(t)
	g.work(t)
	id := g.member.Account
	g.do(t, g.management, &organizations.CloseAccountInput{AccountId: string(id)})
	if a := g.account(t, g.management, id); *a.State != "PENDING_CLOSURE" || *a.Status != "PENDING_CLOSURE" {
		t.Errorf("a closing account is %s (%s)", *a.State, *a.Status)
	}
	g.boot()
	asked := g.clock.Now()
	g.clock.advance(time.Minute)
	g.work(t)
	if a := g.account(t, g.management, id); *a.State != "CLOSED" || *a.Status != "SUSPENDED" {
		t.Errorf("a closed account is %s (%s)", *a.State, *a.Status)
	}
	if state, err := g.registry.Account(t.Context(), id); err != nil || state.State() != identity.Closed || state.Organization() == "" {
		t.Errorf("the account is %v (%v)", state.State(), err)
	}
	const trailTime = "Jan 2, 2006 3:04:05 PM"
	g.checkResult(t, g.management, map[string]any{"closeAccountStatus": map[string]any{
		"accountId": string(id), "state": "SUCCEEDED", "requestedTimestamp": asked.Format(trailTime), "completedTimestamp": g.clock.Now().Format(trailTime),
	}})

	// It keeps what it has, and its place, until it is purged.
	g.do(t, g.management, &organizations.MoveAccountInput{AccountId: string(id), SourceParentId: g.root, DestinationParentId: g.empty})
	if e := g.refuse(t, g.management, &organizations.DeleteOrganizationalUnitInput{OrganizationalUnitId: g.empty}); e.ErrorCode() != "OrganizationalUnitNotEmptyException" {
		t.Errorf("a unit with a closed account: %v", e)
	}
	if e := g.refuse(t, g.management, &organizations.DeletePolicyInput{PolicyId: g.scp}); e.ErrorCode() != "PolicyInUseException" {
		t.Errorf("a policy of a closed account: %v", e)
	}
	g.clock.advance(90*24*time.Hour - time.Minute - time.Second)
	g.work(t)
	g.account(t, g.management, id)
	g.clock.advance(time.Minute + time.Second)
	g.work(t)
	if e := g.refuse(t, g.management, &organizations.DescribeAccountInput{AccountId: string(id)}); e.ErrorCode() != "AccountNotFoundException" {
		t.Errorf("a purged account: %v", e)
	}
	g.do(t, g.management, &organizations.DeletePolicyInput{PolicyId: g.scp})
	if state, err := g.registry.Account(t.Context(), id); err != nil || state.State() != identity.Closed || state.Organization() != "" {
		t.Errorf("the purged account is %v in %q (%v)", state.State(), state.Organization(), err)
	}
	if owner, ok, _ := g.store.Claim(t.Context(), registry.SpaceEmail, "member@"+string(g.management.Account)+".example.com"); !ok || owner != string(id) {
		t.Errorf("the address of a purged account belongs to %q", owner)
	}
}

// A retention that the operator prolongs holds for what is closed already.
func TestProlongedRetention(t *testing.T) {
	g := newGarden(t)
	g.work(t)
	day := 24 * time.Hour
	g.rules.ClosedRetention = 100 * day
	g.clock.advance(90 * day)
	g.work(t)
	g.account(t, g.management, g.closed.Account)
	g.clock.advance(10 * day)
	g.work(t)
	if e := g.refuse(t, g.management, &organizations.DescribeAccountInput{AccountId: string(g.closed.Account)}); e.ErrorCode() != "AccountNotFoundException" {
		t.Errorf("after the longer retention: %v", e)
	}
}

// A fault lets a closing account be active again before it is closed.
func TestOscillatingClosure(t *testing.T) {
	g := newGarden(t)
	g.work(t)
	asked := 0
	g.fault = func(operation string) ops.Fault {
		if asked++; operation != "CloseAccount" {
			t.Errorf("asked for the faults of %s", operation)
		}
		return ops.Fault{Returns: 2, Delay: time.Minute}
	}
	g.do(t, g.management, &organizations.CloseAccountInput{AccountId: string(g.member.Account)})
	for i, want := range []organizations.AccountState{"PENDING_CLOSURE", "ACTIVE", "PENDING_CLOSURE", "ACTIVE", "PENDING_CLOSURE", "CLOSED"} {
		if got := *g.account(t, g.management, g.member.Account).State; got != want {
			t.Fatalf("after %d minutes the account is %s, want %s", i, got, want)
		}
		g.clock.advance(30 * time.Second)
		g.work(t)
		g.clock.advance(30 * time.Second)
		g.work(t)
	}
	if asked != 1 {
		t.Errorf("the fault was asked for %d times", asked)
	}
}

// An account that became active may leave; its closing ends with that.
func TestOscillatingAccountLeaves(t *testing.T) {
	g := newGarden(t)
	g.fault = func(string) ops.Fault { return ops.Fault{Returns: 1, Delay: time.Minute} }
	g.do(t, g.management, &organizations.CloseAccountInput{AccountId: string(g.member.Account)})
	g.clock.advance(time.Minute)
	g.work(t)
	g.do(t, g.member, &organizations.LeaveOrganizationInput{})
	g.clock.advance(time.Minute)
	g.work(t)
	if state, err := g.registry.Account(t.Context(), g.member.Account); err != nil || state.State() != identity.Active {
		t.Errorf("the account that left is %v (%v)", state.State(), err)
	}
}

func TestDelayedPolicyTypes(t *testing.T) {
	w := newWorld(t)
	w.rules.DelayPolicyTypes = true
	w.delays.PolicyType = time.Minute
	w.boot()
	by := w.organization(t, organizations.OrganizationFeatureSetAll)
	root := *w.rootOf(t, by).Id
	status := func() string {
		for _, s := range w.rootOf(t, by).PolicyTypes {
			return fmt.Sprint(*s.Type, " ", *s.Status)
		}
		return ""
	}
	faults := []string{}
	w.fault = func(operation string) ops.Fault {
		faults = append(faults, operation)
		return ops.Fault{Delay: time.Minute}
	}
	for _, step := range []struct {
		call         func()
		first, later string
	}{
		{func() {
			w.do(t, by, &organizations.EnablePolicyTypeInput{RootId: root, PolicyType: "TAG_POLICY"})
		}, "TAG_POLICY PENDING_ENABLE", "TAG_POLICY ENABLED"},
		{func() {
			w.do(t, by, &organizations.DisablePolicyTypeInput{RootId: root, PolicyType: "TAG_POLICY"})
		}, "TAG_POLICY PENDING_DISABLE", ""},
	} {
		step.call()
		w.clock.advance(90 * time.Second)
		w.work(t)
		if got := status(); got != step.first {
			t.Errorf("at first it is %q, want %q", got, step.first)
		}
		w.boot()
		w.clock.advance(30 * time.Second)
		w.work(t)
		if got := status(); got != step.later {
			t.Errorf("in the end it is %q, want %q", got, step.later)
		}
	}
	if fmt.Sprint(faults) != "[EnablePolicyType DisablePolicyType]" {
		t.Errorf("asked for the faults of %s", faults)
	}
}

// A fault makes a change wait that would be done at once.
func TestLatePolicyTypes(t *testing.T) {
	w := newWorld(t)
	by := w.organization(t, organizations.OrganizationFeatureSetAll)
	root := *w.rootOf(t, by).Id
	w.fault = func(string) ops.Fault { return ops.Fault{Delay: time.Minute} }
	for _, step := range []struct {
		in     api.Input
		status organizations.PolicyTypeStatus
		types  int
	}{
		{&organizations.EnablePolicyTypeInput{RootId: root, PolicyType: "TAG_POLICY"}, "PENDING_ENABLE", 1},
		{&organizations.DisablePolicyTypeInput{RootId: root, PolicyType: "TAG_POLICY"}, "PENDING_DISABLE", 0},
	} {
		w.do(t, by, step.in)
		w.work(t)
		if types := w.rootOf(t, by).PolicyTypes; len(types) != 1 || *types[0].Status != step.status {
			t.Errorf("at first the types are %+v, want %s", types, step.status)
		}
		w.clock.advance(time.Minute)
		w.work(t)
		if types := w.rootOf(t, by).PolicyTypes; len(types) != step.types || len(types) > 0 && *types[0].Status != "ENABLED" {
			t.Errorf("in the end the types are %+v", types)
		}
	}
}

// A type with many attachments is disabled in portions.
func TestDisablingManyAttachments(t *testing.T) {
	w := newWorld(t)
	by := w.organization(t, organizations.OrganizationFeatureSetAll)
	root := *w.rootOf(t, by).Id
	w.do(t, by, &organizations.EnablePolicyTypeInput{RootId: root, PolicyType: "TAG_POLICY"})
	var ids []string
	for i := range 9 {
		ids = append(ids, w.policy(t, by, organizations.PolicyTypeTagPolicy, fmt.Sprint(i)))
	}
	for i := range 100 {
		unit := w.unit(t, by, root, fmt.Sprint(i))
		for _, id := range ids {
			w.do(t, by, &organizations.AttachPolicyInput{PolicyId: id, TargetId: unit})
		}
	}
	answer := give[organizations.DisablePolicyTypeOutput](t, w, by, &organizations.DisablePolicyTypeInput{RootId: root, PolicyType: "TAG_POLICY"}).Root
	if len(answer.PolicyTypes) != 1 || *answer.PolicyTypes[0].Status != "PENDING_DISABLE" {
		t.Errorf("the root is %+v", answer)
	}
	w.work(t)
	if types := w.rootOf(t, by).PolicyTypes; len(types) != 0 || w.jobs(t) != 0 {
		t.Errorf("the types are %+v, and %d jobs are left", types, w.jobs(t))
	}
	w.do(t, by, &organizations.EnablePolicyTypeInput{RootId: root, PolicyType: "TAG_POLICY"})
	for _, id := range ids {
		if targets := give[organizations.ListTargetsForPolicyOutput](t, w, by, &organizations.ListTargetsForPolicyInput{PolicyId: id}).Targets; len(targets) != 0 {
			t.Errorf("the policy is still attached to %+v", targets)
		}
	}
}

// TestPurgeOfManyAccounts: accounts whose time came while no server ran are all purged,
// in more than one commit, and an account that was closed later is left.
func TestPurgeOfManyAccounts(t *testing.T) {
	const many = 150
	w := newWorld(t)
	w.rules.ConcurrentCreations, w.rules.ConcurrentClosures = many, many
	by := w.organization(t, organizations.OrganizationFeatureSetAll)
	for i := range many {
		w.do(t, by, &organizations.CreateAccountInput{AccountName: fmt.Sprint(i), Email: fmt.Sprintf("a%d@example.com", i)})
	}
	w.work(t)
	organization := func() *org.Organization {
		t.Helper()
		o, err := w.registry.Organization(t.Context(), org.ID(w.organizationOf(t, by)))
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	for _, account := range organization().Accounts("") {
		if account.JoinedMethod == org.Created {
			w.do(t, by, &organizations.CloseAccountInput{AccountId: string(account.ID)})
		}
	}
	w.work(t)
	last := w.member(t, by, "Last")
	w.clock.advance(24 * time.Hour)
	w.do(t, by, &organizations.CloseAccountInput{AccountId: string(last.Account)})
	w.work(t)
	if n := w.jobs(t); n != 1 {
		t.Errorf("%d jobs wait for the accounts to be purged", n)
	}
	w.boot()
	w.clock.advance(89 * 24 * time.Hour)
	w.work(t)
	var left []org.AccountID
	for account := range organization().PurgeDue(w.rules, w.clock.Now().Add(w.rules.ClosedRetention)) {
		left = append(left, account.ID)
	}
	if len(left) != 1 || left[0] != org.AccountID(last.Account) {
		t.Errorf("left are %v", left)
	}
	w.clock.advance(24 * time.Hour)
	w.work(t)
	if n := w.jobs(t); n != 0 {
		t.Errorf("%d jobs are left", n)
	}
}
