package policy

import (
	"hash/maphash"
	"strings"
)

// index finds the statements whose actions match the action of a request, without looking at the
// others: by the whole name for patterns without wildcards, by the service for the rest. The entries
// of one key lie side by side, for most of them are only passed over.
type index struct {
	slots   []slot // a hash table with open addressing; its length is a power of two
	entries []indexEntry
	every   run // the entries that belong to no service
}

// slot holds where the entries are whose key has one hash.
type slot struct {
	hash uint64
	run  run
}

// run is a range of entries.
type run struct{ start, end int32 }

// indexEntry is a statement under one of its patterns.
type indexEntry struct {
	lead, mask uint64 // of the pattern
	pattern    *actionPattern
	statement  *statement // nil for the patterns of a NotAction
	policy     int32      // its place in the set
	number     int32      // of the statement in the policy
}

// before tells whether the statement comes before another one.
func (e *indexEntry) before(other *indexEntry) bool {
	return e.policy < other.policy || e.policy == other.policy && e.number < other.number
}

// fits tells whether the pattern matches an action.
func (e *indexEntry) fits(a *action, f *finder) bool {
	return (e.lead^a.lead)&e.mask == 0 && (e.pattern == &anyAction[0] || e.pattern.match(a, f))
}

// actionPattern is the pattern of an action, which compares without regard to case.
type actionPattern struct {
	form actionForm
	text string // the whole name, or the text before the first wildcard
	glob *glob  // in lower case
	key  uint64 // a hash: of the name without wildcards, or of the service; 0 for patterns of no service
	// The bits of lead that mask has are fixed: most patterns are passed over by looking at these.
	lead, mask uint64
}

type actionForm uint8

const (
	exactAction  actionForm = iota // s3:GetObject
	actionPrefix                   // s3:Get*, s3:*, *
	actionGlob                     // s3:*Acl, s3:Get?bject
)

// match compares names, for the hashes of different names may be equal.
func (p *actionPattern) match(a *action, f *finder) bool {
	switch p.form {
	case exactAction:
		return p.text == a.name || equalFold(p.text, a.lower)
	case actionPrefix:
		return strings.HasPrefix(a.name, p.text) || len(a.lower) >= len(p.text) && equalFold(p.text, a.lower[:len(p.text)])
	case actionGlob:
		return p.glob.match(a.lower, f)
	}
	return false
}

var seed = maphash.MakeSeed()

// hashFold returns a hash of a text that does not depend on the case of ASCII letters. It is never 0.
func hashFold(text string) uint64 {
	var room [64]byte
	folded := room[:]
	if len(text) > len(room) {
		folded = make([]byte, len(text))
	}
	folded = folded[:len(text)]
	for i := range folded {
		folded[i] = lower(text[i])
	}
	return max(maphash.Bytes(seed, folded), 1)
}

// anyAction stands for the actions of a statement with NotAction.
var anyAction = [1]actionPattern{{form: actionPrefix}}

// compile makes the pattern that of a text.
func (p *actionPattern) compile(text string) {
	wildcard := firstWildcard(text)
	if wildcard < 0 {
		p.text, p.key = text, hashFold(text)
		return
	}
	p.form, p.text = actionPrefix, text[:wildcard]
	if colon := strings.IndexByte(p.text, ':'); colon >= 0 {
		p.key = hashFold(text[:colon+1])
		p.lead, p.mask = leadOf(p.text[colon+1:])
	}
	if text[wildcard:] != "*" {
		g := newGlob(strings.ToLower(text))
		p.form, p.glob = actionGlob, &g
	}
}

// leadOf returns the first eight bytes of the name of an action in lower case, and a mask of those
// that there are.
func leadOf(name string) (lead, mask uint64) {
	for i := range min(len(name), 8) {
		lead |= uint64(lower(name[i])) << (8 * i)
		mask |= 0xff << (8 * i)
	}
	return lead, mask
}

// indexOfActions returns the index of the patterns of a NotAction.
func indexOfActions(patterns []actionPattern) *index {
	entries := make([]indexEntry, len(patterns))
	for i := range patterns {
		entries[i] = indexEntry{lead: patterns[i].lead, mask: patterns[i].mask, pattern: &patterns[i]}
	}
	x := newIndex(entries)
	return &x
}

// newIndex returns the index of entries: it counts those of each key, gives each key its run, and
// puts the entries there, in their order.
func newIndex(entries []indexEntry) index {
	size := 1
	for size < 2*len(entries) {
		size *= 2
	}
	x := index{slots: make([]slot, size), entries: make([]indexEntry, len(entries))}
	for i := range entries {
		x.runOf(entries[i].pattern.key).end++
	}
	end := x.every.end
	for i := range x.slots {
		s := &x.slots[i].run
		s.start, s.end, end = end, end, end+s.end
	}
	x.every.end = 0
	for i := range entries {
		s := x.runOf(entries[i].pattern.key)
		x.entries[s.end] = entries[i]
		s.end++
	}
	return x
}

// runOf returns the run of a key, in a slot that is made when there is none.
func (x *index) runOf(key uint64) *run {
	if key == 0 {
		return &x.every
	}
	s := x.slot(key)
	s.hash = key
	return &s.run
}

// slot returns the slot of a hash, or the empty slot where it belongs.
func (x *index) slot(hash uint64) *slot {
	mask := uint64(len(x.slots) - 1)
	for i := hash & mask; ; i = (i + 1) & mask {
		if s := &x.slots[i]; s.hash == hash || s.hash == 0 {
			return s
		}
	}
}

// under returns where the entries are that may match the action of a request, the most telling first:
// those of its name, of its service, and of no service. A statement that several patterns lead to is
// there several times.
func (x *index) under(a *action) (name, service, every run) {
	return x.slot(a.hash).run, x.slot(a.bucket).run, x.every
}

// of returns the entries of a run.
func (x *index) of(r run) []indexEntry { return x.entries[r.start:r.end] }

// holds tells whether a pattern of the index matches an action.
func (x *index) holds(a *action, f *finder) bool {
	name, service, every := x.under(a)
	return anyFits(x.of(name), a, f) || anyFits(x.of(service), a, f) || anyFits(x.of(every), a, f)
}

func anyFits(entries []indexEntry, a *action, f *finder) bool {
	for i := range entries {
		if entries[i].fits(a, f) {
			return true
		}
	}
	return false
}
