package ops_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/espalier-cloud/espalier/internal/api"
	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/api/sts"
	"github.com/espalier-cloud/espalier/internal/identity"
)

// admitted says for every operation who may call it, after the "Minimum
// permissions" and "Caller" notes of the API reference: the management account
// (m), a delegated administrator of a service (d), an account that the resource
// policy names (p), any other member (o), an account in no organization (s).
func admitted() map[string]string {
	return map[string]string{
		"AcceptHandshake": "mdpos", "CancelHandshake": "mdpos", "DeclineHandshake": "mdpos", "DescribeHandshake": "mdpos", "ListHandshakesForAccount": "mdpos",
		"DescribeOrganization": "mdpo", "DescribeEffectivePolicy": "mdpo", "CreateOrganization": "s", "LeaveOrganization": "dpo",

		"AttachPolicy": "mp", "CreatePolicy": "mp", "DeletePolicy": "mp", "DetachPolicy": "mp", "DisablePolicyType": "mp",
		"EnablePolicyType": "mp", "TagResource": "mp", "UntagResource": "mp", "UpdatePolicy": "mp",

		"DescribeAccount": "mdp", "DescribeCreateAccountStatus": "mdp", "DescribeOrganizationalUnit": "mdp", "DescribePolicy": "mdp", "DescribeResourcePolicy": "mdp",
		"ListAWSServiceAccessForOrganization": "mdp", "ListAccounts": "mdp", "ListAccountsForParent": "mdp", "ListAccountsWithInvalidEffectivePolicy": "mdp",
		"ListChildren": "mdp", "ListCreateAccountStatus": "mdp", "ListDelegatedAdministrators": "mdp", "ListDelegatedServicesForAccount": "mdp",
		"ListEffectivePolicyValidationErrors": "mdp", "ListHandshakesForOrganization": "mdp", "ListOrganizationalUnitsForParent": "mdp", "ListParents": "mdp",
		"ListPolicies": "mdp", "ListPoliciesForTarget": "mdp", "ListRoots": "mdp", "ListTagsForResource": "mdp", "ListTargetsForPolicy": "mdp",

		"CloseAccount": "m", "CreateAccount": "m", "CreateGovCloudAccount": "m", "CreateOrganizationalUnit": "m", "DeleteOrganization": "m",
		"DeleteOrganizationalUnit": "m", "DeleteResourcePolicy": "m", "DeregisterDelegatedAdministrator": "m", "DescribeResponsibilityTransfer": "m",
		"DisableAWSServiceAccess": "m", "EnableAWSServiceAccess": "m", "EnableAllFeatures": "m", "InviteAccountToOrganization": "m",
		"InviteOrganizationToTransferResponsibility": "m", "ListInboundResponsibilityTransfers": "m", "ListOutboundResponsibilityTransfers": "m",
		"MoveAccount": "m", "PutResourcePolicy": "m", "RegisterDelegatedAdministrator": "m", "RemoveAccountFromOrganization": "m",
		"TerminateResponsibilityTransfer": "m", "UpdateOrganizationalUnit": "m", "UpdateResponsibilityTransfer": "m",
	}
}

func TestEveryOperationHasItsCallers(t *testing.T) {
	g := newGarden(t)
	operations := organizations.Service().Operations
	who := admitted()
	if len(who) != len(operations) || len(g.table) != len(operations) {
		t.Fatalf("the model has %d operations, this test %d, and the table %d", len(operations), len(who), len(g.table))
	}
	for _, name := range slices.Sorted(maps.Keys(operations)) {
		for kind, caller := range map[string]identity.Caller{"m": g.management, "d": g.admin, "p": g.delegate, "o": g.member, "s": g.outsider} {
			want := ""
			if !strings.Contains(who[name], kind) {
				want = refusedAs(name, kind)
			}
			if got := g.admits(t, caller, operations[name].New()); got != want {
				t.Errorf("%s by %s: %q, want %q", name, kind, got, want)
			}
			user := identity.Caller{Account: caller.Account, Type: identity.IAMUser, ARN: "arn:aws:iam::" + string(caller.Account) + ":user/eve"}
			want = "AccessDeniedException"
			if kind == "s" && !strings.Contains(who[name], "s") {
				want = "AWSOrganizationsNotInUseException"
			}
			if got := g.admits(t, user, operations[name].New()); got != want {
				t.Errorf("%s by a user without permissions of %s: %q, want %q", name, kind, got, want)
			}
		}
	}
}

// refusedAs is the exception for a caller of a kind that may not call.
func refusedAs(operation, kind string) string {
	switch {
	case operation == "CreateOrganization":
		return "AlreadyInOrganizationException"
	case kind == "s":
		return "AWSOrganizationsNotInUseException"
	case operation == "LeaveOrganization":
		return "MasterCannotLeaveOrganizationException"
	}
	return "AccessDeniedException"
}

// admits returns the exception with which a caller is not admitted, or "".
func (g *garden) admits(t *testing.T, by identity.Caller, in api.Input) string {
	t.Helper()
	caller, err := g.caller(t.Context(), by, in)
	if err != nil {
		t.Fatal(err)
	}
	if err := g.authorize(caller, in); err != nil {
		return exception(in, err).ErrorCode()
	}
	return ""
}

func TestAccessLevels(t *testing.T) {
	table := newWorld(t).table
	for name, rule := range table {
		reads := strings.HasPrefix(name, "Describe") || strings.HasPrefix(name, "List")
		if rule.Operation != name || rule.ReadOnly() != reads {
			t.Errorf("%s: the rule is %+v", name, rule)
		}
	}
}

// The resource policy of the garden lets an account manage backup policies only.
func TestResourcePolicyDelegates(t *testing.T) {
	g := newGarden(t)
	backup := &organizations.CreatePolicyInput{Type: "BACKUP_POLICY", Name: "Mine", Description: new(""), Content: `{"plans":{}}`}
	g.do(t, g.delegate, backup)
	g.do(t, g.delegate, &organizations.EnablePolicyTypeInput{RootId: g.root, PolicyType: "BACKUP_POLICY"})
	g.do(t, g.delegate, &organizations.AttachPolicyInput{PolicyId: g.backupPolicy, TargetId: g.root})
	g.do(t, g.delegate, &organizations.UpdatePolicyInput{PolicyId: g.backupPolicy, Name: new("Weekly")})
	g.do(t, g.delegate, &organizations.TagResourceInput{ResourceId: g.backupPolicy, Tags: tagged("a", "1")})
	for _, in := range []api.Input{
		&organizations.CreatePolicyInput{Type: "TAG_POLICY", Name: "Mine", Description: new(""), Content: "{}"},
		&organizations.AttachPolicyInput{PolicyId: g.spare, TargetId: g.root},
		&organizations.DeletePolicyInput{PolicyId: g.spare},
		&organizations.DisablePolicyTypeInput{RootId: g.root, PolicyType: "SERVICE_CONTROL_POLICY"},
	} {
		if e := g.refuse(t, g.delegate, in); e.ErrorCode() != "AccessDeniedException" || e.ErrorMessage() != sentence("", "AccessDenied", "") {
			t.Errorf("%s: %v", nameOf(in), e)
		}
	}
	g.do(t, g.management, &organizations.DeleteResourcePolicyInput{})
	if e := g.refuse(t, g.delegate, &organizations.ListRootsInput{}); e.ErrorCode() != "AccessDeniedException" {
		t.Errorf("after the policy is gone: %v", e)
	}
}

// An account reads the organization as long as it administers a service.
// In AWS's examples one statement about the policies of a type lets a member
// create them, although CreatePolicy names none.
func TestResourcePolicyDelegatesCreation(t *testing.T) {
	g := newGarden(t)
	o := give[organizations.DescribeOrganizationOutput](t, g.world, g.management, &organizations.DescribeOrganizationInput{}).Organization
	g.do(t, g.management, &organizations.PutResourcePolicyInput{Content: fmt.Sprintf(`{"Version": "2012-10-17", "Statement": [{
		"Effect": "Allow", "Principal": {"AWS": %q}, "Action": "organizations:CreatePolicy",
		"Resource": "arn:aws:organizations::%s:policy/%s/backup_policy/*"}]}`, g.delegate.Account, *o.MasterAccountId, *o.Id)})
	create := func(t organizations.PolicyType) *organizations.CreatePolicyInput {
		return &organizations.CreatePolicyInput{Type: t, Name: "mine", Description: new(""), Content: `{"plans":{}}`}
	}
	g.do(t, g.delegate, create("BACKUP_POLICY"))
	if e := g.refuse(t, g.delegate, create("TAG_POLICY")); e.ErrorCode() != "AccessDeniedException" {
		t.Errorf("refused with %v", e)
	}
}

func TestDelegatedAdministratorReads(t *testing.T) {
	g := newGarden(t)
	for _, service := range []string{config, guardDuty} {
		g.do(t, g.admin, &organizations.ListAccountsInput{})
		g.do(t, g.management, &organizations.DeregisterDelegatedAdministratorInput{AccountId: string(g.admin.Account), ServicePrincipal: service})
	}
	if e := g.refuse(t, g.admin, &organizations.ListAccountsInput{}); e.ErrorCode() != "AccessDeniedException" {
		t.Errorf("a former administrator: %v", e)
	}
}

// A session of the role that CreateAccount makes may do what its account may do.
func TestRoleSessionActsForItsAccount(t *testing.T) {
	g := newGarden(t)
	admin := g.assume(t, g.management, g.admin.Account, "OrganizationAccountAccessRole")
	g.do(t, admin, &organizations.ListAccountsInput{})
	if e := g.refuse(t, admin, &organizations.DeletePolicyInput{PolicyId: g.spare}); e.ErrorCode() != "AccessDeniedException" {
		t.Errorf("a delegated administrator writes: %v", e)
	}
	g.do(t, g.assume(t, g.management, g.delegate.Account, "OrganizationAccountAccessRole"), &organizations.DescribePolicyInput{PolicyId: g.backupPolicy})
	member := g.assume(t, g.management, g.member.Account, "OrganizationAccountAccessRole")
	g.do(t, member, &organizations.DescribeOrganizationInput{})
	g.do(t, member, &organizations.LeaveOrganizationInput{})
}

// assume returns a session of a role of an account.
func (w *world) assume(t testing.TB, by identity.Caller, account identity.AccountID, role string) identity.Caller {
	t.Helper()
	out := give[sts.AssumeRoleOutput](t, w, by, &sts.AssumeRoleInput{RoleArn: identity.RoleARN(identity.Partition(w.rules.Partition), account, "/", role), RoleSessionName: "tester"})
	session := w.sessions[out.Credentials.AccessKeyId]
	return session.Caller()
}
