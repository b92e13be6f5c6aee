package identity

import (
	"encoding/json"

	"github.com/espalier-cloud/espalier/policy"
)

// AssumeRoleAction is the action that a trust policy allows.
const AssumeRoleAction = "sts:AssumeRole"

// Trusts reports whether the trust policy of a role of the account lets a caller assume it, who gives an external
// id or nil. Whether the caller's own policies let him is not asked here. A condition on what is not told here,
// such as an address, is taken not to hold where it would allow, and to hold where it would deny.
func (a *Account) Trusts(r *Role, by Caller, externalID *string) bool {
	document, err := policy.Parse(policy.TrustPolicy, []byte(r.TrustPolicy))
	if err != nil {
		return false
	}
	request, err := policy.NewRequest(by.ARN, AssumeRoleAction, a.RoleARN(r))
	if err != nil {
		return false
	}
	principal := by.ARN
	if by.Role != nil {
		request.Principal.Issuer, principal = by.Role.ARN, by.Role.ARN
	}
	request.Context.Set("aws:PrincipalArn", principal)
	request.Context.Set("aws:PrincipalAccount", string(by.Account))
	if externalID != nil {
		request.Context.Set("sts:ExternalId", *externalID)
	}
	trust := policy.Compile(document.KnowingOnly("aws:PrincipalArn", "aws:PrincipalAccount", "sts:ExternalId"))
	return policy.Decide(request, &policy.Policies{Identity: anything, Resource: policy.NewSet(policy.Attached{Policy: trust})}).Result == policy.Allowed
}

// anything is what a caller's own policies let him do, as far as a trust policy is concerned.
var anything = policy.NewSet(policy.Attached{Policy: policy.Compile(&policy.Document{
	Kind:       policy.IdentityPolicy,
	Statements: []policy.Statement{{Effect: policy.Allow, Actions: []string{"*"}, Resources: []string{"*"}}},
})})

// trustDocument writes the trust policy that lets one principal assume a role.
func trustDocument(kind, principal string) string {
	type statement struct {
		Effect    string
		Principal map[string]string
		Action    string
	}
	doc, _ := json.Marshal(struct { // strings in maps: cannot fail
		Version   string
		Statement []statement
	}{"2012-10-17", []statement{{"Allow", map[string]string{kind: principal}, AssumeRoleAction}}})
	return string(doc)
}

func malformed(message string, err error) *Error {
	return &Error{Kind: MalformedPolicyDocument, Message: message, Err: err}
}
