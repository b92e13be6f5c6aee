package policy

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
	attached        []Attached
	everything      bool // a policy allows everything, unconditionally
	allows, denials index
}

// NewSet returns the set of some policies, or of none: that allows nothing.
func NewSet(policies ...Attached) *Set {
	s := newDenials(policies)
	for _, a := range policies {
		s.everything = s.everything || a.Policy.everything
	}
	if !s.everything { // otherwise it does not matter what else they allow
		s.allows = indexOf(Allow, policies)
	}
	return s
}

// newDenials returns the set of what policies deny.
func newDenials(policies []Attached) *Set {
	return &Set{attached: policies, denials: indexOf(Deny, policies)}
}

// indexOf returns the index of the statements of one effect.
func indexOf(effect Effect, policies []Attached) index {
	n := 0
	for _, a := range policies {
		n += a.Policy.entries[effect]
	}
	if n == 0 {
		return index{}
	}
	entries := make([]indexEntry, 0, n)
	for i, a := range policies {
		entries = a.Policy.enter(entries, effect, i)
	}
	return newIndex(entries)
}

// Policies returns the policies of the set, none for nil. They must not be changed.
func (s *Set) Policies() []Attached {
	if s == nil {
		return nil
	}
	return s.attached
}
