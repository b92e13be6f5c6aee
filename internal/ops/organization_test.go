package ops_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/espalier-cloud/espalier/internal/api/iam"
	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/identity"
)

func TestCreateOrganization(t *testing.T) {
	w := newWorld(t)
	by := w.standalone(t, "Founder")
	made := give[organizations.CreateOrganizationOutput](t, w, by, &organizations.CreateOrganizationInput{}).Organization
	types := made.AvailablePolicyTypes
	if *made.FeatureSet != "ALL" || *made.MasterAccountId != string(by.Account) || *made.MasterAccountEmail != "founder@example.com" ||
		len(types) != 1 || *types[0].Type != "SERVICE_CONTROL_POLICY" || *types[0].Status != "ENABLED" {
		t.Errorf("the organization is %+v", made)
	}
	w.boot()
	if shown := give[organizations.DescribeOrganizationOutput](t, w, by, &organizations.DescribeOrganizationInput{}).Organization; *shown.Id != *made.Id || *shown.Arn != *made.Arn {
		t.Errorf("it is shown as %+v", shown)
	}
	root := w.rootOf(t, by)
	if *root.Name != "Root" || root.PolicyTypes == nil || len(root.PolicyTypes) != 0 {
		t.Errorf("the root is %+v", root)
	}
	accounts := give[organizations.ListAccountsOutput](t, w, by, &organizations.ListAccountsInput{}).Accounts
	if len(accounts) != 1 || *accounts[0].Id != string(by.Account) || *accounts[0].JoinedMethod != "INVITED" || *accounts[0].Name != "Founder" || *accounts[0].State != "ACTIVE" {
		t.Errorf("the accounts are %+v", accounts)
	}
	if services := give[organizations.ListAWSServiceAccessForOrganizationOutput](t, w, by, &organizations.ListAWSServiceAccessForOrganizationInput{}); len(services.EnabledServicePrincipals) != 0 {
		t.Errorf("the services are %+v", services)
	}
	roles := give[iam.ListRolesOutput](t, w, by, &iam.ListRolesInput{}).Roles
	if len(roles) != 1 || roles[0].RoleName != "AWSServiceRoleForOrganizations" {
		t.Errorf("the roles are %+v", roles)
	}
}

// An organization that is deleted leaves nothing, and its account can found
// another one.
func TestDeleteOrganization(t *testing.T) {
	w := newWorld(t)
	by := w.organization(t, organizations.OrganizationFeatureSetAll)
	first := w.organizationOf(t, by)
	root := *w.rootOf(t, by).Id
	w.unit(t, by, root, "Unit")
	w.do(t, by, &organizations.EnablePolicyTypeInput{RootId: root, PolicyType: "TAG_POLICY"})
	w.do(t, by, &organizations.AttachPolicyInput{PolicyId: w.policy(t, by, "TAG_POLICY", "Tags"), TargetId: root})
	w.do(t, by, &organizations.DeleteOrganizationInput{})
	if e := w.refuse(t, by, &organizations.DescribeOrganizationInput{}); e.ErrorCode() != "AWSOrganizationsNotInUseException" {
		t.Errorf("after it is gone: %v", e)
	}
	w.boot()
	w.do(t, by, &organizations.CreateOrganizationInput{FeatureSet: new(organizations.OrganizationFeatureSetConsolidatedBilling)})
	if second := w.organizationOf(t, by); second == first || second == "" {
		t.Errorf("the second organization is %q, the first was %q", second, first)
	}
	if roles := give[iam.ListRolesOutput](t, w, by, &iam.ListRolesInput{}).Roles; len(roles) != 1 {
		t.Errorf("the roles are %+v", roles)
	}
}

func TestMemberLeaves(t *testing.T) {
	for name, leave := range map[string]func(g *garden, account identity.Caller){
		"removed": func(g *garden, account identity.Caller) {
			g.do(t, g.management, &organizations.RemoveAccountFromOrganizationInput{AccountId: string(account.Account)})
		},
		"by itself": func(g *garden, account identity.Caller) { g.do(t, account, &organizations.LeaveOrganizationInput{}) },
	} {
		t.Run(name, func(t *testing.T) {
			g := newGarden(t)
			id := string(g.member.Account)
			g.do(t, g.management, &organizations.TagResourceInput{ResourceId: id, Tags: tagged("a", "1")})
			leave(g, g.member)
			if g.organizationOf(t, g.member) != "" {
				t.Error("the account says that it is still a member")
			}
			if e := g.refuse(t, g.management, &organizations.DescribeAccountInput{AccountId: id}); e.ErrorCode() != "AccountNotFoundException" {
				t.Errorf("the organization still knows it: %v", e)
			}
			if targets := give[organizations.ListTargetsForPolicyOutput](t, g.world, g.management, &organizations.ListTargetsForPolicyInput{PolicyId: g.scp}).Targets; len(targets) != 0 {
				t.Errorf("its policy is still attached to %+v", targets)
			}
			g.checkRoles(t, g.member, g.management.Account, accessRole) // they stay
			g.do(t, g.member, &organizations.CreateOrganizationInput{})
		})
	}
}

func TestMoveAccount(t *testing.T) {
	g := newGarden(t)
	id := string(g.member.Account)
	move := func(from, to string) {
		t.Helper()
		g.do(t, g.management, &organizations.MoveAccountInput{AccountId: id, SourceParentId: from, DestinationParentId: to})
		parents := give[organizations.ListParentsOutput](t, g.world, g.management, &organizations.ListParentsInput{ChildId: id}).Parents
		if kind := map[bool]organizations.ParentType{true: "ROOT", false: "ORGANIZATIONAL_UNIT"}[to == g.root]; len(parents) != 1 || *parents[0].Id != to || *parents[0].Type != kind {
			t.Errorf("the parents are %+v", parents)
		}
	}
	move(g.root, g.units[4])
	path := string(g.id(t)) + "/" + g.root + "/"
	for _, unit := range g.units {
		path += unit + "/"
	}
	if account := g.account(t, g.management, g.member.Account); !slices.Equal(account.Paths, []string{path + id + "/"}) {
		t.Errorf("the path is %q, want %q", account.Paths, path+id+"/")
	}
	policies := give[organizations.ListPoliciesForTargetOutput](t, g.world, g.management, &organizations.ListPoliciesForTargetInput{TargetId: id, Filter: "SERVICE_CONTROL_POLICY"}).Policies
	if len(policies) != 2 {
		t.Errorf("the policies did not come with the account: %+v", policies)
	}
	children := give[organizations.ListChildrenOutput](t, g.world, g.management, &organizations.ListChildrenInput{ParentId: g.units[4], ChildType: "ACCOUNT"}).Children
	if len(children) != 1 || *children[0].Id != id || *children[0].Type != "ACCOUNT" {
		t.Errorf("the children are %+v", children)
	}
	move(g.units[4], g.root)
	if accounts := give[organizations.ListAccountsForParentOutput](t, g.world, g.management, &organizations.ListAccountsForParentInput{ParentId: g.units[4]}).Accounts; len(accounts) != 0 {
		t.Errorf("the unit still has %+v", accounts)
	}
}

func TestOrganizationalUnits(t *testing.T) {
	g := newGarden(t)
	show := func(id string) *organizations.OrganizationalUnit {
		return give[organizations.DescribeOrganizationalUnitOutput](t, g.world, g.management, &organizations.DescribeOrganizationalUnitInput{OrganizationalUnitId: id}).OrganizationalUnit
	}
	made := give[organizations.CreateOrganizationalUnitOutput](t, g.world, g.management, &organizations.CreateOrganizationalUnitInput{
		ParentId: g.units[0], Name: "Empty", Tags: tagged("a", "1"), // the name is taken elsewhere in the tree
	}).OrganizationalUnit
	if want := fmt.Sprintf("%s/%s/%s/%s/", g.id(t), g.root, g.units[0], *made.Id); *made.Path != want || *made.Name != "Empty" {
		t.Errorf("the unit is %+v, want the path %s", made, want)
	}
	if policies := give[organizations.ListPoliciesForTargetOutput](t, g.world, g.management, &organizations.ListPoliciesForTargetInput{TargetId: *made.Id, Filter: "RESOURCE_CONTROL_POLICY"}).Policies; len(policies) != 1 || *policies[0].Id != rcpFullAWSAccess {
		t.Errorf("the policies are %+v", policies)
	}
	for _, name := range []*string{new("Renamed"), new("Renamed"), nil} { // also to the name it has, and without one
		renamed := give[organizations.UpdateOrganizationalUnitOutput](t, g.world, g.management, &organizations.UpdateOrganizationalUnitInput{OrganizationalUnitId: *made.Id, Name: name}).OrganizationalUnit
		if *renamed.Name != "Renamed" || *renamed.Id != *made.Id || *renamed.Path != *made.Path || *show(*made.Id).Name != "Renamed" {
			t.Errorf("the renamed unit is %+v", renamed)
		}
	}
	units := give[organizations.ListOrganizationalUnitsForParentOutput](t, g.world, g.management, &organizations.ListOrganizationalUnitsForParentInput{ParentId: g.units[0]}).OrganizationalUnits
	if len(units) != 2 || *units[0].Id != g.units[1] || *units[1].Id != *made.Id || *units[1].Path != *made.Path {
		t.Errorf("the units are %+v", units)
	}
	g.do(t, g.management, &organizations.DeleteOrganizationalUnitInput{OrganizationalUnitId: *made.Id})
	if children := give[organizations.ListChildrenOutput](t, g.world, g.management, &organizations.ListChildrenInput{ParentId: g.units[0], ChildType: "ORGANIZATIONAL_UNIT"}).Children; len(children) != 1 || *children[0].Type != "ORGANIZATIONAL_UNIT" {
		t.Errorf("the children are %+v", children)
	}
}

// Names of any characters are stored and shown as they are.
func TestNamesOfAnyCharacters(t *testing.T) {
	g := newGarden(t)
	for _, name := range []string{"\x00", "tab\tnewline\n", "Ünït 🌳", " trailing ", "'; DROP TABLE entities; --", "\u202eright to left"} {
		id := g.unit(t, g.management, g.empty, name)
		policy := g.policy(t, g.management, "TAG_POLICY", name)
		g.boot()
		unit := give[organizations.DescribeOrganizationalUnitOutput](t, g.world, g.management, &organizations.DescribeOrganizationalUnitInput{OrganizationalUnitId: id}).OrganizationalUnit
		shown := give[organizations.DescribePolicyOutput](t, g.world, g.management, &organizations.DescribePolicyInput{PolicyId: policy}).Policy.PolicySummary
		if *unit.Name != name || *shown.Name != name {
			t.Errorf("%q became %q and %q", name, *unit.Name, *shown.Name)
		}
	}
}
