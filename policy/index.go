package policy

import (
	"hash/maphash"
	"strings"
)

// index finds the statements whose actions match the action of a request, without looking at the
// others: by the whole name for patterns without wildcards, by the service for the rest. The entries
// of one key lie side by side, for most of them are only passed over.
type index struct {
	slots    []slot // a hash table with open addressing; its length is a power of two
	entries  []indexEntry
	patterns []actionPattern // of the entries
	every    run             // the entries that belong to no service
	filter   []uint64        // in which the keys are that there are
}

// slot holds where the entries are whose key has one hash.
type slot struct {
	hash uint64
	run  run
}

// run is a range of entries.
type run struct{ start, end int32 }

// indexEntry is a statement under one of its patterns. The bits of lead that mask has are fixed.
type indexEntry struct {
	lead, mask uint64
	statement  int32
}

// actionPattern is the pattern of an action, which compares without regard to case.
type actionPattern struct {
	form actionForm
	text string // the whole name, or the text before the first wildcard
	glob *glob  // in lower case
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
		return equalFold(p.text, a.lower)
	case actionPrefix:
		return len(a.lower) >= len(p.text) && equalFold(p.text, a.lower[:len(p.text)])
	case actionGlob:
		return p.glob.match(a.lower, f)
	}
	return false
}

var seed = maphash.MakeSeed()

// hashFold returns a hash of a text that does not depend on the case of ASCII letters. It is never 0.
func hashFold(text string) uint64 {
	var room [64]byte
	folded := room[:0]
	for i := range len(text) {
		folded = append(folded, lower(text[i]))
	}
	return max(maphash.Bytes(seed, folded), 1)
}

// builder collects the patterns of an index, in the order of statements.
type builder struct {
	entries  []indexEntry
	patterns []actionPattern
	hashes   []uint64 // of the key of each; 0 for those that belong to no service
}

// newBuilder returns a builder with room for patterns.
func newBuilder(patterns int) builder {
	return builder{make([]indexEntry, 0, patterns), make([]actionPattern, 0, patterns), make([]uint64, 0, patterns)}
}

// add adds a pattern of a statement.
func (b *builder) add(text string, statement int32) {
	pattern := compileAction(text)
	service, name, ok := strings.Cut(pattern.text, ":")
	e := indexEntry{statement: statement}
	key := uint64(0)
	switch {
	case pattern.form == exactAction:
		key = hashFold(pattern.text)
	case ok:
		key = hashFold(pattern.text[:len(service)+1])
		e.lead, e.mask = leadOf(name)
	}
	b.append(e, pattern, key)
}

// addEvery adds a statement that any action may match.
func (b *builder) addEvery(statement int32) {
	b.append(indexEntry{statement: statement}, actionPattern{form: actionPrefix}, 0)
}

func (b *builder) append(e indexEntry, p actionPattern, key uint64) {
	b.entries = append(b.entries, e)
	b.patterns = append(b.patterns, p)
	b.hashes = append(b.hashes, key)
}

// build returns the index: it counts the entries of each key, gives each key its run, and puts the
// entries there.
func (b *builder) build() index {
	size := 1
	for size < 2*len(b.entries) {
		size *= 2
	}
	x := index{slots: make([]slot, size), entries: make([]indexEntry, len(b.entries)), patterns: make([]actionPattern, len(b.entries))}
	x.filter = make([]uint64, (size+15)/16)
	for _, hash := range b.hashes {
		x.runOf(hash).end++
		if hash != 0 {
			word, bits := x.filterBits(hash)
			*word |= bits
		}
	}
	end := x.every.end
	for i := range x.slots {
		s := &x.slots[i].run
		s.start, s.end, end = end, end, end+s.end
	}
	x.every.end = 0
	for i, hash := range b.hashes {
		s := x.runOf(hash)
		x.entries[s.end], x.patterns[s.end] = b.entries[i], b.patterns[i]
		s.end++
	}
	return x
}

// runOf returns the run of a key, in a slot that is made when there is none.
func (x *index) runOf(hash uint64) *run {
	if hash == 0 {
		return &x.every
	}
	s := x.slot(hash)
	s.hash = hash
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

// filterBits returns where the filter keeps a key: one word, so that asking for a key that is not
// there touches the memory once, and two bits of it.
func (x *index) filterBits(hash uint64) (word *uint64, bits uint64) {
	return &x.filter[(hash>>32)&uint64(len(x.filter)-1)], 1<<(hash>>8&63) | 1<<(hash>>16&63)
}

// mayHold tells whether a key may be in the index.
func (x *index) mayHold(hash uint64) bool {
	word, bits := x.filterBits(hash)
	return *word&bits == bits
}

// holds tells whether a pattern of the index matches an action.
func (x *index) holds(a *action, f *finder) bool {
	c := x.candidates(a, f)
	_, ok := c.next()
	return ok
}

// candidates walks the statements whose actions match the action of a request. A statement that
// several patterns lead to comes several times.
type candidates struct {
	index  *index
	action *action
	finder *finder
	run    run    // what is left of the run at hand
	runs   [2]run // those to come
	done   int    // the number of runs taken
}

func (x *index) candidates(a *action, f *finder) candidates {
	c := candidates{index: x, action: a, finder: f, run: x.every}
	if x.mayHold(a.bucket) {
		c.runs[0] = x.slot(a.bucket).run
	}
	if x.mayHold(a.hash) {
		c.runs[1] = x.slot(a.hash).run
	}
	return c
}

// passes tells at a glance that no statement can match an action.
func (x *index) passes(a *action) bool {
	return x.every.end == 0 && !x.mayHold(a.bucket) && !x.mayHold(a.hash)
}

// next returns the index of the next statement, and false at the end.
func (c *candidates) next() (int, bool) {
	for {
		for i := c.run.start; i < c.run.end; i++ {
			e := &c.index.entries[i]
			if (e.lead^c.action.lead)&e.mask == 0 && c.index.patterns[i].match(c.action, c.finder) {
				c.run.start = i + 1
				return int(e.statement), true
			}
		}
		if c.done == len(c.runs) {
			return 0, false
		}
		c.run = c.runs[c.done]
		c.done++
	}
}

// compileAction compiles an action pattern.
func compileAction(text string) actionPattern {
	wildcard := strings.IndexAny(text, "*?")
	if wildcard < 0 {
		return actionPattern{form: exactAction, text: text}
	}
	p := actionPattern{form: actionPrefix, text: text[:wildcard]}
	if text[wildcard:] != "*" {
		g := newGlob(strings.ToLower(text))
		p.form, p.glob = actionGlob, &g
	}
	return p
}

// leadOf returns the first eight bytes of the name of an action in lower case, and a mask of those that there are.
func leadOf(name string) (lead, mask uint64) {
	for i := range min(len(name), 8) {
		lead |= uint64(lower(name[i])) << (8 * i)
		mask |= 0xff << (8 * i)
	}
	return lead, mask
}
