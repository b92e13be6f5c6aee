package org

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/espalier-cloud/espalier/policy"
)

// parseDelegationPolicy reads a resource-based delegation policy:
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_delegate_policies.html.
// It refuses a document by its form, with the reason of the element in which the
// first defect is.
func parseDelegationPolicy(content string) (*policy.Document, error) {
	document, err := policy.Parse(policy.DelegationPolicy, []byte(content))
	if err == nil {
		return document, nil
	}
	var element []string
	if defects, ok := errors.AsType[policy.Defects](err); ok && isObject(content) {
		element = defectiveElement.FindStringSubmatch(defects[0].Path)
	}
	if element == nil {
		return nil, Refuse(InvalidInput, "INVALID_RESOURCE_POLICY_JSON", err)
	}
	return nil, Refuse(InvalidInput, elementReasons[element[1]], err)
}

// defectiveElement finds the element of a statement in the path of a defect.
var defectiveElement = regexp.MustCompile(`^/Statement(?:/\d+)?/(?:Not)?(Principal|Action|Resource)(?:/|$)`)

// elementReasons are the reasons for which elements of a statement are refused.
var elementReasons = map[string]Reason{
	"Principal": "INVALID_PRINCIPAL",
	"Action":    "UNSUPPORTED_ACTION_IN_RESOURCE_POLICY",
	"Resource":  "UNSUPPORTED_RESOURCE_IN_RESOURCE_POLICY",
}

// checkDelegation refuses a statement that cannot be delegated in an
// organization.
func (o *Organization) checkDelegation(s *policy.Statement) error {
	for _, principals := range s.Principals {
		if !all(principals.Values, o.namesPrincipal) {
			return invalid("INVALID_PRINCIPAL")
		}
	}
	if !all(s.Actions, namesDelegableActions) {
		return invalid("UNSUPPORTED_ACTION_IN_RESOURCE_POLICY")
	}
	if !all(s.Resources, o.namesResource) {
		return invalid("UNSUPPORTED_RESOURCE_IN_RESOURCE_POLICY")
	}
	for _, condition := range s.Conditions {
		if !conditionKey.MatchString(condition.Key) {
			return invalid("INVALID_RESOURCE_POLICY_JSON")
		}
		if strings.EqualFold(condition.Key, policyTypeKey) && !all(condition.Values, namesPolicyType) {
			return invalid("UNSUPPORTED_POLICY_TYPE_IN_RESOURCE_POLICY")
		}
	}
	return nil
}

// all tells whether every value is ok.
func all[T any](values []T, ok func(T) bool) bool {
	return !slices.ContainsFunc(values, func(v T) bool { return !ok(v) })
}

// policyTypeKey is the condition key of the policy type that a call is about.
const policyTypeKey = "organizations:PolicyType"

// resourceKinds are the kinds of resources in the ARNs that a delegation policy
// may name.
var resourceKinds = []string{"root", "ou", "account", "policy", "resourcepolicy", "organization"}

var (
	accountPrincipal = regexp.MustCompile(`^\d{12}$`)
	arnPrincipal     = regexp.MustCompile(`^arn:([a-z-]+):(iam::\d{12}:(root|(user|role)/[\w+=,.@/-]+)|sts::\d{12}:(assumed-role|federated-user)/[\w+=,.@/-]+)$`)
	conditionKey     = regexp.MustCompile(`(?i)^(aws:.+|organizations:(PolicyType|ServicePrincipal))$`)
)

// namesPrincipal tells whether a text is an account id or the ARN of an IAM
// principal. Nobody is named by a wildcard.
func (o *Organization) namesPrincipal(text string) bool {
	if accountPrincipal.MatchString(text) {
		return true
	}
	parts := arnPrincipal.FindStringSubmatch(text)
	return parts != nil && parts[1] == o.settings.Partition
}

// namesDelegableActions tells whether a pattern is that of actions of which all
// can be delegated.
func namesDelegableActions(pattern string) bool {
	matched := func(action string) bool { return matchesAction(pattern, "organizations:"+action) }
	return slices.ContainsFunc(delegable, matched) && !slices.ContainsFunc(undelegable, matched)
}

// namesResource tells whether a pattern is everything, or ARNs of the root,
// units, accounts or policies of the organization or of policies that AWS
// manages. The last part may hold anything: it may name what does not exist yet.
func (o *Organization) namesResource(pattern string) bool {
	if pattern == "*" {
		return true
	}
	arn := strings.SplitN(pattern, ":", 6)
	if len(arn) != 6 || arn[0] != "arn" || !matches(arn[1], o.settings.Partition) || arn[2] != "organizations" || arn[3] != "" {
		return false
	}
	account, resource := arn[4], arn[5]
	kind, rest, _ := strings.Cut(resource, "/")
	if account == "aws" {
		return kind == "policy"
	}
	organization, _, _ := strings.Cut(rest, "/")
	return matches(account, string(o.settings.ManagementAccount)) &&
		(resource == "*" || matches(organization, string(o.settings.ID)) && slices.ContainsFunc(resourceKinds, func(k string) bool { return matches(kind, k) }))
}

// namesPolicyType tells whether a pattern is that of a policy type.
func namesPolicyType(pattern string) bool {
	return slices.ContainsFunc(PolicyTypes(), func(t PolicyType) bool { return matches(pattern, string(t)) })
}

// delegable are the actions that the resource policy can allow, and undelegable
// those that change something and that it cannot allow.
var (
	delegable = []string{
		"AttachPolicy", "CreatePolicy", "DeletePolicy", "DetachPolicy", "DisablePolicyType", "EnablePolicyType", "TagResource", "UntagResource", "UpdatePolicy",
		"DescribeAccount", "DescribeCreateAccountStatus", "DescribeEffectivePolicy", "DescribeHandshake", "DescribeOrganization", "DescribeOrganizationalUnit",
		"DescribePolicy", "DescribeResourcePolicy", "ListAWSServiceAccessForOrganization", "ListAccounts", "ListAccountsForParent",
		"ListAccountsWithInvalidEffectivePolicy", "ListChildren", "ListCreateAccountStatus", "ListDelegatedAdministrators", "ListDelegatedServicesForAccount",
		"ListEffectivePolicyValidationErrors", "ListHandshakesForAccount", "ListHandshakesForOrganization", "ListOrganizationalUnitsForParent", "ListParents",
		"ListPolicies", "ListPoliciesForTarget", "ListRoots", "ListTagsForResource", "ListTargetsForPolicy",
	}
	undelegable = []string{
		"AcceptHandshake", "CancelHandshake", "CloseAccount", "CreateAccount", "CreateGovCloudAccount", "CreateOrganization", "CreateOrganizationalUnit",
		"DeclineHandshake", "DeleteOrganization", "DeleteOrganizationalUnit", "DeleteResourcePolicy", "DeregisterDelegatedAdministrator",
		"DisableAWSServiceAccess", "EnableAWSServiceAccess", "EnableAllFeatures", "InviteAccountToOrganization",
		"InviteOrganizationToTransferResponsibility", "LeaveOrganization", "MoveAccount", "PutResourcePolicy", "RegisterDelegatedAdministrator",
		"RemoveAccountFromOrganization", "TerminateResponsibilityTransfer", "UpdateOrganizationalUnit", "UpdateResponsibilityTransfer",
	}
)
