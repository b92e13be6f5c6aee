package org

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// delegationStatement is a statement of the resource-based delegation policy:
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_delegate_policies.html.
type delegationStatement struct {
	Sid          string
	Effect       string
	Principal    jsontext.Value
	NotPrincipal jsontext.Value
	Action       oneOrMany[string]
	NotAction    jsontext.Value
	Resource     oneOrMany[string]
	NotResource  jsontext.Value
	Condition    map[string]map[string]oneOrMany[scalar] // operator, key, values

	principals []string // what Principal says
}

// oneOrMany is a JSON value or an array of such values.
type oneOrMany[T any] []T

// UnmarshalJSONFrom reads one value or an array.
func (l *oneOrMany[T]) UnmarshalJSONFrom(in *jsontext.Decoder) error {
	if in.PeekKind() == '[' {
		return json.UnmarshalDecode(in, (*[]T)(l))
	}
	var one T
	err := json.UnmarshalDecode(in, &one)
	*l = oneOrMany[T]{one}
	return err
}

// scalar is a JSON string, number or boolean, as text.
type scalar string

// UnmarshalJSONFrom reads a string, a number or a boolean.
func (s *scalar) UnmarshalJSONFrom(in *jsontext.Decoder) error {
	token, err := in.ReadToken()
	if err != nil {
		return err
	}
	if !strings.ContainsRune(`"0tf`, rune(token.Kind())) {
		return fmt.Errorf("org: a condition's value is %s", token.Kind())
	}
	*s = scalar(token.String())
	return nil
}

// parseDelegationPolicy reads the statements of a resource-based delegation
// policy. Its errors are about the form of the document, not its meaning.
func parseDelegationPolicy(content string) ([]delegationStatement, error) {
	var document struct {
		Version   *string
		ID        string `json:"Id"`
		Statement oneOrMany[delegationStatement]
	}
	if err := json.Unmarshal([]byte(content), &document, json.RejectUnknownMembers(true)); err != nil {
		return nil, err
	}
	if v := document.Version; v != nil && *v != "2012-10-17" && *v != "2008-10-17" {
		return nil, errors.New("org: unknown policy version")
	}
	if len(document.Statement) == 0 {
		return nil, errors.New("org: no statement")
	}
	for i := range document.Statement {
		statement := &document.Statement[i]
		if statement.Effect != "Allow" && statement.Effect != "Deny" {
			return nil, errors.New("org: a statement's effect is neither Allow nor Deny")
		}
		var principal struct{ AWS oneOrMany[string] }
		if json.Unmarshal(statement.Principal, &principal, json.RejectUnknownMembers(true)) == nil {
			statement.principals = principal.AWS
		}
	}
	return document.Statement, nil
}

// check refuses a statement that cannot be delegated in an organization.
func (s *delegationStatement) check(o *Organization) error {
	if s.NotPrincipal != nil || len(s.principals) == 0 || !all(s.principals, o.namesPrincipal) {
		return invalid("INVALID_PRINCIPAL")
	}
	if s.NotAction != nil || len(s.Action) == 0 || !all(s.Action, namesDelegableActions) {
		return invalid("UNSUPPORTED_ACTION_IN_RESOURCE_POLICY")
	}
	if s.NotResource != nil || len(s.Resource) == 0 || !all(s.Resource, o.namesResource) {
		return invalid("UNSUPPORTED_RESOURCE_IN_RESOURCE_POLICY")
	}
	for _, operator := range slices.Sorted(maps.Keys(s.Condition)) {
		if !conditionOperator.MatchString(operator) {
			return invalid("INVALID_RESOURCE_POLICY_JSON")
		}
		if err := checkConditionKeys(s.Condition[operator]); err != nil {
			return err
		}
	}
	return nil
}

func checkConditionKeys(keys map[string]oneOrMany[scalar]) error {
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if !conditionKey.MatchString(key) {
			return invalid("INVALID_RESOURCE_POLICY_JSON")
		}
		if strings.EqualFold(key, policyTypeKey) && !all(keys[key], namesPolicyType) {
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
	accountPrincipal  = regexp.MustCompile(`^\d{12}$`)
	arnPrincipal      = regexp.MustCompile(`^arn:([a-z-]+):(iam::\d{12}:(root|(user|role)/[\w+=,.@/-]+)|sts::\d{12}:(assumed-role|federated-user)/[\w+=,.@/-]+)$`)
	conditionOperator = regexp.MustCompile(`^(For(All|Any)Values:)?((String(Not)?(Equals|Like|EqualsIgnoreCase)|(Numeric|Date)((Not)?Equals|(Less|Greater)Than(Equals)?)|Bool|BinaryEquals|(Not)?IpAddress|Arn(Not)?(Equals|Like))(IfExists)?|Null)$`)
	conditionKey      = regexp.MustCompile(`(?i)^(aws:.+|organizations:(PolicyType|ServicePrincipal))$`)
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
func namesPolicyType(pattern scalar) bool {
	return slices.ContainsFunc(PolicyTypes(), func(t PolicyType) bool { return matches(string(pattern), string(t)) })
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
