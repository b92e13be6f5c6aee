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
	Caller       *identity.Caller
	Account      *identity.Account // of the caller
	Organization *org.Organization // of the account, or nil
	Action       string            // such as "organizations:MoveAccount"
	Callers      org.Callers       // who may call the operation
	IDs          []string          // the resources of the organization that the call names
	Resources    []string          // the ARNs of other resources that the call names
	PolicyType   string            // the condition key organizations:PolicyType, or ""
	NewPolicy    bool              // the call makes a policy of PolicyType
	// Context holds the condition keys of the call: its circumstances, and what it says. Keys about
	// the principal and the resources are added.
	Context policy.Context
}

// DeniedError is the refusal of a principal by a policy, or for the lack of one.
type DeniedError struct {
	Decision policy.Decision
	Request  *policy.Request
}

// Error returns AWS's sentence.
func (e *DeniedError) Error() string { return e.Decision.Message(e.Request) }

// Authorize returns nil for a call that is allowed: by the service control
// policies above the caller's account and by the caller's own policies, on every
// resource that the call names. It returns a *DeniedError when the principal may
// not make it, and the *org.Error of [org.Organization.Admits] when its account
// may not. An account outside of any organization learns that first.
func (c *Chains) Authorize(r Request) error {
	resources := r.resources()
	call := r.call(resources)
	if r.Organization == nil {
		if err := r.Organization.Admits(r.Callers, call); err != nil {
			return err
		}
	}
	if len(resources) == 0 {
		resources = r.Resources
	}
	if len(resources) == 0 {
		resources = []string{"*"}
	}
	for _, resource := range resources {
		question, err := c.decide(&r, resource)
		if err != nil {
			return err
		}
		call.Context = question.Context
	}
	return r.Organization.Admits(r.Callers, call)
}

// call is what an organization has to know of the call.
func (r *Request) call(resources []string) org.Call {
	call := org.Call{
		Account: org.AccountID(r.Caller.Account), Principal: r.Caller.ARN, Action: r.Action, Resources: resources, PolicyType: r.policyType(),
	}
	if r.Caller.Role != nil {
		call.Role = r.Caller.Role.ARN
	}
	return call
}

// decide asks the policies about one resource, and returns what they were asked.
// What an organization holds belongs to its management account; whether members may
// use it is for the organization to say, so that for policies it counts as the
// caller's own.
func (c *Chains) decide(r *Request, resource string) (*policy.Request, error) {
	question, err := r.Caller.Request(r.Action, resource, r.Context)
	if err != nil {
		return nil, err
	}
	question.ResourceAccount = string(r.Caller.Account)
	if t := r.policyType(); t != "" {
		question.Context.Set("organizations:PolicyType", string(t))
	}
	r.describeResource(&question.Context, resource)
	policies := c.Policies(question, Parties{Organization: r.Organization, Principal: r.Account, Owner: r.Account})
	policies.Resource = nil // trust policies let roles be assumed, not managed
	if r.renewed() {
		policies.Identity = nil
	}
	if d := policy.Decide(question, &policies); d.Result != policy.Allowed {
		return nil, &DeniedError{Decision: d, Request: question}
	}
	return question, nil
}

// renewed tells whether the role of a session is gone, and another one has its
// name.
func (r *Request) renewed() bool {
	issuer := r.Caller.Role
	if issuer == nil {
		return false
	}
	role, ok := r.Account.Role(issuer.Name)
	return !ok || role.ID != issuer.ID
}

// describeResource sets the tags of a resource of the organization.
func (r *Request) describeResource(c *policy.Context, resource string) {
	for _, id := range r.IDs {
		if r.Organization == nil || r.Organization.ResourceARN(org.ResourceID(id)) != resource {
			continue
		}
		tags, err := r.Organization.TagsOf(org.ResourceID(id), "")
		if err != nil {
			return // what does not exist has no tags
		}
		for _, t := range tags {
			c.Set("aws:ResourceTag/"+t.Key, t.Value)
		}
	}
}

// resources returns the ARNs of what the call names in the organization. What does
// not exist has the ARN that it would have.
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
