package effective

import (
	"iter"
	"slices"
	"strings"
)

// node is one member of a merge: a container, or a setting. Nodes do not change
// once a level is merged, so that the levels below share what they leave alone.
type node struct {
	name    *name
	field   *field    // nil where the schema knows nothing
	allowed operators // what policies of lower levels may do here
	setting bool

	nodes []*node // of a container, by name

	values []string // of a setting, quoted
	set    bool
	list   bool

	text string // the JSON of a container that is shown as it is, when it is known

	history *history // only in a merge that explains itself
}

// child returns the member of that folded name, or nil.
func (n *node) child(folded string) *node {
	i, found := slices.BinarySearchFunc(n.nodes, folded, func(member *node, folded string) int {
		return strings.Compare(member.name.folded, folded)
	})
	if !found {
		return nil
	}
	return n.nodes[i]
}

// reach iterates over the settings that a path of folded names leads to; * is any name.
func (n *node) reach(path []string) iter.Seq[*node] {
	return func(yield func(*node) bool) { n.visit(path, yield) }
}

func (n *node) visit(path []string, yield func(*node) bool) bool {
	switch {
	case len(path) == 0:
		return !n.setting || !n.set || yield(n)
	case path[0] != "*":
		child := n.child(path[0])
		return child == nil || child.visit(path[1:], yield)
	}
	for _, child := range n.nodes {
		if !child.visit(path[1:], yield) {
			return false
		}
	}
	return true
}

// has reports whether a path leads to a setting that is set.
func (n *node) has(path []string) bool {
	for range n.reach(path) {
		return true
	}
	return false
}

// scalar returns the value of a setting that is no list, or the first of a list, or "".
func (n *node) scalar() string {
	if len(n.values) == 0 {
		return ""
	}
	return unquote(n.values[0])
}
