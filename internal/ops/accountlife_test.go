package ops_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/ops"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
)

// TestCreationFailures: every reason of the model can be provoked, those about
// data by the data.
func TestCreationFailures(t *testing.T) {
	w := newWorld(t)
	w.rules.ConcurrentCreations = 100
	by := w.organization(t, organizations.OrganizationFeatureSetAll)
	w.standalone(t, "Taken")
	w.rules.CreationFailures = map[string]org.FailureReason{}
	for _, reason := range organizations.CreateAccountFailureReason("").Values() {
		w.rules.CreationFailures[strings.ToLower(string(reason))+"@*"] = org.FailureReason(reason)
	}
	fails := func(email string, late ops.AccountChange) organizations.CreateAccountFailureReason {
		t.Helper()
		id := *give[organizations.CreateAccountOutput](t, w, by, &organizations.CreateAccountInput{AccountName: "New", Email: email}).CreateAccountStatus.Id
		w.set(t, by, late) // when it is too late to refuse the request
		w.work(t)
		w.set(t, by, lacking())
		status := w.status(t, by, id)
		if *status.State != "FAILED" || status.FailureReason == nil {
			t.Fatalf("the request of %s is %+v", email, status)
		}
		return *status.FailureReason
	}
	for _, reason := range organizations.CreateAccountFailureReason("").Values() {
		if got := fails(strings.ToLower(string(reason))+"@b.co", lacking()); got != reason {
			t.Errorf("%s, want %s", got, reason)
		}
	}
	if got := fails("taken@example.com", lacking()); got != "EMAIL_ALREADY_EXISTS" {
		t.Errorf("a taken address: %s", got)
	}
	for lack, reason := range map[org.Requirement]organizations.CreateAccountFailureReason{
		org.PaymentMethod: "MISSING_PAYMENT_INSTRUMENT", org.SupportedPaymentMethod: "INVALID_PAYMENT_INSTRUMENT",
		org.ValidAddress: "INVALID_ADDRESS", org.BusinessLicense: "MISSING_BUSINESS_VALIDATION",
	} {
		if got := fails("new@example.com", lacking(lack)); got != reason {
			t.Errorf("lacking %s: %s", lack, got)
		}
	}
	id := *give[organizations.CreateAccountOutput](t, w, by, &organizations.CreateAccountInput{AccountName: "New", Email: "new@example.com"}).CreateAccountStatus.Id
	w.rules.Accounts = 1
	w.work(t)
	if status := w.status(t, by, id); status.FailureReason == nil || *status.FailureReason != "ACCOUNT_LIMIT_EXCEEDED" {
		t.Errorf("when the quota has shrunk: %+v", status)
	}
}

// TestReinstate: within ninety days a closed account is as it was before.
func TestReinstate(t *testing.T) {
	g := newGarden(t)
	accounts := []identity.Caller{g.closing, g.closed}
	for _, account := range accounts {
		if err := g.accounts.Reinstate(t.Context(), account.Account); err != nil {
			t.Fatal(err)
		}
	}
	g.clock.advance(100 * day)
	g.work(t) // that would have closed and purged them
	for _, account := range accounts {
		if shown := g.account(t, g.management, account.Account); *shown.State != "ACTIVE" || *shown.Status != "ACTIVE" {
			t.Errorf("the account is %+v", shown)
		}
		if state, err := g.registry.Account(t.Context(), account.Account); err != nil || state.State() != identity.Active {
			t.Errorf("the account is %s (%v)", state.State(), err)
		}
		g.do(t, account, &organizations.DescribeOrganizationInput{})
		g.do(t, g.management, &organizations.CloseAccountInput{AccountId: string(account.Account)})
		g.work(t)
	}
	g.clock.advance(90 * day)
	g.work(t)
	for _, id := range []identity.AccountID{g.closed.Account, g.member.Account, g.outsider.Account} {
		var refused *org.Error
		if err := g.accounts.Reinstate(t.Context(), id); !errors.As(err, &refused) || refused.Kind != org.Conflict {
			t.Errorf("%s: %v", id, err)
		}
	}
	if err := g.accounts.Reinstate(t.Context(), unknownAccount); !errors.Is(err, registry.ErrNotFound) {
		t.Errorf("nobody: %v", err)
	}
}

// TestSuspension: an account that AWS suspends can do nothing and go nowhere, and
// shows it.
func TestSuspension(t *testing.T) {
	g := newGarden(t)
	g.set(t, g.member, ops.AccountChange{State: new(identity.Suspended)})
	if shown := g.account(t, g.management, g.member.Account); *shown.State != "SUSPENDED" || *shown.Status != "SUSPENDED" {
		t.Errorf("the account is %+v", shown)
	}
	for _, in := range []refusal{
		{in: &organizations.RemoveAccountFromOrganizationInput{AccountId: string(g.member.Account)}, code: "ConstraintViolation", reason: "ACCOUNT_CANNOT_LEAVE_ORGANIZATION"},
		{in: &organizations.RegisterDelegatedAdministratorInput{AccountId: string(g.member.Account), ServicePrincipal: config}, code: "ConstraintViolation", reason: "CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR"},
	} {
		g.check(t, in)
	}
	g.set(t, g.member, ops.AccountChange{State: new(identity.PendingActivation)})
	if shown := g.account(t, g.management, g.member.Account); *shown.State != "PENDING_ACTIVATION" {
		t.Errorf("the account is %+v", shown)
	}
	g.set(t, g.member, ops.AccountChange{State: new(identity.Active)})
	g.do(t, g.management, &organizations.RemoveAccountFromOrganizationInput{AccountId: string(g.member.Account)})
}

// TestSetRefuses: what cannot be said of an account changes nothing.
func TestSetRefuses(t *testing.T) {
	g := newGarden(t)
	for name, c := range map[string]struct {
		id     identity.AccountID
		change ops.AccountChange
	}{
		"an unknown requirement":    {g.member.Account, lacking("patience")},
		"a state of its own":        {g.member.Account, ops.AccountChange{State: new(identity.Closed)}},
		"a closing account's state": {g.closing.Account, ops.AccountChange{State: new(identity.Active)}},
		"a closed account's state":  {g.closed.Account, ops.AccountChange{State: new(identity.Active)}},
		"nobody":                    {unknownAccount, lacking()},
	} {
		if err := g.accounts.Set(t.Context(), c.id, c.change); err == nil {
			t.Errorf("%s was set", name)
		}
	}
}

// TestDeletionWaitsForClosedAccounts: an organization ends when its closed accounts
// are gone for good.
func TestDeletionWaitsForClosedAccounts(t *testing.T) {
	w := newWorld(t)
	by := w.organization(t, organizations.OrganizationFeatureSetAll)
	for i := range 3 {
		member := w.member(t, by, fmt.Sprintf("Member %d", i))
		w.do(t, by, &organizations.CloseAccountInput{AccountId: string(member.Account)})
		w.work(t)
	}
	for range 2 {
		if e := w.refuse(t, by, &organizations.DeleteOrganizationInput{}); e.ErrorCode() != "OrganizationNotEmptyException" {
			t.Errorf("deleting: %v", e)
		}
		w.clock.advance(44 * day)
		w.work(t)
	}
	w.clock.advance(3 * day)
	w.boot() // nothing was done meanwhile
	w.work(t)
	w.do(t, by, &organizations.DeleteOrganizationInput{})
}
