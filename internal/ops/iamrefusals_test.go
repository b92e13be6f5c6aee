package ops_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/espalier-cloud/espalier/internal/api"
	"github.com/espalier-cloud/espalier/internal/api/iam"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/store"
)

// iamRefusal is a call that a rule of IAM refuses.
type iamRefusal struct {
	in     api.Input
	code   string
	text   string           // a part of the message
	by     *identity.Caller // nil stands for the root user
	quotas *identity.Quotas // for the time of the call, or nil
}

func (e *estate) iamRefusals() []iamRefusal {
	return slices.Concat(e.userRefusals(), e.groupRefusals(), e.roleRefusals(), e.policyRefusals(), e.versionRefusals(), e.attachmentRefusals(),
		e.inlineRefusals(), e.boundaryRefusals(), e.tagRefusals(), e.keyRefusals(), e.providerRefusals(), e.otherRefusals(), e.featureRefusals())
}

func TestIAMRefusals(t *testing.T) {
	e := newEstate(t)
	for _, c := range e.iamRefusals() {
		t.Run(nameOf(c.in)+"/"+c.code, func(t *testing.T) { e.checkRefusal(t, c) })
	}
}

// checkRefusal makes a call that must be refused as expected and without effect.
func (e *estate) checkRefusal(t *testing.T, c iamRefusal) {
	by := e.root
	if c.by != nil {
		by = *c.by
	}
	e.limit(c.quotas)
	defer e.limit(nil)
	before := e.accountVersion(t, by)
	refused := e.refuse(t, by, c.in)
	if refused.ErrorCode() != c.code || !strings.Contains(refused.ErrorMessage(), c.text) || refused.ErrorMessage() == "" {
		t.Errorf("refused with %s: %s, want %s: …%s…", refused.ErrorCode(), refused.ErrorMessage(), c.code, c.text)
	}
	if refused.HTTPStatus() != statusOf(c.code) {
		t.Errorf("the status of %s is %d", c.code, refused.HTTPStatus())
	}
	if after := e.accountVersion(t, by); after != before {
		t.Errorf("it went from version %d to %d", before, after)
	}
}

func (w *world) accountVersion(t *testing.T, by identity.Caller) int64 {
	t.Helper()
	versions, err := w.store.Versions(t.Context(), store.AggregateID(by.Account))
	if err != nil {
		t.Fatal(err)
	}
	return versions[store.AggregateID(by.Account)]
}

// statusOf is the HTTP status that the model has for a code.
func statusOf(code string) int {
	switch code {
	case "NoSuchEntity":
		return 404
	case "EntityAlreadyExists", "DeleteConflict", "LimitExceeded", "ConcurrentModification", "EntityTemporarilyUnmodifiable":
		return 409
	case "AccessDenied":
		return 403
	case "ServiceFailure":
		return 500
	}
	return 400
}

func duplicates() []iam.Tag {
	return []iam.Tag{{Key: "a", Value: new("1")}, {Key: "A", Value: new("2")}}
}

const (
	exists    = "EntityAlreadyExists"
	unknown   = "NoSuchEntity"
	conflict  = "DeleteConflict"
	limited   = "LimitExceeded"
	invalid   = "InvalidInput"
	malformed = "MalformedPolicyDocument"
	protected = "UnmodifiableEntity"
	refusedBy = "AccessDenied"
	wrong     = "ValidationError"
)

func (e *estate) userRefusals() []iamRefusal {
	return []iamRefusal{
		{in: &iam.CreateUserInput{UserName: "ANN"}, code: exists, text: "User with name ANN already exists."},
		{in: &iam.CreateUserInput{UserName: "a b"}, code: wrong, text: "userName"},
		{in: &iam.CreateUserInput{UserName: "x"}, code: limited, text: "UsersPerAccount: 0", quotas: none()},
		{in: &iam.CreateUserInput{UserName: "x", Tags: duplicates()}, code: invalid, text: "Duplicate tag keys found."},
		{in: &iam.CreateUserInput{UserName: "x", PermissionsBoundary: new(noPolicy)}, code: invalid, text: "is not valid."},
		{in: &iam.CreateUserInput{UserName: "x", PermissionsBoundary: new(e.spare + "x")}, code: unknown, text: "does not exist or is not attachable."},
		{in: &iam.GetUserInput{UserName: new("Nobody")}, code: unknown, text: "The user with name Nobody cannot be found."},
		{in: &iam.GetUserInput{}, by: &e.session, code: wrong, text: "Must specify userName when calling with non-User credentials"},
		{in: &iam.ListUsersInput{Marker: new("marker")}, code: wrong, text: "Invalid Marker."},
		{in: &iam.ListMFADevicesInput{UserName: new("Nobody")}, code: unknown, text: "The user with name Nobody cannot be found."},
		{in: &iam.ListSSHPublicKeysInput{UserName: new("Nobody")}, code: unknown},
		{in: &iam.ListServiceSpecificCredentialsInput{UserName: new("Nobody")}, code: unknown},
		{in: &iam.ListSigningCertificatesInput{}, by: &e.session, code: wrong, text: "Must specify userName"},
		{in: &iam.ListSigningCertificatesInput{UserName: new("Nobody")}, code: unknown},
		{in: &iam.UpdateUserInput{UserName: "Nobody"}, code: unknown},
		{in: &iam.UpdateUserInput{UserName: "Ann", NewUserName: new("bob")}, code: exists, text: "User with name bob already exists."},
		{in: &iam.DeleteUserInput{UserName: "Nobody"}, code: unknown, text: "The user with name Nobody cannot be found."},
		{in: &iam.DeleteUserInput{UserName: "Ann"}, code: conflict, text: "Cannot delete entity, must detach all policies first."},
		{in: &iam.DeleteUserInput{UserName: "Keyed"}, code: conflict, text: "Cannot delete entity, must delete access keys first."},
		{in: &iam.DeleteUserInput{UserName: "Grouped"}, code: conflict, text: "Cannot delete entity, must remove users from group first."},
	}
}

func (e *estate) groupRefusals() []iamRefusal {
	const text = "The group with name None cannot be found."
	return []iamRefusal{
		{in: &iam.CreateGroupInput{GroupName: "STAFF"}, code: exists, text: "Group with name STAFF already exists."},
		{in: &iam.CreateGroupInput{GroupName: "x"}, code: limited, text: "GroupsPerAccount: 0", quotas: none()},
		{in: &iam.GetGroupInput{GroupName: "None"}, code: unknown, text: text},
		{in: &iam.GetGroupInput{GroupName: "Staff", Marker: new("marker")}, code: wrong, text: "Invalid Marker."},
		{in: &iam.ListGroupsInput{Marker: new("marker")}, code: wrong, text: "Invalid Marker."},
		{in: &iam.ListGroupsForUserInput{UserName: "Nobody"}, code: unknown},
		{in: &iam.ListGroupsForUserInput{UserName: "Ann", Marker: new("marker")}, code: wrong, text: "Invalid Marker."},
		{in: &iam.AddUserToGroupInput{UserName: "Ann", GroupName: "None"}, code: unknown, text: text},
		{in: &iam.AddUserToGroupInput{UserName: "Nobody", GroupName: "Staff"}, code: unknown},
		{in: &iam.AddUserToGroupInput{UserName: "Bob", GroupName: "Staff"}, code: limited, text: "GroupsPerUser: 0", quotas: none()},
		{in: &iam.RemoveUserFromGroupInput{UserName: "Bob", GroupName: "Staff"}, code: unknown, text: "User Bob not in group Staff"},
		{in: &iam.DeleteGroupInput{GroupName: "None"}, code: unknown, text: text},
		{in: &iam.DeleteGroupInput{GroupName: "Staff"}, code: conflict, text: "must detach all policies first."},
		{in: &iam.DeleteGroupInput{GroupName: "Crowd"}, code: conflict, text: "must remove users from group first."},
	}
}

func (e *estate) roleRefusals() []iamRefusal {
	trust := trusting("*", "")
	const text = "The role with name None cannot be found."
	return []iamRefusal{
		{in: &iam.CreateRoleInput{RoleName: "READER", AssumeRolePolicyDocument: trust}, code: exists, text: "Role with name READER already exists."},
		{in: &iam.CreateRoleInput{RoleName: "x", AssumeRolePolicyDocument: allowing}, code: malformed, text: "Syntax errors in policy."},
		{in: &iam.CreateRoleInput{RoleName: "x", AssumeRolePolicyDocument: "{"}, code: malformed, text: "This policy contains invalid Json"},
		{in: &iam.CreateRoleInput{RoleName: "x", AssumeRolePolicyDocument: trust}, code: limited, text: "RolesPerAccount: 0", quotas: none()},
		{in: &iam.CreateRoleInput{RoleName: "x", AssumeRolePolicyDocument: strings.Repeat("x", 2049)}, code: limited, text: "ACLSizePerRole: 2048"},
		{in: &iam.CreateRoleInput{RoleName: "x", AssumeRolePolicyDocument: trust, Tags: duplicates()}, code: invalid, text: "Duplicate tag keys found."},
		{in: &iam.CreateRoleInput{RoleName: "x", AssumeRolePolicyDocument: trust, Path: new("/aws-service-role/x/")}, code: wrong, text: "path"},
		{in: &iam.GetRoleInput{RoleName: "None"}, code: unknown, text: text},
		{in: &iam.ListInstanceProfilesForRoleInput{RoleName: "None"}, code: unknown, text: text},
		{in: &iam.UpdateRoleInput{RoleName: "None"}, code: unknown, text: text},
		{in: &iam.UpdateRoleDescriptionInput{RoleName: organizationsRole, Description: new("\x00")}, code: wrong, text: "description"},
		{in: &iam.UpdateRoleInput{RoleName: organizationsRole, MaxSessionDuration: new(int32(7200))}, code: protected, text: "Cannot perform the operation on the protected role '" + organizationsRole + "'"},
		{in: &iam.UpdateRoleDescriptionInput{RoleName: "None", Description: new("x")}, code: unknown, text: text},
		{in: &iam.UpdateAssumeRolePolicyInput{RoleName: "None", PolicyDocument: trust}, code: unknown, text: text},
		{in: &iam.UpdateAssumeRolePolicyInput{RoleName: "Reader", PolicyDocument: allowing}, code: malformed},
		{in: &iam.UpdateAssumeRolePolicyInput{RoleName: "Reader", PolicyDocument: strings.Repeat("x", 2049)}, code: limited, text: "ACLSizePerRole"},
		{in: &iam.UpdateAssumeRolePolicyInput{RoleName: organizationsRole, PolicyDocument: trust}, code: protected},
		{in: &iam.DeleteRoleInput{RoleName: "None"}, code: unknown, text: text},
		{in: &iam.DeleteRoleInput{RoleName: "Reader"}, code: conflict, text: "must detach all policies first."},
		{in: &iam.DeleteRoleInput{RoleName: organizationsRole}, code: protected},
		{in: &iam.CreateServiceLinkedRoleInput{AWSServiceName: "sso.amazonaws.com"}, code: invalid, text: "Service role name AWSServiceRoleForSSO has been taken in this account, please try a different suffix."},
		{in: &iam.CreateServiceLinkedRoleInput{AWSServiceName: "spoon.amazonaws.com"}, code: invalid, text: "not supported"},
		{in: &iam.DeleteServiceLinkedRoleInput{RoleName: "None"}, code: unknown, text: text},
		{in: &iam.DeleteServiceLinkedRoleInput{RoleName: "Reader"}, code: unknown},
		{in: &iam.GetServiceLinkedRoleDeletionStatusInput{DeletionTaskId: "task"}, code: invalid},
		{in: &iam.GetServiceLinkedRoleDeletionStatusInput{DeletionTaskId: e.deletions + "x"}, code: unknown},
	}
}

func (e *estate) policyRefusals() []iamRefusal {
	foreign := "arn:aws:iam::999988887777:policy/Spare"
	return []iamRefusal{
		{in: &iam.CreatePolicyInput{PolicyName: "FULL", PolicyDocument: allowing}, code: exists, text: "A policy called FULL already exists. Duplicate names are not allowed."},
		{in: &iam.CreatePolicyInput{PolicyName: "x", PolicyDocument: "[]"}, code: malformed, text: "Syntax errors in policy."},
		{in: &iam.CreatePolicyInput{PolicyName: "x", PolicyDocument: strings.Repeat("x", 6145)}, code: limited, text: "PolicySize: 6144"},
		{in: &iam.CreatePolicyInput{PolicyName: "x", PolicyDocument: allowing, Tags: duplicates()}, code: invalid},
		{in: &iam.GetPolicyInput{PolicyArn: e.spare + "x"}, code: unknown, text: "Policy " + e.spare + "x was not found."},
		{in: &iam.GetPolicyInput{PolicyArn: noPolicy}, code: invalid, text: "ARN " + noPolicy + " is not valid."},
		{in: &iam.GetPolicyInput{PolicyArn: foreign}, code: refusedBy, text: "Policy is outside your own account."},
		{in: &iam.ListPoliciesInput{Marker: new("marker")}, code: wrong, text: "Invalid Marker."},
		{in: &iam.ListEntitiesForPolicyInput{PolicyArn: e.spare + "x"}, code: unknown},
		{in: &iam.ListEntitiesForPolicyInput{PolicyArn: noPolicy}, code: invalid},
		{in: &iam.ListEntitiesForPolicyInput{PolicyArn: e.full, Marker: new("marker")}, code: wrong, text: "Invalid Marker."},
		{in: &iam.DeletePolicyInput{PolicyArn: e.spare + "x"}, code: unknown},
		{in: &iam.DeletePolicyInput{PolicyArn: noPolicy}, code: invalid},
		{in: &iam.DeletePolicyInput{PolicyArn: e.boundary}, code: conflict, text: "Cannot delete a policy attached to entities."},
		{in: &iam.DeletePolicyInput{PolicyArn: administratorAccess}, code: refusedBy, text: "Policy is outside your own account."},
	}
}

func (e *estate) versionRefusals() []iamRefusal {
	return []iamRefusal{
		{in: &iam.CreatePolicyVersionInput{PolicyArn: e.full, PolicyDocument: allowing}, code: limited, text: "A managed policy can have up to 5 versions."},
		{in: &iam.CreatePolicyVersionInput{PolicyArn: e.spare, PolicyDocument: "{}"}, code: malformed},
		{in: &iam.CreatePolicyVersionInput{PolicyArn: e.spare + "x", PolicyDocument: allowing}, code: unknown},
		{in: &iam.CreatePolicyVersionInput{PolicyArn: noPolicy, PolicyDocument: allowing}, code: invalid},
		{in: &iam.GetPolicyVersionInput{PolicyArn: e.full, VersionId: "v9"}, code: unknown, text: "version v9 does not exist"},
		{in: &iam.GetPolicyVersionInput{PolicyArn: noPolicy, VersionId: "v1"}, code: invalid},
		{in: &iam.ListPolicyVersionsInput{PolicyArn: e.spare + "x"}, code: unknown},
		{in: &iam.ListPolicyVersionsInput{PolicyArn: noPolicy}, code: invalid},
		{in: &iam.ListPolicyVersionsInput{PolicyArn: e.full, Marker: new("marker")}, code: wrong, text: "Invalid Marker."},
		{in: &iam.SetDefaultPolicyVersionInput{PolicyArn: e.full, VersionId: "v9"}, code: unknown},
		{in: &iam.SetDefaultPolicyVersionInput{PolicyArn: noPolicy, VersionId: "v1"}, code: invalid},
		{in: &iam.DeletePolicyVersionInput{PolicyArn: e.full, VersionId: "v2"}, code: conflict, text: "Cannot delete the default version of a policy."},
		{in: &iam.DeletePolicyVersionInput{PolicyArn: e.full, VersionId: "v9"}, code: unknown},
		{in: &iam.DeletePolicyVersionInput{PolicyArn: noPolicy, VersionId: "v1"}, code: invalid},
	}
}

func (e *estate) attachmentRefusals() []iamRefusal {
	var all []iamRefusal
	for _, arn := range []struct {
		is, code string
		quotas   *identity.Quotas
	}{{e.spare + "x", unknown, nil}, {noPolicy, invalid, nil}, {organizationsTrust, "PolicyNotAttachable", nil}, {e.spare, limited, none()}} {
		all = append(all,
			iamRefusal{in: &iam.AttachUserPolicyInput{UserName: "Ann", PolicyArn: arn.is}, code: arn.code, quotas: arn.quotas},
			iamRefusal{in: &iam.AttachGroupPolicyInput{GroupName: "Staff", PolicyArn: arn.is}, code: arn.code, quotas: arn.quotas},
			iamRefusal{in: &iam.AttachRolePolicyInput{RoleName: "Reader", PolicyArn: arn.is}, code: arn.code, quotas: arn.quotas},
		)
	}
	for arn, code := range map[string]string{e.spare: unknown, noPolicy: invalid} {
		all = append(all,
			iamRefusal{in: &iam.DetachUserPolicyInput{UserName: "Ann", PolicyArn: arn}, code: code},
			iamRefusal{in: &iam.DetachGroupPolicyInput{GroupName: "Staff", PolicyArn: arn}, code: code},
			iamRefusal{in: &iam.DetachRolePolicyInput{RoleName: "Reader", PolicyArn: arn}, code: code},
		)
	}
	return append(all,
		iamRefusal{in: &iam.AttachRolePolicyInput{RoleName: organizationsRole, PolicyArn: e.spare}, code: protected},
		iamRefusal{in: &iam.DetachRolePolicyInput{RoleName: organizationsRole, PolicyArn: organizationsTrust}, code: protected},
		iamRefusal{in: &iam.ListAttachedUserPoliciesInput{UserName: "Nobody"}, code: unknown},
		iamRefusal{in: &iam.ListAttachedGroupPoliciesInput{GroupName: "None"}, code: unknown},
		iamRefusal{in: &iam.ListAttachedRolePoliciesInput{RoleName: "None"}, code: unknown},
	)
}

func (e *estate) inlineRefusals() []iamRefusal {
	long := strings.Replace(allowing, "s3:*", strings.Repeat("x", 10240), 1)
	return []iamRefusal{
		{in: &iam.PutUserPolicyInput{UserName: "Nobody", PolicyName: "x", PolicyDocument: allowing}, code: unknown},
		{in: &iam.PutUserPolicyInput{UserName: "Ann", PolicyName: "x", PolicyDocument: "{"}, code: malformed, text: "invalid Json"},
		{in: &iam.PutUserPolicyInput{UserName: "Ann", PolicyName: "x", PolicyDocument: strings.Replace(long, "xxxx", "s3:G", 1)}, code: limited, text: "Maximum policy size of 2048 bytes exceeded for user Ann"},
		{in: &iam.PutGroupPolicyInput{GroupName: "None", PolicyName: "x", PolicyDocument: allowing}, code: unknown},
		{in: &iam.PutGroupPolicyInput{GroupName: "Staff", PolicyName: "x", PolicyDocument: "{}"}, code: malformed},
		{in: &iam.PutGroupPolicyInput{GroupName: "Staff", PolicyName: "x", PolicyDocument: strings.Replace(long, "xxxx", "s3:G", 1)}, code: limited, text: "5120 bytes exceeded for group Staff"},
		{in: &iam.PutRolePolicyInput{RoleName: "None", PolicyName: "x", PolicyDocument: allowing}, code: unknown},
		{in: &iam.PutRolePolicyInput{RoleName: "Reader", PolicyName: "x", PolicyDocument: "{}"}, code: malformed},
		{in: &iam.PutRolePolicyInput{RoleName: "Reader", PolicyName: "x", PolicyDocument: strings.Replace(long, "xxxx", "s3:G", 1)}, code: limited, text: "10240 bytes exceeded for role Reader"},
		{in: &iam.PutRolePolicyInput{RoleName: organizationsRole, PolicyName: "x", PolicyDocument: allowing}, code: protected},
		{in: &iam.GetUserPolicyInput{UserName: "Ann", PolicyName: "x"}, code: unknown, text: "The user policy with name x cannot be found."},
		{in: &iam.GetGroupPolicyInput{GroupName: "Staff", PolicyName: "x"}, code: unknown, text: "The group policy with name x cannot be found."},
		{in: &iam.GetRolePolicyInput{RoleName: "Reader", PolicyName: "x"}, code: unknown, text: "The role policy with name x cannot be found."},
		{in: &iam.DeleteUserPolicyInput{UserName: "Ann", PolicyName: "x"}, code: unknown},
		{in: &iam.DeleteGroupPolicyInput{GroupName: "Staff", PolicyName: "x"}, code: unknown},
		{in: &iam.DeleteRolePolicyInput{RoleName: "Reader", PolicyName: "x"}, code: unknown},
		{in: &iam.DeleteRolePolicyInput{RoleName: organizationsRole, PolicyName: "x"}, code: protected},
		{in: &iam.ListUserPoliciesInput{UserName: "Nobody"}, code: unknown},
		{in: &iam.ListGroupPoliciesInput{GroupName: "None"}, code: unknown},
		{in: &iam.ListRolePoliciesInput{RoleName: "None"}, code: unknown},
	}
}

func (e *estate) boundaryRefusals() []iamRefusal {
	var all []iamRefusal
	for arn, code := range map[string]string{e.spare + "x": unknown, noPolicy: invalid, organizationsTrust: "PolicyNotAttachable"} {
		all = append(all,
			iamRefusal{in: &iam.PutUserPermissionsBoundaryInput{UserName: "Ann", PermissionsBoundary: arn}, code: code},
			iamRefusal{in: &iam.PutRolePermissionsBoundaryInput{RoleName: "Reader", PermissionsBoundary: arn}, code: code},
		)
	}
	return append(all,
		iamRefusal{in: &iam.PutRolePermissionsBoundaryInput{RoleName: organizationsRole, PermissionsBoundary: e.spare}, code: protected},
		iamRefusal{in: &iam.DeleteUserPermissionsBoundaryInput{UserName: "Nobody"}, code: unknown},
		iamRefusal{in: &iam.DeleteRolePermissionsBoundaryInput{RoleName: "None"}, code: unknown},
		iamRefusal{in: &iam.DeleteRolePermissionsBoundaryInput{RoleName: organizationsRole}, code: protected},
	)
}

func (e *estate) tagRefusals() []iamRefusal {
	one := []iam.Tag{{Key: "a", Value: new("1")}}
	return []iamRefusal{
		{in: &iam.TagUserInput{UserName: "Nobody", Tags: one}, code: unknown},
		{in: &iam.TagUserInput{UserName: "Ann", Tags: duplicates()}, code: invalid, text: "Duplicate tag keys found."},
		{in: &iam.TagUserInput{UserName: "Ann", Tags: one}, code: limited, text: "The number of tags has reached the maximum limit.", quotas: none()},
		{in: &iam.TagRoleInput{RoleName: "None", Tags: one}, code: unknown},
		{in: &iam.TagRoleInput{RoleName: "Reader", Tags: duplicates()}, code: invalid},
		{in: &iam.TagRoleInput{RoleName: "Reader", Tags: one}, code: limited, quotas: none()},
		{in: &iam.TagPolicyInput{PolicyArn: e.spare + "x", Tags: one}, code: unknown},
		{in: &iam.TagPolicyInput{PolicyArn: noPolicy, Tags: one}, code: invalid},
		{in: &iam.TagPolicyInput{PolicyArn: e.spare, Tags: one}, code: limited, quotas: none()},
		{in: &iam.UntagUserInput{UserName: "Nobody", TagKeys: []string{"a"}}, code: unknown},
		{in: &iam.UntagRoleInput{RoleName: "None", TagKeys: []string{"a"}}, code: unknown},
		{in: &iam.UntagPolicyInput{PolicyArn: e.spare + "x", TagKeys: []string{"a"}}, code: unknown},
		{in: &iam.UntagPolicyInput{PolicyArn: noPolicy, TagKeys: []string{"a"}}, code: invalid},
		{in: &iam.ListUserTagsInput{UserName: "Nobody"}, code: unknown},
		{in: &iam.ListRoleTagsInput{RoleName: "None"}, code: unknown},
		{in: &iam.ListPolicyTagsInput{PolicyArn: e.spare + "x"}, code: unknown},
		{in: &iam.ListPolicyTagsInput{PolicyArn: noPolicy}, code: invalid},
		{in: &iam.ListPolicyTagsInput{PolicyArn: e.spare, Marker: new("marker")}, code: wrong, text: "Invalid Marker."},
	}
}

func (e *estate) keyRefusals() []iamRefusal {
	const other = "AKIAAAAAAAAAAAAAAAAA"
	return []iamRefusal{
		{in: &iam.CreateAccessKeyInput{UserName: new("Nobody")}, code: unknown, text: "The user with name Nobody cannot be found."},
		{in: &iam.CreateAccessKeyInput{UserName: new("Ann")}, code: limited, text: "AccessKeysPerUser: 0", quotas: none()},
		{in: &iam.CreateAccessKeyInput{}, by: &e.session, code: wrong, text: "Must specify userName"},
		{in: &iam.ListAccessKeysInput{UserName: new("Nobody")}, code: unknown},
		{in: &iam.ListAccessKeysInput{}, by: &e.session, code: wrong, text: "Must specify userName"},
		{in: &iam.ListAccessKeysInput{Marker: new("marker")}, code: wrong, text: "Invalid Marker."},
		{in: &iam.UpdateAccessKeyInput{UserName: new("Ann"), AccessKeyId: other, Status: "Active"}, code: unknown, text: "The Access Key with id " + other + " cannot be found."},
		{in: &iam.UpdateAccessKeyInput{UserName: new("Bob"), AccessKeyId: e.key, Status: "Active"}, code: unknown},
		{in: &iam.UpdateAccessKeyInput{UserName: new("Ann"), AccessKeyId: e.key, Status: "Expired"}, code: invalid},
		{in: &iam.UpdateAccessKeyInput{AccessKeyId: e.key, Status: "Active"}, by: &e.session, code: wrong, text: "Must specify userName"},
		{in: &iam.DeleteAccessKeyInput{UserName: new("Ann"), AccessKeyId: other}, code: unknown},
		{in: &iam.DeleteAccessKeyInput{AccessKeyId: e.key}, by: &e.session, code: wrong, text: "Must specify userName"},
		{in: &iam.GetAccessKeyLastUsedInput{AccessKeyId: other}, code: refusedBy, text: "is not authorized to perform: iam:GetAccessKeyLastUsed"},
	}
}

func (e *estate) providerRefusals() []iamRefusal {
	one := []iam.Tag{{Key: "a", Value: new("1")}}
	all := []iamRefusal{
		{in: &iam.CreateOpenIDConnectProviderInput{Url: "https://token.example.com"}, code: exists, text: "Provider with url https://token.example.com already exists."},
		{in: &iam.CreateOpenIDConnectProviderInput{Url: "https://x.com", Tags: duplicates()}, code: invalid},
		{in: &iam.CreateOpenIDConnectProviderInput{Url: "https://x.com"}, code: limited, text: "OpenIdConnectProvidersPerAccount: 0", quotas: none()},
		{in: &iam.DeleteOpenIDConnectProviderInput{OpenIDConnectProviderArn: noPolicy}, code: invalid},
		{in: &iam.AddClientIDToOpenIDConnectProviderInput{OpenIDConnectProviderArn: e.provider, ClientID: "web"}, code: limited, text: "ClientIdsPerOpenIdConnectProvider: 0", quotas: none()},
		{in: &iam.TagOpenIDConnectProviderInput{OpenIDConnectProviderArn: e.provider, Tags: one}, code: limited, quotas: none()},
		{in: &iam.UpdateOpenIDConnectProviderThumbprintInput{OpenIDConnectProviderArn: e.provider, ThumbprintList: []string{strings.Repeat("z", 40)}}, code: invalid, text: "hexadecimal"},
		{in: &iam.ListOpenIDConnectProviderTagsInput{OpenIDConnectProviderArn: e.provider, Marker: new("marker")}, code: wrong, text: "Invalid Marker."},
	}
	for arn, refusal := range map[string]iamRefusal{
		noPolicy:         {code: invalid, text: "Invalid ARN"},
		e.provider + "x": {code: unknown, text: "OpenIDConnect Provider not found for arn"},
	} {
		for _, in := range []api.Input{
			&iam.AddClientIDToOpenIDConnectProviderInput{OpenIDConnectProviderArn: arn, ClientID: "web"},
			&iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: arn},
			&iam.ListOpenIDConnectProviderTagsInput{OpenIDConnectProviderArn: arn},
			&iam.RemoveClientIDFromOpenIDConnectProviderInput{OpenIDConnectProviderArn: arn, ClientID: "web"},
			&iam.TagOpenIDConnectProviderInput{OpenIDConnectProviderArn: arn, Tags: one},
			&iam.UntagOpenIDConnectProviderInput{OpenIDConnectProviderArn: arn, TagKeys: []string{"a"}},
			&iam.UpdateOpenIDConnectProviderThumbprintInput{OpenIDConnectProviderArn: arn, ThumbprintList: []string{strings.Repeat("0b", 20)}},
		} {
			refusal.in = in
			all = append(all, refusal)
		}
	}
	return all
}

func (e *estate) otherRefusals() []iamRefusal {
	return []iamRefusal{
		{in: &iam.CreateAccountAliasInput{AccountAlias: "estate"}, code: exists, text: "The account alias estate already exists."},
		{in: &iam.CreateAccountAliasInput{AccountAlias: "outside"}, code: exists, text: "The account alias outside already exists."},
		{in: &iam.CreateAccountAliasInput{AccountAlias: "a--b"}, code: wrong},
		{in: &iam.DeleteAccountAliasInput{AccountAlias: "outside"}, code: unknown, text: "The account alias outside cannot be found."},
		{in: &iam.ListAccountAliasesInput{Marker: new("marker")}, code: wrong, text: "Invalid Marker."},
		{in: &iam.GetAccountAuthorizationDetailsInput{Marker: new("marker")}, code: wrong, text: "Invalid Marker."},
	}
}
