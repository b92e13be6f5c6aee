package ops

import (
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/policy"
)

// The actions that calls need beside their own:
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsorganizations.html.
const (
	actionCreateServiceLinkedRole = "iam:CreateServiceLinkedRole"
	actionLeaveOrganization       = "organizations:LeaveOrganization"
)

// permits tells whether a caller's policies allow an action that his call needs
// beside its own, on a resource of his account.
func (c *Core) permits(by Caller, action, resource string) bool {
	r, err := by.Request(policy.NewAction(action), resource, by.Context)
	if err != nil {
		return false
	}
	v := by.View
	return c.Decide(r, &by.Caller, v.Account, v.Organization, v.Account, v.Organization).Result == policy.Allowed
}

// ToOrganization returns what an organization has to know when the caller wants to do
// something to what it holds; no resources stand for "*".
func (c *Caller) ToOrganization(action policy.Action, resources ...org.Resource) org.Call {
	call := org.Call{Account: org.AccountID(c.Account), Principal: c.ARN, Action: action, Resources: resources, Context: c.Context}
	if c.Role != nil {
		call.Role, call.Service = c.Role.ARN, org.ServicePrincipal(identity.LinkedService(c.Role.ARN))
	}
	return call
}

// requireOrganizationsRole refuses a call that would make the service-linked role
// of AWS Organizations in an account for a caller who may not make it. Nothing is
// asked where the account has the role.
func (c *Core) requireOrganizationsRole(by Caller, account *identity.Draft) error {
	if hasOrganizationsRole(account) || c.permits(by, actionCreateServiceLinkedRole, iamARN(by.View.Account, "role", "/aws-service-role/organizations.amazonaws.com/", organizationsRole)) {
		return nil
	}
	return org.Refuse(org.AccessDeniedForDependency, "ACCESS_DENIED_DURING_CREATE_SERVICE_LINKED_ROLE", nil)
}

func hasOrganizationsRole(account *identity.Draft) bool {
	_, ok := account.Role(organizationsRole)
	return ok
}

// organizationsRole is the name of the service-linked role of AWS Organizations.
const organizationsRole = "AWSServiceRoleForOrganizations"
