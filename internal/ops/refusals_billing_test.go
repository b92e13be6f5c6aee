package ops_test

import (
	"strings"
	"testing"

	"github.com/espalier-cloud/espalier/internal/api"
	"github.com/espalier-cloud/espalier/internal/api/organizations"
)

// newBillingGarden plants an organization with consolidated billing only.
func newBillingGarden(t testing.TB) *garden {
	t.Helper()
	g := &garden{world: newWorld(t)}
	g.outsider = g.standalone(t, "Outsider")
	g.management = g.organization(t, organizations.OrganizationFeatureSetConsolidatedBilling)
	g.root = *g.rootOf(t, g.management).Id
	g.member = g.world.member(t, g.management, "Member")
	g.empty = g.unit(t, g.management, g.root, "Empty")
	return g
}

// billingRefusals are of what consolidated billing does not offer.
func (g *garden) billingRefusals() []refusal {
	member := string(g.member.Account)
	refusals := []refusal{
		{in: &organizations.CreatePolicyInput{Type: "TAG_POLICY", Name: "New", Description: new(""), Content: "{}"}, code: "PolicyTypeNotAvailableForOrganization"},
		{in: &organizations.EnablePolicyTypeInput{RootId: g.root, PolicyType: "SERVICE_CONTROL_POLICY"}, code: "PolicyTypeNotAvailableForOrganization"},
		{in: &organizations.DeletePolicyInput{PolicyId: unknownPolicy}, code: "PolicyNotFound"},
		{in: &organizations.DeletePolicyInput{PolicyId: fullAWSAccess}, code: "InvalidInput", reason: "IMMUTABLE_POLICY"},
	}
	for _, in := range []api.Input{
		&organizations.AttachPolicyInput{PolicyId: fullAWSAccess, TargetId: g.root},
		&organizations.CloseAccountInput{AccountId: member},
		&organizations.DeleteResourcePolicyInput{},
		&organizations.DeregisterDelegatedAdministratorInput{AccountId: member, ServicePrincipal: config},
		&organizations.DescribeResourcePolicyInput{},
		&organizations.DetachPolicyInput{PolicyId: fullAWSAccess, TargetId: g.root},
		&organizations.DisableAWSServiceAccessInput{ServicePrincipal: config},
		&organizations.DescribeEffectivePolicyInput{PolicyType: "TAG_POLICY"},
		&organizations.ListAccountsWithInvalidEffectivePolicyInput{PolicyType: "TAG_POLICY"},
		&organizations.ListEffectivePolicyValidationErrorsInput{AccountId: member, PolicyType: "TAG_POLICY"},
		&organizations.DisablePolicyTypeInput{RootId: g.root, PolicyType: "SERVICE_CONTROL_POLICY"},
		offering(g.outsider),
		&organizations.ListInboundResponsibilityTransfersInput{Type: "BILLING"},
		&organizations.ListOutboundResponsibilityTransfersInput{Type: "BILLING"},
		&organizations.TerminateResponsibilityTransferInput{Id: unknownTransfer},
		&organizations.UpdateResponsibilityTransferInput{Id: unknownTransfer, Name: "New"},
		&organizations.EnableAWSServiceAccessInput{ServicePrincipal: config},
		&organizations.ListAWSServiceAccessForOrganizationInput{},
		&organizations.ListDelegatedAdministratorsInput{},
		&organizations.ListDelegatedServicesForAccountInput{AccountId: member},
		&organizations.PutResourcePolicyInput{Content: delegation(member)},
		&organizations.RegisterDelegatedAdministratorInput{AccountId: member, ServicePrincipal: config},
		&organizations.UpdatePolicyInput{PolicyId: fullAWSAccess, Name: new("New")},
	} {
		refusals = append(refusals, refusal{in: in, code: "ConstraintViolation", reason: "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE"})
	}
	return refusals
}

func TestConsolidatedBilling(t *testing.T) {
	g := newBillingGarden(t)
	for _, c := range g.billingRefusals() {
		t.Run(c.name(), func(t *testing.T) { g.check(t, c) })
	}
	t.Run("what it offers", func(t *testing.T) {
		shown := give[organizations.DescribeOrganizationOutput](t, g.world, g.member, &organizations.DescribeOrganizationInput{}).Organization
		if *shown.FeatureSet != organizations.OrganizationFeatureSetConsolidatedBilling || shown.AvailablePolicyTypes == nil || len(shown.AvailablePolicyTypes) != 0 {
			t.Errorf("the organization is %+v", shown)
		}
		g.do(t, g.management, &organizations.MoveAccountInput{AccountId: string(g.member.Account), SourceParentId: g.root, DestinationParentId: g.empty})
		g.do(t, g.management, &organizations.TagResourceInput{ResourceId: g.empty, Tags: tagged("a", "1")})
		g.do(t, g.management, &organizations.ListPoliciesInput{Filter: "SERVICE_CONTROL_POLICY"})
		g.do(t, g.management, &organizations.DescribePolicyInput{PolicyId: fullAWSAccess})
	})
}

// newGovCloudGarden plants an organization in AWS GovCloud (US), which cannot
// create accounts.
func newGovCloudGarden(t testing.TB) *garden {
	t.Helper()
	g := &garden{world: newWorld(t)}
	g.management = g.govCloudOf(t, g.standalone(t, "Commercial"))
	created := give[organizations.CreateOrganizationOutput](t, g.world, g.management, &organizations.CreateOrganizationInput{})
	if arn := *created.Organization.Arn; !strings.HasPrefix(arn, "arn:aws-us-gov:organizations::"+string(g.management.Account)+":") {
		t.Fatalf("the organization of an account in AWS GovCloud (US) is %s", arn)
	}
	g.member = g.management
	g.root = *g.rootOf(t, g.management).Id
	return g
}

func (g *garden) govCloudRefusals() []refusal {
	return forPairs([]refusal{
		{in: &organizations.CreateAccountInput{AccountName: "New", Email: "new@example.com"}, code: "UnsupportedAPIEndpoint"},
		{in: &organizations.CloseAccountInput{AccountId: string(g.management.Account)}, code: "UnsupportedAPIEndpoint"},
		{in: &organizations.DescribeCreateAccountStatusInput{CreateAccountRequestId: unknownCreation}, code: "UnsupportedAPIEndpoint"},
		{in: &organizations.ListCreateAccountStatusInput{}, code: "UnsupportedAPIEndpoint"},
	})
}

func TestGovCloud(t *testing.T) {
	g := newGovCloudGarden(t)
	for _, c := range g.govCloudRefusals() {
		t.Run(c.name(), func(t *testing.T) { g.check(t, c) })
	}
}
