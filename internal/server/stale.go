package server

import (
	"time"

	"github.com/espalier-cloud/espalier/internal/api/organizations"
)

// showStale makes an output show creations and closings of accounts as they were before their last change, as reads do
// that reach a replica which is behind. Answers that show neither stay as they are.
func showStale(out any) {
	switch out := out.(type) {
	case *organizations.DescribeCreateAccountStatusOutput:
		unfinish(out.CreateAccountStatus)
	case *organizations.ListCreateAccountStatusOutput:
		for i := range out.CreateAccountStatuses {
			unfinish(&out.CreateAccountStatuses[i])
		}
	case *organizations.DescribeAccountOutput:
		unclose(out.Account)
	case *organizations.ListAccountsOutput:
		uncloseAll(out.Accounts)
	case *organizations.ListAccountsForParentOutput:
		uncloseAll(out.Accounts)
	}
}

func unfinish(status *organizations.CreateAccountStatus) {
	status.State = new(organizations.CreateAccountStateInProgress)
	status.CompletedTimestamp = time.Time{}
	status.AccountId, status.GovCloudAccountId, status.FailureReason = nil, nil, nil
}

func uncloseAll(accounts []organizations.Account) {
	for i := range accounts {
		unclose(&accounts[i])
	}
}

// unclose shows a closed account as closing and a closing one as active, in State and in the older Status.
func unclose(account *organizations.Account) {
	if account.State == nil {
		return
	}
	switch *account.State {
	case organizations.AccountStatePendingClosure:
		account.State, account.Status = new(organizations.AccountStateActive), new(organizations.AccountStatusActive)
	case organizations.AccountStateClosed, organizations.AccountStateSuspended:
		account.State, account.Status = new(organizations.AccountStatePendingClosure), new(organizations.AccountStatusPendingClosure)
	case organizations.AccountStateActive, organizations.AccountStatePendingActivation:
	}
}
