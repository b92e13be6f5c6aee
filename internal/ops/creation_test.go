package ops_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/espalier-cloud/espalier/internal/api/iam"
	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/ops"
	"github.com/espalier-cloud/espalier/internal/registry"
)

// status returns how a request to create an account stands.
func (w *world) status(t testing.TB, by identity.Caller, id string) *organizations.CreateAccountStatus {
	t.Helper()
	return give[organizations.DescribeCreateAccountStatusOutput](t, w, by, &organizations.DescribeCreateAccountStatusInput{CreateAccountRequestId: id}).CreateAccountStatus
}

// account returns an account as the organization shows it.
func (w *world) account(t testing.TB, by identity.Caller, id identity.AccountID) *organizations.Account {
	t.Helper()
	return give[organizations.DescribeAccountOutput](t, w, by, &organizations.DescribeAccountInput{AccountId: string(id)}).Account
}

func TestCreateAccount(t *testing.T) {
	w := newWorld(t)
	by := w.organization(t, organizations.OrganizationFeatureSetAll)
	root := *w.rootOf(t, by).Id
	w.do(t, by, &organizations.EnablePolicyTypeInput{RootId: root, PolicyType: "SERVICE_CONTROL_POLICY"})
	asked := give[organizations.CreateAccountOutput](t, w, by, &organizations.CreateAccountInput{
		AccountName: "Data lake", Email: "Lake@example.com", RoleName: new("Gardener"), Tags: tagged("team", "data"),
	}).CreateAccountStatus
	if *asked.State != "IN_PROGRESS" || *asked.AccountName != "Data lake" || asked.AccountId != nil || asked.RequestedTimestamp.IsZero() || !asked.CompletedTimestamp.IsZero() {
		t.Errorf("the answer is %+v", asked)
	}
	if len(give[organizations.ListAccountsOutput](t, w, by, &organizations.ListAccountsInput{}).Accounts) != 1 {
		t.Error("the account is there before it is made")
	}
	w.boot() // the work is not lost with the process
	w.work(t)

	done := w.status(t, by, *asked.Id)
	if *done.State != "SUCCEEDED" || done.AccountId == nil || done.FailureReason != nil || !done.CompletedTimestamp.After(done.RequestedTimestamp) {
		t.Fatalf("the request is %+v", done)
	}
	id := identity.AccountID(*done.AccountId)
	shown := w.account(t, by, id)
	organization := string(w.organizationOf(t, by))
	if *shown.Name != "Data lake" || *shown.Email != "Lake@example.com" || *shown.State != "ACTIVE" || *shown.Status != "ACTIVE" || *shown.JoinedMethod != "CREATED" ||
		!slices.Equal(shown.Paths, []string{organization + "/" + root + "/" + string(id) + "/"}) || !shown.JoinedTimestamp.Equal(done.CompletedTimestamp) ||
		*shown.Arn != "arn:aws:organizations::"+string(by.Account)+":account/"+organization+"/"+string(id) {
		t.Errorf("the account is %+v", shown)
	}
	tags := give[organizations.ListTagsForResourceOutput](t, w, by, &organizations.ListTagsForResourceInput{ResourceId: string(id)}).Tags
	if len(tags) != 1 || tags[0].Key != "team" || *tags[0].Value != "data" {
		t.Errorf("the tags are %+v", tags)
	}
	policies := give[organizations.ListPoliciesForTargetOutput](t, w, by, &organizations.ListPoliciesForTargetInput{TargetId: string(id), Filter: "SERVICE_CONTROL_POLICY"}).Policies
	if len(policies) != 1 || *policies[0].Id != fullAWSAccess {
		t.Errorf("the policies are %+v", policies)
	}
	w.checkRoles(t, w.root(id), by.Account, "Gardener")
	for space, value := range map[string]string{registry.SpaceEmail: "lake@example.com"} {
		if owner, ok, err := w.store.Claim(t.Context(), space, value); err != nil || !ok || owner != string(id) {
			t.Errorf("%s belongs to %q (%v, %v)", value, owner, ok, err)
		}
	}
	if n := w.jobs(t); n != 0 {
		t.Errorf("%d jobs are left", n)
	}
	w.checkResult(t, by, map[string]any{"createAccountStatus": map[string]any{
		"id": *asked.Id, "state": "SUCCEEDED", "accountName": "****", "accountId": string(id),
		"requestedTimestamp": "Mar 1, 2026 12:00:00 PM", "completedTimestamp": "Mar 1, 2026 12:00:00 PM",
	}})
}

// checkRoles checks the two roles of a created account.
func (w *world) checkRoles(t *testing.T, member identity.Caller, management identity.AccountID, name string) {
	t.Helper()
	var names []string
	for _, role := range give[iam.ListRolesOutput](t, w, member, &iam.ListRolesInput{}).Roles {
		names = append(names, role.Path+role.RoleName)
	}
	if want := []string{"/aws-service-role/organizations.amazonaws.com/AWSServiceRoleForOrganizations", "/" + name}; !slices.Equal(names, want) {
		t.Errorf("the roles are %q, want %q", names, want)
	}
	role := give[iam.GetRoleOutput](t, w, member, &iam.GetRoleInput{RoleName: name}).Role
	if !strings.Contains(*role.AssumeRolePolicyDocument, "arn%3Aaws%3Aiam%3A%3A"+string(management)+"%3Aroot") {
		t.Errorf("the role trusts %s", *role.AssumeRolePolicyDocument)
	}
}

// checkResult checks what the latest service event in the trail of an account
// tells.
func (w *world) checkResult(t *testing.T, by identity.Caller, want map[string]any) {
	t.Helper()
	for _, e := range w.trail(t, by) {
		if e.EventType != "AwsServiceEvent" {
			continue
		}
		got, _ := json.Marshal(e.ServiceEventDetails)
		if wanted, _ := json.Marshal(want); string(got) != string(wanted) {
			t.Errorf("the event tells %s, want %s", got, wanted)
		}
		return
	}
	t.Error("there is no service event")
}

// An address belongs to one account, whatever the case of its letters, and whether
// or not the account still exists.
func TestCreateAccountWithTakenEmail(t *testing.T) {
	w := newWorld(t)
	by := w.organization(t, organizations.OrganizationFeatureSetAll)
	w.standalone(t, "Taken")
	var ids []string
	for i, email := range []string{"TAKEN@example.com", "twice@example.com", "Twice@example.com"} {
		ids = append(ids, *give[organizations.CreateAccountOutput](t, w, by, &organizations.CreateAccountInput{AccountName: fmt.Sprint(i), Email: email}).CreateAccountStatus.Id)
	}
	w.work(t)
	var failed int
	for _, id := range ids {
		if s := w.status(t, by, id); *s.State == "FAILED" {
			failed++
			if s.AccountId != nil || *s.FailureReason != "EMAIL_ALREADY_EXISTS" || s.CompletedTimestamp.IsZero() {
				t.Errorf("the request is %+v", s)
			}
		}
	}
	if *w.status(t, by, ids[0]).State != "FAILED" || failed != 2 {
		t.Errorf("%d of three requests failed", failed)
	}
	if n := len(give[organizations.ListAccountsOutput](t, w, by, &organizations.ListAccountsInput{}).Accounts); n != 2 {
		t.Errorf("there are %d accounts", n)
	}
	for state, want := range map[organizations.CreateAccountState]int{"IN_PROGRESS": 0, "SUCCEEDED": 1, "FAILED": 2} {
		if got := give[organizations.ListCreateAccountStatusOutput](t, w, by, &organizations.ListCreateAccountStatusInput{States: []organizations.CreateAccountState{state}}).CreateAccountStatuses; len(got) != want {
			t.Errorf("%d requests are %s, want %d", len(got), state, want)
		}
	}
}

func TestCreateAccountConcurrently(t *testing.T) {
	w := newWorld(t)
	w.delays.CreateAccount = time.Minute
	w.boot()
	by := w.organization(t, organizations.OrganizationFeatureSetAll)
	in := func(i int) *organizations.CreateAccountInput {
		return &organizations.CreateAccountInput{AccountName: fmt.Sprint(i), Email: fmt.Sprintf("a%d@example.com", i)}
	}
	for i := range 5 {
		w.do(t, by, in(i))
	}
	e := w.refuse(t, by, in(5))
	if tooMany, ok := e.(*organizations.TooManyRequestsException); !ok || tooMany.Type == "" || tooMany.Message != sentence("", "TooManyRequests", "") {
		t.Errorf("the sixth creation at once is refused with %#v", e)
	}
	w.clock.advance(30 * time.Second)
	w.work(t)
	if s := give[organizations.ListCreateAccountStatusOutput](t, w, by, &organizations.ListCreateAccountStatusInput{}).CreateAccountStatuses; len(s) != 5 || *s[0].State != "IN_PROGRESS" {
		t.Errorf("before the delay is over: %+v", s)
	}
	w.clock.advance(30 * time.Second)
	w.work(t)
	w.do(t, by, in(5))
}

func TestCreateAccountFaults(t *testing.T) {
	w := newWorld(t)
	by := w.organization(t, organizations.OrganizationFeatureSetAll)
	asked := 0
	w.fault = func(operation string) ops.Fault {
		asked++
		if operation != "CreateAccount" {
			t.Errorf("asked for the faults of %s", operation)
		}
		return ops.Fault{Failure: "GOVCLOUD_ACCOUNT_ALREADY_EXISTS", Delay: time.Hour}
	}
	id := *give[organizations.CreateAccountOutput](t, w, by, &organizations.CreateAccountInput{AccountName: "New", Email: "new@example.com"}).CreateAccountStatus.Id
	w.work(t)
	if s := w.status(t, by, id); *s.State != "IN_PROGRESS" {
		t.Errorf("the late request is %+v", s)
	}
	w.clock.advance(time.Hour)
	w.work(t)
	if s := w.status(t, by, id); *s.State != "FAILED" || *s.FailureReason != "GOVCLOUD_ACCOUNT_ALREADY_EXISTS" {
		t.Errorf("the request that was to fail is %+v", s)
	}
	if asked != 1 {
		t.Errorf("the fault was asked for %d times", asked)
	}
	w.checkResult(t, by, map[string]any{"createAccountStatus": map[string]any{
		"id": id, "state": "FAILED", "accountName": "****", "failureReason": "GOVCLOUD_ACCOUNT_ALREADY_EXISTS",
		"requestedTimestamp": "Mar 1, 2026 12:00:00 PM", "completedTimestamp": "Mar 1, 2026 1:00:00 PM",
	}})
}

// Background work ends with the organization that it is about.
func TestWorkOfADeletedOrganization(t *testing.T) {
	w := newWorld(t)
	by := w.organization(t, organizations.OrganizationFeatureSetAll)
	root := *w.rootOf(t, by).Id
	w.rules.DelayPolicyTypes = true
	w.do(t, by, &organizations.EnablePolicyTypeInput{RootId: root, PolicyType: "TAG_POLICY"})
	w.do(t, by, &organizations.CreateAccountInput{AccountName: "New", Email: "new@example.com"})
	w.do(t, by, &organizations.DeleteOrganizationInput{})
	w.work(t)
	if n := w.jobs(t); n != 0 {
		t.Errorf("%d jobs are left", n)
	}
	if _, ok, err := w.store.Claim(t.Context(), registry.SpaceEmail, "new@example.com"); ok || err != nil {
		t.Errorf("an account was made for an organization that is gone (%v)", err)
	}
}

// Work that is done a second time changes nothing.
func TestWorkIsDoneOnce(t *testing.T) {
	g := newGarden(t)
	g.do(t, g.management, &organizations.CreateAccountInput{AccountName: "New", Email: "new@example.com"})
	g.do(t, g.management, &organizations.CloseAccountInput{AccountId: string(g.member.Account)})
	g.clock.advance(time.Second)
	jobs, err := g.store.LeaseJobs(t.Context(), g.clock.Now(), "first", time.Minute, 100)
	if err != nil || len(jobs) < 4 {
		t.Fatalf("%d jobs are due (%v)", len(jobs), err)
	}
	for range 2 {
		for _, job := range jobs {
			if err := g.handlers[job.Kind](t.Context(), job); err != nil {
				t.Errorf("job %s: %v", job.ID, err)
			}
		}
	}
	if n := len(give[organizations.ListAccountsOutput](t, g.world, g.management, &organizations.ListAccountsInput{}).Accounts); n != 10 {
		t.Errorf("there are %d accounts", n)
	}
	if n := g.jobs(t); n != 1+2 { // the one that purges the closed accounts, and those of two organizations' handshakes
		t.Errorf("%d jobs are left", n)
	}
}
