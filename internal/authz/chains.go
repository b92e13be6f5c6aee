package authz

import (
	"slices"
	"strings"

	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/policy"
)

// Chains finds the policies that have a say in a request, compiled. The zero Chains
// know nothing yet. They are safe for concurrent use, and not to be copied.
//
// The states of organizations and accounts never change, and neither does what the
// [org.Controls] of an organization stand for. What was found for one of these is right
// as long as it is used, and goes when it goes: an attached, detached or edited policy
// makes other ones. Nothing has to be invalidated.
type Chains struct {
	documents   documents
	attachments memo[org.Policy, policy.Attached]
	sets        shared[string, policy.Set] // by the ids of their policies
	paths       shared[step, policy.Path]  // to roots and units
	managed     memo[identity.Policy, *policy.Policy]
	trusts      memo[identity.Role, *policy.Set]
}

// ServiceControl returns the path of service control policies above a
// principal of an account, from the root to the account: nil while the policy
// type is not enabled or when the account is not in the organization, which may
// be nil. They must not be changed.
func (c *Chains) ServiceControl(o *org.Organization, account org.AccountID) *policy.Path {
	return c.chain(o, account).service
}

// ResourceControl returns the levels of resource control policies above the
// resources of an account, as [Chains.ServiceControl] does.
func (c *Chains) ResourceControl(o *org.Organization, account org.AccountID) *policy.Path {
	return c.chain(o, account).resource
}

// chains are those that were found for the controls of an organization.
type chains struct {
	parents  bounded[org.ParentID, *chain]
	accounts bounded[place, *chain]
}

// place is where an account is.
type place struct {
	account org.AccountID
	parent  org.ParentID
}

// step is a level below a path.
type step struct {
	above *policy.Path
	level policy.Level
}

// chain is a path from the root to a parent or an account.
type chain struct {
	service, resource *policy.Path
	membership        policy.Membership // of the account
	organization      string
	paths             []string // aws:PrincipalOrgPaths of the accounts there
}

// nowhere is the chain of accounts that are in no organization.
var nowhere = &chain{membership: policy.NoOrganization}

func (c *Chains) chain(o *org.Organization, account org.AccountID) *chain {
	if o == nil || !o.Exists() {
		return nowhere
	}
	member, err := o.Account(account)
	if err != nil {
		return nowhere // not remembered: what a stranger asks for takes no memory
	}
	found := noted[chains](&o.Controls().Memo, c)
	at := place{account, member.Parent}
	if known, ok := found.accounts.get(at); ok {
		return known
	}
	here := c.below(o, c.parent(o, found, member.Parent), org.TargetID(account))
	here.membership = o.Membership(account)
	return found.accounts.put(at, here)
}

// parent returns the chain of the root or a unit.
func (c *Chains) parent(o *org.Organization, found *chains, id org.ParentID) *chain {
	if known, ok := found.parents.get(id); ok {
		return known
	}
	above := nowhere
	if id.IsOU() {
		if unit, err := o.OrganizationalUnit(org.OUID(id)); err == nil {
			above = c.parent(o, found, unit.Parent)
		}
	}
	here := c.below(o, above, org.TargetID(id))
	here.organization, here.paths = string(o.Settings().ID), []string{o.ParentPath(id)}
	return found.parents.put(id, here)
}

// below returns the chain that ends one level below another.
func (c *Chains) below(o *org.Organization, above *chain, target org.TargetID) *chain {
	return &chain{
		service:      c.extend(o, above.service, target, org.ServiceControlPolicy, policy.ServiceControlPolicy),
		resource:     c.extend(o, above.resource, target, org.ResourceControlPolicy, policy.ResourceControlPolicy),
		organization: above.organization,
		paths:        above.paths,
	}
}

func (c *Chains) extend(o *org.Organization, above *policy.Path, target org.TargetID, t org.PolicyType, kind policy.Kind) *policy.Path {
	if o.Root().Status(t) != org.PolicyTypeEnabled {
		return nil
	}
	var attached []policy.Attached
	if policies, err := o.PoliciesForTarget(target, t, ""); err == nil { // where there is no target, nothing allows
		for _, p := range policies {
			attached = append(attached, c.attached(o, p, kind))
		}
	}
	level := policy.Level{Target: string(target), Policies: c.set(attached)}
	if target.IsAccount() {
		return above.Below(level)
	}
	return c.joined(above, level)
}

// joined returns the path that ends at the root or a unit. Decisions are fastest on joined levels, but
// there are many more accounts than units: what each of them has for itself is not joined.
func (c *Chains) joined(above *policy.Path, level policy.Level) *policy.Path {
	at := step{above, level}
	if known := c.paths.find(at); known != nil {
		return known
	}
	return c.paths.share(at, policy.NewPath(append(slices.Clip(above.Levels()), level)...))
}

// set returns the set of policies that are attached together. Most targets have
// what others have, and most of what they had in the state before.
func (c *Chains) set(attached []policy.Attached) *policy.Set {
	var ids strings.Builder
	for _, a := range attached {
		ids.WriteString(a.ID)
		ids.WriteByte(' ')
	}
	if known := c.sets.find(ids.String()); known != nil && slices.Equal(known.Policies(), attached) {
		return known
	}
	return c.sets.share(ids.String(), policy.NewSet(attached...))
}

// attached returns a policy as it is attached. Most policies of a new state are
// those of the state before. Those that AWS manages allow everything, which no
// customer's resource control policy may say.
func (c *Chains) attached(o *org.Organization, p *org.Policy, kind policy.Kind) policy.Attached {
	if p.AWSManaged {
		return policy.Attached{ID: o.PolicyARN(p), Policy: fullAccess(kind)}
	}
	return c.attachments.of(p, func() policy.Attached {
		return policy.Attached{ID: o.PolicyARN(p), Policy: c.compiled(kind, p.Content)}
	})
}

// fullAccess returns the policy of a kind that AWS manages.
func fullAccess(kind policy.Kind) *policy.Policy {
	if kind == policy.ResourceControlPolicy {
		return policy.RCPFullAWSAccess()
	}
	return policy.FullAWSAccess()
}
