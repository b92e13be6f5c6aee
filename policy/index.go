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
	every   runs // of the entries that belong to no service
}

// slot holds where the entries of one key are.
type slot struct {
	hash uint64
	name string // that of an action, or a service with its colon
	runs runs
}

// runs are where the entries of each effect are.
type runs [2]run

// run is a range of entries.
type run struct{ start, end int32 }

// indexEntry is a statement under one of its patterns.
type indexEntry struct {
	lead, mask uint64         // of the pattern
	pattern    *actionPattern // nil when the key, lead and mask say it all
	statement  *statement     // nil for the patterns of a NotAction
	policy     int32          // its place in the set
	number     int32          // of the statement in the policy
}

// before tells whether the statement comes before another one.
func (e *indexEntry) before(other *indexEntry) bool {
	return e.policy < other.policy || e.policy == other.policy && e.number < other.number
}

// fits tells whether the pattern matches an action.
func (e *indexEntry) fits(a *action, f *finder) bool {
	return (e.lead^a.lead)&e.mask == 0 && (e.pattern == nil || e.pattern.match(a, f))
}

// actionPattern is the pattern of an action, which compares without regard to case.
type actionPattern struct {
	form  actionForm
	plain bool   // it matches all actions that have its key and its lead
	text  string // the whole name, or the text before the first wildcard
	glob  *glob  // in lower case
	// The first keyed bytes of text are the key in an index: the name without wildcards, or the service; none for
	// patterns of no service. This is their hash.
	hash  uint64
	keyed int32
	// The bits of lead that mask has are fixed: most patterns are passed over by looking at these.
	lead, mask uint64
}

type actionForm uint8

const (
	exactAction  actionForm = iota // s3:GetObject
	actionPrefix                   // s3:Get*, s3:*, *
	actionGlob                     // s3:*Acl, s3:Get?bject
)

// match tells whether the pattern matches an action.
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

// hashFold returns a hash of a text that does not depend on the case of ASCII letters.
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
	return maphash.Bytes(seed, folded)
}

// anyAction stands for the actions of a statement with NotAction.
var anyAction = [1]actionPattern{{form: actionPrefix, plain: true}}

// compile makes the pattern that of a text.
func (p *actionPattern) compile(text string) {
	wildcard := firstWildcard(text)
	if wildcard < 0 {
		p.text, p.hash, p.keyed = text, hashFold(text), int32(len(text))
		p.plain = !strings.HasSuffix(text, ":") // that is the key of a service
		return
	}
	p.form, p.text = actionPrefix, text[:wildcard]
	name := p.text
	if colon := strings.IndexByte(name, ':'); colon >= 0 {
		name = name[colon+1:]
		p.hash, p.keyed = hashFold(text[:colon+1]), int32(colon+1)
		p.lead, p.mask = leadOf(name)
	}
	p.plain = len(name) <= leadLength && (p.keyed > 0 || name == "") && strings.IndexByte(name, 0) < 0
	if text[wildcard:] != "*" {
		g := newGlob(strings.ToLower(text))
		p.form, p.glob, p.plain = actionGlob, &g, false
	}
}

// leadLength is how many bytes of a name make its lead.
const leadLength = 8

// leadOf returns the first eight bytes of the name of an action in lower case, and a mask of those
// that there are.
func leadOf(name string) (lead, mask uint64) {
	for i := range min(len(name), leadLength) {
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

// newIndex returns the index of entries: it counts those of each key, gives each key its runs, and
// puts the entries there, in their order.
func newIndex(entries []indexEntry) index {
	size := 1
	for size < 2*len(entries) {
		size *= 2
	}
	x := index{slots: make([]slot, size), entries: make([]indexEntry, len(entries))}
	of := make([]*run, len(entries))
	for i := range entries {
		of[i] = x.runOf(&entries[i])
		of[i].end++
	}
	end := x.every.begin(0)
	for i := range x.slots {
		end = x.slots[i].runs.begin(end)
	}
	for i, r := range of {
		e := &x.entries[r.end]
		r.end++
		if *e = entries[i]; e.pattern.plain {
			e.pattern = nil
		}
	}
	return x
}

// begin empties runs that end where they are long, and leaves them as much room from a place on. It
// returns where that ends.
func (r *runs) begin(place int32) int32 {
	for i := range r {
		r[i], place = run{place, place}, place+r[i].end
	}
	return place
}

// runOf returns the run of an entry, in a slot that is made when there is none.
func (x *index) runOf(e *indexEntry) *run {
	effect, p := Deny, e.pattern
	if e.statement != nil {
		effect = e.statement.effect
	}
	if p.keyed == 0 {
		return &x.every[effect]
	}
	key := p.text[:p.keyed]
	s := x.slot(p.hash, key, key)
	if s.name == "" {
		s.hash, s.name = p.hash, key
	}
	return &s.runs[effect]
}

// slot returns the slot of a key, or the empty slot where it belongs. The key is also given as it is likely to be spelled,
// which is faster to compare.
func (x *index) slot(hash uint64, spelled, key string) *slot {
	mask := uint64(len(x.slots) - 1)
	for i := hash & mask; ; i = (i + 1) & mask {
		if s := &x.slots[i]; s.name == "" || s.hash == hash && (s.name == spelled || equalFold(s.name, key)) {
			return s
		}
	}
}

// candidates are the entries of an index that may match the action of a request, the most telling
// first: those of its name, of its service, and of no service. A statement that several patterns lead
// to is there several times.
type candidates struct {
	entries []indexEntry // of the index
	runs    [3]*runs
}

// of makes them the candidates for an action.
func (c *candidates) of(x *index, a *action) {
	c.entries = x.entries
	c.runs[0], c.runs[1], c.runs[2] = &x.slot(a.hash, a.name, a.lower).runs, &x.slot(a.bucket, a.service, a.service).runs, &x.every
}

// holds tells whether a pattern of the index matches an action.
func (x *index) holds(a *action, f *finder) bool {
	var c candidates
	c.of(x, a)
	for _, r := range &c.runs {
		for i := r[Deny].start; i < r[Deny].end; i++ {
			if c.entries[i].fits(a, f) {
				return true
			}
		}
	}
	return false
}
