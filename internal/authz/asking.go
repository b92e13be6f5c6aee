package authz

import (
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/policy"
)

// EvaluateAccess is the action of asking for decisions.
const EvaluateAccess = "espalier:EvaluateAccess"

var evaluateAccess = policy.NewAction(EvaluateAccess)

// AuthorizeAsking returns nil for a caller who may ask what principals of the
// organization may do: a principal of its management account whose policies allow
// [EvaluateAccess]. To everybody else it returns a *DeniedError.
func (c *Chains) AuthorizeAsking(by *identity.Caller, account *identity.Account, o *org.Organization) error {
	r := Request{Call: org.Call{Action: evaluateAccess}, Caller: by, Account: account, Organization: o}
	question, err := c.decide(&r, &everything[0], "")
	if err != nil || o.Standing(org.AccountID(by.Account)) == org.Management {
		return err
	}
	return &DeniedError{Decision: policy.Decision{Kind: policy.IdentityPolicy, Statement: -1}, Request: question}
}
