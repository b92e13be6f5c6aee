package authz

import (
	"crypto/sha256"

	"github.com/espalier-cloud/espalier/policy"
)

// documents are the compiled policies that are in use, each once however often
// its text is attached.
type documents = shared[documentKey, policy.Policy]

type documentKey struct {
	kind policy.Kind
	hash [sha256.Size]byte
}

// compiled returns the compiled policy of a document.
func (c *Chains) compiled(kind policy.Kind, text string) *policy.Policy {
	key := documentKey{kind, sha256.Sum256([]byte(text))}
	if known := c.documents.find(key); known != nil {
		return known
	}
	return c.documents.share(key, compile(kind, text))
}

// compile reads and compiles a document. What cannot be read denies everything:
// nobody knows what it was to deny.
func compile(kind policy.Kind, text string) *policy.Policy {
	document, err := policy.Parse(kind, []byte(text))
	if err != nil {
		return denial(kind)
	}
	return policy.Compile(document)
}

// denial returns a policy that denies everything to everybody.
func denial(kind policy.Kind) *policy.Policy {
	statement := policy.Statement{Effect: policy.Deny, Actions: []string{"*"}, Resources: []string{"*"}}
	switch kind {
	case policy.ResourceControlPolicy, policy.EndpointPolicy, policy.ResourcePolicy, policy.TrustPolicy, policy.DelegationPolicy:
		statement.Principals = []policy.Principals{{Type: "*", Values: []string{"*"}}}
	case policy.ServiceControlPolicy, policy.PermissionsBoundary, policy.SessionPolicy, policy.IdentityPolicy:
	}
	return policy.Compile(&policy.Document{Kind: kind, Version: policy.Version2012, Statements: []policy.Statement{statement}})
}
