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

// actionPattern is a pattern in lower case.
type actionPattern struct {
	form actionForm
	text string // the whole name, or the text before the first wildcard
	glob *glob
}

type actionForm uint8

const (
	exactAction  actionForm = iota // s3:getobject
	actionPrefix                   // s3:get*, s3:*, *
	actionGlob                     // s3:*acl, s3:get?bject
)

var seed = maphash.MakeSeed()

func hashOf(text string) uint64 { return maphash.String(seed, text) }

// match compares names, for the hashes of different names may be equal.
func (p *actionPattern) match(a *action, f *finder) bool {
	switch p.form {
	case exactAction:
		return a.lower == p.text
	case actionPrefix:
		return strings.HasPrefix(a.lower, p.text)
	case actionGlob:
		return p.glob.match(a.lower, f)
	}
	return false
}

// builder collects the patterns of an index, in the order of statements.
type builder struct {
	entries  []indexEntry
	patterns []actionPattern
	hashes   []uint64 // of the key of each; 0 for those that belong to no service
}

// add adds a pattern of a statement.
func (b *builder) add(text string, statement int32) {
	pattern := compileAction(text)
	service, name, ok := strings.Cut(pattern.text, ":")
	e := indexEntry{statement: statement}
	key := uint64(0)
	switch {
	case pattern.form == exactAction:
		key = hashOf(pattern.text)
	case ok:
		key = hashOf(pattern.text[:len(service)+1])
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
	for _, hash := range b.hashes {
		x.runOf(hash).end++
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
	return candidates{index: x, action: a, finder: f, run: x.every, runs: [2]run{x.slot(a.bucket).run, x.slot(a.hash).run}}
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

// compileAction compiles an action pattern, such as s3:Get*.
func compileAction(text string) actionPattern {
	text = strings.ToLower(text)
	wildcard := strings.IndexAny(text, "*?")
	if wildcard < 0 {
		return actionPattern{form: exactAction, text: text}
	}
	p := actionPattern{form: actionPrefix, text: text[:wildcard]}
	if text[wildcard:] != "*" {
		g := newGlob(text)
		p.form, p.glob = actionGlob, &g
	}
	return p
}

// leadOf returns the first eight bytes of the name of an action, and a mask of those that there are.
func leadOf(name string) (lead, mask uint64) {
	for i := range min(len(name), 8) {
		lead |= uint64(name[i]) << (8 * i)
		mask |= 0xff << (8 * i)
	}
	return lead, mask
}
