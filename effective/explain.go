package effective

import (
	"cmp"
	"slices"
	"strings"
)

// Source is a policy at a level of the chain.
type Source struct {
	Level  int    // 0 is the root; levels without policies do not count
	Target string // id of the root, unit or account
	Policy string // id
	order  int    // of attachment
}

// Outcome is what became of an operator in a policy.
type Outcome string

// The outcomes.
const (
	Applied   Outcome = "applied"
	Forbidden Outcome = "forbidden" // a policy of a higher level does not allow it
	Preceded  Outcome = "preceded"  // a policy attached earlier to the same level assigned first
	Idle      Outcome = "idle"      // allowed, and changed nothing: all values were there, or none
)

// Step is one operator of one policy on one setting.
type Step struct {
	Source   Source
	Operator Operator
	Values   []string
	Outcome  Outcome
	Because  []Source // who forbids or precedes it
}

// Origin is one value of an effective policy with the policy that brought it.
type Origin struct {
	Value   string
	Source  Source
	Default bool // nobody set it: there is no source
}

// Explained is one setting that policies speak of, in effect or not.
type Explained struct {
	Path   string   // by names and slashes
	Set    bool     // whether the effective policy has it
	Values []Origin // in the order of the effective policy
	Steps  []Step   // in the order of levels, and within one in the order in which they take effect
}

// Explanation tells for each setting how it came about, sorted by paths.
type Explanation []Explained

// Explain tells how the effective policy of the level came about. It merges
// the whole chain again, by the same rules, and keeps notes.
func (s *State) Explain() Explanation {
	trace := &trace{refused: map[string][]Step{}}
	merger := merger{trace: trace}
	state := newState(s.schema)
	for i, level := range s.levels() {
		trace.number, trace.level = i, level
		state = state.extend(level, &merger)
	}
	explanation := collect(nil, state.root, "")
	for path, steps := range trace.refused {
		explanation = append(explanation, Explained{Path: path, Steps: steps})
	}
	slices.SortFunc(explanation, func(a, b Explained) int { return cmp.Compare(a.Path, b.Path) })
	return explanation
}

// collect adds the settings of a container to an explanation.
func collect(explanation Explanation, n *node, path string) Explanation {
	for _, member := range n.nodes {
		if at := join(path, member.name.text); member.setting {
			explanation = append(explanation, n.explain(member, at))
		} else {
			explanation = collect(explanation, member, at)
		}
	}
	if n.field != nil {
		for _, missing := range n.field.defaults {
			if n.child(missing.name.folded) == nil {
				at := join(path, missing.name.text)
				explanation = append(explanation, Explained{Path: at, Set: true, Values: n.explainDefault(missing.field)})
			}
		}
	}
	return explanation
}

// explain tells of a setting of a container.
func (n *node) explain(setting *node, path string) Explained {
	explained := Explained{Path: path, Set: setting.set, Steps: setting.history.steps}
	if !setting.set && setting.field != nil && setting.field.Default != nil {
		explained.Set, explained.Values = true, n.explainDefault(setting.field)
	}
	for _, value := range setting.values {
		explained.Values = append(explained.Values, Origin{Value: unquote(value), Source: setting.history.origins[value]})
	}
	return explained
}

func (n *node) explainDefault(setting *field) []Origin {
	var origins []Origin
	for _, value := range n.defaults(setting) {
		origins = append(origins, Origin{Value: unquote(value), Default: true})
	}
	return origins
}

// contributors returns the ids of the policies that have a part in what is at
// or below a path, those of higher levels first. With a quoted value only those
// count that brought it to a list.
func (e Explanation) contributors(path, quoted string) []string {
	var sources []Source
	for _, setting := range e {
		below := path == "" || setting.Path == path || strings.HasPrefix(setting.Path, path+"/")
		if !below {
			continue
		}
		for _, step := range setting.Steps {
			if step.Outcome == Applied && (quoted == "" || slices.Contains(step.Values, unquote(quoted))) {
				sources = append(sources, step.Source)
			}
		}
	}
	slices.SortFunc(sources, func(a, b Source) int {
		return cmp.Or(cmp.Compare(a.Level, b.Level), cmp.Compare(a.order, b.order))
	})
	var ids []string
	for _, source := range sources {
		if !slices.Contains(ids, source.Policy) {
			ids = append(ids, source.Policy)
		}
	}
	return ids
}
