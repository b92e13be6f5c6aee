package policy

import (
	"net/netip"
	"strings"
)

// Decide answers a request, in AWS's order of evaluation: an explicit denial anywhere wins; then
// every level of the resource control policies and of the service control policies must allow; then
// the resource policy may grant; then identity policies, permissions boundary and session policy
// must all allow. Across accounts, both sides must allow. It allocates nothing and takes no lock.
func Decide(r *Request, p *Policies) Decision {
	e := evaluation{request: r}
	e.decide(p)
	e.release()
	// Copied field by field: a processor waits when it is to load at once what was stored in pieces just now.
	return Decision{e.decision.Result, e.decision.Kind, e.decision.Target, e.decision.Policy, e.decision.Statement}
}

// evaluation is the work on one request.
type evaluation struct {
	request  *Request
	decision Decision // so far: its Kind is 0 as long as nothing denies
	bounded  bool     // the principal has a permissions boundary
	equipped bool     // the principal has policies
	granted  grants   // by the resource policy
	// What the policies of the principal allow.
	identity, boundary, session bool

	found    Value // of the condition key that was last found by a source
	finder   finder
	expander expander
	number   memo[number]
	date     memo[int64]
	address  memo[netip.Addr]
	arn      memo[int] // the length of its head
	reasons  *reasons  // what is told on the way, and nil when nobody asks
}

// memo is what the text of a value was read as: the next condition is often about the same value.
type memo[V any] struct {
	text  string
	value V
	ok    bool
}

func (m *memo[V]) read(text string, parse func(string) (V, bool)) (V, bool) {
	if m.text != text || text == "" {
		m.text = text
		m.value, m.ok = parse(text)
	}
	return m.value, m.ok
}

func (e *evaluation) release() {
	e.finder.release()
	e.expander.release()
}

// decide asks the filters until one denies explicitly. When none does, the first that had to allow
// and did not decides. When the reasons are asked for, all filters are asked.
func (e *evaluation) decide(p *Policies) {
	e.decision.Statement = -1
	if e.request.action.lower == "sts:getcalleridentity" {
		e.decision.Result = Allowed // nothing can deny it
		return
	}
	e.equipped = e.request.Principal.hasPolicies()
	e.bounded = p.Boundary != nil && e.equipped
	_ = e.path(ResourceControlPolicy, p.ResourceControl) &&
		e.path(ServiceControlPolicy, p.ServiceControl) &&
		e.endpoint(p.Endpoint) &&
		e.resource(p.Resource) &&
		e.own(&e.identity, IdentityPolicy, p.Identity) &&
		e.own(&e.boundary, PermissionsBoundary, p.Boundary) &&
		e.own(&e.session, SessionPolicy, p.Session)
	if e.decision.Kind == 0 {
		e.decision.Result, e.decision.Kind = e.permission()
	}
}

// permission decides what no organization policy and no endpoint policy denies.
func (e *evaluation) permission() (Result, Kind) {
	who := &e.request.Principal
	identity := e.identity || who.Type == RootUser
	across := who.Account != e.request.ResourceAccount
	switch {
	case e.granted == 0 && (!e.equipped || across || e.request.insists()):
		return ImplicitDeny, ResourcePolicy
	case !e.equipped, !across && e.granted.suffices(identity, e.boundary, e.session):
		return Allowed, ResourcePolicy
	// A grant to a role lacks what its boundary and session policy take away, not an identity policy.
	case !identity && (across || e.granted&(toRole|toIssuer) == 0):
		return ImplicitDeny, IdentityPolicy
	case !e.boundary:
		return ImplicitDeny, PermissionsBoundary
	case !e.session:
		return ImplicitDeny, SessionPolicy
	case who.Type == RootUser:
		return Allowed, 0
	}
	return Allowed, IdentityPolicy
}

// hasPolicies tells whether a principal has policies of its own; the others have what resource
// policies grant them.
func (p *Principal) hasPolicies() bool {
	switch p.Type {
	case RootUser, User, Role, RoleSession, FederatedUser:
		return true
	case Anonymous, Federated, Service, CanonicalUser:
		return false
	}
	return false
}

// insists tells whether identity policies have no effect on the resource unless its own policy
// names the account or the principal: KMS keys and roles (IAM user guide; KMS developer guide, key
// policies).
func (r *Request) insists() bool {
	name := r.resource.parts[5]
	switch r.resource.parts[2] {
	case "kms":
		return r.action.service == "kms:" && strings.HasPrefix(name, "key/")
	case "iam":
		return r.action.service == "sts:" && strings.HasPrefix(name, "role/")
	}
	return false
}

// exemption says why the policies of a path do not apply to the request, "" when they do.
func (e *evaluation) exemption(kind Kind) string {
	if kind == ResourceControlPolicy {
		return e.resourceExemption()
	}
	return e.serviceExemption()
}

// serviceExemption says why service control policies do not bind the principal, "" when they do.
func (e *evaluation) serviceExemption() string {
	r := e.request
	switch {
	case !e.equipped:
		return "the caller is not a principal of an account"
	case r.PrincipalMembership == ManagementAccount:
		return "the principal belongs to the management account"
	case r.PrincipalMembership == NoOrganization:
		return "the account of the principal is in no organization"
	case r.Principal.ServiceLinked:
		return "the principal is a service-linked role"
	}
	return ""
}

// resourceExemption says why resource control policies do not protect the resource from the
// request, "" when they do.
func (e *evaluation) resourceExemption() string {
	r := e.request
	switch {
	case r.ResourceMembership == ManagementAccount:
		return "the resource belongs to the management account"
	case r.ResourceMembership == NoOrganization:
		return "the owner of the resource is in no organization"
	case r.Principal.ServiceLinked:
		return "the principal is a service-linked role"
	case r.action.service == "sts:" && strings.HasPrefix(r.resource.parts[5], "role/aws-service-role/"):
		return "the resource is a service-linked role"
	case r.action.lower == "kms:retiregrant":
		return "kms:RetireGrant is not affected"
	}
	return ""
}
