package policy

// Result is the class of a decision.
type Result int

// The results.
const (
	// ImplicitDeny is a denial because something that must allow does not.
	ImplicitDeny Result = iota
	// ExplicitDeny is a denial by a statement that says Deny.
	ExplicitDeny
	// Allowed is permission.
	Allowed
)

var resultNames = [...]string{ImplicitDeny: "ImplicitDeny", ExplicitDeny: "ExplicitDeny", Allowed: "Allowed"}

// String returns "ImplicitDeny", "ExplicitDeny" or "Allowed".
func (r Result) String() string { return resultNames[r] }

// Policies are all policies that have a say in a request. A path that is nil limits nothing.
type Policies struct {
	// ServiceControl are the levels above the account of the principal.
	ServiceControl *Path
	// ResourceControl are the levels above the account that owns the resource, each with
	// RCPFullAWSAccess.
	ResourceControl *Path
	// Identity are the policies of the user and its groups, or of the role.
	Identity *Set
	// Boundary, Session and Endpoint limit what the others grant, where they are not nil. An empty
	// set allows nothing.
	Boundary, Session, Endpoint *Set
	// Resource is the policy of the resource, and nil when it has none. The resource policy of a role
	// is its trust policy.
	Resource *Set
}

// Decision is the answer to a request. It says which policy type decided it, and for an explicit
// denial the statement. Where several policies deny, the first is named in AWS's order of
// evaluation: resource control policies, service control policies, endpoint, resource, identity,
// boundary, session.
type Decision struct {
	Result Result
	// Kind is the policy type that decided: the type that denied explicitly, or the first that had to
	// allow and did not. For Allowed it is the type that granted, and 0 when none had to (root users).
	Kind Kind
	// Target is the level of an organization's path that decided, "" elsewhere.
	Target string
	// Policy is the id of the deciding policy and Statement the index of its statement, from 0; "" and
	// -1 when no statement decided.
	Policy    string
	Statement int
}

// Statement returns the statement that decided, nil when none did. The decision must be about these
// policies.
func (p *Policies) Statement(d Decision) *Statement {
	if d.Statement < 0 {
		return nil
	}
	for _, a := range p.of(d.Kind, d.Target).Policies() {
		if statements := a.Policy.Document().Statements; a.ID == d.Policy && d.Statement < len(statements) {
			return &statements[d.Statement]
		}
	}
	return nil
}

// of returns the policies of one kind, at one level where the kind has levels.
func (p *Policies) of(kind Kind, target string) *Set {
	switch kind {
	case ServiceControlPolicy:
		return p.ServiceControl.at(target)
	case ResourceControlPolicy:
		return p.ResourceControl.at(target)
	case EndpointPolicy:
		return p.Endpoint
	case PermissionsBoundary:
		return p.Boundary
	case SessionPolicy:
		return p.Session
	case IdentityPolicy:
		return p.Identity
	case ResourcePolicy, TrustPolicy, DelegationPolicy:
		return p.Resource
	}
	return nil
}
