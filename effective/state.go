package effective

// Level is the root, an organizational unit or an account, with the policies
// that are attached to it.
type Level struct {
	Target   string     // id of the root, unit or account
	Policies []Attached // in the order of attachment, oldest first
}

// Attached is a policy that is attached to a level.
type Attached struct {
	ID     string
	Policy *Policy
}

// State is what the policies of one type come to at one level of the tree. It
// does not change: the states of the levels below begin with it and share what
// they leave alone, so one state serves every target with the same levels above.
type State struct {
	schema *schema
	parent *State // the level above that has policies, or nil
	level  Level
	root   *node
}

// NewState returns the state above the root of an organization, where no
// policies are. A type that is not known has an empty effective policy everywhere.
func NewState(t Type) *State {
	s := schemas()[t]
	if s == nil {
		s = &schema{Type: t, Document: &field{}}
	}
	return newState(s)
}

func newState(s *schema) *State {
	return &State{schema: s, root: &node{name: &name{}, field: s.Document, allowed: allOperators}}
}

// Extend returns the state of a level below. Policies of other types are left
// out. A level without policies has the state of the level above, the same pointer.
func (s *State) Extend(level Level) *State {
	var merger merger
	return s.extend(level, &merger)
}

func (s *State) extend(level Level, m *merger) *State {
	said := make([]contribution, 0, len(level.Policies))
	for i, attached := range level.Policies {
		if attached.Policy != nil && attached.Policy.schema == s.schema {
			said = append(said, contribution{attached.Policy.root, i})
		}
	}
	if len(said) == 0 {
		return s
	}
	return &State{schema: s.schema, parent: s, level: level, root: m.element(s.root, said)}
}

// Merge returns the effective policy of one type below a chain of levels, from
// the root to the account.
func Merge(t Type, levels []Level) *Document {
	state := NewState(t)
	for _, level := range levels {
		state = state.Extend(level)
	}
	return state.Document()
}

// levels returns the levels that have policies, from the root down.
func (s *State) levels() []Level {
	if s.parent == nil {
		return nil
	}
	return append(s.parent.levels(), s.level)
}
