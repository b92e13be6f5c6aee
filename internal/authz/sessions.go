package authz

import (
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/policy"
)

// session returns the policies that limit a session of a principal of an account,
// nil for none. Of managed policies the version in effect counts; one that is gone
// allows nothing.
func (c *Chains) session(account *identity.Account, p *identity.SessionPolicies) *policy.Set {
	if p == nil {
		return nil
	}
	if account == nil { // nothing is known of its policies
		return policy.NewSet()
	}
	found := &noted[known](&account.Memo, c).sessions
	if known, ok := found.get(p); ok {
		return known
	}
	var attached []policy.Attached
	if p.Inline != "" {
		attached = append(attached, policy.Attached{ID: "session policy", Policy: c.compiled(policy.SessionPolicy, p.Inline)})
	}
	for _, arn := range p.Managed {
		if managed, ok := account.Policy(arn); ok {
			attached = append(attached, policy.Attached{ID: arn, Policy: c.compiled(policy.SessionPolicy, managed.DefaultVersion().Document)})
		}
	}
	return found.put(p, policy.NewSet(attached...))
}
