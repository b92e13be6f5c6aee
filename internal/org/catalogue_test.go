package org

import (
	"slices"
	"strings"
	"testing"
)

func TestAWSServices(t *testing.T) {
	catalogue := AWSServices()
	if n := len(catalogue.byPrincipal); n < 60 {
		t.Errorf("%d services", n)
	}
	for principal, service := range catalogue.byPrincipal {
		if !strings.HasSuffix(string(principal), ".amazonaws.com") || service.Principal != principal {
			t.Errorf("%q: %+v", principal, service)
		}
		if service.BoundPolicyType != "" && !slices.Contains(PolicyTypes(), service.BoundPolicyType) {
			t.Errorf("%s is bound to %s", principal, service.BoundPolicyType)
		}
	}
	for principal, admins := range map[ServicePrincipal]int{
		"sso.amazonaws.com": 1, "config.amazonaws.com": 3, "ram.amazonaws.com": 0, "member.org.stacksets.cloudformation.amazonaws.com": 5,
	} {
		if service, known := catalogue.Service(principal); !known || service.DelegatedAdmins != admins {
			t.Errorf("%s: %+v, %v", principal, service, known)
		}
	}
	if _, known := catalogue.Service("nothing.amazonaws.com"); known {
		t.Error("an unknown service is known")
	}
}

func TestCatalogueWith(t *testing.T) {
	aws := AWSServices()
	own := aws.With(
		Service{Principal: "ledger.example.com", DelegatedAdmins: 2},
		Service{Principal: "sso.amazonaws.com", DelegatedAdmins: 7})
	if service, known := own.Service("ledger.example.com"); !known || service.DelegatedAdmins != 2 {
		t.Errorf("own service: %+v", service)
	}
	if service, _ := own.Service("sso.amazonaws.com"); service.DelegatedAdmins != 7 {
		t.Errorf("replaced service: %+v", service)
	}
	if service, _ := aws.Service("sso.amazonaws.com"); service.DelegatedAdmins != 1 {
		t.Errorf("the original changed: %+v", service)
	}
	if _, known := aws.Service("ledger.example.com"); known {
		t.Error("the original grew")
	}
}

func TestParseServices(t *testing.T) {
	got, err := parseServices("# comment\n\na.example.com 2\nb.example.com\t0\tTAG_POLICY\n")
	must(t, err)
	if want := []Service{{"a.example.com", 2, ""}, {"b.example.com", 0, TagPolicy}}; !slices.Equal(got, want) {
		t.Errorf("services: %v", got)
	}
	for _, bad := range []string{"a.example.com", "a.example.com many", "a.example.com 1 TAG_POLICY more"} {
		if _, err := parseServices(bad); err == nil || !strings.Contains(err.Error(), "a.example.com") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
