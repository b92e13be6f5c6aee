package policy

// statement is a compiled statement.
type statement struct {
	source     *Statement
	kind       Kind
	excluded   *index // the actions of NotAction
	principals []principalPattern
	resources  []arnPattern
	conditions []condition
}

func compileStatement(source *Statement, d *Document) statement {
	s := statement{source: source, kind: d.Kind}
	variables := d.Version == Version2012
	if source.NotAction {
		var actions builder
		for _, pattern := range source.Actions {
			actions.add(pattern, 0)
		}
		excluded := actions.build()
		s.excluded = &excluded
	}
	for _, p := range source.Principals {
		for _, value := range p.Values {
			s.principals = append(s.principals, compilePrincipal(p.Type, value))
		}
	}
	if len(source.Resources) > 0 {
		s.resources = make([]arnPattern, len(source.Resources))
		for i, text := range source.Resources {
			s.resources[i] = compileResource(text, d.Kind, variables)
		}
	}
	if len(source.Conditions) > 0 {
		s.conditions = make([]condition, len(source.Conditions))
		for i := range source.Conditions {
			s.conditions[i] = compileCondition(&source.Conditions[i], variables)
		}
	}
	return s
}

// verdict is what an element of a statement says of a request.
type verdict uint8

const (
	no verdict = iota
	yes
	// invalid is a condition that cannot be evaluated.
	invalid
)

func verdictOf(b bool) verdict {
	if b {
		return yes
	}
	return no
}

// applies tells whether a statement applies to a request whose action it names. A Deny whose
// conditions cannot be evaluated applies, to be safe, and an Allow does not. When m is not nil it
// is told which element failed.
func (s *statement) applies(e *evaluation, m *Mismatch) bool {
	if s.excluded != nil && s.excluded.holds(&e.request.action, &e.finder) {
		m.set("NotAction", s.source.Actions, e.request.action.name)
		return false
	}
	if !s.appliesToPrincipal(e) {
		m.principal(s, e)
		return false
	}
	if len(s.resources) > 0 && s.matchesResource(e) == s.source.NotResource {
		m.set(negatable("Resource", s.source.NotResource), s.source.Resources, e.request.resource.arn)
		return false
	}
	for i := range s.conditions {
		c := &s.conditions[i]
		v := c.holds(e)
		if v == yes {
			continue
		}
		m.condition(c, v, e)
		return v == invalid && s.source.Effect == Deny
	}
	return true
}

func (s *statement) matchesResource(e *evaluation) bool {
	for i := range s.resources {
		if s.resources[i].matchResource(e) {
			return true
		}
	}
	return false
}

// appliesToPrincipal tells whether the Principal or NotPrincipal element fits. A Deny with
// NotPrincipal hits every principal that has a permissions boundary, those that it lists included
// (IAM user guide, NotPrincipal).
func (s *statement) appliesToPrincipal(e *evaluation) bool {
	if len(s.principals) == 0 {
		return true
	}
	if !s.source.NotPrincipal {
		return s.granted(&e.request.Principal) != 0
	}
	if s.source.Effect == Deny && e.bounded {
		return true
	}
	for i := range s.principals {
		if s.principals[i].names(&e.request.Principal) {
			return false
		}
	}
	return true
}

// granted returns the ways in which the statement names a principal that it applies to.
func (s *statement) granted(p *Principal) grants {
	if s.source.NotPrincipal {
		return toEveryone
	}
	var all grants
	for i := range s.principals {
		all |= s.principals[i].grants(p)
	}
	return all
}

// negatable returns the name of an element or of its negation.
func negatable(element string, not bool) string {
	if not {
		return "Not" + element
	}
	return element
}
