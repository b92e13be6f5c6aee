package ops_test

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/espalier-cloud/espalier/internal/api"
	"github.com/espalier-cloud/espalier/internal/api/iam"
	"github.com/espalier-cloud/espalier/internal/ops"
	"github.com/espalier-cloud/espalier/internal/store"
)

// iamMutations returns one call of every operation of IAM that changes
// something, for an estate that was just made.
func (e *estate) iamMutations() []api.Input {
	trust, one := trusting("*", ""), []iam.Tag{{Key: "a", Value: new("1")}}
	return []api.Input{
		&iam.AddClientIDToOpenIDConnectProviderInput{OpenIDConnectProviderArn: e.provider, ClientID: "web"},
		&iam.AddUserToGroupInput{UserName: "Bob", GroupName: "Staff"},
		&iam.AttachGroupPolicyInput{GroupName: "Staff", PolicyArn: readOnlyAccess},
		&iam.AttachRolePolicyInput{RoleName: "Reader", PolicyArn: readOnlyAccess},
		&iam.AttachUserPolicyInput{UserName: "Ann", PolicyArn: readOnlyAccess},
		&iam.CreateAccessKeyInput{UserName: new("Ann")},
		&iam.CreateAccountAliasInput{AccountAlias: "another"},
		&iam.CreateGroupInput{GroupName: "New"},
		&iam.CreateOpenIDConnectProviderInput{Url: "https://new.example.com"},
		&iam.CreatePolicyInput{PolicyName: "New", PolicyDocument: allowing},
		&iam.CreatePolicyVersionInput{PolicyArn: e.spare, PolicyDocument: denying},
		&iam.CreateRoleInput{RoleName: "New", AssumeRolePolicyDocument: trust},
		&iam.CreateServiceLinkedRoleInput{AWSServiceName: "fms.amazonaws.com"},
		&iam.CreateUserInput{UserName: "New", Tags: one},
		&iam.DeleteAccessKeyInput{UserName: new("Ann"), AccessKeyId: e.key},
		&iam.DeleteAccountAliasInput{AccountAlias: "estate"},
		&iam.DeleteGroupInput{GroupName: "Empty"},
		&iam.DeleteGroupPolicyInput{GroupName: "Staff", PolicyName: "inline"},
		&iam.DeleteOpenIDConnectProviderInput{OpenIDConnectProviderArn: e.provider},
		&iam.DeletePolicyInput{PolicyArn: e.spare},
		&iam.DeletePolicyVersionInput{PolicyArn: e.full, VersionId: "v1"},
		&iam.DeleteRoleInput{RoleName: "Idle"},
		&iam.DeleteRolePermissionsBoundaryInput{RoleName: "Reader"},
		&iam.DeleteRolePolicyInput{RoleName: "Reader", PolicyName: "inline"},
		&iam.DeleteServiceLinkedRoleInput{RoleName: e.unneeded},
		&iam.DeleteUserInput{UserName: "Bob"},
		&iam.DeleteUserPermissionsBoundaryInput{UserName: "Ann"},
		&iam.DeleteUserPolicyInput{UserName: "Ann", PolicyName: "inline"},
		&iam.DetachGroupPolicyInput{GroupName: "Staff", PolicyArn: e.full},
		&iam.DetachRolePolicyInput{RoleName: "Reader", PolicyArn: e.full},
		&iam.DetachUserPolicyInput{UserName: "Ann", PolicyArn: e.full},
		&iam.DisableOrganizationsRootCredentialsManagementInput{},
		&iam.DisableOrganizationsRootSessionsInput{},
		&iam.EnableOrganizationsRootCredentialsManagementInput{},
		&iam.EnableOrganizationsRootSessionsInput{},
		&iam.PutGroupPolicyInput{GroupName: "Staff", PolicyName: "new", PolicyDocument: allowing},
		&iam.PutRolePermissionsBoundaryInput{RoleName: "Reader", PermissionsBoundary: e.boundary},
		&iam.PutRolePolicyInput{RoleName: "Reader", PolicyName: "new", PolicyDocument: allowing},
		&iam.PutUserPermissionsBoundaryInput{UserName: "Bob", PermissionsBoundary: e.boundary},
		&iam.PutUserPolicyInput{UserName: "Ann", PolicyName: "new", PolicyDocument: allowing},
		&iam.RemoveClientIDFromOpenIDConnectProviderInput{OpenIDConnectProviderArn: e.provider, ClientID: "app"},
		&iam.RemoveUserFromGroupInput{UserName: "Ann", GroupName: "Staff"},
		&iam.SetDefaultPolicyVersionInput{PolicyArn: e.full, VersionId: "v1"},
		&iam.TagOpenIDConnectProviderInput{OpenIDConnectProviderArn: e.provider, Tags: one},
		&iam.TagPolicyInput{PolicyArn: e.spare, Tags: one},
		&iam.TagRoleInput{RoleName: "Reader", Tags: one},
		&iam.TagUserInput{UserName: "Ann", Tags: one},
		&iam.UntagOpenIDConnectProviderInput{OpenIDConnectProviderArn: e.provider, TagKeys: []string{"a"}},
		&iam.UntagPolicyInput{PolicyArn: e.spare, TagKeys: []string{"a"}},
		&iam.UntagRoleInput{RoleName: "Reader", TagKeys: []string{"a"}},
		&iam.UntagUserInput{UserName: "Ann", TagKeys: []string{"a"}},
		&iam.UpdateAccessKeyInput{UserName: new("Ann"), AccessKeyId: e.key, Status: "Inactive"},
		&iam.UpdateAssumeRolePolicyInput{RoleName: "Reader", PolicyDocument: trust},
		&iam.UpdateOpenIDConnectProviderThumbprintInput{OpenIDConnectProviderArn: e.provider, ThumbprintList: []string{strings.Repeat("0b", 20)}},
		&iam.UpdateRoleInput{RoleName: "Reader", Description: new("reads")},
		&iam.UpdateRoleDescriptionInput{RoleName: "Reader", Description: new("reads")},
		&iam.UpdateUserInput{UserName: "Ann", NewUserName: new("Anna")},
	}
}

// iamReads returns one call of every operation of IAM that changes nothing.
func (e *estate) iamReads() []api.Input {
	return []api.Input{
		&iam.GetAccessKeyLastUsedInput{AccessKeyId: e.key},
		&iam.GetAccountAuthorizationDetailsInput{},
		&iam.GetAccountSummaryInput{},
		&iam.GetGroupInput{GroupName: "Staff"},
		&iam.GetGroupPolicyInput{GroupName: "Staff", PolicyName: "inline"},
		&iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: e.provider},
		&iam.GetPolicyInput{PolicyArn: e.full},
		&iam.GetPolicyVersionInput{PolicyArn: e.full, VersionId: "v1"},
		&iam.GetRoleInput{RoleName: "Reader"},
		&iam.GetRolePolicyInput{RoleName: "Reader", PolicyName: "inline"},
		&iam.GetServiceLinkedRoleDeletionStatusInput{DeletionTaskId: e.deletions},
		&iam.GetUserInput{UserName: new("Ann")},
		&iam.GetUserPolicyInput{UserName: "Ann", PolicyName: "inline"},
		&iam.ListAccessKeysInput{UserName: new("Ann")},
		&iam.ListAccountAliasesInput{},
		&iam.ListAttachedGroupPoliciesInput{GroupName: "Staff"},
		&iam.ListAttachedRolePoliciesInput{RoleName: "Reader"},
		&iam.ListAttachedUserPoliciesInput{UserName: "Ann"},
		&iam.ListEntitiesForPolicyInput{PolicyArn: e.full},
		&iam.ListGroupPoliciesInput{GroupName: "Staff"},
		&iam.ListGroupsInput{},
		&iam.ListGroupsForUserInput{UserName: "Ann"},
		&iam.ListInstanceProfilesForRoleInput{RoleName: "Reader"},
		&iam.ListOpenIDConnectProviderTagsInput{OpenIDConnectProviderArn: e.provider},
		&iam.ListOpenIDConnectProvidersInput{},
		&iam.ListMFADevicesInput{UserName: new("Ann")},
		&iam.ListOrganizationsFeaturesInput{},
		&iam.ListPoliciesInput{},
		&iam.ListPolicyTagsInput{PolicyArn: e.spare},
		&iam.ListPolicyVersionsInput{PolicyArn: e.full},
		&iam.ListRolePoliciesInput{RoleName: "Reader"},
		&iam.ListRoleTagsInput{RoleName: "Reader"},
		&iam.ListRolesInput{},
		&iam.ListSSHPublicKeysInput{UserName: new("Ann")},
		&iam.ListServiceSpecificCredentialsInput{UserName: new("Ann")},
		&iam.ListSigningCertificatesInput{UserName: new("Ann")},
		&iam.ListUserPoliciesInput{UserName: "Ann"},
		&iam.ListUserTagsInput{UserName: "Ann"},
		&iam.ListUsersInput{},
		&iam.ListVirtualMFADevicesInput{},
	}
}

// iamImplemented returns the operations of IAM that this file answers for, in
// their order: the simulations are tested elsewhere, and those that nobody has what
// they ask for.
func iamImplemented() []string {
	service, nothing := reflect.TypeFor[*ops.IAM](), reflect.TypeFor[iam.Unimplemented[ops.Caller]]()
	var names []string
	for _, name := range slices.Sorted(maps.Keys(iam.Service().Operations)) {
		method, _ := service.MethodByName(name)
		_, ours := nothing.MethodByName(name)
		if ours && !strings.Contains(fileOf(method), "autogenerated") && !strings.HasPrefix(name, "Simulate") && !strings.HasPrefix(name, "GetContextKeys") && !strings.HasSuffix(name, "LoginProfile") {
			names = append(names, name)
		}
	}
	return names
}

func TestIAMCallsAreAllOperations(t *testing.T) {
	e := newEstate(t)
	var have []string
	for _, in := range slices.Concat(e.iamMutations(), e.iamReads()) {
		have = append(have, nameOf(in))
	}
	slices.Sort(have)
	if want := iamImplemented(); !slices.Equal(want, have) || len(want) != 97 {
		t.Errorf("%d operations are implemented: %q, the tests have %q", len(want), want, have)
	}
}

// Every call succeeds; a change is one version of the account and leaves one
// event, and a read neither.
func TestIAMCalls(t *testing.T) {
	for i, in := range newEstate(t).iamMutations() {
		t.Run(nameOf(in), func(t *testing.T) {
			e := newEstate(t)
			before, events := e.accountVersion(t, e.root), len(e.trail(t, e.root))
			e.do(t, e.root, e.iamMutations()[i])
			if after := e.accountVersion(t, e.root); after != before+1 {
				t.Errorf("it went from version %d to %d", before, after)
			}
			if after := e.trail(t, e.root); len(after) != events+1 || after[0].EventName != nameOf(in) {
				t.Errorf("the latest of %d events is %s", len(after), after[0].doc)
			}
		})
	}
	e := newEstate(t)
	before := e.accountVersion(t, e.root)
	for _, in := range e.iamReads() {
		e.do(t, e.root, in)
	}
	if after := e.accountVersion(t, e.root); after != before {
		t.Errorf("reading went from version %d to %d", before, after)
	}
}

// A change gives up when another server is faster again and again.
func TestIAMConflicts(t *testing.T) {
	e := newEstate(t)
	for _, in := range e.iamMutations() {
		e.overtake = func() { e.advance(t, map[store.AggregateID]store.Kind{store.AggregateID(e.root.Account): "account"}) }
		refused := e.refuse(t, e.root, in)
		e.overtake = nil
		if refused.ErrorCode() != "ConcurrentModification" || refused.HTTPStatus() != 409 {
			t.Errorf("%s: %v", nameOf(in), refused)
		}
		e.boot()
	}
}

// A database that is gone makes every call fail, and its error stays inside.
func TestIAMFailures(t *testing.T) {
	e := newEstate(t)
	calls := e.iamMutations()
	e.store.Close()
	check := func(in api.Input) {
		if refused := e.refuse(t, e.root, in); refused.ErrorCode() != "ServiceFailure" || refused.HTTPStatus() != 500 || strings.Contains(refused.ErrorMessage(), "sql") {
			t.Errorf("%s: status %d, %v", nameOf(in), refused.HTTPStatus(), refused)
		}
	}
	for _, in := range calls { // the states are in memory, the changes cannot be written
		check(in)
	}
	e.boot()
	for _, in := range slices.Concat(calls, e.iamReads()) {
		check(in)
	}
}
