package effective

import (
	"slices"
	"strings"
)

// Document is an effective policy.
type Document struct {
	Type    Type
	Content string            // compact JSON without operators, members sorted by name; "{}" when nothing is set
	Errors  []ValidationError // why the content is not valid; AWS then keeps the last valid one in force
}

// Document returns the effective policy of the level.
func (s *State) Document() *Document {
	root := resolve(s.root)
	content := render(root)
	return &Document{s.schema.Type, content, s.validate(root, len(content))}
}

// Valid reports whether the effective policy of the level is valid. It is for
// looking for those that are not: it does not work out who contributed.
func (s *State) Valid() bool {
	root := resolve(s.root)
	return len(s.schema.check(root, len(render(root))).found) == 0
}

// resolve returns a member as the effective policy shows it: without settings
// that are not set and containers of nothing, for which it returns nil, and
// with the settings that have a default.
func resolve(n *node) *node {
	if n.text != "" {
		return n
	}
	if n.setting {
		if !n.set {
			return nil
		}
		return n
	}
	shown, copied := n.nodes, false
	for i, member := range n.nodes {
		resolved := resolve(member)
		if resolved != member && !copied {
			shown, copied = append(make([]*node, 0, len(n.nodes)), n.nodes[:i]...), true
		}
		if copied && resolved != nil {
			shown = append(shown, resolved)
		}
	}
	if n.field != nil {
		for _, missing := range n.field.defaults {
			shown = n.fill(shown, missing)
		}
	}
	if len(shown) == 0 {
		return nil
	}
	if sameSlice(shown, n.nodes) {
		return n
	}
	resolved := *n
	resolved.nodes = shown
	return &resolved
}

// fill adds the default of a setting to the members of a container that do not have it.
func (n *node) fill(members []*node, setting slot) []*node {
	at, found := slices.BinarySearchFunc(members, setting.name, func(member *node, name *name) int {
		return compareNames(member.name, name)
	})
	if found {
		return members
	}
	return slices.Insert(slices.Clip(members), at, &node{
		name: setting.name, field: setting.field, setting: true, set: true,
		list: setting.field.Value == aList, values: n.defaults(setting.field),
	})
}

// defaults returns the default of a setting of a container, quoted.
func (n *node) defaults(setting *field) []string {
	values := make([]string, len(setting.Default))
	for i, value := range setting.Default {
		if value == "$key" {
			value = n.name.folded
		}
		values[i] = quote(value)
	}
	return values
}

// size returns how long the text of a member is, without its name.
func (n *node) size() int {
	if n.text != "" {
		return len(n.text)
	}
	size := len("{}")
	for _, value := range n.values {
		size += len(value) + len(",")
	}
	for _, member := range n.nodes {
		size += len(member.name.quoted) + member.size() + len(",")
	}
	return size
}

// render returns the text of an effective policy; nil is one of nothing.
func render(root *node) string {
	if root == nil {
		return "{}"
	}
	var text strings.Builder
	text.Grow(root.size())
	root.render(&text)
	return text.String()
}

// render writes a member as JSON, without its name.
func (n *node) render(text *strings.Builder) {
	if n.text != "" {
		text.WriteString(n.text)
		return
	}
	if n.setting {
		n.renderValue(text)
		return
	}
	text.WriteByte('{')
	for i, member := range n.nodes {
		if i > 0 {
			text.WriteByte(',')
		}
		text.WriteString(member.name.quoted)
		member.render(text)
	}
	text.WriteByte('}')
}

func (n *node) renderValue(text *strings.Builder) {
	if !n.list && len(n.values) == 1 {
		text.WriteString(n.values[0])
		return
	}
	text.WriteByte('[')
	for i, value := range n.values {
		if i > 0 {
			text.WriteByte(',')
		}
		text.WriteString(value)
	}
	text.WriteByte(']')
}
