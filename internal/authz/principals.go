package authz

import (
	"strings"

	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/policy"
)

// principal is what is known of a user or a role.
type principal struct {
	arn      string
	id       string // the unique id
	role     bool
	linked   bool // a service-linked role
	identity *policy.Set
	boundary *policy.Set // nil for none
	tags     []identity.Tag
}

// known is what was found in one state of an account.
type known struct {
	principals bounded[principalKey, *principal]
	sessions   bounded[*identity.SessionPolicies, *policy.Set]
}

// principalKey is the ARN of a user or a role, or of the role of a session: this one
// may be without its path.
type principalKey struct {
	of  policy.PrincipalType
	arn string
}

// nobody is a principal of whom nothing is known: a root user, whose rights need no
// policy, somebody from elsewhere, or nobody.
var nobody = &principal{}

// principal returns what is known of a principal of an account, which may be nil.
func (c *Chains) principal(account *identity.Account, who *policy.Principal) *principal {
	key := principalKey{of: who.Type}
	switch who.Type {
	case policy.User, policy.Role:
		key.arn = who.ARN
	case policy.RoleSession, policy.FederatedUser:
		key.arn = who.Issuer
	case policy.Anonymous, policy.RootUser, policy.Federated, policy.Service, policy.CanonicalUser:
	}
	if account == nil || key.arn == "" {
		return nobody
	}
	found := &noted[known](&account.Memo, c).principals
	if known, ok := found.get(key); ok {
		return known
	}
	if known := c.find(account, who.Type, key.arn); known != nil {
		return found.put(key, known)
	}
	return nobody // not remembered: what does not exist takes no memory
}

// find returns what is known of the user or role of an ARN, which a principal is or
// acts for, or nil.
func (c *Chains) find(account *identity.Account, t policy.PrincipalType, arn string) *principal {
	switch t {
	case policy.User, policy.FederatedUser:
		if user, ok := account.UserByARN(arn); ok {
			return c.user(account, user)
		}
		if arn == identity.RootARN(account.Partition(), account.ID()) { // for whom a federated user acts
			return &principal{arn: arn, identity: policy.NewSet(policy.Attached{ID: "root user", Policy: policy.FullAWSAccess()})}
		}
	case policy.Role:
		if role, ok := account.RoleByARN(arn); ok {
			return c.role(account, role)
		}
	case policy.RoleSession: // whose ARN does not hold the path of the role
		if role, ok := account.Role(lastElement(arn)); ok {
			return c.role(account, role)
		}
	case policy.Anonymous, policy.RootUser, policy.Federated, policy.Service, policy.CanonicalUser:
	}
	return nil
}

func (c *Chains) user(account *identity.Account, u *identity.User) *principal {
	p := &principal{arn: account.UserARN(u), id: string(u.ID)}
	policies := c.policiesOf(account, &u.Entity)
	for g := range account.GroupsOf(u, "") {
		policies = append(policies, c.policiesOf(account, &g.Entity)...)
	}
	return c.complete(p, account, &u.Entity, policies)
}

func (c *Chains) role(account *identity.Account, r *identity.Role) *principal {
	p := &principal{arn: account.RoleARN(r), id: string(r.ID), role: true, linked: r.ServiceLinked()}
	return c.complete(p, account, &r.Entity, c.policiesOf(account, &r.Entity))
}

// complete adds what users and roles have in common.
func (c *Chains) complete(p *principal, account *identity.Account, e *identity.Entity, policies []policy.Attached) *principal {
	p.identity = policy.NewSet(policies...)
	if arn := e.PermissionsBoundary; arn != "" {
		p.boundary = policy.NewSet() // which allows nothing, should there be no such policy
		if managed, ok := account.Policy(arn); ok {
			p.boundary = policy.NewSet(policy.Attached{ID: arn, Policy: c.compiled(policy.PermissionsBoundary, managed.DefaultVersion().Document)})
		}
	}
	p.tags = e.Tags
	return p
}

// policiesOf returns the identity policies of a user, group or role itself.
func (c *Chains) policiesOf(account *identity.Account, e *identity.Entity) []policy.Attached {
	var all []policy.Attached
	for _, arn := range e.ManagedPolicies {
		if managed, ok := account.Policy(arn); ok {
			all = append(all, policy.Attached{ID: arn, Policy: c.managed.of(managed, func() *policy.Policy {
				return c.compiled(policy.IdentityPolicy, managed.DefaultVersion().Document)
			})})
		}
	}
	for _, inline := range e.InlinePolicies {
		all = append(all, policy.Attached{ID: inline.Name, Policy: c.compiled(policy.IdentityPolicy, inline.Document)})
	}
	return all
}

// trust returns the trust policy of the role that a resource is, nil when it is
// none.
func (c *Chains) trust(resource string, owner *identity.Account) *policy.Set {
	if owner == nil || !strings.Contains(resource, ":role/") {
		return nil
	}
	role, ok := owner.RoleByARN(resource)
	if !ok {
		return nil
	}
	return c.trusts.of(role, func() *policy.Set {
		return policy.NewSet(policy.Attached{ID: "trust policy of " + role.Name, Policy: c.compiled(policy.TrustPolicy, role.TrustPolicy)})
	})
}
