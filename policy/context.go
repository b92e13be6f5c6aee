package policy

import (
	"iter"
	"slices"
	"strings"
	"unicode/utf8"
)

// Context holds the condition keys of a request. The zero Context and a nil one hold none. Keys compare
// without regard to case. A key that is absent and a key with an empty value are different things to a
// condition; a key with an empty list of values counts as absent.
type Context struct {
	sources []Source // of keys that are not among the entries
	entries []entry
	links   []link     // of entries: what a search looks at
	heads   [64]uint32 // the newest entry of each bucket of hashes, counted from 1
	// folded are the values beyond ASCII in lower case, for the operators that ignore case.
	folded map[string]string
}

// Value is what a request says for one condition key: one value, or a list for the multivalued
// keys such as aws:TagKeys.
type Value struct {
	list  []string
	text  string
	multi bool
}

type entry struct {
	key   string
	value Value
}

// link chains the entries of one bucket.
type link struct {
	hash uint32 // of the key
	next uint32 // the entry before in the bucket, counted from 1
}

// Set gives a single-valued key its value, in place of what it had.
func (c *Context) Set(key, value string) { c.Put(NewKey(key), value) }

// Key is the name of a condition key, prepared for those who use it in many requests.
type Key struct{ contextKey }

// NewKey prepares the name of a condition key.
func NewKey(name string) Key { return Key{newKey(name)} }

// Put is [Context.Set] for a prepared key.
func (c *Context) Put(key Key, value string) {
	if !ascii(value) {
		value = valid(value)
		c.fold(value)
	}
	c.set(key.contextKey, Value{text: value})
}

// SetList gives a multivalued key its values, in place of what it had. The Context keeps the list.
func (c *Context) SetList(key string, values []string) {
	values = validAll(values)
	for _, v := range values {
		if !ascii(v) {
			c.fold(v)
		}
	}
	c.set(newKey(key), Value{list: values, multi: true})
}

// Over lays the Context over sources: a key that is not set has the value that the first of them
// finds which knows the key, those of earlier calls before. They are asked whenever a condition asks
// for such a key.
func (c *Context) Over(sources ...Source) { c.sources = append(c.sources, sources...) }

// Get returns the value of a key, and false when the request does not carry it.
func (c *Context) Get(key string) (Value, bool) {
	return c.Find(NewKey(key))
}

// Find is [Context.Get] for a prepared key.
func (c *Context) Find(key Key) (Value, bool) {
	if c == nil {
		return Value{}, false
	}
	if v := c.own(key.contextKey); v != nil {
		return *v, true
	}
	for _, s := range c.sources {
		if v, known := s.Find(key); known {
			return v, true
		}
	}
	return Value{}, false
}

// All returns the keys, as they were spelled when set, with their values, and then what the sources
// find.
func (c *Context) All() iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
		if c == nil {
			return
		}
		for i := range c.entries {
			if !yield(c.entries[i].key, c.entries[i].value) {
				return
			}
		}
		above := Context{entries: c.entries, links: c.links, heads: c.heads}
		for _, s := range c.sources {
			for name, v := range s.All() {
				if _, known := above.Get(name); !known && !yield(name, v) {
					return
				}
			}
			above.Over(s)
		}
	}
}

// Reset removes all keys and sources, and keeps the memory.
func (c *Context) Reset() {
	c.sources = nil
	c.entries, c.links = c.entries[:0], c.links[:0]
	clear(c.heads[:])
	clear(c.folded)
}

// Multivalued tells whether the key is one that holds a list.
func (v Value) Multivalued() bool { return v.multi }

// Values returns the values of the key.
func (v Value) Values() []string {
	if v.multi {
		return v.list
	}
	return []string{v.text}
}

// usualKeys is how many condition keys a Context has room for from the beginning.
const usualKeys = 24

func (c *Context) set(k contextKey, value Value) {
	if old := c.own(k); old != nil {
		*old = value
		return
	}
	if c.entries == nil {
		c.entries, c.links = make([]entry, 0, usualKeys), make([]link, 0, usualKeys)
	}
	head := &c.heads[k.hash%uint32(len(c.heads))]
	c.entries = append(c.entries, entry{key: k.name, value: value})
	c.links = append(c.links, link{k.hash, *head})
	*head = uint32(len(c.entries))
}

// fold prepares a value beyond ASCII for the operators that ignore case: once, however many conditions ask.
func (c *Context) fold(value string) {
	if c.folded == nil {
		c.folded = map[string]string{}
	}
	c.folded[value] = lowerText(value)
}

// isLower tells whether a value of the Context is, in lower case, a text.
func (c *Context) isLower(value, text string) bool {
	if folded, ok := c.folded[value]; ok {
		return folded == text
	}
	return equalFold(value, text) || !ascii(value) && equalLower(value, text) // what a source found is not prepared
}

// present returns the value of a key, and false when it is absent, for which an empty list counts, too.
func (c *Context) present(key contextKey) (Value, bool) {
	v, known := c.Find(Key{key})
	return v, known && !v.none()
}

// own returns the value of a key that was set, or nil.
func (c *Context) own(k contextKey) *Value {
	for at := c.heads[k.hash%uint32(len(c.heads))]; at != 0; at = c.links[at-1].next {
		if e := &c.entries[at-1]; k.is(c.links[at-1].hash, e.key) {
			return &e.value
		}
	}
	return nil
}

// none tells whether a value is as good as none.
func (v Value) none() bool { return v.multi && len(v.list) == 0 }

// contextKey is the name of a condition key with its hash, which does not depend on case.
type contextKey struct {
	name string
	hash uint32
}

// newKey prepares a key for look-ups. A name beyond ASCII is folded here, so that looking up has to
// fold ASCII only.
func newKey(name string) contextKey {
	if !ascii(name) {
		name = lowerText(name)
	}
	hash := uint32(2166136261) // FNV-1a
	for i := range len(name) {
		hash = (hash ^ uint32(lower(name[i]))) * 16777619
	}
	return contextKey{name, hash}
}

// is tells whether a key has a hash and a name.
func (k contextKey) is(hash uint32, name string) bool {
	return k.hash == hash && (k.name == name || equalFold(k.name, name))
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// equalFold compares two strings without regard to the case of ASCII letters.
func equalFold(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

func lower(b byte) byte {
	if 'A' <= b && b <= 'Z' {
		b += 'a' - 'A'
	}
	return b
}

// valid replaces what is not UTF-8, so that no value holds the bytes that compiled patterns use as
// marks.
func valid(value string) string { return strings.ToValidUTF8(value, "\uFFFD") }

// validAll is valid for a list, which it copies where it has to.
func validAll(values []string) []string {
	if !slices.ContainsFunc(values, func(v string) bool { return !utf8.ValidString(v) }) {
		return values
	}
	mended := make([]string, len(values))
	for i, v := range values {
		mended[i] = valid(v)
	}
	return mended
}
