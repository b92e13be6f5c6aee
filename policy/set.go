package policy

import "slices"

// Attached is a compiled policy where it applies. The same compiled policy may be attached under
// several ids.
type Attached struct {
	ID     string // an ARN or a name, as it shall appear in reasons and messages
	Policy *Policy
}

// Set is policies that are asked together: those attached to one level of an organization, or to a
// user and its groups. Any of them may allow and any of them may deny. A Set never changes, may be
// used by any number of goroutines, and is worth keeping: making one costs about as much as a
// decision for each of its statements.
type Set struct {
	attached   []Attached
	everything bool  // a policy allows everything, unconditionally
	index      index // of what the policies deny, and unless that is everything, of what they allow
}

// NewSet returns the set of some policies, or of none: that allows nothing.
func NewSet(policies ...Attached) *Set {
	s := &Set{everything: slices.ContainsFunc(policies, func(a Attached) bool { return a.Policy.everything })}
	s.index = newIndex(s.join(nil, policies, !s.everything))
	return s
}

// join attaches policies, and adds their entries for an index.
func (s *Set) join(entries []indexEntry, policies []Attached, allows bool) []indexEntry {
	n := 0
	for _, a := range policies {
		if n += a.Policy.entries[Deny]; allows {
			n += a.Policy.entries[Allow]
		}
	}
	entries = slices.Grow(entries, n)
	for i, a := range policies {
		entries = a.Policy.enter(entries, allows, len(s.attached)+i)
	}
	s.attached = append(s.attached, policies...)
	return entries
}

// Policies returns the policies of the set, none for nil. They must not be changed.
func (s *Set) Policies() []Attached {
	if s == nil {
		return nil
	}
	return s.attached
}
