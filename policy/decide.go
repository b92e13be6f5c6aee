package policy

import "strings"

// Decide answers a request, in AWS's order of evaluation: an explicit denial anywhere wins; then
// every level of the resource control policies and of the service control policies must allow; then
// the resource policy may grant; then identity policies, permissions boundary and session policy
// must all allow. Across accounts, both sides must allow. It allocates nothing and takes no lock.
func Decide(r *Request, p *Policies) Decision {
	e := evaluation{request: r}
	d := e.decide(p)
	e.release()
	return d
}

// evaluation is the work on one request.
type evaluation struct {
	request  *Request
	bounded  bool // the principal has a permissions boundary
	finder   finder
	expander expander
	arn      memo[[6]string]
	number   memo[number]
	date     memo[int64]
	reasons  *reasons // what is told on the way, and nil when nobody asks
}

// memo is what the text of a value was read as: the next condition is often about the same value,
// such as the ARN of the principal.
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

// finding is what one filter, a policy type or a path of levels, said.
type finding struct {
	kind   Kind
	target string // of levels: the level that denied, or the first that does not allow
	allows bool
	grants grants      // of a resource policy
	denied *indexEntry // the statement that denied, nil when none did
	policy *Attached   // that it is of
}

// order is the order in which the filters are asked, and in which one of several that deny is named.
var order = [...]Kind{ResourceControlPolicy, ServiceControlPolicy, EndpointPolicy, ResourcePolicy, IdentityPolicy, PermissionsBoundary, SessionPolicy}

// decide asks the filters until one denies explicitly. When none does, the first that had to allow
// and did not decides. When the reasons are asked for, all filters are.
func (e *evaluation) decide(p *Policies) Decision {
	if e.request.action.lower == "sts:getcalleridentity" {
		return Decision{Result: Allowed, Statement: -1} // nothing can deny it
	}
	e.bounded = p.Boundary != nil && e.request.Principal.hasPolicies()
	var filters [len(order)]finding
	var denial *finding
	for i, kind := range order {
		f := &filters[i]
		f.kind = kind
		e.filter(f, p)
		if f.denied != nil && denial == nil {
			denial = f
		}
		if denial != nil && e.reasons == nil {
			break
		}
	}
	if denial != nil {
		return Decision{Result: ExplicitDeny, Kind: denial.kind, Target: denial.target, Policy: denial.policy.ID, Statement: int(denial.denied.statement)}
	}
	for i := range filters[:3] {
		if f := &filters[i]; !f.allows {
			return Decision{Kind: f.kind, Target: f.target, Statement: -1}
		}
	}
	return e.permission(filters[3].grants, filters[4].allows, filters[5].allows, filters[6].allows)
}

// filter asks the policies of one type.
func (e *evaluation) filter(f *finding, p *Policies) {
	switch f.kind {
	case ResourceControlPolicy:
		e.levels(f, p.ResourceControl, e.resourceExemption)
	case ServiceControlPolicy:
		e.levels(f, p.ServiceControl, e.serviceExemption)
	case EndpointPolicy:
		e.limit(f, p.Endpoint)
	case IdentityPolicy:
		e.own(f, p.Identity)
	case PermissionsBoundary:
		e.own(f, p.Boundary)
	case SessionPolicy:
		e.own(f, p.Session)
	case ResourcePolicy, TrustPolicy, DelegationPolicy:
		if p.Resource != nil {
			e.ask(f, p.Resource)
		}
	}
}

// permission decides what no organization policy and no endpoint policy denies.
func (e *evaluation) permission(granted grants, identity, boundary, session bool) Decision {
	who := &e.request.Principal
	identity = identity || who.Type == RootUser
	across := who.Account != e.request.ResourceAccount
	lacking := func(kind Kind) Decision { return Decision{Kind: kind, Statement: -1} }
	allowed := func(kind Kind) Decision { return Decision{Result: Allowed, Kind: kind, Statement: -1} }
	switch {
	case granted == 0 && (!who.hasPolicies() || across || e.request.insists()):
		return lacking(ResourcePolicy)
	case !who.hasPolicies(), !across && granted.suffices(identity, boundary, session):
		return allowed(ResourcePolicy)
	// A grant to a role lacks what its boundary and session policy take away, not an identity policy.
	case !identity && (across || granted&(toRole|toIssuer) == 0):
		return lacking(IdentityPolicy)
	case !boundary:
		return lacking(PermissionsBoundary)
	case !session:
		return lacking(SessionPolicy)
	case who.Type == RootUser:
		return allowed(0)
	}
	return allowed(IdentityPolicy)
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

// serviceExemption says why service control policies do not bind the principal, "" when they do.
func (e *evaluation) serviceExemption() string {
	r := e.request
	switch {
	case !r.Principal.hasPolicies():
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

// levels asks a path of levels: every level must allow by itself.
func (e *evaluation) levels(f *finding, levels []Level, exemption func() string) {
	f.allows = true
	if len(levels) == 0 {
		return
	}
	if why := exemption(); why != "" {
		e.reasons.exempt(f.kind, why)
		return
	}
	for i := range levels {
		level := finding{kind: f.kind, target: levels[i].Target}
		e.ask(&level, levels[i].Policies)
		switch {
		case f.denied != nil: // a level above denied
		case level.denied != nil && e.reasons == nil:
			*f = level
			return
		case level.denied != nil, f.allows && !level.allows:
			level.allows = false
			*f = level
		}
	}
}

// own asks policies of the principal itself.
func (e *evaluation) own(f *finding, policies *Set) {
	switch {
	case e.request.Principal.hasPolicies():
		if f.kind == IdentityPolicy && policies == nil {
			policies = nothing
		}
		e.limit(f, policies)
	case policies != nil:
		e.reasons.exempt(f.kind, "the caller is not a principal of an account")
		f.allows = true
	default:
		f.allows = true
	}
}

// nothing is the set of no policies, which allows nothing.
var nothing = NewSet()

// limit asks policies that limit, if there are any.
func (e *evaluation) limit(f *finding, policies *Set) {
	f.allows = policies == nil
	if policies != nil {
		e.ask(f, policies)
	}
}

// ask lets policies allow and deny: any matching Deny denies, any matching Allow allows. Of several
// statements that deny, the first is named.
func (e *evaluation) ask(f *finding, policies *Set) {
	if e.reasons != nil {
		e.reasons.ask(e, f, policies)
		return
	}
	if policies == nil {
		return // a level without policies
	}
	f.allows = policies.everything
	c := policies.actions.candidates(&e.request.action, &e.finder)
	for entry := c.next(); entry != nil; entry = c.next() {
		s := &policies.attached[entry.policy].Policy.statements[entry.statement]
		if f.wants(s, entry) && s.applies(e, nil) {
			f.note(s, entry, e)
		}
	}
	f.name(policies)
}

// wants tells whether a statement can still make a difference.
func (f *finding) wants(s *statement, at *indexEntry) bool {
	if s.source.Effect == Allow {
		return !f.allows || f.kind == ResourcePolicy
	}
	return f.denied == nil || at.policy < f.denied.policy || at.policy == f.denied.policy && at.statement < f.denied.statement
}

// note keeps what a statement that applies says.
func (f *finding) note(s *statement, at *indexEntry, e *evaluation) {
	if s.source.Effect == Deny {
		f.denied = at
		return
	}
	f.allows = true
	if f.kind == ResourcePolicy {
		f.grants |= s.granted(&e.request.Principal)
	}
}

// name finds the policy that denied.
func (f *finding) name(policies *Set) {
	if f.denied != nil {
		f.policy = &policies.attached[f.denied.policy]
	}
}
