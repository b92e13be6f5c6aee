package authz

import (
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/policy"
)

// Parties are both sides of a request, as far as they are known.
type Parties struct {
	Organization *org.Organization // of the principal's account, or nil
	Principal    *identity.Account // of the principal, nil for one from elsewhere
	Owner        *identity.Account // of the resource, nil for one from elsewhere
	// OwnerOrganization is the organization of the resource's account, where that is not Organization.
	OwnerOrganization *org.Organization
	Issuer            *identity.SessionIssuer   // of the principal's session, nil for none or where nobody knows
	Session           *identity.SessionPolicies // of the principal, nil for none
	// Context holds what else the request says of itself, or is nil. What is known of the parties counts
	// more than that, the tags of the principal less.
	Context *policy.Context
}

// ownerOrganization returns the organization of the resource's account, or nil.
func (p *Parties) ownerOrganization() *org.Organization {
	if p.OwnerOrganization != nil {
		return p.OwnerOrganization
	}
	return p.Organization
}

// Policies returns the policies that have a say in a request, and completes the
// request by what is known of its parties: what their accounts are to the
// organization, the role behind a session, and the condition keys about the
// principal and the owner. The policies of resources other than roles are for the
// caller to add.
func (c *Chains) Policies(r *policy.Request, p Parties) policy.Policies {
	principal, owner := org.AccountID(r.Principal.Account), org.AccountID(r.ResourceAccount)
	above := c.chain(p.Organization, principal)
	around := above
	if owner != principal || p.ownerOrganization() != p.Organization {
		around = c.chain(p.ownerOrganization(), owner)
	}
	r.PrincipalMembership, r.ResourceMembership = above.membership, around.membership
	known := c.principal(p.Principal, &r.Principal)
	if p.Issuer != nil && string(p.Issuer.ID) != known.id {
		known = nobody // the role is gone, and another one may have its name
	}
	if known.role {
		r.Principal.Issuer, r.Principal.ServiceLinked = known.arn, known.linked
	}
	r.Context.Over(facts.Of(asked{r, known, above, around}), p.Context)
	if len(known.tags) > 0 {
		r.Context.Over(policy.Tagged("aws:PrincipalTag/", known.tags))
	}
	return policy.Policies{
		ServiceControl: above.service, ResourceControl: around.resource,
		Identity: known.identity, Boundary: known.boundary, Session: c.session(p.Principal, p.Session), Resource: c.trust(r.Resource(), p.Owner),
	}
}

// Decide asks the policies that have a say in a request of a caller about a
// resource of another account, each with its organization or nil.
func (c *Chains) Decide(r *policy.Request, by *identity.Caller, account *identity.Account, of *org.Organization, owner *identity.Account, ownedIn *org.Organization) policy.Decision {
	policies := c.Policies(r, Parties{Organization: of, Principal: account, Owner: owner, OwnerOrganization: ownedIn, Issuer: by.Role, Session: by.SessionPolicies})
	return policy.Decide(r, &policies)
}
