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

// begin opens a filter.
func (r *reasons) begin(f *finding) {
	if r != nil {
		r.filters = append(r.filters, Filter{Kind: f.kind, Target: f.target})
	}
}

// end notes the result of the filter that is open.
func (r *reasons) end(f *finding) {
	if r == nil {
		return
	}
	filter := &r.filters[len(r.filters)-1]
	switch {
	case f.policy != nil:
		filter.Result = ExplicitDeny
	case f.allows:
		filter.Result = Allowed
	}
}

// askOne asks all statements of a policy, in order, and notes what becomes of each.
func (r *reasons) askOne(e *evaluation, f *finding, a *Attached) {
	named := make([]bool, len(a.Policy.statements))
	c := a.Policy.actions.candidates(&e.request.action, &e.finder)
	for i, ok := c.next(); ok; i, ok = c.next() {
		named[i] = true
	}
	filter := &r.filters[len(r.filters)-1]
	for i := range a.Policy.statements {
		s := &a.Policy.statements[i]
		source := s.source
		reason := StatementReason{Policy: a.ID, Index: i, Sid: source.Sid, Effect: source.Effect, Start: source.Start, End: source.End}
		mismatch := new(Mismatch)
		if !named[i] {
			mismatch.set("Action", source.Actions, e.request.action.name)
		} else if reason.Matched = s.applies(e, mismatch); reason.Matched && f.wants(a, i, s) {
			f.note(a, i, s, e)
		}
		if mismatch.Element != "" {
			reason.Mismatch = mismatch
		}
		filter.Statements = append(filter.Statements, reason)
	}
}

// set notes the element that failed, if anybody asks.
func (m *Mismatch) set(element string, policy []string, request string) {
	if m != nil {
		m.Element, m.Policy, m.Request = element, policy, []string{request}
	}
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
	m.set(negatable("Principal", s.source.NotPrincipal), values, e.request.Principal.String())
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
