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
	arn      splitValue
	reasons  *reasons // what is told on the way, and nil when nobody asks
}

// splitValue is the value of a condition key as an ARN. Most conditions on ARNs are about one key,
// the principal.
type splitValue struct {
	text  string
	parts [6]string
	ok    bool
}

// split returns the parts of a value, nil when it is no ARN.
func (e *evaluation) split(value string) *[6]string {
	if e.arn.text != value || value == "" {
		e.arn.text = value
		e.arn.parts, e.arn.ok = splitARN(value)
	}
	if !e.arn.ok {
		return nil
	}
	return &e.arn.parts
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

// decide asks all filters, so that an explicit denial by any of them is found, and then lets them
// decide in order.
func (e *evaluation) decide(p *Policies) Decision {
	if e.request.action.lower == "sts:getcalleridentity" {
		return Decision{Result: Allowed, Statement: -1} // nothing can deny it
	}
	e.bounded = p.Boundary != nil && e.request.Principal.hasPolicies()
	filters := [...]finding{
		e.levels(ResourceControlPolicy, p.ResourceControl, e.resourceExemption()),
		e.levels(ServiceControlPolicy, p.ServiceControl, e.serviceExemption()),
		e.limit(EndpointPolicy, p.Endpoint),
		e.resourcePolicy(p.Resource),
		e.own(IdentityPolicy, p.Identity),
		e.own(PermissionsBoundary, p.Boundary),
		e.own(SessionPolicy, p.Session),
	}
	for i := range filters {
		if f := &filters[i]; f.denied != nil {
			return Decision{Result: ExplicitDeny, Kind: f.kind, Target: f.target, Policy: f.policy.ID, Statement: int(f.denied.statement)}
		}
	}
	for i := range filters[:3] {
		if f := &filters[i]; !f.allows {
			return Decision{Kind: f.kind, Target: f.target, Statement: -1}
		}
	}
	return e.permission(filters[3].grants, &filters[4], &filters[5], &filters[6])
}

// permission decides what no organization policy and no endpoint policy denies.
func (e *evaluation) permission(granted grants, identity, boundary, session *finding) Decision {
	identity.allows = identity.allows || e.request.Principal.Type == RootUser
	lacking := Decision{Kind: ResourcePolicy, Statement: -1}
	across := e.request.Principal.Account != e.request.ResourceAccount
	switch {
	case !e.request.Principal.hasPolicies():
		if granted == 0 {
			return lacking
		}
		return Decision{Result: Allowed, Kind: ResourcePolicy, Statement: -1}
	case across:
		if granted == 0 {
			return lacking
		}
	case granted.suffices(identity.allows, boundary.allows, session.allows):
		return Decision{Result: Allowed, Kind: ResourcePolicy, Statement: -1}
	case granted == 0 && e.request.insists():
		return lacking
	}
	needed := []*finding{identity, boundary, session}
	if !across && granted&(toRole|toIssuer) != 0 {
		needed = needed[1:] // the resource policy grants, as far as boundary and session let it
	}
	for _, f := range needed {
		if !f.allows {
			return Decision{Kind: f.kind, Statement: -1}
		}
	}
	if e.request.Principal.Type == RootUser {
		return Decision{Result: Allowed, Statement: -1}
	}
	return Decision{Result: Allowed, Kind: IdentityPolicy, Statement: -1}
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
func (e *evaluation) levels(kind Kind, levels []Level, exemption string) finding {
	f := finding{kind: kind, allows: true}
	if exemption != "" {
		if len(levels) > 0 {
			e.reasons.exempt(kind, exemption)
		}
		return f
	}
	for i := range levels {
		level := finding{kind: kind, target: levels[i].Target}
		e.ask(&level, levels[i].Policies)
		switch {
		case f.denied != nil: // a level above denied
		case level.denied != nil, f.allows && !level.allows:
			level.allows = false
			f = level
		}
	}
	return f
}

// own asks policies of the principal itself.
func (e *evaluation) own(kind Kind, policies *Set) finding {
	if !e.request.Principal.hasPolicies() {
		if policies != nil {
			e.reasons.exempt(kind, "the caller is not a principal of an account")
		}
		return finding{kind: kind, allows: true}
	}
	if kind == IdentityPolicy {
		f := finding{kind: kind}
		e.ask(&f, policies)
		return f
	}
	return e.limit(kind, policies)
}

// limit asks policies that limit, if there are any.
func (e *evaluation) limit(kind Kind, policies *Set) finding {
	f := finding{kind: kind, allows: policies == nil}
	if policies != nil {
		e.ask(&f, policies)
	}
	return f
}

// resourcePolicy asks the policy of the resource.
func (e *evaluation) resourcePolicy(policies *Set) finding {
	f := finding{kind: ResourcePolicy}
	if policies != nil {
		e.ask(&f, policies)
	}
	return f
}

// ask lets policies allow and deny: any matching Deny denies, any matching Allow allows. Of several
// statements that deny, the first is named.
func (e *evaluation) ask(f *finding, policies *Set) {
	if e.reasons != nil {
		e.reasons.ask(e, f, policies)
		return
	}
	if policies == nil {
		return
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
