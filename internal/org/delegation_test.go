package org

import (
	"fmt"
	"iter"
	"slices"
	"testing"
	"time"
)

// administered returns a draft in which three members administer services.
func administered(t testing.TB) *Draft {
	t.Helper()
	d := founded(t)
	for _, principal := range []ServicePrincipal{"config.amazonaws.com", "sso.amazonaws.com", "health.amazonaws.com"} {
		must(t, d.EnableService(principal))
	}
	for _, r := range []struct {
		account   AccountID
		principal ServicePrincipal
	}{
		{"333333333333", "config.amazonaws.com"}, {"222222222222", "sso.amazonaws.com"},
		{"222222222222", "config.amazonaws.com"}, {"444444444444", "health.amazonaws.com"},
	} {
		if d.Standing(r.account) == Outside {
			grown(t, d, r.account)
		}
		later(d, time.Hour)
		must(t, d.RegisterDelegatedAdministrator(r.account, r.principal))
	}
	return d
}

// shown writes administrators as their ids and how many hours after day0 they
// were registered.
func shown(administrators []DelegatedAdministrator) []string {
	var all []string
	for _, a := range administrators {
		all = append(all, fmt.Sprint(a.ID, " ", a.Enabled.Sub(day0).Hours()))
	}
	return all
}

func TestDelegatedAdministrators(t *testing.T) {
	d := administered(t)
	for principal, want := range map[ServicePrincipal][]string{
		"":                     {"222222222222 2", "333333333333 1", "444444444444 4"},
		"config.amazonaws.com": {"333333333333 1", "222222222222 3"},
		"ram.amazonaws.com":    nil,
	} {
		for size := 1; size <= 4; size++ {
			got := pages(size, func(after Cursor) iter.Seq2[Cursor, DelegatedAdministrator] {
				administrators, err := d.DelegatedAdministrators(d.rules.Services, principal, after)
				must(t, err)
				return administrators
			})
			if !slices.Equal(shown(got), want) {
				t.Errorf("%q by pages of %d: %v, want %v", principal, size, shown(got), want)
			}
		}
	}
	_, err := d.DelegatedAdministrators(d.rules.Services, "nothing.amazonaws.com", "")
	refused(t, err, InvalidInput, "UNRECOGNIZED_SERVICE_PRINCIPAL")
	b := billing(t)
	_, err = b.DelegatedAdministrators(b.rules.Services, "", "")
	refused(t, err, ConstraintViolation, "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE")
}

func TestDelegatedServices(t *testing.T) {
	d := administered(t)
	services, err := d.DelegatedServices("222222222222", "")
	must(t, err)
	got := values(services)
	if len(got) != 2 || got[0].Principal != "config.amazonaws.com" || !got[1].Enabled.Equal(day0.Add(2*time.Hour)) {
		t.Errorf("services: %v", got)
	}
	grown(t, d, "555555555555")
	_, err = d.DelegatedServices("555555555555", "")
	refused(t, err, AccountNotRegistered, "")
	_, err = d.DelegatedServices("999999999999", "")
	refused(t, err, AccountNotFound, "")
	_, err = billing(t).DelegatedServices(management.ID, "")
	refused(t, err, ConstraintViolation, "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE")
}

func TestRegisterDelegatedAdministratorRefusals(t *testing.T) {
	d := administered(t)
	must(t, d.EnableService("ram.amazonaws.com"))
	for _, id := range []AccountID{"555555555555", "666666666666", "777777777777"} {
		grown(t, d, id)
	}
	must(t, d.RegisterDelegatedAdministrator("444444444444", "config.amazonaws.com")) // the third
	must(t, d.CloseAccount("777777777777"))
	for name, c := range map[string]struct {
		account   AccountID
		principal ServicePrincipal
		kind      Kind
		reason    Reason
	}{
		"unknown service":   {"555555555555", "nothing.amazonaws.com", InvalidInput, "UNRECOGNIZED_SERVICE_PRINCIPAL"},
		"supports none":     {"555555555555", "ram.amazonaws.com", InvalidInput, "UNRECOGNIZED_SERVICE_PRINCIPAL"},
		"unknown account":   {"999999999999", "sso.amazonaws.com", AccountNotFound, ""},
		"management":        {management.ID, "sso.amazonaws.com", ConstraintViolation, "CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR"},
		"closing":           {"777777777777", "health.amazonaws.com", ConstraintViolation, "CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR"},
		"already":           {"222222222222", "sso.amazonaws.com", AccountAlreadyRegistered, ""},
		"not trusted":       {"555555555555", "macie.amazonaws.com", ConstraintViolation, "SERVICE_ACCESS_NOT_ENABLED"},
		"only one":          {"555555555555", "sso.amazonaws.com", ConstraintViolation, "DELEGATED_ADMINISTRATOR_EXISTS_FOR_THIS_SERVICE"},
		"no more than some": {"555555555555", "config.amazonaws.com", ConstraintViolation, "MAX_DELEGATED_ADMINISTRATORS_FOR_SERVICE_LIMIT_EXCEEDED"},
	} {
		t.Run(name, func(t *testing.T) {
			refused(t, d.RegisterDelegatedAdministrator(c.account, c.principal), c.kind, c.reason)
		})
	}
	refused(t, billing(t).RegisterDelegatedAdministrator(management.ID, "sso.amazonaws.com"), ConstraintViolation, "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE")
}

func TestDeregisterDelegatedAdministrator(t *testing.T) {
	d := administered(t)
	must(t, d.DeregisterDelegatedAdministrator("222222222222", "sso.amazonaws.com"))
	if !d.IsDelegatedAdministrator("222222222222") {
		t.Error("the account lost its other service")
	}
	refused(t, d.DeregisterDelegatedAdministrator("222222222222", "sso.amazonaws.com"), InvalidInput, "UNRECOGNIZED_SERVICE_PRINCIPAL")
	must(t, d.DeregisterDelegatedAdministrator("222222222222", "config.amazonaws.com"))
	if d.IsDelegatedAdministrator("222222222222") {
		t.Error("the account is still a delegated administrator")
	}
	refused(t, d.DeregisterDelegatedAdministrator("222222222222", "config.amazonaws.com"), AccountNotRegistered, "")
	refused(t, d.DeregisterDelegatedAdministrator("222222222222", "nothing.amazonaws.com"), InvalidInput, "UNRECOGNIZED_SERVICE_PRINCIPAL")
	refused(t, d.DeregisterDelegatedAdministrator("999999999999", "sso.amazonaws.com"), AccountNotFound, "")
	refused(t, d.DeregisterDelegatedAdministrator(management.ID, "sso.amazonaws.com"), ConstraintViolation, "CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR")
	refused(t, billing(t).DeregisterDelegatedAdministrator(management.ID, "sso.amazonaws.com"), ConstraintViolation, "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE")
}

func TestDelegationsOutliveTrustedAccessButNotTheAccount(t *testing.T) {
	d := administered(t)
	must(t, d.DisableService("config.amazonaws.com"))
	services, err := d.DelegatedServices("222222222222", "")
	must(t, err)
	if len(values(services)) != 2 {
		t.Error("disabling trusted access dismissed an administrator")
	}
	d.dropDelegations("222222222222")
	if d.IsDelegatedAdministrator("222222222222") || d.delegations.Len() != 2 || d.delegationsByService.Len() != 2 {
		t.Errorf("%d delegations", d.delegations.Len())
	}
}
