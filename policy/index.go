package policy

import (
	"hash/maphash"
	"strings"
)

// index finds the statements whose actions match the action of a request, without looking at the
// others: by the whole name for patterns without wildcards, by the service for the rest.
type index struct {
	slots []slot // a hash table with open addressing; its length is a power of two
	refs  []ref
	every int32 // the first of the patterns that belong to no service, or none
}

// slot holds the patterns whose key has one hash, as a list through ref.next.
type slot struct {
	hash  uint64
	first int32
}

// ref is a pattern and the statement that it belongs to.
type ref struct {
	pattern   actionPattern
	statement int32
	next      int32
}

// none ends a list of refs.
const none = -1

// actionPattern is a pattern in lower case.
type actionPattern struct {
	form actionForm
	text string // the whole name, or the text before the only star
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

// builder collects the patterns of an index.
type builder struct {
	refs   []ref
	hashes []uint64 // of the key of each; 0 for those that belong to no service
}

// add adds a pattern of a statement.
func (b *builder) add(text string, statement int32) {
	pattern := compileAction(text)
	key := uint64(0)
	if colon := strings.IndexByte(pattern.text, ':'); pattern.form == exactAction {
		key = hashOf(pattern.text)
	} else if colon >= 0 {
		key = hashOf(pattern.text[:colon+1])
	}
	b.refs = append(b.refs, ref{pattern: pattern, statement: statement})
	b.hashes = append(b.hashes, key)
}

// addEvery adds a statement that any action may match.
func (b *builder) addEvery(statement int32) {
	b.refs = append(b.refs, ref{pattern: actionPattern{form: actionPrefix}, statement: statement})
	b.hashes = append(b.hashes, 0)
}

// build returns the index. Lists keep the order of statements, so they are built from their ends.
func (b *builder) build() index {
	size := 1
	for size < 2*len(b.refs) {
		size *= 2
	}
	x := index{slots: make([]slot, size), refs: b.refs, every: none}
	for i := len(b.refs) - 1; i >= 0; i-- {
		head := &x.every
		if b.hashes[i] != 0 {
			s := x.slot(b.hashes[i])
			if s.hash == 0 {
				*s = slot{hash: b.hashes[i], first: none}
			}
			head = &s.first
		}
		x.refs[i].next, *head = *head, int32(i)
	}
	return x
}

// slot returns the slot of a hash, which is empty when there is none.
func (x *index) slot(hash uint64) *slot {
	mask := uint64(len(x.slots) - 1)
	for i := hash & mask; ; i = (i + 1) & mask {
		if s := &x.slots[i]; s.hash == hash || s.hash == 0 {
			return s
		}
	}
}

// list returns the first ref of a key.
func (x *index) list(hash uint64) int32 {
	if s := x.slot(hash); s.hash == hash {
		return s.first
	}
	return none
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
	lists  [3]int32
	ref    int32
	list   int
}

func (x *index) candidates(a *action, f *finder) candidates {
	return candidates{index: x, action: a, finder: f, ref: none, lists: [3]int32{x.every, x.list(a.bucket), x.list(a.hash)}}
}

// next returns the index of the next statement, and false at the end.
func (c *candidates) next() (int, bool) {
	for {
		for c.ref == none {
			if c.list == len(c.lists) {
				return 0, false
			}
			c.ref = c.lists[c.list]
			c.list++
		}
		r := &c.index.refs[c.ref]
		c.ref = r.next
		if r.pattern.match(c.action, c.finder) {
			return int(r.statement), true
		}
	}
}

// compileAction compiles an action pattern, such as s3:Get*.
func compileAction(text string) actionPattern {
	text = strings.ToLower(text)
	if strings.ContainsAny(text, "*?") {
		if g := newGlob(text); g.star && len(g.mid) == 0 && g.last == "" && !g.anyChars {
			return actionPattern{form: actionPrefix, text: g.first}
		}
		g := newGlob(text)
		return actionPattern{form: actionGlob, text: text[:strings.IndexAny(text, "*?")], glob: &g}
	}
	return actionPattern{form: exactAction, text: text}
}
