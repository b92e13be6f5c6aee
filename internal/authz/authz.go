// Package authz decides whether a call is allowed: which policies apply to it,
// and what they say about it.
package authz

import (
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/policy"
)

// Request is a call to decide on.
type Request struct {
	// Call is what the call asks. Its Context holds its circumstances and what it says; keys about the
	// principal and the resources are added.
	org.Call
	Caller       *identity.Caller
	Account      *identity.Account // of the caller
	Organization *org.Organization // of the account, or nil
	Callers      org.Callers       // who may call the operation
}

// DeniedError is the refusal of a principal by a policy, or for the lack of one.
type DeniedError struct {
	Decision  policy.Decision
	Request   *policy.Request
	Statement *policy.Statement // that decided, or nil
}

// Error returns AWS's sentence.
func (e *DeniedError) Error() string { return e.Decision.Message(e.Request) }

// Authorize returns nil for a call that is allowed: by the service control
// policies above the caller's account and by the caller's own policies, on every
// resource that the call names. It returns a *DeniedError when the principal may
// not make it, and the *org.Error of [org.Organization.Admits] when its account
// may not. An account outside of any organization learns that first.
func (c *Chains) Authorize(r Request) error {
	if r.Organization == nil {
		if err := r.Organization.Admits(r.Callers, r.Call); err != nil {
			return err
		}
	}
	resources := r.Resources
	if len(resources) == 0 {
		resources = everything
	}
	call, policyType := r.Call, r.PolicyType()
	for i := range resources {
		question, err := c.decide(&r, &resources[i], policyType)
		if err != nil {
			return err
		}
		call.Context = &question.Context
	}
	return r.Organization.Admits(r.Callers, call)
}

// everything is what calls are about that name no resource.
var everything = []org.Resource{{ARN: "*"}}

// decide asks the policies about one resource, and returns what they were asked but
// for what is said of the resource, which may be about policies of a type. What an
// organization holds belongs to its management account; whether members may use it
// is for the organization to say, so that for policies it counts as the caller's own.
func (c *Chains) decide(r *Request, resource *org.Resource, t org.PolicyType) (*policy.Request, error) {
	question, err := r.Caller.Request(r.Action, resource.ARN, r.Context)
	if err != nil {
		return nil, err
	}
	question.ResourceAccount = string(r.Caller.Account)
	// Nothing is asked of the owner: trust policies let roles be assumed, not managed.
	policies := c.Policies(question, Parties{Organization: r.Organization, Principal: r.Account, Issuer: r.Caller.Role, Session: r.Caller.SessionPolicies})
	known := question.Context
	describe(&question.Context, r.Action.String(), about{resource, t})
	if d := policy.Decide(question, &policies); d.Result != policy.Allowed {
		return nil, &DeniedError{Decision: d, Request: question, Statement: policies.Statement(d)}
	}
	question.Context = known
	return question, nil
}
