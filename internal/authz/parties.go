package authz

import (
	"strings"

	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/policy"
)

// Parties are both sides of a request, as far as they are known.
type Parties struct {
	Organization *org.Organization // of the accounts below, or nil
	Principal    *identity.Account // of the principal, nil for one from elsewhere
	Owner        *identity.Account // of the resource, nil for one from elsewhere
}

// Policies returns the policies that have a say in a request, and completes the
// request by what is known of its parties: what their accounts are to the
// organization, the role behind a session, and the condition keys about the
// principal and the owner, in place of what the request says of them. Session
// policies, boundaries and the policies of resources other than roles are for
// the caller to add.
func (c *Chains) Policies(r *policy.Request, p Parties) policy.Policies {
	principal, owner := org.AccountID(r.Principal.Account), org.AccountID(r.ResourceAccount)
	r.PrincipalMembership = membership(p.Organization, principal)
	r.ResourceMembership = membership(p.Organization, owner)
	above, around := c.chain(p.Organization, principal), c.chain(p.Organization, owner)
	role := p.role(&r.Principal)
	if role != nil {
		r.Principal.Issuer, r.Principal.ServiceLinked = p.Principal.RoleARN(role), role.ServiceLinked()
	}
	describePrincipal(r, role)
	place(&r.Context, "aws:PrincipalOrgID", "aws:PrincipalOrgPaths", p.Organization, above)
	set(&r.Context, "aws:ResourceAccount", r.ResourceAccount)
	place(&r.Context, "aws:ResourceOrgID", "aws:ResourceOrgPaths", p.Organization, around)
	return policy.Policies{
		ServiceControl: above.service, ResourceControl: around.resource,
		Identity: c.identity(p.Principal, role), Resource: c.trust(r.Resource(), p.Owner),
	}
}

// membership returns what an account is to an organization.
func membership(o *org.Organization, account org.AccountID) policy.Membership {
	switch o.Standing(account) {
	case org.Member:
		return policy.Member
	case org.Management:
		return policy.ManagementAccount
	case org.Outside:
		return policy.NoOrganization
	}
	return policy.NoOrganization
}

// role returns the role that a principal is, or is a session of.
func (p *Parties) role(who *policy.Principal) *identity.Role {
	if p.Principal == nil {
		return nil
	}
	switch who.Type {
	case policy.Role:
		role, _ := p.Principal.RoleByARN(who.ARN)
		return role
	case policy.RoleSession:
		role, _ := p.Principal.Role(lastElement(who.Issuer))
		return role
	case policy.Anonymous, policy.RootUser, policy.User, policy.FederatedUser, policy.Federated, policy.Service, policy.CanonicalUser:
	}
	return nil
}

// identity returns the policies of a role: the administrator's is the only managed
// policy whose text is known. Users have none yet, and root users need none.
func (c *Chains) identity(account *identity.Account, role *identity.Role) []policy.Attached {
	if role == nil {
		return nil
	}
	var all []policy.Attached
	for _, arn := range role.ManagedPolicies {
		if arn == identity.AdministratorAccess(account.Partition()) {
			all = c.administrator[account.Partition()]
		}
	}
	for _, inline := range role.InlinePolicies {
		all = append(all[:len(all):len(all)], policy.Attached{ID: inline.Name, Policy: c.documents.compile(policy.IdentityPolicy, inline.Document)})
	}
	return all
}

// trust returns the trust policy of the role that a resource is, nil when it is
// none.
func (c *Chains) trust(resource string, owner *identity.Account) *policy.Attached {
	if owner == nil || !strings.Contains(resource, ":role/") {
		return nil
	}
	role, ok := owner.RoleByARN(resource)
	if !ok {
		return nil
	}
	return &policy.Attached{ID: "trust policy of " + role.Name, Policy: c.documents.compile(policy.TrustPolicy, role.TrustPolicy)}
}

// describePrincipal sets the condition keys about a principal.
func describePrincipal(r *policy.Request, role *identity.Role) {
	who := &r.Principal
	service := "false"
	if who.Type == policy.Service {
		service = "true"
		r.Context.Set("aws:PrincipalServiceName", who.ARN)
	}
	r.Context.Set("aws:PrincipalIsAWSService", service)
	set(&r.Context, "aws:PrincipalAccount", who.Account)
	set(&r.Context, "aws:PrincipalArn", principalARN(who))
	r.Context.Set("aws:PrincipalType", principalType(who.Type))
	switch who.Type {
	case policy.User:
		r.Context.Set("aws:username", lastElement(who.ARN))
	case policy.RootUser:
		r.Context.Set("aws:userid", who.Account)
	case policy.Anonymous, policy.Role, policy.RoleSession, policy.FederatedUser, policy.Federated, policy.Service, policy.CanonicalUser:
	}
	if role == nil {
		return
	}
	if who.Type == policy.RoleSession {
		r.Context.Set("aws:userid", string(role.ID)+":"+lastElement(who.ARN))
	}
	for _, tag := range role.Tags {
		key := "aws:PrincipalTag/" + tag.Key
		if _, given := r.Context.Get(key); !given { // a session has tags of its own, which count more
			r.Context.Set(key, tag.Value)
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
func place(c *policy.Context, id, paths string, o *org.Organization, at *chain) {
	if at.paths != nil {
		c.Set(id, string(o.Settings().ID))
		c.SetList(paths, at.paths)
		return
	}
	unset(c, id)
	unset(c, paths)
}

// set gives a key its value, or makes it absent when that is empty.
func set(c *policy.Context, key, value string) {
	if value == "" {
		unset(c, key)
		return
	}
	c.Set(key, value)
}

// unset makes a key absent.
func unset(c *policy.Context, key string) {
	if _, given := c.Get(key); given {
		c.SetList(key, nil)
	}
}

// lastElement returns what follows the last slash.
func lastElement(text string) string { return text[strings.LastIndexByte(text, '/')+1:] }
