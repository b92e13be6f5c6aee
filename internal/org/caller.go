package org

import "github.com/espalier-cloud/espalier/policy"

// Standing is what an account is to the organization.
type Standing int

// The standings.
const (
	Outside Standing = iota
	Member
	Management
)

// Standing returns what an account is to the organization. Everybody stands
// outside of an organization that does not exist; o may be nil.
func (o *Organization) Standing(account AccountID) Standing {
	if o == nil || !o.Exists() {
		return Outside
	}
	if account == o.settings.ManagementAccount {
		return Management
	}
	if _, member := o.accounts.Get(string(account)); member {
		return Member
	}
	return Outside
}

// Membership returns what an account is to the organization, as policies tell it; o
// may be nil.
func (o *Organization) Membership(account AccountID) policy.Membership {
	switch o.Standing(account) {
	case Member:
		return policy.Member
	case Management:
		return policy.ManagementAccount
	case Outside:
	}
	return policy.NoOrganization
}

// Callers is a category of accounts that may use an operation.
type Callers int

// The categories of the AWS Organizations API.
const (
	AnyAccount           Callers = iota // standing alone or not
	StandaloneAccount                   // in no organization
	AnyInOrganization                   // the management account and members
	MemberOnly                          // members, about themselves
	ManagementOnly                      // nobody else, and it cannot be delegated
	ManagementOrDelegate                // also delegated administrators of any service, trusted services, and who is named by the resource policy
	ManagementOrPolicy                  // also who is named by the resource policy
)

// String says who is of the category.
func (c Callers) String() string {
	return [...]string{
		"any account", "an account in no organization", "any account of the organization", "member accounts", "the management account",
		"the management account, delegated administrators, trusted services, whom the resource policy names", "the management account, whom the resource policy names",
	}[c]
}

// Call is what admission looks at in a request.
type Call struct {
	Account   AccountID
	Principal string           // ARN of the caller, as GetCallerIdentity shows it
	Role      string           // ARN of the role that the caller has a session of, or ""
	Service   ServicePrincipal // to which that role is linked, or ""
	Action    policy.Action    // such as organizations:AttachPolicy
	Resources []Resource       // what the action works on; none stand for "*"
	// Context holds the condition keys of the call that nothing above says.
	Context *policy.Context
}

// PolicyType returns the type of the policies that the call is about, or "".
func (c *Call) PolicyType() PolicyType {
	if t, named := c.Context.Find(keyPolicyType); named && !t.Multivalued() {
		return PolicyType(t.Values()[0])
	}
	for i := range c.Resources {
		if t := c.Resources[i].PolicyType; t != "" {
			return t
		}
	}
	return ""
}

var keyPolicyType = policy.NewKey(policyTypeKey)

// Admits refuses a call by an account that is not of the category. It returns
// AlreadyInOrganization, NotInUse, MasterCannotLeaveOrganization and
// AccessDenied. o is the organization of the caller's account and may be nil.
func (o *Organization) Admits(callers Callers, call Call) error {
	standing := o.Standing(call.Account)
	switch {
	case callers == AnyAccount:
		return nil
	case callers == StandaloneAccount && standing != Outside:
		return refuse(AlreadyInOrganization)
	case callers == StandaloneAccount:
		return nil
	case standing == Outside:
		return refuse(NotInUse)
	case callers == AnyInOrganization:
		return nil
	case callers == MemberOnly && standing == Management:
		return refuse(MasterCannotLeaveOrganization) // LeaveOrganization is the only operation of members
	case callers == MemberOnly || standing == Management:
		return nil
	case callers == ManagementOrDelegate && o.entrusts(call):
		return nil
	case callers != ManagementOnly && o.delegates(call):
		return nil
	}
	return refuse(AccessDenied)
}

// entrusts tells whether a call is by a delegated administrator or a trusted
// service, who may see all of the organization.
func (o *Organization) entrusts(call Call) bool {
	return o.IsDelegatedAdministrator(call.Account) || o.Trusts(call.Service)
}

// delegates tells whether the resource policy allows a call on all of its
// resources.
func (o *Organization) delegates(call Call) bool {
	resources := call.Resources
	if len(resources) == 0 {
		resources = []Resource{{ARN: "*"}}
	}
	for _, resource := range resources {
		if !o.DelegatedByPolicy(call, resource) {
			return false
		}
	}
	return true
}
