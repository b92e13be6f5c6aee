package server

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/espalier-cloud/espalier/internal/api/organizations"
)

func TestStaleAnswersShowTheStateBefore(t *testing.T) {
	creation := func() organizations.CreateAccountStatus {
		return organizations.CreateAccountStatus{
			Id: new("car-1"), State: new(organizations.CreateAccountStateSucceeded), AccountId: new("111111111111"), CompletedTimestamp: noon, RequestedTimestamp: noon,
		}
	}
	before := organizations.CreateAccountStatus{Id: new("car-1"), State: new(organizations.CreateAccountStateInProgress), RequestedTimestamp: noon}
	account := func(state organizations.AccountState, status organizations.AccountStatus) organizations.Account {
		return organizations.Account{Id: new("111111111111"), State: &state, Status: &status}
	}
	active := account(organizations.AccountStateActive, organizations.AccountStatusActive)
	closing := account(organizations.AccountStatePendingClosure, organizations.AccountStatusPendingClosure)
	closed := account(organizations.AccountStateClosed, organizations.AccountStatusSuspended)
	for name, test := range map[string]struct{ out, want any }{
		"a creation": {
			&organizations.DescribeCreateAccountStatusOutput{CreateAccountStatus: new(creation())},
			&organizations.DescribeCreateAccountStatusOutput{CreateAccountStatus: &before},
		},
		"creations": {
			&organizations.ListCreateAccountStatusOutput{CreateAccountStatuses: []organizations.CreateAccountStatus{creation()}},
			&organizations.ListCreateAccountStatusOutput{CreateAccountStatuses: []organizations.CreateAccountStatus{before}},
		},
		"an account": {&organizations.DescribeAccountOutput{Account: new(closed)}, &organizations.DescribeAccountOutput{Account: &closing}},
		"accounts": {
			&organizations.ListAccountsOutput{Accounts: []organizations.Account{active, closing, closed, {}}},
			&organizations.ListAccountsOutput{Accounts: []organizations.Account{active, active, closing, {}}},
		},
		"accounts of a parent": {
			&organizations.ListAccountsForParentOutput{Accounts: []organizations.Account{closing}},
			&organizations.ListAccountsForParentOutput{Accounts: []organizations.Account{active}},
		},
		"nothing": {&organizations.ListRootsOutput{}, &organizations.ListRootsOutput{}},
	} {
		showStale(test.out)
		if diff := cmp.Diff(test.want, test.out); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestStaleFaultsStrikeReads(t *testing.T) {
	f := newFixture(t, forTests)
	f.want(f.call("CreateOrganization", `{}`), 200, "")
	if err := f.Development.Faults.Set([]Fault{{Operation: "ListAccounts", Kind: FaultStale}}); err != nil {
		t.Fatal(err)
	}
	f.want(f.call("ListAccounts", `{}`), 200, "")
}
