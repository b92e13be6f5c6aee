package policy

import (
	"slices"
	"strings"
)

// covers tells whether every request that statement t applies to is one that s applies to. It says
// no where it cannot tell.
func (l *linter) covers(s, t *Statement) bool {
	return l.coversActions(s, t) && l.coversResources(s, t) && coversPrincipals(s, t) && l.coversConditions(s, t)
}

func (l *linter) coversActions(s, t *Statement) bool {
	return l.coversList(set{s.Actions, s.NotAction}, set{t.Actions, t.NotAction}, l.coversAction, disjointActions)
}

func (l *linter) coversResources(s, t *Statement) bool {
	switch {
	case len(s.Resources) == 0: // the resource that the document belongs to
		return true
	case len(t.Resources) == 0:
		return !s.NotResource && slices.Contains(s.Resources, "*")
	}
	return l.coversList(set{s.Resources, s.NotResource}, set{t.Resources, t.NotResource}, l.coversResource, l.disjointResources)
}

// set is what a list of patterns stands for: what any of them matches, or what none does.
type set struct {
	patterns []string
	not      bool
}

// coversList tells whether one set holds another, given what tells this of patterns.
func (l *linter) coversList(s, t set, covers, disjoint func(s, t string) bool) bool {
	every := func(patterns []string, ok func(string) bool) bool {
		return !slices.ContainsFunc(patterns, func(p string) bool { return !ok(p) })
	}
	within := func(big, small []string) bool {
		return every(small, func(p string) bool {
			return slices.ContainsFunc(big, func(b string) bool { return l.try() && covers(b, p) })
		})
	}
	switch {
	case s.not && t.not:
		return within(t.patterns, s.patterns)
	case s.not:
		return every(t.patterns, func(p string) bool {
			return every(s.patterns, func(q string) bool { return l.try() && disjoint(q, p) })
		})
	case t.not:
		return slices.Contains(s.patterns, "*")
	default:
		return within(s.patterns, t.patterns)
	}
}

// try tells whether another comparison may be made.
func (l *linter) try() bool {
	l.effort--
	return l.effort >= 0
}

// coversPattern tells whether one pattern matches all that another matches: whether it matches the
// other's text, of which a star fits a star only.
func coversPattern(s, t string) bool {
	if s == t || s == "*" {
		return true
	}
	first := strings.IndexAny(s, "*?")
	if first < 0 || !strings.HasPrefix(t, s[:first]) {
		return false // most patterns have nothing to do with each other
	}
	if strings.Contains(s, "?") && strings.Contains(t, "*") {
		return false // a "?" must not fit a star
	}
	g := newGlob(s)
	var f finder
	defer f.release()
	return g.match(wildcards(t), &f)
}

// disjointPatterns tells whether no text matches both patterns: one is a text that the other does not
// match, or they begin or end differently.
func disjointPatterns(s, t string) bool {
	first, last := strings.IndexAny(s, "*?"), strings.LastIndexAny(s, "*?")
	if first < 0 {
		return !coversPattern(t, s)
	}
	if !strings.ContainsAny(t, "*?") {
		return !coversPattern(s, t)
	}
	head, tail := t[:strings.IndexAny(t, "*?")], t[strings.LastIndexAny(t, "*?")+1:]
	return !strings.HasPrefix(head, s[:first]) && !strings.HasPrefix(s[:first], head) ||
		!strings.HasSuffix(tail, s[last+1:]) && !strings.HasSuffix(s[last+1:], tail)
}

func (l *linter) coversAction(s, t string) bool {
	return coversPattern(strings.ToLower(s), strings.ToLower(t))
}

func disjointActions(s, t string) bool {
	return disjointPatterns(strings.ToLower(s), strings.ToLower(t))
}

// coversResource compares ARNs part by part. A variable stands for any text, where that is safe.
func (l *linter) coversResource(s, t string) bool {
	if s == t || s == "*" {
		return true
	}
	a, b, ok := l.twoARNs(s, t)
	if !ok || l.variables() && strings.Contains(a[5], "${") {
		return false
	}
	if l.variables() {
		b[5] = anyVariable(b[5])
	}
	for i := range a {
		if !coversPattern(a[i], b[i]) {
			return false
		}
	}
	return true
}

func (l *linter) disjointResources(s, t string) bool {
	a, b, ok := l.twoARNs(s, t)
	if !ok {
		return false
	}
	if l.variables() {
		a[5], b[5] = anyVariable(a[5]), anyVariable(b[5])
	}
	for i := range a {
		if disjointPatterns(a[i], b[i]) {
			return true
		}
	}
	return false
}

// twoARNs splits two resource patterns, with the parts that compare without case in lower case.
func (l *linter) twoARNs(s, t string) (a, b [6]string, ok bool) {
	a, ok1 := splitARN(s)
	b, ok2 := splitARN(t)
	for i := range 5 {
		a[i], b[i] = strings.ToLower(a[i]), strings.ToLower(b[i])
	}
	return a, b, ok1 && ok2
}

// anyVariable puts a star in place of each policy variable.
func anyVariable(text string) string {
	for {
		before, rest, ok := strings.Cut(text, "${")
		if !ok {
			return text
		}
		_, after, closed := strings.Cut(rest, "}")
		if !closed {
			return before + "*"
		}
		text = before + "*" + after
	}
}

// coversPrincipals compares who two statements name. It does not ask who belongs to whom: what a
// statement grants depends on how it names a principal.
func coversPrincipals(s, t *Statement) bool {
	if s.NotPrincipal != t.NotPrincipal {
		return false
	}
	if s.NotPrincipal {
		s, t = t, s
	}
	if s.Effect == Deny && !s.NotPrincipal && len(s.Principals) > 0 && s.Principals[0].Type == "*" {
		return true
	}
	for _, theirs := range t.Principals {
		for _, value := range theirs.Values {
			if !slices.ContainsFunc(s.Principals, func(p Principals) bool { return p.Type == theirs.Type && slices.Contains(p.Values, value) }) {
				return false
			}
		}
	}
	return true
}

// coversConditions tells whether all conditions of s hold wherever all of t do.
func (l *linter) coversConditions(s, t *Statement) bool {
	for i := range s.Conditions {
		implied := slices.ContainsFunc(t.Conditions, func(c Condition) bool { return l.try() && implies(&c, &s.Conditions[i]) })
		if !implied {
			return false
		}
	}
	// A condition that cannot be evaluated makes a Deny apply, whatever the others say.
	return len(s.Conditions) == 0 || s.Effect == Allow || !slices.ContainsFunc(t.Conditions, mayFail)
}

// implies tells whether one condition holds only where another does.
func implies(c, other *Condition) bool {
	if c.Operator != other.Operator || !other.isKey(c.Key) {
		return false
	}
	subset := func(a, b []string) bool {
		return !slices.ContainsFunc(a, func(v string) bool { return !slices.Contains(b, v) })
	}
	switch {
	case c.Operator.Test == Null || slices.Contains(arnTests, c.Operator.Test): // the order of the values may matter
		return slices.Equal(c.Values, other.Values)
	case c.Operator.Test.negated():
		return len(other.Values) > 0 && subset(other.Values, c.Values)
	default:
		return len(c.Values) > 0 && subset(c.Values, other.Values)
	}
}

// mayFail tells whether a condition can meet an operand that is no ARN.
func mayFail(c Condition) bool {
	return slices.Contains(arnTests, c.Operator.Test) &&
		slices.ContainsFunc(c.Values, func(v string) bool { return !isARN(v) || strings.Contains(v, "${") })
}

// arnTests are the comparisons of ARNs.
var arnTests = []Test{ArnEquals, ArnNotEquals, ArnLike, ArnNotLike}
