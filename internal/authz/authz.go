// Package authz decides whether a call is allowed: which policies apply to it,
// and what they say about it.
//
// Until identities and policies are evaluated, the root user of an account and
// the sessions of roles with AdministratorAccess may do what their account may
// do, and everybody else nothing. What an account may do in its organization is
// decided by the category of the operation's callers.
package authz

import (
	"fmt"
	"slices"

	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
)

// Request is a call to decide on.
type Request struct {
	Caller       *identity.Caller
	Account      *identity.Account // of the caller
	Organization *org.Organization // of the account, or nil
	Action       string            // such as "organizations:MoveAccount"
	Callers      org.Callers       // who may call the operation
	IDs          []string          // the resources that the call names
	PolicyType   string            // the condition key organizations:PolicyType, or ""
	NewPolicy    bool              // the call makes a policy of PolicyType
}

// DeniedError is the refusal of a principal whom no policy allows the action.
type DeniedError struct {
	Principal string // ARN
	Action    string
	Resource  string // ARN or "*"
}

// Error returns AWS's sentence.
func (e *DeniedError) Error() string {
	return fmt.Sprintf("User: %s is not authorized to perform: %s on resource: %s because no identity-based policy allows the %s action",
		e.Principal, e.Action, e.Resource, e.Action)
}

// Authorize returns nil for a call that is allowed. It returns a *DeniedError
// when the principal may not make it, and the *org.Error of
// [org.Organization.Admits] when its account may not. An account outside of any
// organization learns that first.
func Authorize(r Request) error {
	resources := r.resources()
	call := org.Call{
		Account: org.AccountID(r.Caller.Account), Principal: r.Caller.ARN, Action: r.Action, Resources: resources, PolicyType: r.policyType(),
	}
	if r.Caller.Role != nil {
		call.Role = r.Caller.Role.ARN
	}
	admitted := r.Organization.Admits(r.Callers, call)
	if admitted != nil && r.Organization == nil {
		return admitted
	}
	if !r.permitted() {
		resource := "*"
		if len(resources) > 0 {
			resource = resources[0]
		}
		return &DeniedError{Principal: r.Caller.ARN, Action: r.Action, Resource: resource}
	}
	return admitted
}

// permitted tells whether the principal may do everything in its account.
func (r *Request) permitted() bool {
	switch r.Caller.Type {
	case identity.Root:
		return true
	case identity.AssumedRole:
		return r.administers(r.Caller.Role)
	case identity.IAMUser, identity.FederatedUser, identity.Service:
		return false
	}
	return false
}

// administers tells whether the role of a session has AdministratorAccess. A role
// of the same name that was made since is another role.
func (r *Request) administers(issuer *identity.SessionIssuer) bool {
	if issuer == nil {
		return false
	}
	role, ok := r.Account.Role(issuer.Name)
	return ok && role.ID == issuer.ID && slices.Contains(role.ManagedPolicies, identity.AdministratorAccess(r.Account.Partition()))
}

// resources returns the ARNs of what the call names. What does not exist has
// the ARN that it would have.
func (r *Request) resources() []string {
	if r.Organization == nil {
		return nil
	}
	if r.NewPolicy {
		return []string{r.Organization.PoliciesARN(org.PolicyType(r.PolicyType))}
	}
	arns := make([]string, 0, len(r.IDs))
	for _, id := range r.IDs {
		arns = append(arns, r.Organization.ResourceARN(org.ResourceID(id)))
	}
	return arns
}

// policyType returns the type of the policies that the call is about, or "".
func (r *Request) policyType() org.PolicyType {
	t := org.PolicyType(r.PolicyType)
	if r.Organization != nil && t == "" {
		for _, id := range r.IDs {
			if p, err := r.Organization.Policy(org.PolicyID(id)); err == nil {
				t = p.Type
			}
		}
	}
	return t
}
