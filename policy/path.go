package policy

import "slices"

// Level is one step of the path from the root of an organization down to an account, with the
// policies attached there.
type Level struct {
	Target   string // the id of the root, organizational unit or account
	Policies *Set
}

// Path is the levels from the root of an organization down to an account. Every level must allow by
// itself, and any of them may deny. A Path never changes and may be used by any number of goroutines.
type Path struct {
	levels    []Level
	sections  []section // between them they hold all levels
	selective []int     // the levels that do not allow everything
}

// section is neighbouring levels whose denials are looked for together.
type section struct {
	first int // of its levels
	set   *Set
}

// NewPath returns the path of some levels, the root first. It joins what all of them deny, so that a
// decision costs the same however many they are. That takes memory: use [Path.Below] where many paths
// differ in their end only.
func NewPath(levels ...Level) *Path {
	p := &Path{levels: levels}
	var all []Attached
	for i, l := range levels {
		all = append(all, l.Policies.Policies()...)
		p.limitedBy(i)
	}
	if joined := newDenials(all); joined.denials.entries != nil {
		p.sections = []section{{0, joined}}
	}
	return p
}

// Below returns the path that ends one level below another, which may be nil for none. It shares what
// the path above holds.
func (p *Path) Below(level Level) *Path {
	if p == nil {
		return NewPath(level)
	}
	below := &Path{levels: append(slices.Clip(p.levels), level), sections: slices.Clip(p.sections), selective: slices.Clip(p.selective)}
	end := len(p.levels)
	below.limitedBy(end)
	if s := level.Policies; s != nil && s.denials.entries != nil {
		below.sections = append(below.sections, section{end, s})
	}
	return below
}

// limitedBy notes a level that does not allow everything.
func (p *Path) limitedBy(level int) {
	if s := p.levels[level].Policies; s == nil || !s.everything {
		p.selective = append(p.selective, level)
	}
}

// Levels returns the levels of the path, none for nil. They must not be changed.
func (p *Path) Levels() []Level {
	if p == nil {
		return nil
	}
	return p.levels
}

// at returns the policies of a level, nil when the path has no such level.
func (p *Path) at(target string) *Set {
	for _, level := range p.Levels() {
		if level.Target == target {
			return level.Policies
		}
	}
	return nil
}

// levelOf returns the level that a policy of a section is attached to.
func (p *Path) levelOf(s *section, policy int) *Level {
	level := s.first
	for policy >= len(p.levels[level].Policies.Policies()) {
		policy -= len(p.levels[level].Policies.Policies())
		level++
	}
	return &p.levels[level]
}
