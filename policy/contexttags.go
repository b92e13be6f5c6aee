package policy

import "iter"

// Tag is a tag, as others keep it.
type Tag interface {
	// Pair returns its key and its value.
	Pair() (key, value string)
}

// Tagged returns the tags of something as a [Source]: the condition key of a tag is a prefix, such as
// aws:ResourceTag/, and the key of the tag. Of tags whose keys differ in case only, the last counts.
func Tagged[T Tag](prefix string, tags []T) Source { return &tagged[T]{prefix, tags} }

type tagged[T Tag] struct {
	prefix string
	tags   []T
}

// Find implements [Source].
func (t *tagged[T]) Find(key Key) (Value, bool) {
	if len(key.name) < len(t.prefix) || !equalFold(key.name[:len(t.prefix)], t.prefix) {
		return Value{}, false
	}
	if i := t.last(key.name[len(t.prefix):]); i >= 0 {
		_, text := t.tags[i].Pair()
		return Value{text: valid(text)}, true
	}
	return Value{}, false
}

// last returns the place of the last tag with a key, whose name is prepared, or -1.
func (t *tagged[T]) last(name string) int {
	for i := len(t.tags) - 1; i >= 0; i-- {
		if tag, _ := t.tags[i].Pair(); equalFold(tag, name) || !ascii(tag) && equalLower(tag, name) {
			return i
		}
	}
	return -1
}

// All implements [Source]. It returns of such tags only the last, too.
func (t *tagged[T]) All() iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
		for i, tag := range t.tags {
			key, text := tag.Pair()
			if t.last(newKey(key).name) == i && !yield(t.prefix+key, Value{text: valid(text)}) {
				return
			}
		}
	}
}
