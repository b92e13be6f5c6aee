package ops_test

import (
	"strings"

	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/org"
)

func (g *garden) serviceRefusals() []refusal {
	return []refusal{
		{in: &organizations.EnableAWSServiceAccessInput{}, code: "InvalidInput", reason: "INPUT_REQUIRED:SERVICE_PRINCIPAL"},
		{in: &organizations.EnableAWSServiceAccessInput{ServicePrincipal: "a service"}, code: "InvalidInput", reason: "INVALID_PATTERN:SERVICE_PRINCIPAL"},
		{in: &organizations.EnableAWSServiceAccessInput{ServicePrincipal: strings.Repeat("s", 129)}, code: "InvalidInput", reason: "MAX_LENGTH_EXCEEDED:SERVICE_PRINCIPAL"},
		{in: &organizations.EnableAWSServiceAccessInput{ServicePrincipal: "no.amazonaws.com"}, code: "InvalidInput", reason: "UNRECOGNIZED_SERVICE_PRINCIPAL"},
		{in: &organizations.DisableAWSServiceAccessInput{}, code: "InvalidInput", reason: "INPUT_REQUIRED:SERVICE_PRINCIPAL"},
		{in: &organizations.DisableAWSServiceAccessInput{ServicePrincipal: "no.amazonaws.com"}, code: "InvalidInput", reason: "UNRECOGNIZED_SERVICE_PRINCIPAL"},
		{in: &organizations.DisableAWSServiceAccessInput{ServicePrincipal: securityHub}, code: "ConstraintViolation", reason: "POLICY_TYPE_ENABLED_FOR_THIS_SERVICE"},
	}
}

func (g *garden) delegationRefusals() []refusal {
	register := func(account, service string) *organizations.RegisterDelegatedAdministratorInput {
		return &organizations.RegisterDelegatedAdministratorInput{AccountId: account, ServicePrincipal: service}
	}
	deregister := func(account, service string) *organizations.DeregisterDelegatedAdministratorInput {
		return &organizations.DeregisterDelegatedAdministratorInput{AccountId: account, ServicePrincipal: service}
	}
	member, admin, management := string(g.member.Account), string(g.admin.Account), string(g.management.Account)
	atMost := func(n int) func(*org.Rules) {
		return func(r *org.Rules) { r.Services = r.Services.With(org.Service{Principal: config, DelegatedAdmins: n}) }
	}
	return []refusal{
		{in: register("", config), code: "InvalidInput", reason: "INPUT_REQUIRED:ACCOUNT_ID"},
		{in: register(member, ""), code: "InvalidInput", reason: "INPUT_REQUIRED:SERVICE_PRINCIPAL"},
		{in: register("12", config), code: "InvalidInput", reason: "INVALID_PATTERN:ACCOUNT_ID"},
		{in: register(member, "no.amazonaws.com"), code: "InvalidInput", reason: "UNRECOGNIZED_SERVICE_PRINCIPAL"},
		{in: register(member, ram), code: "InvalidInput", reason: "UNRECOGNIZED_SERVICE_PRINCIPAL"},
		{in: register(unknownAccount, config), code: "AccountNotFound"},
		{in: register(admin, config), code: "AccountAlreadyRegistered"},
		{in: register(management, config), code: "ConstraintViolation", reason: "CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR"},
		{in: register(string(g.closed.Account), config), code: "ConstraintViolation", reason: "CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR"},
		{in: register(member, health), code: "ConstraintViolation", reason: "SERVICE_ACCESS_NOT_ENABLED"},
		{in: register(member, guardDuty), code: "ConstraintViolation", reason: "DELEGATED_ADMINISTRATOR_EXISTS_FOR_THIS_SERVICE"},
		{in: register(member, config), code: "ConstraintViolation", reason: "DELEGATED_ADMINISTRATOR_EXISTS_FOR_THIS_SERVICE", rules: atMost(1)},
		{in: register(string(g.young.Account), config), code: "ConstraintViolation", reason: "MAX_DELEGATED_ADMINISTRATORS_FOR_SERVICE_LIMIT_EXCEEDED", rules: atMost(2)},

		{in: deregister("", config), code: "InvalidInput", reason: "INPUT_REQUIRED:ACCOUNT_ID"},
		{in: deregister(admin, "no.amazonaws.com"), code: "InvalidInput", reason: "UNRECOGNIZED_SERVICE_PRINCIPAL"},
		{in: deregister(admin, health), code: "InvalidInput", reason: "UNRECOGNIZED_SERVICE_PRINCIPAL"},
		{in: deregister(unknownAccount, config), code: "AccountNotFound"},
		{in: deregister(member, guardDuty), code: "AccountNotRegistered"},
		{in: deregister(management, config), code: "ConstraintViolation", reason: "CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR"},

		{in: &organizations.ListDelegatedAdministratorsInput{ServicePrincipal: new("no.amazonaws.com")}, code: "InvalidInput", reason: "UNRECOGNIZED_SERVICE_PRINCIPAL"},
		{in: &organizations.ListDelegatedServicesForAccountInput{}, code: "InvalidInput", reason: "INPUT_REQUIRED:ACCOUNT_ID"},
		{in: &organizations.ListDelegatedServicesForAccountInput{AccountId: unknownAccount}, code: "AccountNotFound"},
		{in: &organizations.ListDelegatedServicesForAccountInput{AccountId: member}, code: "AccountNotRegistered"},
	}
}

func (g *garden) resourcePolicyRefusals() []refusal {
	put := func(content string, tags ...organizations.Tag) *organizations.PutResourcePolicyInput {
		return &organizations.PutResourcePolicyInput{Content: content, Tags: tags}
	}
	statement := func(principal, action, resource, condition string) *organizations.PutResourcePolicyInput {
		return put(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + principal + `"},"Action":"organizations:` + action +
			`","Resource":"` + resource + `"` + condition + `}]}`)
	}
	member := string(g.member.Account)
	return []refusal{
		{in: put(""), code: "InvalidInput", reason: "INPUT_REQUIRED:CONTENT"},
		{in: put(strings.Repeat(" ", 40_001)), code: "InvalidInput", reason: "MAX_LENGTH_EXCEEDED:CONTENT"},
		{in: put("{}"), code: "InvalidInput", reason: "INVALID_RESOURCE_POLICY_JSON"},
		{in: put("no JSON"), code: "InvalidInput", reason: "INVALID_RESOURCE_POLICY_JSON"},
		{in: statement("everybody", "ListRoots", "*", ""), code: "InvalidInput", reason: "INVALID_PRINCIPAL"},
		{in: statement("*", "ListRoots", "*", ""), code: "InvalidInput", reason: "INVALID_PRINCIPAL"},
		{in: statement(member, "CloseAccount", "*", ""), code: "InvalidInput", reason: "UNSUPPORTED_ACTION_IN_RESOURCE_POLICY"},
		{in: statement(member, "*", "*", ""), code: "InvalidInput", reason: "UNSUPPORTED_ACTION_IN_RESOURCE_POLICY"},
		{in: statement(member, "ListRoots", "arn:aws:s3:::bucket", ""), code: "InvalidInput", reason: "UNSUPPORTED_RESOURCE_IN_RESOURCE_POLICY"},
		{in: statement(member, "CreatePolicy", "*", `,"Condition":{"StringEquals":{"organizations:PolicyType":"PERMISSION_POLICY"}}`),
			code: "InvalidInput", reason: "UNSUPPORTED_POLICY_TYPE_IN_RESOURCE_POLICY"},
		{in: put(delegation(member), tagged("aws:a", "")...), code: "InvalidInput", reason: "UPDATE_EXISTING_RESOURCE_POLICY_WITH_TAGS_NOT_SUPPORTED"},
		{in: put(delegation(member), tagged("a", "", "b", "")...), by: &g.hermit, code: "ConstraintViolation", reason: "MAX_TAG_LIMIT_EXCEEDED",
			rules: func(r *org.Rules) { r.Tags = 1 }},
		{in: &organizations.DescribeResourcePolicyInput{}, by: &g.hermit, code: "ResourcePolicyNotFound"},
		{in: &organizations.DeleteResourcePolicyInput{}, by: &g.hermit, code: "ResourcePolicyNotFound"},
	}
}
