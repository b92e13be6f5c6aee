package org

import "testing"

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
			err := d.Admits(c.callers, Call{Account: id, Principal: "arn:aws:iam::" + string(id) + ":root", Action: "organizations:ListRoots"})
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
