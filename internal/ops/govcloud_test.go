package ops_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/espalier-cloud/espalier/internal/api"
	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
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
	if accounts := give[organizations.ListAccountsOutput](t, w, by, &organizations.ListAccountsInput{}).Accounts; len(accounts) != 2 {
		t.Errorf("the organization has %d accounts", len(accounts))
	}
}

// An owner has one e-mail address in both partitions. What it is invited to in one is nothing to the account in the
// other.
func TestEmailInvitationsStayInTheirPartition(t *testing.T) {
	w := newWorld(t)
	by, owner := w.organization(t, organizations.OrganizationFeatureSetAll), w.standalone(t, "Owner")
	govCloud, paired := w.govCloudOf(t, by), w.govCloudOf(t, owner)
	w.do(t, govCloud, &organizations.CreateOrganizationInput{})
	for _, c := range []struct{ sender, recipient, other identity.Caller }{{by, owner, paired}, {govCloud, paired, owner}} {
		id := w.invite(t, c.sender, organizations.HandshakePartyTypeEmail, "Owner@example.com")
		if got := w.inbox(t, c.recipient, nil); len(got) != 1 || got[0] != id {
			t.Errorf("the recipient received %v, want %s", got, id)
		}
		for _, in := range []api.Input{
			&organizations.DescribeHandshakeInput{HandshakeId: id}, &organizations.AcceptHandshakeInput{HandshakeId: id}, &organizations.DeclineHandshakeInput{HandshakeId: id},
		} {
			if e := w.refuse(t, c.other, in); e.ErrorCode() != "HandshakeNotFoundException" {
				t.Errorf("%s by the account in the other partition: %v", nameOf(in), e)
			}
		}
		w.do(t, c.recipient, &organizations.AcceptHandshakeInput{HandshakeId: id})
	}
}

// pairs makes an organization, one in AWS GovCloud (US) that its pair manages, and an account of the first whose pair
// is a member of the second.
func pairs(t *testing.T) (w *world, by, govCloud, standard, paired identity.Caller) {
	t.Helper()
	w = newWorld(t)
	by = w.organization(t, organizations.OrganizationFeatureSetAll)
	govCloud = w.govCloudOf(t, by)
	w.do(t, govCloud, &organizations.CreateOrganizationInput{})
	standard = w.member(t, by, "Lake")
	paired = w.govCloudOf(t, standard)
	w.do(t, paired, &organizations.AcceptHandshakeInput{HandshakeId: w.invite(t, govCloud, organizations.HandshakePartyTypeAccount, string(paired.Account))})
	return w, by, govCloud, standard, paired
}

// checkState checks what an organization says of its account, and the account of itself.
func (w *world) checkState(t *testing.T, by, of identity.Caller, want organizations.AccountState) {
	t.Helper()
	shown := w.account(t, by, of.Account)
	account, err := w.registry.Account(t.Context(), of.Account)
	if err != nil || *shown.State != want || (account.State() == identity.Closed) != (want == "CLOSED") {
		t.Errorf("account %s is %s and says it is %s (%v)", of.Account, *shown.State, account.State(), err)
	}
}

// A pair is closed, reinstated and purged together, each in its own organization.
func TestClosePair(t *testing.T) {
	w, by, govCloud, standard, paired := pairs(t)
	closing := func() {
		t.Helper()
		w.do(t, by, &organizations.CloseAccountInput{AccountId: string(standard.Account)})
		w.checkState(t, by, standard, "PENDING_CLOSURE")
		w.checkState(t, govCloud, paired, "ACTIVE")
		w.work(t)
		w.checkState(t, by, standard, "CLOSED")
		w.checkState(t, govCloud, paired, "CLOSED")
	}
	closing()
	var refused *org.Error
	if err := w.accounts.Reinstate(t.Context(), paired.Account); !errors.As(err, &refused) || refused.Kind != org.Conflict {
		t.Errorf("the pair of a closed account: %v", err)
	}
	if err := w.accounts.Reinstate(t.Context(), standard.Account); err != nil {
		t.Fatal(err)
	}
	w.checkState(t, by, standard, "ACTIVE")
	w.checkState(t, govCloud, paired, "ACTIVE")
	closing()
	if e := w.refuse(t, govCloud, &organizations.DeleteOrganizationInput{}); e.ErrorCode() != "OrganizationNotEmptyException" {
		t.Errorf("an organization with a closed account: %v", e)
	}
	w.boot()
	w.clock.advance(90 * day)
	w.work(t)
	for _, organization := range []identity.Caller{by, govCloud} {
		if accounts := give[organizations.ListAccountsOutput](t, w, organization, &organizations.ListAccountsInput{}).Accounts; len(accounts) != 1 {
			t.Errorf("the organization of %s has %d accounts", organization.Account, len(accounts))
		}
	}
	for _, account := range []identity.Caller{standard, paired} {
		if purged, err := w.registry.Account(t.Context(), account.Account); err != nil || purged.State() != identity.Closed || purged.Organization() != "" {
			t.Errorf("the purged account is %s in %q (%v)", purged.State(), purged.Organization(), err)
		}
	}
}

// A pair that is standalone is closed and reopened as well.
func TestCloseStandalonePair(t *testing.T) {
	w, by, _, standard, paired := pairs(t)
	w.do(t, paired, &organizations.LeaveOrganizationInput{})
	for _, step := range []struct {
		do   func()
		want identity.State
	}{
		{func() {
			w.do(t, by, &organizations.CloseAccountInput{AccountId: string(standard.Account)})
			w.work(t)
		}, identity.Closed},
		{func() {
			if err := w.accounts.Reinstate(t.Context(), standard.Account); err != nil {
				t.Error(err)
			}
		}, identity.Active},
	} {
		step.do()
		if account, err := w.registry.Account(t.Context(), paired.Account); err != nil || account.State() != step.want {
			t.Errorf("the account in GovCloud is %s, want %s (%v)", account.State(), step.want, err)
		}
	}
}

// An account whose pair manages an organization is not closed, and stays active if it comes to that meanwhile.
func TestClosePairThatManages(t *testing.T) {
	w, by, govCloud, standard, paired := pairs(t)
	w.do(t, govCloud, &organizations.RemoveAccountFromOrganizationInput{AccountId: string(paired.Account)})
	w.do(t, by, &organizations.CloseAccountInput{AccountId: string(standard.Account)})
	w.do(t, paired, &organizations.CreateOrganizationInput{})
	w.work(t)
	w.checkState(t, by, standard, "ACTIVE")
	w.checkState(t, paired, paired, "ACTIVE")
	if e := w.refuse(t, by, &organizations.CloseAccountInput{AccountId: string(standard.Account)}); e.ErrorCode() != "ConflictException" {
		t.Errorf("the pair manages an organization: %v", e)
	}
	w.do(t, paired, &organizations.DeleteOrganizationInput{})
	w.do(t, by, &organizations.CloseAccountInput{AccountId: string(standard.Account)})
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
