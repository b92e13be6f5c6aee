package org

import (
	"iter"
	"testing"
	"time"
)

func TestTrustedAccess(t *testing.T) {
	d := founded(t)
	for _, principal := range []ServicePrincipal{"sso.amazonaws.com", "config.amazonaws.com", "ram.amazonaws.com"} {
		must(t, d.EnableService(principal))
		later(d, time.Hour)
	}
	must(t, d.EnableService("sso.amazonaws.com")) // keeps the date
	got := pages(2, func(after Cursor) iter.Seq2[Cursor, *ServiceAccess] {
		services, err := d.Services(after)
		must(t, err)
		return services
	})
	if len(got) != 3 || got[0].Principal != "config.amazonaws.com" || got[2].Principal != "sso.amazonaws.com" || !got[2].Enabled.Equal(day0) {
		t.Errorf("services: %v", got)
	}
	must(t, d.DisableService("config.amazonaws.com"))
	must(t, d.DisableService("config.amazonaws.com"))
	if d.Trusts("config.amazonaws.com") || !d.Trusts("sso.amazonaws.com") {
		t.Error("the wrong service lost its access")
	}
}

func TestTrustedAccessRefusals(t *testing.T) {
	d := founded(t)
	refused(t, d.EnableService("nothing.amazonaws.com"), InvalidInput, "UNRECOGNIZED_SERVICE_PRINCIPAL")
	refused(t, d.DisableService("nothing.amazonaws.com"), InvalidInput, "UNRECOGNIZED_SERVICE_PRINCIPAL")
	b := billing(t)
	refused(t, b.EnableService("sso.amazonaws.com"), ConstraintViolation, "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE")
	refused(t, b.DisableService("sso.amazonaws.com"), ConstraintViolation, "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE")
	_, err := b.Services("")
	refused(t, err, ConstraintViolation, "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE")
}

// TestServicesOfAnOperator: what left his catalogue can still be taken back.
func TestServicesOfAnOperator(t *testing.T) {
	rules := AWSRules()
	rules.Services = rules.Services.With(Service{Principal: "ledger.example.com", DelegatedAdmins: 2})
	d := foundedBy(t, rules)
	grown(t, d, "222222222222")
	must(t, d.EnableService("ledger.example.com"))
	must(t, d.RegisterDelegatedAdministrator("222222222222", "ledger.example.com"))
	d = d.Organization.Draft(AWSRules(), d.now, seeded())
	if _, err := d.DelegatedAdministrators(d.rules.Services, "ledger.example.com", ""); err != nil {
		t.Error(err)
	}
	must(t, d.DeregisterDelegatedAdministrator("222222222222", "ledger.example.com"))
	must(t, d.DisableService("ledger.example.com"))
	refused(t, d.EnableService("ledger.example.com"), InvalidInput, "UNRECOGNIZED_SERVICE_PRINCIPAL")
}
