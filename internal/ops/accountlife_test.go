package ops_test

import (
	"errors"
	"fmt"
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
		w.rules.CreationFailures[fmt.Sprintf("*@%s.example.com", lower(string(reason)))] = org.FailureReason(reason)
	}
	fails := func(email string) organizations.CreateAccountFailureReason {
		t.Helper()
		id := *give[organizations.CreateAccountOutput](t, w, by, &organizations.CreateAccountInput{AccountName: "New", Email: email}).CreateAccountStatus.Id
		w.lateSay(t, by)
		w.work(t)
		status := w.status(t, by, id)
		if *status.State != "FAILED" || status.FailureReason == nil {
			t.Fatalf("the request of %s is %+v", email, status)
		}
		return *status.FailureReason
	}
	for _, reason := range organizations.CreateAccountFailureReason("").Values() {
		if got := fails("x@" + lower(string(reason)) + ".example.com"); got != reason {
			t.Errorf("%s, want %s", got, reason)
		}
	}
	if got := fails("taken@example.com"); got != "EMAIL_ALREADY_EXISTS" {
		t.Errorf("a taken address: %s", got)
	}
	for lack, reason := range map[org.Requirement]organizations.CreateAccountFailureReason{
		org.PaymentMethod: "MISSING_PAYMENT_INSTRUMENT", org.SupportedPaymentMethod: "INVALID_PAYMENT_INSTRUMENT",
		org.ValidAddress: "INVALID_ADDRESS", org.BusinessLicense: "MISSING_BUSINESS_VALIDATION",
	} {
		w.late = lacking(lack)
		if got := fails("new@example.com"); got != reason {
			t.Errorf("lacking %s: %s", lack, got)
		}
		w.late = lacking()
		w.lateSay(t, by)
	}
	id := *give[organizations.CreateAccountOutput](t, w, by, &organizations.CreateAccountInput{AccountName: "New", Email: "new@example.com"}).CreateAccountStatus.Id
	w.rules.Accounts = 1
	w.work(t)
	if status := w.status(t, by, id); status.FailureReason == nil || *status.FailureReason != "ACCOUNT_LIMIT_EXCEEDED" {
		t.Errorf("when the quota has shrunk: %+v", status)
	}
}
