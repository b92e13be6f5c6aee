package ops_test

import (
	"strings"
	"testing"

	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/identity"
)

// A pair is a member in the partition aws and a standalone account in AWS GovCloud (US), whose role is for the
// pair of the management account.
func TestCreateGovCloudAccount(t *testing.T) {
	w := newWorld(t)
	by := w.organization(t, organizations.OrganizationFeatureSetAll)
	manager := w.govCloudOf(t, by)
	asked := give[organizations.CreateGovCloudAccountOutput](t, w, by, &organizations.CreateGovCloudAccountInput{
		AccountName: "data-lake", Email: "lake@example.com", RoleName: new("Gardener"), Tags: tagged("team", "data"),
	}).CreateAccountStatus
	if *asked.State != "IN_PROGRESS" || asked.AccountId != nil || asked.GovCloudAccountId != nil {
		t.Errorf("the answer is %+v", asked)
	}
	w.work(t)
	done := w.status(t, by, *asked.Id)
	if *done.State != "SUCCEEDED" || done.AccountId == nil || done.GovCloudAccountId == nil || *done.AccountId == *done.GovCloudAccountId {
		t.Fatalf("the request is %+v", done)
	}
	standard, govCloud := identity.AccountID(*done.AccountId), identity.AccountID(*done.GovCloudAccountId)
	w.checkRoles(t, w.root(standard), by.Account, "Gardener")
	account, err := w.registry.Account(t.Context(), govCloud)
	if err != nil {
		t.Fatal(err)
	}
	p := account.Profile()
	if p.Partition != identity.PartitionGovCloud || p.Name != "data-lake" || p.Email != "lake@example.com" || p.Organization != "" || account.Paired() != standard {
		t.Errorf("the account in GovCloud is %+v", p)
	}
	role, ok := account.Role("Gardener")
	if !ok || !strings.Contains(role.TrustPolicy, identity.RootARN(identity.PartitionGovCloud, manager.Account)) {
		t.Errorf("the role in GovCloud is %+v", role)
	}
	if other, err := w.registry.Account(t.Context(), standard); err != nil || other.Paired() != govCloud {
		t.Errorf("the pair is not known on both sides: %v", err)
	}
	w.do(t, by, &organizations.CloseAccountInput{AccountId: string(standard)})
	w.work(t)
	if account, err := w.registry.Account(t.Context(), govCloud); err != nil || !account.State().Usable() {
		t.Errorf("the account in GovCloud went with its pair (%v)", err)
	}
	if accounts := give[organizations.ListAccountsOutput](t, w, by, &organizations.ListAccountsInput{}).Accounts; len(accounts) != 2 {
		t.Errorf("the organization has %d accounts", len(accounts))
	}
}

// The e-mail address of another account in AWS GovCloud (US) is found out later, and then neither account is made.
func TestCreateGovCloudAccountTwice(t *testing.T) {
	w := newWorld(t)
	by := w.organization(t, organizations.OrganizationFeatureSetAll)
	w.govCloudOf(t, by)
	other := w.standalone(t, "Other")
	w.govCloudOf(t, other)
	w.clock.advance(1)
	in := &organizations.CreateGovCloudAccountInput{AccountName: "other", Email: "other@example.com"}
	asked := give[organizations.CreateGovCloudAccountOutput](t, w, by, in).CreateAccountStatus
	w.work(t)
	done := w.status(t, by, *asked.Id)
	if *done.State != "FAILED" || done.AccountId != nil || done.GovCloudAccountId != nil ||
		*done.FailureReason != "EMAIL_ALREADY_EXISTS" && *done.FailureReason != "GOVCLOUD_ACCOUNT_ALREADY_EXISTS" {
		t.Errorf("the request is %+v", done)
	}
}
