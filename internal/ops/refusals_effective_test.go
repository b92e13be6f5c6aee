package ops_test

import "github.com/espalier-cloud/espalier/internal/api/organizations"

// effectiveRefusals are those of the operations on effective policies. In the
// garden tag policies are enabled and backup policies are not.
func (g *garden) effectiveRefusals() []refusal {
	const (
		tags   = organizations.EffectivePolicyTypeTagPolicy
		backup = organizations.EffectivePolicyTypeBackupPolicy
	)
	member := string(g.member.Account)
	describe := func(of organizations.EffectivePolicyType, target string) *organizations.DescribeEffectivePolicyInput {
		return &organizations.DescribeEffectivePolicyInput{PolicyType: of, TargetId: &target}
	}
	list := func(of organizations.EffectivePolicyType, size int32) *organizations.ListAccountsWithInvalidEffectivePolicyInput {
		return &organizations.ListAccountsWithInvalidEffectivePolicyInput{PolicyType: of, MaxResults: &size}
	}
	errors := func(of organizations.EffectivePolicyType, account string) *organizations.ListEffectivePolicyValidationErrorsInput {
		return &organizations.ListEffectivePolicyValidationErrorsInput{PolicyType: of, AccountId: account}
	}
	return []refusal{
		{in: describe(backup, member), code: "EffectivePolicyNotFound"},
		{in: describe(backup, member), by: &g.member, code: "EffectivePolicyNotFound"},
		{in: describe(tags, g.root), code: "InvalidInput", reason: "TARGET_NOT_SUPPORTED"},
		{in: describe(tags, g.empty), code: "InvalidInput", reason: "TARGET_NOT_SUPPORTED"},
		{in: describe(tags, "p-12345678"), code: "InvalidInput", reason: "INVALID_PATTERN_TARGET_ID"},
		{in: describe(tags, unknownAccount), code: "TargetNotFound"},
		{in: describe(tags, string(g.outsider.Account)), code: "TargetNotFound"},
		{in: describe(tags, string(g.admin.Account)), by: &g.member, code: "AccessDenied"},
		{in: describe(tags, g.root), by: &g.member, code: "AccessDenied"},
		{in: describe("SERVICE_CONTROL_POLICY", member), code: "InvalidInput", reason: "INVALID_ENUM_POLICY_TYPE"},
		{in: describe("RESOURCE_CONTROL_POLICY", member), code: "InvalidInput", reason: "INVALID_ENUM:POLICY_TYPE"},
		{in: describe("NO_POLICY", member), code: "InvalidInput", reason: "INVALID_ENUM:POLICY_TYPE"},
		{in: describe("", member), code: "InvalidInput", reason: "INPUT_REQUIRED:POLICY_TYPE"},

		{in: list(backup, 1), code: "EffectivePolicyNotFound"},
		{in: list("", 1), code: "InvalidInput", reason: "INPUT_REQUIRED:POLICY_TYPE"},
		{in: list("SERVICE_CONTROL_POLICY", 1), code: "InvalidInput", reason: "INVALID_ENUM_POLICY_TYPE"},
		{in: list("NO_POLICY", 1), code: "InvalidInput", reason: "INVALID_ENUM_POLICY_TYPE"},
		{in: list(tags, 0), code: "InvalidInput", reason: "MIN_VALUE_EXCEEDED:MAX_RESULTS"},
		{in: list(tags, 21), code: "InvalidInput", reason: "MAX_VALUE_EXCEEDED:MAX_RESULTS"},
		{in: &organizations.ListAccountsWithInvalidEffectivePolicyInput{PolicyType: tags, NextToken: new("")}, code: "InvalidInput", reason: "INVALID_NEXT_TOKEN"},
		{in: &organizations.ListAccountsWithInvalidEffectivePolicyInput{PolicyType: tags}, by: &g.member, code: "AccessDenied"},

		{in: errors(backup, member), code: "EffectivePolicyNotFound"},
		{in: errors(tags, unknownAccount), code: "AccountNotFound"},
		{in: errors(tags, g.root), code: "InvalidInput", reason: "TARGET_NOT_SUPPORTED"},
		{in: errors(tags, ""), code: "InvalidInput", reason: "TARGET_NOT_SUPPORTED"},
		{in: errors("RESOURCE_CONTROL_POLICY", member), code: "InvalidInput", reason: "INVALID_ENUM_POLICY_TYPE"},
		{in: &organizations.ListEffectivePolicyValidationErrorsInput{PolicyType: tags, AccountId: member, NextToken: new("x")}, code: "InvalidInput", reason: "INVALID_NEXT_TOKEN"},
		{in: &organizations.ListEffectivePolicyValidationErrorsInput{PolicyType: tags, AccountId: member, MaxResults: new(int32(0))}, code: "InvalidInput", reason: "MIN_VALUE_EXCEEDED:MAX_RESULTS"},
		{in: errors(tags, member), by: &g.member, code: "AccessDenied"},
	}
}
