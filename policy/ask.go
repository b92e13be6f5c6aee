package policy

// The methods that ask a filter, a policy type or a path of levels, report whether the next one is to
// be asked.

// path asks a path of levels: every level must allow by itself.
func (e *evaluation) path(kind Kind, p *Path) bool {
	if len(p.Levels()) == 0 {
		return true
	}
	if why := e.exemption(kind); why != "" {
		e.reasons.exempt(kind, why)
		return true
	}
	if e.reasons != nil {
		return e.eachLevel(kind, p)
	}
	for i := range p.sections {
		s := &p.sections[i]
		if denied := e.denies(s.set); denied != nil {
			return e.deny(kind, p.levelOf(s, int(denied.policy)).Target, s.set, denied)
		}
	}
	for _, i := range p.selective {
		if level := &p.levels[i]; e.allows(kind, level.Policies) == 0 {
			e.lack(kind, level.Target)
			break
		}
	}
	return true
}

// eachLevel asks a path level by level, to tell of each.
func (e *evaluation) eachLevel(kind Kind, p *Path) (next bool) {
	for _, level := range p.levels {
		if granted, _ := e.ask(kind, level.Target, level.Policies); granted == 0 {
			e.lack(kind, level.Target)
		}
	}
	return true
}

// endpoint asks the policy of the VPC endpoint, if there is one.
func (e *evaluation) endpoint(policies *Set) bool {
	if policies == nil {
		return true
	}
	granted, next := e.ask(EndpointPolicy, "", policies)
	if granted == 0 {
		e.lack(EndpointPolicy, "")
	}
	return next
}

// resource asks the policy of the resource, if it has one.
func (e *evaluation) resource(policies *Set) (next bool) {
	if policies == nil {
		return true
	}
	e.granted, next = e.ask(ResourcePolicy, "", policies)
	return next
}

// own asks policies of the principal itself. Without identity policies nothing is allowed; the others
// limit where they are.
func (e *evaluation) own(allowed *bool, kind Kind, policies *Set) bool {
	if !e.request.Principal.hasPolicies() {
		if policies != nil {
			e.reasons.exempt(kind, "the caller is not a principal of an account")
		}
		return true
	}
	if policies == nil && kind != IdentityPolicy {
		*allowed = true
		return true
	}
	granted, next := e.ask(kind, "", policies)
	*allowed = granted != 0
	return next
}

// ask lets policies allow and deny: any matching Deny denies, any matching Allow allows. Of several
// statements that deny, the first is named.
func (e *evaluation) ask(kind Kind, target string, policies *Set) (granted grants, next bool) {
	var denied *indexEntry
	if e.reasons != nil {
		denied, granted = e.reasons.ask(e, kind, target, policies)
	} else {
		denied, granted = e.denies(policies), e.allows(kind, policies)
	}
	if denied == nil {
		return granted, true
	}
	return granted, e.deny(kind, target, policies, denied)
}

// deny notes an explicit denial, of which the first is named.
func (e *evaluation) deny(kind Kind, target string, policies *Set, by *indexEntry) (next bool) {
	if e.decision.Result != ExplicitDeny {
		e.decision = Decision{ExplicitDeny, kind, target, policies.attached[by.policy].ID, int(by.number)}
	}
	return e.reasons != nil
}

// lack notes that something that must allow does not, of which the first is named.
func (e *evaluation) lack(kind Kind, target string) {
	if e.decision.Kind == 0 {
		e.decision.Kind, e.decision.Target = kind, target
	}
}

// denies returns the first of the statements of a set, which may be nil for none, that deny.
func (e *evaluation) denies(policies *Set) *indexEntry {
	if policies == nil || policies.denials.entries == nil {
		return nil
	}
	x := &policies.denials
	name, service, every := x.under(&e.request.action)
	first := e.deniesIn(x.of(name), nil)
	first = e.deniesIn(x.of(service), first)
	return e.deniesIn(x.of(every), first)
}

// deniesIn returns the first of entries whose statement applies before another one, and that one when
// there is none. The entries are in the order of the statements.
func (e *evaluation) deniesIn(entries []indexEntry, before *indexEntry) *indexEntry {
	for i := range entries {
		entry := &entries[i]
		if before != nil && !entry.before(before) {
			break
		}
		if entry.fits(&e.request.action, &e.finder) && entry.statement.applies(e) {
			return entry
		}
	}
	return before
}

// allows returns the ways in which the statements of a set, which may be nil for none, allow.
func (e *evaluation) allows(kind Kind, policies *Set) (granted grants) {
	switch {
	case policies == nil:
		return 0
	case policies.everything:
		return toEveryone
	case policies.allows.entries == nil:
		return 0
	}
	x := &policies.allows
	name, service, every := x.under(&e.request.action)
	for _, r := range [...]run{name, service, every} {
		if granted |= e.allowsIn(x.of(r), kind); granted != 0 && kind != ResourcePolicy {
			break
		}
	}
	return granted
}

// allowsIn returns the ways in which the statements of entries allow. Only the policies of resources
// allow in several ways.
func (e *evaluation) allowsIn(entries []indexEntry, kind Kind) (granted grants) {
	for i := range entries {
		entry := &entries[i]
		if entry.fits(&e.request.action, &e.finder) && entry.statement.applies(e) {
			if granted |= entry.statement.granted(&e.request.Principal); kind != ResourcePolicy {
				break
			}
		}
	}
	return granted
}
