package effective

import "slices"

// contribution is what one policy of a level says about one member.
type contribution struct {
	element *element
	policy  int // in the order of attachment
}

// merger merges one level into what the levels above it have come to. All rules
// of inheritance are here:
//
//   - A setting takes the first @@assign of the level, then every @@append, and
//     then every @@remove, whichever policy they are in.
//   - Operators that a level above does not allow are ignored.
//   - A container does not take new members that a level above does not allow;
//     members that it has already are no business of its own control.
//   - What policies of a level allow binds lower levels only, and all of them
//     must allow it.
type merger struct {
	stack []contribution // scratch: the contributions to the members being merged
	trace *trace         // nil in a merge that does not explain itself
}

// element merges what a level says about a member that may be new.
func (m *merger) element(old *node, said []contribution) *node {
	if old == nil && len(said) == 1 && said[0].element.alone != nil && m.trace == nil {
		return said[0].element.alone
	}
	n := &node{}
	if old != nil {
		*n = *old
		n.text = ""
	} else {
		*n = said[0].element.begin()
	}
	if m.trace != nil {
		m.trace.begin(n)
	}
	before := n.allowed
	if n.setting {
		m.setting(n, said)
	} else {
		m.container(n, said)
	}
	for _, c := range said {
		n.allowed &= c.element.control
	}
	if m.trace != nil {
		m.trace.end(n, before, said)
	} else if old != nil && n.same(old) {
		return old
	}
	return n
}

// begin returns the member that an element is the first to speak of, before it has said anything.
func (e *element) begin() node {
	isList := e.field != nil && e.field.Value == aList
	return node{name: e.name, field: e.field, allowed: allOperators, setting: e.operands != nil, list: isList}
}

// settle works out what each element comes to when nobody else speaks of it,
// and how containers of nothing but settings are then shown.
func (e *element) settle() {
	lowest := len(e.elements) > 0
	for _, below := range e.elements {
		below.settle()
		lowest = lowest && below.alone.setting
	}
	var m merger
	e.alone = m.element(nil, []contribution{{e, 0}})
	if lowest && resolve(e.alone) == e.alone {
		e.alone.text = render(e.alone)
	}
}

// same reports whether a level has changed nothing.
func (n *node) same(before *node) bool {
	return n.allowed == before.allowed && n.set == before.set && n.list == before.list &&
		sameSlice(n.values, before.values) && sameSlice(n.nodes, before.nodes)
}

func sameSlice[T any](a, b []T) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

// setting merges a setting. A policy that takes it for a container is ignored.
func (m *merger) setting(n *node, said []contribution) {
	m.assign(n, said)
	m.append(n, said)
	m.remove(n, said)
}

func (m *merger) assign(n *node, said []contribution) {
	assigned := false
	for _, c := range said {
		o := c.element.using(assigning)
		if o == nil {
			continue
		}
		first := n.allowed&assigning != 0 && !assigned
		if m.trace != nil {
			m.trace.assign(c, first, n.allowed)
		}
		if first {
			assigned = true
			n.values, n.set, n.list = o.assigned(), true, n.list || o.isList
		}
	}
}

func (m *merger) append(n *node, said []contribution) {
	owned := false
	for _, c := range said {
		o := c.element.using(appending)
		if o == nil {
			continue
		}
		if m.trace != nil {
			m.trace.append(c, n.set, n.allowed)
		}
		if n.allowed&appending != 0 {
			n.set, n.list = true, true
			n.values, owned = union(n.values, o.appended(), owned)
		}
	}
}

func (m *merger) remove(n *node, said []contribution) {
	for _, c := range said {
		o := c.element.using(removing)
		if o == nil {
			continue
		}
		if m.trace != nil {
			m.trace.remove(c, n.allowed)
		}
		if n.allowed&removing != 0 {
			n.values = difference(n.values, o.removed())
		}
	}
}

// union adds to values those of more that are not there. It copies what it does not own.
func union(values, more []string, owned bool) ([]string, bool) {
	if len(values)+len(more) > manyValues {
		return unionOfMany(values, more), true
	}
	for _, value := range more {
		if slices.Contains(values, value) {
			continue
		}
		if !owned {
			values, owned = slices.Clone(values), true
		}
		values = append(values, value)
	}
	return values, owned
}

// manyValues is from where on looking values up is faster than going through them.
const manyValues = 32

func unionOfMany(values, more []string) []string {
	all := slices.Clone(values)
	seen := make(map[string]bool, len(values)+len(more))
	for _, value := range values {
		seen[value] = true
	}
	for _, value := range more {
		if !seen[value] {
			seen[value] = true
			all = append(all, value)
		}
	}
	return all
}

// difference returns the values without those that are removed.
func difference(values, removed []string) []string {
	gone := func(value string) bool { return slices.Contains(removed, value) }
	if len(removed) > manyValues {
		set := make(map[string]bool, len(removed))
		for _, value := range removed {
			set[value] = true
		}
		gone = func(value string) bool { return set[value] }
	}
	if !slices.ContainsFunc(values, gone) {
		return values
	}
	return slices.DeleteFunc(slices.Clone(values), gone)
}

// container merges the members of a container, all of which are sorted. A
// policy that takes it for a setting is ignored.
func (m *merger) container(n *node, said []contribution) {
	cursors, added := cursors(said)
	if added == 0 {
		return
	}
	old := n.nodes
	merged := make([]*node, 0, len(old)+added)
	changed := false
	for len(cursors) > 0 {
		next := least(cursors)
		for len(old) > 0 && compareNames(old[0].name, next) < 0 {
			merged, old = append(merged, old[0]), old[1:]
		}
		var existing *node
		if len(old) > 0 && compareNames(old[0].name, next) == 0 {
			existing, old = old[0], old[1:]
		}
		base := len(m.stack)
		cursors = m.take(cursors, next)
		if member := m.member(n, existing, m.stack[base:]); member != nil {
			changed = changed || member != existing
			merged = append(merged, member)
		}
		m.stack = m.stack[:base]
	}
	if changed {
		n.nodes = append(merged, old...)
	}
}

// cursor goes through the members that one policy has in a container.
type cursor struct {
	rank   uint64 // of next: nearer than the name itself
	next   *name  // of the first of rest
	rest   []*element
	policy int
}

// cursors returns a cursor for each policy that has members in a container, and their number.
func cursors(said []contribution) (cursors []cursor, members int) {
	for _, c := range said {
		if elements := c.element.elements; len(elements) > 0 {
			if cursors == nil {
				cursors = make([]cursor, 0, len(said))
			}
			cursors = append(cursors, cursor{elements[0].name.rank, elements[0].name, elements, c.policy})
			members += len(elements)
		}
	}
	return cursors, members
}

// advance goes to the next member and reports whether there is one.
func (c *cursor) advance() bool {
	c.rest = c.rest[1:]
	if len(c.rest) == 0 {
		return false
	}
	c.next = c.rest[0].name
	c.rank = c.next.rank
	return true
}

// least returns the first name that is left.
func least(cursors []cursor) *name {
	first, rank := cursors[0].next, cursors[0].rank
	for i := 1; i < len(cursors); i++ {
		c := &cursors[i]
		if c.rank < rank || c.rank == rank && c.next != first && c.next.folded < first.folded {
			first, rank = c.next, c.rank
		}
	}
	return first
}

// take moves what policies say about the member of that name to the stack. It
// returns the cursors that are not at their end.
func (m *merger) take(cursors []cursor, next *name) []cursor {
	ended := false
	for i := range cursors {
		c := &cursors[i]
		if c.rank == next.rank && (c.next == next || c.next.folded == next.folded) {
			m.stack = append(m.stack, contribution{c.rest[0], c.policy})
			ended = !c.advance() || ended
		}
	}
	if ended {
		cursors = slices.DeleteFunc(cursors, func(c cursor) bool { return len(c.rest) == 0 })
	}
	return cursors
}

// member merges what policies say about a member of a container. It returns nil
// when the member does not exist and may not be added.
func (m *merger) member(container, existing *node, said []contribution) *node {
	if existing != nil || container.allowed&adding != 0 {
		return m.element(existing, said)
	}
	if m.trace != nil {
		m.trace.refuse(said)
	}
	return nil
}
