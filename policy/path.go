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
	levels   []Level
	sections []section // between them they hold all levels that have a say
}

// section is neighbouring levels that are asked together.
type section struct {
	first     int // of its levels
	set       *Set
	selective []selective
}

// selective is a level that does not allow everything, and which policies of its section are its.
type selective struct {
	level      int
	start, end int32
}

// NewPath returns the path of some levels, the root first. It joins what all of them say, so that a
// decision costs the same however many they are. That takes memory: use [Path.Below] where many paths
// differ in their end only.
func NewPath(levels ...Level) *Path {
	joined := section{set: new(Set)}
	var entries []indexEntry
	for i, l := range levels {
		entries = joined.join(entries, i, l.Policies)
	}
	joined.set.index = newIndex(entries)
	return &Path{levels, joined.orNone()}
}

// join adds a level to the section.
func (s *section) join(entries []indexEntry, level int, policies *Set) []indexEntry {
	everything, start := policies != nil && policies.everything, int32(len(s.set.attached))
	entries = s.set.join(entries, policies.Policies(), !everything)
	if !everything {
		s.selective = append(s.selective, selective{level, start, int32(len(s.set.attached))})
	}
	return entries
}

// orNone returns the section, or none when nothing can come of it.
func (s section) orNone() []section {
	if len(s.set.index.entries) == 0 && len(s.selective) == 0 {
		return nil
	}
	return []section{s}
}

// Below returns the path that ends one level below another, which may be nil for none. It shares what
// the path above holds.
func (p *Path) Below(level Level) *Path {
	if p == nil {
		return NewPath(level)
	}
	below := section{first: len(p.levels), set: level.Policies}
	if below.set == nil {
		below.set = NewSet()
	}
	if !below.set.everything {
		below.selective = []selective{{below.first, 0, int32(len(below.set.attached))}}
	}
	return &Path{append(slices.Clip(p.levels), level), append(slices.Clip(p.sections), below.orNone()...)}
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
