package policy

// Explain answers a request as [Decide] does, by the same steps, and tells of every statement
// whether it applies and if not, which of its elements failed first.
func Explain(r *Request, p *Policies) Explanation {
	e := evaluation{request: r, reasons: new(reasons)}
	d := e.decide(p)
	e.release()
	return Explanation{Decision: d, Filters: e.reasons.filters}
}

// reasons collects what an evaluation tells. All methods may be called on nil, when nobody asks.
type reasons struct {
	filters []Filter
}

// exempt notes a filter that does not apply.
func (r *reasons) exempt(kind Kind, why string) {
	if r != nil {
		r.filters = append(r.filters, Filter{Kind: kind, Exempt: why, Result: Allowed})
	}
}

// ask asks all statements of a set, in order, and notes what becomes of each.
func (r *reasons) ask(e *evaluation, f *finding, policies *Set) {
	filter := Filter{Kind: f.kind, Target: f.target}
	for i, a := range policies.Policies() {
		filter.Statements = append(filter.Statements, r.askOne(e, f, policies, i, a)...)
	}
	switch {
	case f.denied != nil:
		f.name(policies)
		filter.Result = ExplicitDeny
	case f.allows:
		filter.Result = Allowed
	}
	r.filters = append(r.filters, filter)
}

// askOne asks all statements of a policy.
func (r *reasons) askOne(e *evaluation, f *finding, policies *Set, policy int, a Attached) []StatementReason {
	named := make([]*indexEntry, len(a.Policy.statements))
	c := policies.actions.candidates(&e.request.action, &e.finder)
	for entry := c.next(); entry != nil; entry = c.next() {
		if int(entry.policy) == policy {
			named[entry.statement] = entry
		}
	}
	reasons := make([]StatementReason, len(a.Policy.statements))
	for i := range a.Policy.statements {
		s := &a.Policy.statements[i]
		source := s.source
		reason := &reasons[i]
		*reason = StatementReason{Policy: a.ID, Index: i, Sid: source.Sid, Effect: source.Effect, Start: source.Start, End: source.End}
		mismatch := new(Mismatch)
		if named[i] == nil {
			mismatch.set("Action", false, source.Actions, e.request.action.name)
		} else if reason.Matched = s.applies(e, mismatch); reason.Matched && f.wants(s, named[i]) {
			f.note(s, named[i], e)
		}
		if mismatch.Element != "" {
			reason.Mismatch = mismatch
		}
	}
	return reasons
}

// set notes the element, or its negation, that failed, if anybody asks.
func (m *Mismatch) set(element string, negated bool, policy []string, request string) {
	if m == nil {
		return
	}
	m.Element, m.Policy, m.Request = negatable(element, negated), policy, []string{request}
}

// negatable returns the name of an element or of its negation.
func negatable(element string, not bool) string {
	if not {
		return "Not" + element
	}
	return element
}

// principal notes that the Principal or NotPrincipal element failed.
func (m *Mismatch) principal(s *statement, e *evaluation) {
	if m == nil {
		return
	}
	var values []string
	for _, p := range s.source.Principals {
		values = append(values, p.Values...)
	}
	m.set("Principal", s.source.NotPrincipal, values, e.request.Principal.String())
}

// condition notes that a condition failed, or could not be evaluated.
func (m *Mismatch) condition(c *condition, v verdict, e *evaluation) {
	if m == nil {
		return
	}
	*m = Mismatch{Element: "Condition", Operator: c.source.Operator.String(), Key: c.source.Key, Policy: c.source.Values, Invalid: v == invalid}
	if value := e.request.Context.lookup(c.key); value != nil {
		m.Request = value.Values()
	} else {
		m.Absent = true
	}
}
