package ops_test

import (
	"slices"
	"testing"

	"github.com/espalier-cloud/espalier/internal/api"
	"github.com/espalier-cloud/espalier/internal/api/iam"
	"github.com/espalier-cloud/espalier/internal/api/organizations"
)

// featureInputs are the operations about the features of IAM for organizations.
func featureInputs() []api.Input {
	return []api.Input{
		&iam.ListOrganizationsFeaturesInput{},
		&iam.EnableOrganizationsRootCredentialsManagementInput{}, &iam.DisableOrganizationsRootCredentialsManagementInput{},
		&iam.EnableOrganizationsRootSessionsInput{}, &iam.DisableOrganizationsRootSessionsInput{},
	}
}

func (e *estate) featureRefusals() []iamRefusal {
	var all []iamRefusal
	for _, in := range featureInputs() {
		all = append(all,
			iamRefusal{in: in, by: &e.outsider, code: "OrganizationNotFoundException"},
			iamRefusal{in: in, by: &e.member, code: "AccountNotManagementOrDelegatedAdministratorException"},
		)
	}
	return append(all,
		iamRefusal{in: &iam.EnableOrganizationsRootCredentialsManagementInput{}, by: &e.admin, code: "CallerIsNotManagementAccountException"},
		iamRefusal{in: &iam.EnableOrganizationsRootSessionsInput{}, by: &e.admin, code: "CallerIsNotManagementAccountException"},
	)
}

func TestFeaturesNeedAnOrganization(t *testing.T) {
	w := newWorld(t)
	bills, all := w.organization(t, organizations.OrganizationFeatureSetConsolidatedBilling), w.organization(t, organizations.OrganizationFeatureSetAll)
	for _, in := range featureInputs() {
		if e := w.refuse(t, bills, in); e.ErrorCode() != "OrganizationNotInAllFeaturesModeException" || e.HTTPStatus() != 400 {
			t.Errorf("%s with consolidated billing: %v", nameOf(in), e)
		}
		if e := w.refuse(t, all, in); e.ErrorCode() != "ServiceAccessNotEnabledException" || e.HTTPStatus() != 400 {
			t.Errorf("%s without trusted access: %v", nameOf(in), e)
		}
	}
}

func TestOrganizationsFeatures(t *testing.T) {
	e := newEstate(t)
	want := func(features ...iam.FeatureType) {
		t.Helper()
		out := give[iam.ListOrganizationsFeaturesOutput](t, e.world, e.admin, &iam.ListOrganizationsFeaturesInput{})
		if !slices.Equal(out.EnabledFeatures, features) || *out.OrganizationId != string(e.organizationOf(t, e.root)) {
			t.Errorf("%s has %q, want %q", *out.OrganizationId, out.EnabledFeatures, features)
		}
	}
	want()
	e.do(t, e.root, &iam.EnableOrganizationsRootSessionsInput{})
	both := give[iam.EnableOrganizationsRootCredentialsManagementOutput](t, e.world, e.root, &iam.EnableOrganizationsRootCredentialsManagementInput{}).EnabledFeatures
	if !slices.Equal(both, []iam.FeatureType{"RootCredentialsManagement", "RootSessions"}) {
		t.Errorf("got %q", both)
	}
	e.boot()
	want(both...)
	e.do(t, e.admin, &iam.DisableOrganizationsRootSessionsInput{}) // a delegated administrator may turn off
	want("RootCredentialsManagement")
	e.do(t, e.root, &iam.DisableOrganizationsRootCredentialsManagementInput{})
	want()
}
