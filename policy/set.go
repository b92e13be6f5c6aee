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
	attached   []Attached
	actions    index
	everything bool // a policy allows everything, unconditionally
}

// NewSet returns the set of some policies, or of none: that allows nothing.
func NewSet(policies ...Attached) *Set {
	s := &Set{attached: policies}
	patterns := 0
	for _, a := range policies {
		patterns += len(a.Policy.patterns)
	}
	entries := make([]indexEntry, 0, patterns)
	for i, a := range policies {
		entries = a.Policy.entries(entries, i)
		s.everything = s.everything || a.Policy.everything
	}
	s.actions = newIndex(entries)
	return s
}

// Policies returns the policies of the set, none for nil. They must not be changed.
func (s *Set) Policies() []Attached {
	if s == nil {
		return nil
	}
	return s.attached
}
