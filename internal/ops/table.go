package ops

import (
	"slices"
	"strings"

	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/policy"
)

// Access is what an operation does, as the service authorization reference
// classifies it.
type Access int

// The access levels.
const (
	Read Access = iota
	List
	Write
	Tagging
	PermissionsManagement
)

// String returns the name of the level.
func (a Access) String() string {
	return [...]string{"Read", "List", "Write", "Tagging", "Permissions management"}[a]
}

// Rule says who may call an operation and what the call is authorized on:
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsorganizations.html.
type Rule struct {
	Operation string
	Access    Access
	Callers   org.Callers
	// Names are the members of the input that name what the call is authorized on,
	// which is "*" where there are none. For IAM the input alone tells.
	Names string
	// Service is the name of the service.
	Service string
	// Open operations are for everybody who has credentials, or decide for
	// themselves: AssumeRole asks the policies of two accounts.
	Open bool
	// ForServices are the operations that services call in their own name as well: all
	// others they call through roles.
	ForServices bool
	// Dependent are the actions that a call may need beside its own.
	Dependent []string

	action policy.Action
}

// ReadOnly tells whether the operation changes nothing. CloudTrail counts the
// beginning of a session as reading.
func (r *Rule) ReadOnly() bool {
	return r.Access == Read || r.Access == List || r.Service == "sts"
}

// Action is the operation as policies call it: by the name of the service, but
// for the Resource Groups Tagging API.
func (r *Rule) Action() policy.Action { return r.action }

// Rules returns the rules of a service by operation.
func Rules(service string) map[string]*Rule {
	var rules []Rule
	switch service {
	case "organizations":
		rules = organizationsRules()
	case "iam":
		rules = iamRules()
	case "sts":
		rules = stsRules()
	case "cloudtrail":
		rules = []Rule{{Operation: "LookupEvents", Access: Read}}
	case "account":
		rules = accountRules()
	case "tagging":
		rules = taggingRules()
	}
	prefix := service
	if service == "tagging" {
		prefix = "tag"
	}
	byName := make(map[string]*Rule, len(rules))
	for i := range rules {
		r := &rules[i]
		r.Service, r.action = service, policy.NewAction(prefix+":"+r.Operation)
		byName[r.Operation] = r
	}
	return byName
}

// organizationsRules has a line for each operation of AWS Organizations.
func organizationsRules() []Rule { //nolint:funlen // one line for each operation
	lines := []struct {
		operation string
		access    Access
		callers   org.Callers
		names     string
	}{
		{"AcceptHandshake", Write, org.AnyAccount, "HandshakeId"},
		{"AttachPolicy", Write, org.ManagementOrPolicy, "PolicyId TargetId"},
		{"CancelHandshake", Write, org.AnyAccount, "HandshakeId"},
		{"CloseAccount", Write, org.ManagementOnly, "AccountId"},
		{"CreateAccount", Write, org.ManagementOnly, ""},
		{"CreateGovCloudAccount", Write, org.ManagementOnly, ""},
		{"CreateOrganization", Write, org.StandaloneAccount, ""},
		{"CreateOrganizationalUnit", Write, org.ManagementOnly, "ParentId"},
		{"CreatePolicy", Write, org.ManagementOrPolicy, "Type"},
		{"DeclineHandshake", Write, org.AnyAccount, "HandshakeId"},
		{"DeleteOrganization", Write, org.ManagementOnly, ""},
		{"DeleteOrganizationalUnit", Write, org.ManagementOnly, "OrganizationalUnitId"},
		{"DeletePolicy", Write, org.ManagementOrPolicy, "PolicyId"},
		{"DeleteResourcePolicy", Write, org.ManagementOnly, ""},
		{"DeregisterDelegatedAdministrator", Write, org.ManagementOnly, "AccountId"},
		{"DescribeAccount", Read, org.ManagementOrDelegate, "AccountId"},
		{"DescribeCreateAccountStatus", Read, org.ManagementOrDelegate, ""},
		{"DescribeEffectivePolicy", Read, org.AnyInOrganization, "TargetId"},
		{"DescribeHandshake", Read, org.AnyAccount, "HandshakeId"},
		{"DescribeOrganization", Read, org.AnyInOrganization, ""},
		{"DescribeOrganizationalUnit", Read, org.ManagementOrDelegate, "OrganizationalUnitId"},
		{"DescribePolicy", Read, org.ManagementOrDelegate, "PolicyId"},
		{"DescribeResourcePolicy", Read, org.ManagementOrDelegate, ""},
		{"DescribeResponsibilityTransfer", Read, org.ManagementOnly, "Id"},
		{"DetachPolicy", Write, org.ManagementOrPolicy, "PolicyId TargetId"},
		{"DisableAWSServiceAccess", Write, org.ManagementOnly, ""},
		{"DisablePolicyType", Write, org.ManagementOrPolicy, "RootId"},
		{"EnableAWSServiceAccess", Write, org.ManagementOnly, ""},
		{"EnableAllFeatures", Write, org.ManagementOnly, ""},
		{"EnablePolicyType", Write, org.ManagementOrPolicy, "RootId"},
		{"InviteAccountToOrganization", Write, org.ManagementOnly, "Target"},
		{"InviteOrganizationToTransferResponsibility", Write, org.ManagementOnly, "Target"},
		{"LeaveOrganization", Write, org.MemberOnly, ""},
		{"ListAWSServiceAccessForOrganization", List, org.ManagementOrDelegate, ""},
		{"ListAccounts", List, org.ManagementOrDelegate, ""},
		{"ListAccountsForParent", List, org.ManagementOrDelegate, "ParentId"},
		{"ListAccountsWithInvalidEffectivePolicy", List, org.ManagementOrDelegate, ""},
		{"ListChildren", List, org.ManagementOrDelegate, "ParentId"},
		{"ListCreateAccountStatus", List, org.ManagementOrDelegate, ""},
		{"ListDelegatedAdministrators", List, org.ManagementOrDelegate, ""},
		{"ListDelegatedServicesForAccount", List, org.ManagementOrDelegate, "AccountId"},
		{"ListEffectivePolicyValidationErrors", List, org.ManagementOrDelegate, "AccountId"},
		{"ListHandshakesForAccount", List, org.AnyAccount, ""},
		{"ListHandshakesForOrganization", List, org.ManagementOrDelegate, ""},
		{"ListInboundResponsibilityTransfers", List, org.ManagementOnly, ""},
		{"ListOrganizationalUnitsForParent", List, org.ManagementOrDelegate, "ParentId"},
		{"ListOutboundResponsibilityTransfers", List, org.ManagementOnly, ""},
		{"ListParents", List, org.ManagementOrDelegate, "ChildId"},
		{"ListPolicies", List, org.ManagementOrDelegate, ""},
		{"ListPoliciesForTarget", List, org.ManagementOrDelegate, "TargetId"},
		{"ListRoots", List, org.ManagementOrDelegate, ""},
		{"ListTagsForResource", List, org.ManagementOrDelegate, "ResourceId"},
		{"ListTargetsForPolicy", List, org.ManagementOrDelegate, "PolicyId"},
		{"MoveAccount", Write, org.ManagementOnly, "AccountId SourceParentId DestinationParentId"},
		{"PutResourcePolicy", Write, org.ManagementOnly, "Content"},
		{"RegisterDelegatedAdministrator", Write, org.ManagementOnly, "AccountId"},
		{"RemoveAccountFromOrganization", Write, org.ManagementOnly, "AccountId"},
		{"TagResource", Tagging, org.ManagementOrPolicy, "ResourceId"},
		{"TerminateResponsibilityTransfer", Write, org.ManagementOnly, "Id"},
		{"UntagResource", Tagging, org.ManagementOrPolicy, "ResourceId"},
		{"UpdateOrganizationalUnit", Write, org.ManagementOnly, "OrganizationalUnitId"},
		{"UpdatePolicy", Write, org.ManagementOrPolicy, "PolicyId"},
		{"UpdateResponsibilityTransfer", Write, org.ManagementOnly, "Id"},
	}
	rules := make([]Rule, 0, len(lines))
	for _, l := range lines {
		rules = append(rules, Rule{Operation: l.operation, Access: l.access, Callers: l.callers, Names: l.names, Dependent: dependentActions[l.operation]})
	}
	return rules
}

// dependentActions are the actions that operations ask for in what they do.
var dependentActions = map[string][]string{
	"AcceptHandshake":    {actionCreateServiceLinkedRole, actionLeaveOrganization},
	"CreateOrganization": {actionCreateServiceLinkedRole},
}

// byAccess returns the rules of operations that any account may call, by their access levels.
func byAccess(levels map[Access]string) []Rule {
	var rules []Rule
	for access, operations := range levels {
		for operation := range strings.FieldsSeq(operations) {
			rules = append(rules, Rule{Operation: operation, Access: access})
		}
	}
	return rules
}

// iamRules follow
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html.
func iamRules() []Rule {
	return byAccess(map[Access]string{
		Read: `
			GetAccessKeyLastUsed GetAccountAuthorizationDetails GetContextKeysForCustomPolicy GetContextKeysForPrincipalPolicy GetGroup
			GetGroupPolicy GetLoginProfile GetOpenIDConnectProvider GetPolicy GetPolicyVersion GetRole GetRolePolicy GetServiceLinkedRoleDeletionStatus
			GetUser GetUserPolicy SimulateCustomPolicy SimulatePrincipalPolicy`,
		List: `
			GetAccountSummary ListAccessKeys ListAccountAliases ListAttachedGroupPolicies ListAttachedRolePolicies ListAttachedUserPolicies
			ListEntitiesForPolicy ListGroupPolicies ListGroups ListGroupsForUser ListInstanceProfilesForRole ListOpenIDConnectProviders
			ListMFADevices ListOpenIDConnectProviderTags ListOrganizationsFeatures ListPolicies ListPolicyTags ListPolicyVersions ListRolePolicies ListRoleTags ListRoles
			ListSSHPublicKeys ListServiceSpecificCredentials ListSigningCertificates ListUserPolicies ListUserTags ListUsers ListVirtualMFADevices`,
		Write: `
			AddClientIDToOpenIDConnectProvider AddUserToGroup CreateAccessKey CreateAccountAlias CreateGroup CreateOpenIDConnectProvider CreateRole CreateServiceLinkedRole
			CreateUser DeleteAccessKey DeleteAccountAlias DeleteGroup DeleteLoginProfile DeleteOpenIDConnectProvider DeleteRole DeleteServiceLinkedRole
			DeleteUser DisableOrganizationsRootCredentialsManagement DisableOrganizationsRootSessions
			EnableOrganizationsRootCredentialsManagement EnableOrganizationsRootSessions RemoveClientIDFromOpenIDConnectProvider
			RemoveUserFromGroup UpdateAccessKey UpdateOpenIDConnectProviderThumbprint UpdateRole UpdateRoleDescription UpdateUser`,
		Tagging: `
			TagOpenIDConnectProvider TagPolicy TagRole TagUser UntagOpenIDConnectProvider UntagPolicy UntagRole UntagUser`,
		PermissionsManagement: `
			AttachGroupPolicy AttachRolePolicy AttachUserPolicy CreatePolicy CreatePolicyVersion DeleteGroupPolicy DeletePolicy
			DeletePolicyVersion DeleteRolePermissionsBoundary DeleteRolePolicy DeleteUserPermissionsBoundary DeleteUserPolicy
			DetachGroupPolicy DetachRolePolicy DetachUserPolicy PutGroupPolicy PutRolePermissionsBoundary PutRolePolicy
			PutUserPermissionsBoundary PutUserPolicy SetDefaultPolicyVersion UpdateAssumeRolePolicy`,
	})
}

// stsRules follow
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html.
func stsRules() []Rule {
	rules := byAccess(map[Access]string{
		Read:  `GetAccessKeyInfo GetCallerIdentity GetFederationToken GetSessionToken`,
		Write: `AssumeRole AssumeRoleWithWebIdentity AssumeRoot DecodeAuthorizationMessage`,
	})
	open := []string{"AssumeRole", "AssumeRoleWithWebIdentity", "AssumeRoot", "GetCallerIdentity", "GetSessionToken"}
	forServices := []string{"AssumeRole", "GetCallerIdentity"}
	for i := range rules {
		rules[i].Open = slices.Contains(open, rules[i].Operation)
		rules[i].ForServices = slices.Contains(forServices, rules[i].Operation)
		if strings.HasPrefix(rules[i].Operation, "AssumeRole") {
			rules[i].Dependent = []string{actionTagSession, actionSetSourceIdentity}
		}
	}
	return rules
}

// accountRules follow
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsaccountmanagement.html.
func accountRules() []Rule {
	return byAccess(map[Access]string{
		Read: `
			GetAccountInformation GetAlternateContact GetContactInformation GetGovCloudAccountInformation GetPrimaryEmail
			GetRegionOptStatus`,
		List: `ListRegions`,
		Write: `
			AcceptPrimaryEmailUpdate DeleteAlternateContact DisableRegion EnableRegion PutAccountName PutAlternateContact
			PutContactInformation StartPrimaryEmailUpdate`,
	})
}

// taggingRules follow
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonresourcegrouptaggingapi.html.
func taggingRules() []Rule {
	rules := byAccess(map[Access]string{
		Read:  `DescribeReportCreation GetComplianceSummary GetResources GetTagKeys GetTagValues ListRequiredTags`,
		Write: `StartReportCreation`,
	})
	return append(rules,
		Rule{Operation: "TagResources", Access: Tagging, Dependent: []string{"iam:TagOpenIDConnectProvider", "iam:TagPolicy", "iam:TagRole", "iam:TagUser", "organizations:TagResource"}},
		Rule{Operation: "UntagResources", Access: Tagging, Dependent: []string{"iam:UntagOpenIDConnectProvider", "iam:UntagPolicy", "iam:UntagRole", "iam:UntagUser", "organizations:UntagResource"}})
}
