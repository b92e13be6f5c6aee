package policy

// Explain answers a request as [Decide] does, by the same steps, and tells of every statement
// whether it applies and if not, which of its elements failed first.
func Explain(r *Request, p *Policies) Explanation {
	e := evaluation{request: r, reasons: new(reasons)}
	e.decide(p)
	e.release()
	return Explanation{Decision: e.decision, Filters: e.reasons.filters}
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

// ask asks all statements of a set, in order, and notes what becomes of each. It returns the first
// that denies, and the ways in which others allow.
func (r *reasons) ask(e *evaluation, kind Kind, target string, policies *Set) (denied *indexEntry, granted grants) {
	filter := Filter{Kind: kind, Target: target}
	for i, a := range policies.Policies() {
		for j := range a.Policy.statements {
			s := &a.Policy.statements[j]
			reason := s.reason(e, a.ID, j)
			filter.Statements = append(filter.Statements, reason)
			switch {
			case !reason.Matched:
			case s.effect == Allow:
				granted |= s.granted(&e.request.Principal)
			case denied == nil:
				denied = &indexEntry{statement: s, policy: int32(i), number: int32(j)}
			}
		}
	}
	switch {
	case denied != nil:
		filter.Result = ExplicitDeny
	case granted != 0:
		filter.Result = Allowed
	}
	r.filters = append(r.filters, filter)
	return denied, granted
}

// reason tells what becomes of a statement.
func (s *statement) reason(e *evaluation, policy string, number int) StatementReason {
	return StatementReason{
		Policy: policy, Index: number, Sid: s.source.Sid, Effect: s.effect, Start: s.source.Start, End: s.source.End,
		Matched:  s.names(&e.request.action, &e.finder) && s.applies(e),
		Mismatch: s.mismatch(e),
	}
}

// mismatch returns the first element of a statement that a request does not fit, or that cannot be
// evaluated, and nil when there is none.
func (s *statement) mismatch(e *evaluation) *Mismatch {
	r := e.request
	switch {
	case !s.names(&r.action, &e.finder):
		return &Mismatch{Element: "Action", Policy: s.source.Actions, Request: []string{r.Action()}}
	case s.excluded != nil && s.excluded.holds(&r.action, &e.finder):
		return &Mismatch{Element: "NotAction", Policy: s.source.Actions, Request: []string{r.Action()}}
	case !s.appliesToPrincipal(e):
		var values []string
		for _, p := range s.source.Principals {
			values = append(values, p.Values...)
		}
		return &Mismatch{Element: negatable("Principal", s.source.NotPrincipal), Policy: values, Request: []string{r.Principal.String()}}
	case !s.coversResource(e):
		return &Mismatch{Element: negatable("Resource", s.source.NotResource), Policy: s.source.Resources, Request: []string{r.Resource()}}
	}
	var found *Mismatch
	for i := range s.conditions {
		c := &s.conditions[i]
		v := c.holds(e)
		if v == no {
			return c.mismatch(e)
		}
		if v == invalid {
			found = c.mismatch(e)
			found.Invalid = true
		}
	}
	return found
}

// mismatch returns the condition as one that a request does not fit.
func (c *condition) mismatch(e *evaluation) *Mismatch {
	m := &Mismatch{Element: "Condition", Operator: c.source.Operator.String(), Key: c.source.Key, Policy: c.source.Values}
	if value := e.request.Context.find(&c.key, new(Value)); !value.absent() {
		m.Request = value.Values()
	} else {
		m.Absent = true
	}
	return m
}

// negatable returns the name of an element or of its negation.
func negatable(element string, not bool) string {
	if not {
		return "Not" + element
	}
	return element
}
