package org

import (
	"testing"
	"time"
)

// TestSetState: every state meets every other one.
func TestSetState(t *testing.T) {
	made := map[AccountState]func(*Draft){
		Active:            func(*Draft) {},
		Suspended:         func(d *Draft) { must(t, d.SetState("333333333333", Suspended)) },
		PendingActivation: func(d *Draft) { must(t, d.SetState("333333333333", PendingActivation)) },
		PendingClosure:    func(d *Draft) { must(t, d.CloseAccount("333333333333")) },
		Closed: func(d *Draft) {
			must(t, d.CloseAccount("333333333333"))
			must(t, d.FinishClosing("333333333333"))
		},
	}
	free := func(s AccountState) bool { return s == Active || s == Suspended || s == PendingActivation }
	for from, prepare := range made {
		for to := range made {
			d := founded(t)
			invited(d, "333333333333")
			prepare(d)
			err := d.SetState("333333333333", to)
			if !free(from) || !free(to) {
				refused(t, err, Conflict, "")
				continue
			}
			must(t, err)
			if account, err := d.Account("333333333333"); err != nil || account.State != to {
				t.Errorf("from %s to %s: %+v", from, to, account)
			}
		}
	}
	refused(t, founded(t).SetState("999999999999", Active), AccountNotFound, "")
}

// TestCreationFailure: why an account that was asked for cannot be made.
func TestCreationFailure(t *testing.T) {
	creation := &Creation{Email: "New@bad.example.com"}
	for _, c := range []struct {
		lacks Lacks
		want  FailureReason
	}{
		{nil, ""}, {Lacks{PaymentMethod}, MissingPaymentInstrument}, {Lacks{SupportedPaymentMethod}, InvalidPaymentInstrument},
		{Lacks{ValidAddress}, InvalidAddress}, {Lacks{BusinessLicense}, MissingBusinessValidation}, {Lacks{Agreement, VerifiedEmail}, ""},
	} {
		if got := founded(t).CreationFailure(creation, c.lacks); got != c.want {
			t.Errorf("lacking %v: %q, want %q", c.lacks, got, c.want)
		}
	}
	d := founded(t)
	d.rules.Accounts = 1
	if got := d.CreationFailure(creation, nil); got != AccountLimitExceeded {
		t.Errorf("without room: %q", got)
	}
	d.rules.CreationFailures = map[string]FailureReason{"*@bad.*": "UNKNOWN_BUSINESS_VALIDATION", "*@badly.*": InvalidEmail}
	if got := d.CreationFailure(creation, Lacks{PaymentMethod}); got != "UNKNOWN_BUSINESS_VALIDATION" {
		t.Errorf("by configuration: %q", got)
	}
}

// TestMayCreate: what the management account lacks, and how many it asked for.
func TestMayCreate(t *testing.T) {
	for lack, reason := range map[Requirement]Reason{
		PaymentMethod: "MASTER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED", ContactInformation: "MASTER_ACCOUNT_MISSING_CONTACT_INFO",
		MarketplaceAddress: "MASTER_ACCOUNT_ADDRESS_DOES_NOT_MATCH_MARKETPLACE",
	} {
		_, err := founded(t).CreateAccount(NewAccount{Email: "new@example.com", Name: "New", Lacks: Lacks{lack}})
		refused(t, err, ConstraintViolation, reason)
	}
	d := founded(t)
	d.rules.CreationsPerDay = 2
	grown(t, d, "400000000000")
	grown(t, d, "400000000001")
	_, err := d.CreateAccount(NewAccount{Email: "new@example.com", Name: "New"})
	refused(t, err, ConstraintViolation, "ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED")
	later(d, 24*time.Hour+time.Microsecond)
	grown(t, d, "400000000002")
}

// TestMayManage: what an account must have to found an organization.
func TestMayManage(t *testing.T) {
	for reason, owner := range map[Reason]Owner{
		"ACCOUNT_CREATION_NOT_COMPLETE":              {State: PendingActivation},
		"MASTER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED": {Lacks: Lacks{PaymentMethod}},
		"MASTER_ACCOUNT_MISSING_CONTACT_INFO":        {Lacks: Lacks{ContactInformation}},
		"MASTER_ACCOUNT_MISSING_BUSINESS_LICENSE":    {Lacks: Lacks{BusinessLicense}},
	} {
		owner.ID, owner.Name, owner.Email = management.ID, management.Name, management.Email
		err := NewDraft(AWSRules(), day0, seeded()).CreateOrganization("o-abcdefghij", AllFeatures, owner)
		refused(t, err, ConstraintViolation, reason)
	}
}
