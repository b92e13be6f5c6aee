package authz

import (
	"runtime"
	"slices"
	"sync"
	"weak"

	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/policy"
)

// Chains finds the policies that have a say in a request, compiled. It is safe
// for concurrent use.
//
// The state of an organization never changes, so what was found for it is right
// as long as the state is used, and goes when it goes: an attached, detached,
// moved or edited policy is another state. Nothing has to be invalidated.
type Chains struct {
	documents     documents
	full          map[policy.Kind]*policy.Policy           // FullAWSAccess and RCPFullAWSAccess
	administrator map[identity.Partition][]policy.Attached // AdministratorAccess

	mu            sync.RWMutex
	organizations map[weak.Pointer[org.Organization]]*organization
	policies      map[weak.Pointer[org.Policy]]policy.Attached
}

// NewChains returns Chains that know nothing yet.
func NewChains() *Chains {
	c := &Chains{
		full: map[policy.Kind]*policy.Policy{
			policy.ServiceControlPolicy:  about(policy.ServiceControlPolicy, policy.Allow),
			policy.ResourceControlPolicy: about(policy.ResourceControlPolicy, policy.Allow),
		},
		administrator: map[identity.Partition][]policy.Attached{},
		organizations: map[weak.Pointer[org.Organization]]*organization{},
		policies:      map[weak.Pointer[org.Policy]]policy.Attached{},
	}
	everything := about(policy.IdentityPolicy, policy.Allow)
	for _, p := range []identity.Partition{identity.PartitionAWS, identity.PartitionChina, identity.PartitionGovCloud} {
		c.administrator[p] = []policy.Attached{{ID: identity.AdministratorAccess(p), Policy: everything}}
	}
	return c
}

// ServiceControl returns the levels of service control policies above a
// principal of an account, from the root to the account: none while the policy
// type is not enabled or when the account is not in the organization, which may
// be nil. They must not be changed.
func (c *Chains) ServiceControl(o *org.Organization, account org.AccountID) []policy.Level {
	return c.chain(o, account).service
}

// ResourceControl returns the levels of resource control policies above the
// resources of an account, as [Chains.ServiceControl] does.
func (c *Chains) ResourceControl(o *org.Organization, account org.AccountID) []policy.Level {
	return c.chain(o, account).resource
}

// organization is what was found for one state of an organization.
type organization struct {
	mu       sync.RWMutex
	parents  map[org.ParentID]*chain
	accounts map[org.AccountID]*chain
}

// maxAccounts is how many accounts of an organization are remembered.
const maxAccounts = 10_000

// chain is a path from the root to a parent or an account.
type chain struct {
	service, resource []policy.Level
	paths             []string // aws:PrincipalOrgPaths of the accounts there
}

// nowhere is the chain of accounts that are in no organization.
func nowhere() *chain { return &chain{} }

func (c *Chains) chain(o *org.Organization, account org.AccountID) *chain {
	if o == nil || !o.Exists() {
		return nowhere()
	}
	known := c.organization(o)
	known.mu.RLock()
	found, ok := known.accounts[account]
	known.mu.RUnlock()
	if ok {
		return found
	}
	member, err := o.Account(account)
	if err != nil {
		return nowhere() // not remembered: what a stranger asks for takes no memory
	}
	known.mu.Lock()
	defer known.mu.Unlock()
	if len(known.accounts) >= maxAccounts {
		clear(known.accounts)
	}
	found = c.below(o, c.parent(o, known, member.Parent), org.TargetID(account))
	known.accounts[account] = found
	return found
}

// organization returns what was found for a state, a new one if nothing was.
func (c *Chains) organization(o *org.Organization) *organization {
	key := weak.Make(o)
	c.mu.RLock()
	known, ok := c.organizations[key]
	c.mu.RUnlock()
	if ok {
		return known
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if known, ok = c.organizations[key]; !ok {
		known = &organization{parents: map[org.ParentID]*chain{}, accounts: map[org.AccountID]*chain{}}
		c.organizations[key] = known
		runtime.AddCleanup(o, c.forget, key)
	}
	return known
}

// forget drops what was found for a state that is gone.
func (c *Chains) forget(key weak.Pointer[org.Organization]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.organizations, key)
}

// parent returns the chain of the root or a unit; known is locked.
func (c *Chains) parent(o *org.Organization, known *organization, id org.ParentID) *chain {
	if found, ok := known.parents[id]; ok {
		return found
	}
	above := nowhere()
	if id.IsOU() {
		if unit, err := o.OrganizationalUnit(org.OUID(id)); err == nil {
			above = c.parent(o, known, unit.Parent)
		}
	}
	found := c.below(o, above, org.TargetID(id))
	found.paths = []string{o.ParentPath(id)}
	known.parents[id] = found
	return found
}

// below returns the chain that ends one level below another.
func (c *Chains) below(o *org.Organization, above *chain, target org.TargetID) *chain {
	return &chain{
		service:  c.extend(o, above.service, target, org.ServiceControlPolicy, policy.ServiceControlPolicy),
		resource: c.extend(o, above.resource, target, org.ResourceControlPolicy, policy.ResourceControlPolicy),
		paths:    above.paths,
	}
}

func (c *Chains) extend(o *org.Organization, above []policy.Level, target org.TargetID, t org.PolicyType, kind policy.Kind) []policy.Level {
	if o.Root().Status(t) != org.PolicyTypeEnabled {
		return nil
	}
	level := policy.Level{Target: string(target)}
	attached, err := o.PoliciesForTarget(target, t, "")
	if err != nil {
		return append(slices.Clip(above), level) // there is no such target: nothing allows
	}
	for _, p := range attached {
		level.Policies = append(level.Policies, c.attached(o, p, kind))
	}
	return append(slices.Clip(above), level)
}

// attached returns a policy as it is attached. Most policies of a new state are
// those of the state before. Those that AWS manages allow everything, which no
// customer's resource control policy may say.
func (c *Chains) attached(o *org.Organization, p *org.Policy, kind policy.Kind) policy.Attached {
	if p.AWSManaged {
		return policy.Attached{ID: o.PolicyARN(p), Policy: c.full[kind]}
	}
	key := weak.Make(p)
	c.mu.RLock()
	known, ok := c.policies[key]
	c.mu.RUnlock()
	if ok {
		return known
	}
	made := policy.Attached{ID: o.PolicyARN(p), Policy: c.documents.compile(kind, p.Content)}
	c.mu.Lock()
	defer c.mu.Unlock()
	if known, ok = c.policies[key]; ok {
		return known
	}
	c.policies[key] = made
	runtime.AddCleanup(p, c.forgetPolicy, key)
	return made
}

// forgetPolicy drops a policy that is in no state any more.
func (c *Chains) forgetPolicy(key weak.Pointer[org.Policy]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.policies, key)
}
