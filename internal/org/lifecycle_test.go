package org

import (
	"regexp"
	"testing"
	"time"
)

func TestCreateOrganization(t *testing.T) {
	d := founded(t)
	settings := d.Settings()
	if !d.Exists() || settings.FeatureSet != AllFeatures || settings.Partition != "aws" || !settings.Created.Equal(day0) {
		t.Errorf("settings: %+v", settings)
	}
	if !regexp.MustCompile(`^r-[a-z0-9]{4}$`).MatchString(string(d.Root().ID)) || len(d.Root().PolicyTypes) != 0 {
		t.Errorf("root: %+v", d.Root())
	}
	want := Account{
		ID: management.ID, Parent: ParentID(d.Root().ID), Name: management.Name, Email: management.Email,
		State: Active, JoinedMethod: Invited, Joined: day0,
	}
	if got := *d.ManagementAccount(); got.ID != want.ID || got.Parent != want.Parent || got.Name != want.Name ||
		got.Email != want.Email || got.State != want.State || got.JoinedMethod != want.JoinedMethod || !got.Joined.Equal(want.Joined) {
		t.Errorf("management account: %+v", got)
	}
	if n := len(values(d.Accounts(""))); n != 1 {
		t.Errorf("%d accounts", n)
	}
}

func TestCreateOrganizationTwice(t *testing.T) {
	refused(t, founded(t).CreateOrganization("o-aaaaaaaaaa", AllFeatures, management), AlreadyInOrganization, "")
}

func TestCreateOrganizationInGovCloud(t *testing.T) {
	rules := AWSRules()
	rules.Partition = PartitionGovCloud
	d := NewDraft(rules, day0, seeded())
	refused(t, d.CreateOrganization("o-aaaaaaaaaa", ConsolidatedBilling, management), ConstraintViolation, "CREATE_ORGANIZATION_IN_BILLING_MODE_UNSUPPORTED_REGION")
	must(t, d.CreateOrganization("o-aaaaaaaaaa", AllFeatures, management))
}

func TestAvailablePolicyTypes(t *testing.T) {
	if got := founded(t).AvailablePolicyTypes(); len(got) != 1 || got[0] != (PolicyState{ServiceControlPolicy, PolicyTypeEnabled}) {
		t.Errorf("all features: %v", got)
	}
	if got := billing(t).AvailablePolicyTypes(); got == nil || len(got) != 0 {
		t.Errorf("consolidated billing: %v", got)
	}
}

func TestFinalizingOrganization(t *testing.T) {
	rules := AWSRules()
	rules.FinalizingPeriod = time.Hour
	d := foundedBy(t, rules)
	later(d, time.Hour-time.Microsecond)
	_, err := d.CreateAccount(NewAccount{Email: "a@example.com", Name: "A"})
	refused(t, err, FinalizingOrganization, "")
	later(d, time.Microsecond)
	grown(t, d, "222222222222")
}

func TestDeleteOrganization(t *testing.T) {
	d := founded(t)
	ou := unit(t, d, ParentID(d.root.ID), "Left behind")
	before, err := d.Organization.Apply(nil)
	must(t, err)
	grown(t, d, "222222222222")
	refused(t, d.DeleteOrganization(), OrganizationNotEmpty, "")

	d = before.Draft(AWSRules(), day0, seeded())
	must(t, d.DeleteOrganization())
	if len(d.Changes()) != 1 {
		t.Errorf("%d changes", len(d.Changes()))
	}
	after, err := before.Apply(d.Changes())
	must(t, err)
	for _, o := range []*Organization{d.Organization, after} {
		if o.Exists() || o.root != nil || o.units.Len() != 0 || o.accounts.Len() != 0 {
			t.Error("something outlived the organization")
		}
	}
	if !before.Exists() || before.ManagementAccount() == nil || !before.hasParent(ou) {
		t.Error("the old state was touched")
	}
}

func TestDeleteOrganizationWithClosedAccount(t *testing.T) {
	d := founded(t)
	grown(t, d, "222222222222")
	must(t, d.CloseAccount("222222222222"))
	must(t, d.FinishClosing("222222222222"))
	refused(t, d.DeleteOrganization(), OrganizationNotEmpty, "")
	later(d, d.rules.ClosedRetention)
	must(t, d.Purge("222222222222"))
	must(t, d.DeleteOrganization())
}
