package policy

import (
	"iter"
	"maps"
	"slices"
)

// Source knows the values of condition keys that a [Context] does not hold itself: another Context,
// or [Facts] of something. See [Context.Over].
type Source interface {
	// Find returns the value of a key, and false when the source knows nothing of the key.
	Find(key Key) (Value, bool)
	// All returns the keys that have a value.
	All() iter.Seq2[string, Value]
}

// Facts say how the values of condition keys follow from a T. They are for those who decide often on
// requests that could carry many keys: only what a condition asks for is worked out, as often as it
// asks. What is not UTF-8 is mended as often.
type Facts[T any] struct{ all []fact[T] }

// fact is how the value of a key follows.
type fact[T any] struct {
	key  contextKey
	find func(T) Value
}

// NewFacts returns facts about a T by the names of their condition keys: texts are those with one
// value, lists the multivalued ones. A T for which the text or the list is empty has no such key.
func NewFacts[T any](texts map[string]func(T) string, lists map[string]func(T) []string) *Facts[T] {
	f := new(Facts[T])
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		text := texts[name]
		f.all = append(f.all, fact[T]{newKey(name), func(of T) Value {
			value := text(of)
			return Value{text: valid(value), multi: value == ""} // an empty list is as good as none
		}})
	}
	for _, name := range slices.Sorted(maps.Keys(lists)) {
		list := lists[name]
		f.all = append(f.all, fact[T]{newKey(name), func(of T) Value { return Value{list: validAll(list(of)), multi: true} }})
	}
	return f
}

// Of returns the facts about one T.
func (f *Facts[T]) Of(subject T) Source { return &factsOf[T]{f, subject} }

type factsOf[T any] struct {
	*Facts[T]
	subject T
}

// Find implements [Source].
func (f *factsOf[T]) Find(key Key) (Value, bool) {
	for i := range f.all {
		if known := &f.all[i]; known.key.same(&key.contextKey) {
			return known.find(f.subject), true
		}
	}
	return Value{}, false
}

// All implements [Source].
func (f *factsOf[T]) All() iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
		for _, known := range f.all {
			if v := known.find(f.subject); !v.absent() && !yield(known.key.name, v) {
				return
			}
		}
	}
}
