package policy

import (
	"iter"
	"slices"
	"strings"
	"unicode/utf8"
)

// Context holds the condition keys of a request. The zero Context holds none. Keys compare without
// regard to case. A key that is absent and a key with an empty value are different things to a
// condition; a key with an empty list of values counts as absent.
type Context struct {
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

// Key is the name of a condition key, prepared for those who set it in many requests.
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
	c.PutList(NewKey(key), values)
}

// PutList is [Context.SetList] for a prepared key.
func (c *Context) PutList(key Key, values []string) {
	for i, v := range values {
		if ascii(v) {
			continue
		}
		if !utf8.ValidString(v) {
			values = slices.Clone(values)
			values[i] = valid(v)
		}
		c.fold(values[i])
	}
	c.set(key.contextKey, Value{list: values, multi: true})
}

// Get returns the value of a key, and false when the request does not carry it.
func (c *Context) Get(key string) (Value, bool) {
	return c.Find(NewKey(key))
}

// Find is [Context.Get] for a prepared key.
func (c *Context) Find(key Key) (Value, bool) {
	if v := c.find(key.contextKey); v != nil {
		return *v, true
	}
	return Value{}, false
}

// All returns the keys, as they were spelled when set, with their values.
func (c *Context) All() iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
		for i := range c.entries {
			if !yield(c.entries[i].key, c.entries[i].value) {
				return
			}
		}
	}
}

// Reset removes all keys and keeps the memory.
func (c *Context) Reset() {
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
	if old := c.find(k); old != nil {
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
	return equalFold(value, text)
}

func (c *Context) find(k contextKey) *Value {
	for at := c.heads[k.hash%uint32(len(c.heads))]; at != 0; at = c.links[at-1].next {
		if c.links[at-1].hash != k.hash {
			continue
		}
		if e := &c.entries[at-1]; e.key == k.name || equalFold(e.key, k.name) {
			return &e.value
		}
	}
	return nil
}

// absent tells whether a key that was looked for is absent. An empty list is as good as that.
func (v *Value) absent() bool { return v == nil || v.multi && len(v.list) == 0 }

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
