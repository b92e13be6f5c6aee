package effective

import "slices"

// trace takes the notes of a merge that explains itself.
type trace struct {
	number  int // of the level
	level   Level
	path    []*node           // the members being merged, from the document down
	refused map[string][]Step // per setting that may not be added
}

// history is how a member came about.
type history struct {
	steps     []Step
	origins   map[string]Source             // who brought each value, quoted
	forbidden [len(valueOperators)][]Source // who took each of valueOperators from lower levels
}

func (t *trace) begin(n *node) {
	if n.history == nil {
		n.history = &history{origins: map[string]Source{}}
	}
	t.path = append(t.path, n)
}

// end notes who narrows what lower levels may do.
func (t *trace) end(n *node, before operators, said []contribution) {
	t.path = t.path[:len(t.path)-1]
	for _, c := range said {
		for i, operator := range valueOperators {
			if before&operator.set != 0 && c.element.control&operator.set == 0 {
				n.history.forbidden[i] = append(n.history.forbidden[i], t.source(c))
			}
		}
	}
}

func (t *trace) source(c contribution) Source {
	return Source{t.number, t.level.Target, t.level.Policies[c.policy].ID, c.policy}
}

// current returns the history of the member that is being merged.
func (t *trace) current() *history { return t.path[len(t.path)-1].history }

func (t *trace) note(c contribution, operator int, outcome Outcome, because []Source) {
	h := t.current()
	h.steps = append(h.steps, t.step(c, operator, outcome, because))
}

func (t *trace) step(c contribution, operator int, outcome Outcome, because []Source) Step {
	quoted := c.element.operands.values[operator]
	values := make([]string, len(quoted))
	for i, value := range quoted {
		values[i] = unquote(value)
	}
	return Step{t.source(c), valueOperators[operator].name, values, outcome, because}
}

// assign notes an @@assign, and whether it took effect.
func (t *trace) assign(c contribution, done bool, allowed operators) {
	h := t.current()
	switch {
	case allowed&assigning == 0:
		t.note(c, 0, Forbidden, h.forbidden[0])
	case !done:
		t.note(c, 0, Preceded, []Source{h.lastAssign()})
	default:
		clear(h.origins)
		for _, value := range c.element.operands.assigned() {
			h.origins[value] = t.source(c)
		}
		t.note(c, 0, Applied, nil)
	}
}

// lastAssign returns who assigned the setting last.
func (h *history) lastAssign() (source Source) {
	for _, step := range h.steps {
		if step.Operator == Assign && step.Outcome == Applied {
			source = step.Source
		}
	}
	return source
}

// append notes an @@append to a setting that was set before, or not.
func (t *trace) append(c contribution, set bool, allowed operators) {
	h := t.current()
	if allowed&appending == 0 {
		t.note(c, 1, Forbidden, h.forbidden[1])
		return
	}
	outcome := Applied
	if set {
		outcome = Idle
	}
	for _, value := range c.element.operands.appended() {
		if _, known := h.origins[value]; !known {
			h.origins[value] = t.source(c)
			outcome = Applied
		}
	}
	t.note(c, 1, outcome, nil)
}

// remove notes a @@remove.
func (t *trace) remove(c contribution, allowed operators) {
	h := t.current()
	if allowed&removing == 0 {
		t.note(c, 2, Forbidden, h.forbidden[2])
		return
	}
	before := len(h.origins)
	for _, value := range c.element.operands.removed() {
		delete(h.origins, value)
	}
	outcome := Idle
	if len(h.origins) < before {
		outcome = Applied
	}
	t.note(c, 2, outcome, nil)
}

// refuse notes what policies say about a member that may not be added.
func (t *trace) refuse(said []contribution) {
	forbidden := t.current().forbidden
	because := slices.Clone(forbidden[0])
	for _, source := range forbidden[1] {
		if !slices.Contains(because, source) {
			because = append(because, source)
		}
	}
	path := ""
	for _, container := range t.path[1:] {
		path = join(path, container.name.text)
	}
	for _, c := range said {
		t.refuseAll(c, join(path, c.element.name.text), because)
	}
}

func (t *trace) refuseAll(c contribution, path string, because []Source) {
	if o := c.element.operands; o != nil {
		for i, operator := range valueOperators {
			if o.given&operator.set != 0 {
				t.refused[path] = append(t.refused[path], t.step(c, i, Forbidden, because))
			}
		}
	}
	for _, element := range c.element.elements {
		t.refuseAll(contribution{element, c.policy}, join(path, element.name.text), because)
	}
}
