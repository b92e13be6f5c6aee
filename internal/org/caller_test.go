package org

import (
	"testing"

	"github.com/espalier-cloud/espalier/policy"
)

func TestStanding(t *testing.T) {
	d := founded(t)
	grown(t, d, "222222222222")
	for id, want := range map[AccountID]Standing{management.ID: Management, "222222222222": Member, "999999999999": Outside} {
		if got := d.Standing(id); got != want {
			t.Errorf("%s stands %d, want %d", id, got, want)
		}
	}
	for _, nowhere := range []*Organization{nil, empty()} {
		if nowhere.Standing(management.ID) != Outside {
			t.Error("somebody stands in an organization that does not exist")
		}
	}
}

func TestAdmits(t *testing.T) {
	const admitted = Internal
	d := founded(t)
	grown(t, d, "222222222222")
	grown(t, d, "333333333333")
	d.put(&Delegation{Account: "333333333333", Principal: "config.amazonaws.com", Enabled: d.now})
	for _, c := range []struct {
		callers                               Callers
		outside, member, delegate, management Kind
	}{
		{AnyAccount, admitted, admitted, admitted, admitted},
		{StandaloneAccount, admitted, AlreadyInOrganization, AlreadyInOrganization, AlreadyInOrganization},
		{AnyInOrganization, NotInUse, admitted, admitted, admitted},
		{MemberOnly, NotInUse, admitted, admitted, MasterCannotLeaveOrganization},
		{ManagementOnly, NotInUse, AccessDenied, AccessDenied, admitted},
		{ManagementOrDelegate, NotInUse, AccessDenied, admitted, admitted},
		{ManagementOrPolicy, NotInUse, AccessDenied, AccessDenied, admitted},
	} {
		for id, want := range map[AccountID]Kind{
			"999999999999": c.outside, "222222222222": c.member, "333333333333": c.delegate, management.ID: c.management,
		} {
			err := d.Admits(c.callers, Call{Account: id, Principal: "arn:aws:iam::" + string(id) + ":root", Action: policy.NewAction("organizations:ListRoots")})
			if want != admitted {
				refused(t, err, want, "")
			} else if err != nil {
				t.Errorf("category %d, account %s: %v", c.callers, id, err)
			}
		}
		if c.outside == NotInUse {
			refused(t, (*Organization)(nil).Admits(c.callers, Call{Account: "999999999999"}), NotInUse, "")
		}
	}
}

func TestAdmitsByResourcePolicy(t *testing.T) {
	const named, other = AccountID("222222222222"), AccountID("333333333333")
	d := founded(t)
	grown(t, d, named)
	grown(t, d, other)
	_, err := d.PutResourcePolicy(delegationTo(named), nil)
	must(t, err)
	call := func(account AccountID, action string, resources ...ResourceID) Call {
		all := make([]Resource, 0, len(resources))
		for _, id := range resources {
			all = append(all, d.Resource(id))
		}
		return Call{Account: account, Principal: "arn:aws:iam::" + string(account) + ":root", Action: policy.NewAction("organizations:" + action), Resources: all}
	}
	for _, c := range []struct {
		name    string
		callers Callers
		call    Call
		refused bool
	}{
		{"read", ManagementOrDelegate, call(named, "ListRoots"), false},
		{"write", ManagementOrPolicy, call(named, "AttachPolicy", ResourceID(d.Root().ID), ResourceID(other)), false},
		{"another action", ManagementOrDelegate, call(named, "ListAccounts"), true},
		{"another account", ManagementOrDelegate, call(other, "ListRoots"), true},
		{"cannot be delegated", ManagementOnly, call(named, "ListRoots"), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := d.Admits(c.callers, c.call)
			if c.refused {
				refused(t, err, AccessDenied, "")
			} else {
				must(t, err)
			}
		})
	}
}

func TestAdmitsOnEachResource(t *testing.T) {
	const named = AccountID("222222222222")
	d := founded(t)
	grown(t, d, named)
	_, err := d.PutResourcePolicy(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"`+string(named)+`"},`+
		`"Action":"organizations:AttachPolicy","Resource":"`+d.RootARN()+`"}}`, nil)
	must(t, err)
	call := Call{Account: named, Principal: "arn:aws:iam::" + string(named) + ":root", Action: policy.NewAction("organizations:AttachPolicy"), Resources: []Resource{{ARN: d.RootARN()}}}
	must(t, d.Admits(ManagementOrPolicy, call))
	call.Resources = append(call.Resources, Resource{ARN: d.AccountARN(named)})
	refused(t, d.Admits(ManagementOrPolicy, call), AccessDenied, "")
	call.Resources = nil
	refused(t, d.Admits(ManagementOrPolicy, call), AccessDenied, "")
}

// A trusted service reads as a delegated administrator does, through its role in any account, until the trust ends.
func TestAdmitsTrustedServices(t *testing.T) {
	d := founded(t)
	grown(t, d, "222222222222")
	must(t, d.EnableService("config.amazonaws.com"))
	by := func(account AccountID, service ServicePrincipal) Call {
		return Call{Account: account, Principal: "arn:aws:sts::" + string(account) + ":assumed-role/R/s", Service: service, Action: policy.NewAction("organizations:ListRoots")}
	}
	must(t, d.Admits(ManagementOrDelegate, by("222222222222", "config.amazonaws.com")))
	for _, callers := range []Callers{ManagementOnly, ManagementOrPolicy} {
		refused(t, d.Admits(callers, by("222222222222", "config.amazonaws.com")), AccessDenied, "")
	}
	refused(t, d.Admits(ManagementOrDelegate, by("222222222222", "sso.amazonaws.com")), AccessDenied, "")
	refused(t, d.Admits(ManagementOrDelegate, by("999999999999", "config.amazonaws.com")), NotInUse, "")
	must(t, d.DisableService("config.amazonaws.com"))
	refused(t, d.Admits(ManagementOrDelegate, by("222222222222", "config.amazonaws.com")), AccessDenied, "")
	if (*Organization)(nil).Trusts("config.amazonaws.com") {
		t.Error("no organization trusts somebody")
	}
}
