package authz

import (
	"strings"

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
	Session           *identity.SessionPolicies // of the principal, nil for none
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
// principal and the owner, in place of what the request says of them. The policies
// of resources other than roles are for the caller to add.
func (c *Chains) Policies(r *policy.Request, p Parties) policy.Policies {
	principal, owner := org.AccountID(r.Principal.Account), org.AccountID(r.ResourceAccount)
	r.PrincipalMembership = p.Organization.Membership(principal)
	above := c.chain(p.Organization, principal)
	r.ResourceMembership = r.PrincipalMembership
	around := above
	if owner != principal || p.ownerOrganization() != p.Organization {
		r.ResourceMembership = p.ownerOrganization().Membership(owner)
		around = c.chain(p.ownerOrganization(), owner)
	}
	known := c.principal(p.Principal, &r.Principal)
	if known.role {
		r.Principal.Issuer, r.Principal.ServiceLinked = known.arn, known.linked
	}
	describePrincipal(r, known)
	place(&r.Context, keyPrincipalOrgID, keyPrincipalOrgPaths, p.Organization, above)
	set(&r.Context, keyResourceAccount, r.ResourceAccount)
	place(&r.Context, keyResourceOrgID, keyResourceOrgPaths, p.ownerOrganization(), around)
	return policy.Policies{
		ServiceControl: above.service, ResourceControl: around.resource,
		Identity: known.identity, Boundary: known.boundary, Session: c.session(p.Principal, p.Session), Resource: c.trust(r.Resource(), p.Owner),
	}
}

// Decide asks the policies that have a say in a request of a caller about a
// resource of another account, each with its organization or nil.
func (c *Chains) Decide(r *policy.Request, by *identity.Caller, account *identity.Account, of *org.Organization, owner *identity.Account, ownedIn *org.Organization) policy.Decision {
	policies := c.Policies(r, Parties{Organization: of, Principal: account, Owner: owner, OwnerOrganization: ownedIn, Session: by.SessionPolicies})
	return policy.Decide(r, &policies)
}

// describePrincipal sets the condition keys about a principal.
func describePrincipal(r *policy.Request, known *principal) {
	who := &r.Principal
	service := "false"
	if who.Type == policy.Service {
		service = "true"
		r.Context.Put(keyPrincipalServiceName, who.ARN)
	}
	r.Context.Put(keyPrincipalIsAWSService, service)
	set(&r.Context, keyPrincipalAccount, who.Account)
	set(&r.Context, keyPrincipalARN, principalARN(who))
	r.Context.Put(keyPrincipalType, principalType(who.Type))
	switch who.Type {
	case policy.User:
		r.Context.Put(keyUsername, lastElement(who.ARN))
		set(&r.Context, keyUserID, known.id)
	case policy.RootUser:
		r.Context.Put(keyUserID, who.Account)
	case policy.RoleSession:
		if known.id != "" {
			r.Context.Put(keyUserID, known.id+":"+lastElement(who.ARN))
		}
	case policy.FederatedUser:
		r.Context.Set("aws:userid", who.Account+":"+lastElement(who.ARN))
	case policy.Anonymous, policy.Role, policy.Federated, policy.Service, policy.CanonicalUser:
	}
	for _, t := range known.tags {
		if _, given := r.Context.Get(t.key); !given { // a session has tags of its own, which count more
			r.Context.Set(t.key, t.value)
		}
	}
}

// principalARN returns aws:PrincipalArn: that of the role for its sessions.
func principalARN(who *policy.Principal) string {
	switch who.Type {
	case policy.RoleSession:
		return who.Issuer
	case policy.RootUser, policy.User, policy.Role, policy.FederatedUser:
		return who.ARN
	case policy.Anonymous, policy.Federated, policy.Service, policy.CanonicalUser:
	}
	return ""
}

// principalType returns aws:PrincipalType (IAM user guide, principal key values).
func principalType(t policy.PrincipalType) string {
	switch t {
	case policy.RootUser:
		return "Account"
	case policy.User:
		return "User"
	case policy.Role, policy.RoleSession:
		return "AssumedRole"
	case policy.FederatedUser:
		return "FederatedUser"
	case policy.Anonymous, policy.Federated, policy.Service, policy.CanonicalUser:
	}
	return "Anonymous"
}

// place sets the condition keys about the place of an account in its
// organization. Outside of one they are absent (AWS global condition keys).
func place(c *policy.Context, id, paths policy.Key, o *org.Organization, at *chain) {
	if at.paths != nil {
		c.Put(id, string(o.Settings().ID))
		c.PutList(paths, at.paths)
		return
	}
	unset(c, id)
	unset(c, paths)
}

// set gives a key its value, or makes it absent when that is empty.
func set(c *policy.Context, key policy.Key, value string) {
	if value == "" {
		unset(c, key)
		return
	}
	c.Put(key, value)
}

// unset makes a key absent.
func unset(c *policy.Context, key policy.Key) {
	if _, given := c.Find(key); given {
		c.PutList(key, nil)
	}
}

// lastElement returns what follows the last slash.
func lastElement(text string) string { return text[strings.LastIndexByte(text, '/')+1:] }
