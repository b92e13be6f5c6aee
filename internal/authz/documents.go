package authz

import (
	"crypto/sha256"
	"runtime"
	"sync"
	"weak"

	"github.com/espalier-cloud/espalier/policy"
)

// documents are the compiled policies that are in use, each once however often
// its text is attached. It keeps none alive: one that nobody holds any more is
// forgotten.
type documents struct {
	mu       sync.Mutex
	compiled map[documentKey]weak.Pointer[policy.Policy]
}

type documentKey struct {
	kind policy.Kind
	hash [sha256.Size]byte
}

// compile returns the compiled policy of a document.
func (d *documents) compile(kind policy.Kind, text string) *policy.Policy {
	key := documentKey{kind, sha256.Sum256([]byte(text))}
	if p := d.find(key); p != nil {
		return p
	}
	p := compile(kind, text)
	d.mu.Lock()
	defer d.mu.Unlock()
	if other := d.compiled[key].Value(); other != nil { // somebody was faster
		return other
	}
	if d.compiled == nil {
		d.compiled = map[documentKey]weak.Pointer[policy.Policy]{}
	}
	d.compiled[key] = weak.Make(p)
	runtime.AddCleanup(p, d.forget, key)
	return p
}

func (d *documents) find(key documentKey) *policy.Policy {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.compiled[key].Value()
}

// forget removes a policy that is gone, unless its document was compiled again.
func (d *documents) forget(key documentKey) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.compiled[key].Value() == nil {
		delete(d.compiled, key)
	}
}

// compile reads and compiles a document. What cannot be read denies everything:
// nobody knows what it was to deny.
func compile(kind policy.Kind, text string) *policy.Policy {
	document, err := policy.Parse(kind, []byte(text))
	if err != nil {
		return about(kind, policy.Deny)
	}
	return policy.Compile(document)
}

// about returns a policy with one statement about everything that everybody does.
func about(kind policy.Kind, effect policy.Effect) *policy.Policy {
	statement := policy.Statement{Effect: effect, Actions: []string{"*"}, Resources: []string{"*"}}
	switch kind {
	case policy.ResourceControlPolicy, policy.EndpointPolicy, policy.ResourcePolicy, policy.TrustPolicy, policy.DelegationPolicy:
		statement.Principals = []policy.Principals{{Type: "*", Values: []string{"*"}}}
	case policy.ServiceControlPolicy, policy.PermissionsBoundary, policy.SessionPolicy, policy.IdentityPolicy:
	}
	return policy.Compile(&policy.Document{Kind: kind, Version: policy.Version2012, Statements: []policy.Statement{statement}})
}
