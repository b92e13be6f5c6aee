package policy

import (
	"iter"
	"slices"
	"strings"
	"unicode/utf8"
)

// Context holds the condition keys of a request. The zero Context and a nil one hold none. Keys compare
// without regard to case. A key that is absent and a key with an empty value are different things to a
// condition; a key with an empty list of values counts as absent. Copies of a Context that holds keys
// share them, as copies of a map do.
type Context struct {
	set     *entries // nil as long as there are none
	sources []Source // of the other keys
}

// entries are keys with their values, found by hash.
type entries struct {
	all []entry
	// numbered are the entries of the keys that have numbers, and heads those of the others, the newest of each bucket of
	// hashes; all counted from 1.
	numbered [maxNumbers + 1]uint32
	heads    [32]uint32
	// folded are the values beyond ASCII in lower case, for the operators that ignore case.
	folded map[string]string
	first  [usualKeys]entry // room for all
}

// usualKeys is how many condition keys a Context has room for from the beginning.
const usualKeys = 24

// Value is what a request says for one condition key: one value, or a list for the multivalued
// keys such as aws:TagKeys.
type Value struct {
	list  []string
	text  string
	multi bool
}

type entry struct {
	key   contextKey
	value Value
	next  uint32 // the entry before in the bucket, counted from 1
}

// Set gives a single-valued key its value, in place of what it had.
func (c *Context) Set(key, value string) { c.Put(NewKey(key), value) }

// Put is [Context.Set] for a prepared key.
func (c *Context) Put(key Key, value string) {
	value = valid(value)
	c.put(key.contextKey, Value{text: value})
	c.set.fold(value)
}

// SetList gives a multivalued key its values, in place of what it had. The Context keeps the list.
func (c *Context) SetList(key string, values []string) {
	values = validAll(values)
	c.put(newKey(key), Value{list: values, multi: true})
	for _, v := range values {
		c.set.fold(v)
	}
}

// Over lays the Context over sources: a key that is not set has the value that the first of them
// finds which knows the key, those of earlier calls before. They are asked whenever a condition asks
// for such a key.
func (c *Context) Over(sources ...Source) {
	for _, s := range sources {
		if s != Source((*Context)(nil)) {
			c.sources = append(c.sources, s)
		}
	}
}

// Get returns the value of a key, and false when the request does not carry it.
func (c *Context) Get(key string) (Value, bool) {
	return c.Find(NewKey(key))
}

// Find is [Context.Get] for a prepared key.
func (c *Context) Find(key Key) (Value, bool) {
	if c == nil {
		return Value{}, false
	}
	if v := c.find(&key.contextKey, new(Value)); v != nil {
		return *v, true
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
		if c.set != nil {
			for _, e := range c.set.all {
				if !yield(e.key.name, e.value) {
					return
				}
			}
		}
		above := Context{set: c.set}
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
	if c.set != nil {
		*c.set = entries{all: c.set.all[:0]}
	}
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

func (c *Context) put(k contextKey, value Value) {
	if c.set == nil {
		c.set = new(entries)
		c.set.all = c.set.first[:0]
	}
	if old := c.set.find(&k); old != nil {
		*old = value
		return
	}
	c.set.add(k, value)
}

func (e *entries) add(k contextKey, value Value) {
	head := e.head(&k)
	e.all = append(e.all, entry{k, value, *head})
	*head = uint32(len(e.all))
}

// known returns the value of the key that has a number, or nil. No key has the number 0.
func (e *entries) known(number uint8) *Value {
	if e == nil || e.numbered[number] == 0 {
		return nil
	}
	return &e.all[e.numbered[number]-1].value
}

// find returns the value of a key, or nil.
func (e *entries) find(k *contextKey) *Value {
	for at := *e.head(k); at != 0; {
		known := &e.all[at-1]
		if k.number != 0 || known.key.same(k) {
			return &known.value
		}
		at = known.next
	}
	return nil
}

// head returns where the entries begin among which that of a key is.
func (e *entries) head(k *contextKey) *uint32 {
	if k.number != 0 {
		return &e.numbered[k.number]
	}
	return &e.heads[k.hash%uint32(len(e.heads))]
}

// fold prepares a value beyond ASCII for the operators that ignore case: once, however many conditions ask.
func (e *entries) fold(value string) {
	if ascii(value) {
		return
	}
	if e.folded == nil {
		e.folded = map[string]string{}
	}
	e.folded[value] = lowerText(value)
}

// prepared returns the lower case of a value beyond ASCII that was set on the Context or on one below.
func (c *Context) prepared(value string) (folded string, ok bool) {
	if c.set != nil {
		folded, ok = c.set.folded[value]
	}
	for i := 0; i < len(c.sources) && !ok; i++ {
		if below, is := c.sources[i].(*Context); is {
			folded, ok = below.prepared(value)
		}
	}
	return folded, ok
}

// find returns the value of a key, or nil. What a source finds it puts into found.
func (c *Context) find(k *contextKey, found *Value) *Value {
	if v := c.set.known(k.number); v != nil {
		return v
	}
	return c.findOther(k, found)
}

// findOther is find for a key that is not set, or has no number.
func (c *Context) findOther(k *contextKey, found *Value) *Value {
	if c.set != nil && k.number == 0 {
		if v := c.set.find(k); v != nil {
			return v
		}
	}
	for _, s := range c.sources {
		var known bool
		if *found, known = s.Find(Key{*k}); known {
			return found
		}
	}
	return nil
}

// absent tells whether a key that was looked for is absent. An empty list is as good as that.
func (v *Value) absent() bool { return v == nil || v.multi && len(v.list) == 0 }

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
func valid(value string) string {
	if ascii(value) {
		return value
	}
	return strings.ToValidUTF8(value, "\uFFFD")
}

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
