package authz

import (
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
)

// EvaluateAccess is the action of asking for decisions.
const EvaluateAccess = "espalier:EvaluateAccess"

// AuthorizeAsking returns nil for a caller who may ask what principals of the
// organization may do: an administrator in its management account. To everybody
// else it returns a *DeniedError.
func AuthorizeAsking(by *identity.Caller, account *identity.Account, o *org.Organization) error {
	r := Request{Caller: by, Account: account}
	if r.permitted() && o.Standing(org.AccountID(by.Account)) == org.Management {
		return nil
	}
	return &DeniedError{Principal: by.ARN, Action: EvaluateAccess, Resource: "*"}
}
