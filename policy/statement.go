package policy

import (
	"cmp"
	"slices"
)

// statement is a compiled statement.
type statement struct {
	conditions []condition
	resources  []arnPattern
	principals []principalPattern
	excluded   *index // of the actions of NotAction
	always     bool   // it applies to all requests whose action it names
	everywhere bool   // one of the resources is "*", or there is none
	unlimited  bool   // the resource does not matter
	effect     Effect
	actions    []actionPattern
	source     *Statement
}

// compile compiles a statement of a document into the room that there is.
func (s *statement) compile(source *Statement, d *Document, r *room) {
	s.source, s.effect, s.everywhere = source, source.Effect, source.everywhere()
	s.unlimited = s.everywhere && !source.NotResource
	s.actions = cut(&r.actions, len(source.Actions))
	for i, text := range source.Actions {
		s.actions[i].compile(text)
	}
	if source.NotAction {
		s.excluded = indexOfActions(s.actions)
	}
	for _, p := range source.Principals {
		for _, value := range p.Values {
			s.principals = append(s.principals, compilePrincipal(p.Type, value))
		}
	}
	variables := d.Version == Version2012
	if !s.everywhere {
		s.resources = cut(&r.resources, len(source.Resources))
		for i, text := range source.Resources {
			s.resources[i] = compileResource(text, d.Kind, variables)
		}
	}
	s.conditions = cut(&r.conditions, len(source.Conditions))
	for i := range source.Conditions {
		s.conditions[i] = r.operands.compile(&source.Conditions[i], variables)
	}
	s.always = s.unlimited && len(s.principals) == 0 && len(s.conditions) == 0 && s.excluded == nil
	slices.SortStableFunc(s.conditions, func(a, b condition) int { return cmp.Compare(a.family, b.family) })
}

// everywhere tells whether one of the resources is "*", or there is none.
func (s *Statement) everywhere() bool {
	return len(s.Resources) == 0 || slices.Contains(s.Resources, "*")
}

// allowsEverything tells whether the statement allows any request.
func (s *statement) allowsEverything() bool {
	return s.source.Effect == Allow && !s.source.NotAction && slices.Contains(s.source.Actions, "*") &&
		s.unlimited && len(s.conditions) == 0 &&
		(len(s.principals) == 0 || !s.source.NotPrincipal && slices.ContainsFunc(s.principals, func(p principalPattern) bool { return p.everyone }))
}

// verdict is what an element of a statement says of a request.
type verdict uint8

const (
	no verdict = iota
	yes
	// invalid is a condition that cannot be evaluated.
	invalid
	// unfit is a value of a form that no operand of a condition can be compared with.
	unfit
)

func verdictOf(b bool) verdict {
	if b {
		return yes
	}
	return no
}

// indexed returns the patterns under which an index finds the statement.
func (s *statement) indexed() []actionPattern {
	if s.excluded != nil {
		return anyAction[:]
	}
	return s.actions
}

// names tells whether the Action element fits. What NotAction excludes is for applies to say.
func (s *statement) names(a *action, f *finder) bool {
	patterns := s.indexed()
	for i := range patterns {
		if patterns[i].match(a, f) {
			return true
		}
	}
	return false
}

// applies tells whether a statement applies to a request whose action it names. The order in which the
// elements are looked at makes no difference but in time.
func (s *statement) applies(e *evaluation) bool {
	return s.always || s.appliesToPrincipal(e) && s.coversResource(e) && s.conditionsHold(e) &&
		(s.excluded == nil || !s.excluded.holds(&e.request.action, &e.finder))
}

// conditionsHold tells whether the conditions let the statement apply. A Deny whose conditions cannot
// be evaluated applies, to be safe, and an Allow does not.
func (s *statement) conditionsHold(e *evaluation) bool {
	for i := range s.conditions {
		if v := s.conditions[i].holds(e); v == no || v == invalid && s.effect == Allow {
			return false
		}
	}
	return true
}

// coversResource tells whether the Resource or NotResource element fits. A statement without either
// speaks of the resource that its policy belongs to.
func (s *statement) coversResource(e *evaluation) bool {
	return s.unlimited || s.coversNamed(e)
}

// coversNamed is coversResource for a statement that names resources.
func (s *statement) coversNamed(e *evaluation) bool {
	for i := range s.resources {
		if s.resources[i].matchResource(e) {
			return !s.source.NotResource
		}
	}
	return s.source.NotResource && !s.everywhere
}

// appliesToPrincipal tells whether the Principal or NotPrincipal element fits.
func (s *statement) appliesToPrincipal(e *evaluation) bool {
	return len(s.principals) == 0 || s.appliesToNamed(e)
}

// appliesToNamed is appliesToPrincipal for a statement that names principals. A Deny with NotPrincipal
// hits every principal that has a permissions boundary, those that it lists included (IAM user guide,
// NotPrincipal).
func (s *statement) appliesToNamed(e *evaluation) bool {
	if !s.source.NotPrincipal {
		return s.granted(&e.request.Principal) != 0
	}
	if s.effect == Deny && e.bounded {
		return true
	}
	for i := range s.principals {
		if s.principals[i].names(&e.request.Principal) {
			return false
		}
	}
	return true
}

// granted returns the ways in which the statement names a principal. One without a Principal element
// speaks of whomever its policy is attached to.
func (s *statement) granted(p *Principal) grants {
	if s.source.NotPrincipal || len(s.principals) == 0 {
		return toEveryone
	}
	var all grants
	for i := range s.principals {
		all |= s.principals[i].grants(p)
	}
	return all
}
