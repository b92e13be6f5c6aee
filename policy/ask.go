package policy

import "math"

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
		var c candidates
		c.of(&s.set.index, &e.request.action)
		if denied := e.denies(&c); denied != nil {
			return e.deny(kind, p.levelOf(s, int(denied.policy)).Target, s.set, denied)
		}
		for j := range s.selective {
			if l := &s.selective[j]; e.allows(&c, kind, l.start, l.end) == 0 {
				e.lack(kind, p.levels[l.level].Target)
			}
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
	if !e.equipped {
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
	switch {
	case e.reasons != nil:
		denied, granted = e.reasons.ask(e, kind, target, policies)
	case policies != nil:
		if policies.everything {
			granted = toEveryone
		}
		if len(policies.index.entries) == 0 {
			break
		}
		var c candidates
		c.of(&policies.index, &e.request.action)
		denied = e.denies(&c)
		granted |= e.allows(&c, kind, 0, math.MaxInt32)
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

// denies returns the first of the statements that deny.
func (e *evaluation) denies(c *candidates) (first *indexEntry) {
	for _, r := range &c.runs {
		for i := r[Deny].start; i < r[Deny].end; i++ { // in the order of the statements
			entry := &c.entries[i]
			if first != nil && !entry.before(first) {
				break
			}
			if entry.fits(&e.request.action, &e.finder) && entry.statement.applies(e) {
				first = entry
				break
			}
		}
	}
	return first
}

// allows returns the ways in which the statements of some policies allow, from one up to before
// another. Only the policies of resources allow in several ways.
func (e *evaluation) allows(c *candidates, kind Kind, start, end int32) (granted grants) {
	for _, r := range &c.runs {
		for i := r[Allow].start; i < r[Allow].end; i++ {
			entry := &c.entries[i]
			if entry.policy < start || entry.policy >= end {
				continue
			}
			if entry.fits(&e.request.action, &e.finder) && entry.statement.applies(e) {
				if granted |= entry.statement.granted(&e.request.Principal); kind != ResourcePolicy {
					return granted
				}
			}
		}
	}
	return granted
}
