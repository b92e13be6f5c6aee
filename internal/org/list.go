package org

import (
	"iter"
	"sort"
	"strings"
)

// Cursor is a place in a list: the key of an element. The empty cursor stands
// before the first one. A cursor stays good when elements come and go.
type Cursor string

// walk lists the entries of an index whose keys begin with a prefix, from
// behind a cursor. The cursor is the part of the key behind the prefix.
func walk[V any](in *index[V], prefix string, after Cursor) iter.Seq2[Cursor, V] {
	return func(yield func(Cursor, V) bool) {
		from := prefix + string(after)
		in.Ascend(from, func(k string, v V) bool {
			if k == from && after != "" {
				return true
			}
			return strings.HasPrefix(k, prefix) && yield(Cursor(k[len(prefix):]), v)
		})
	}
}

// occupied tells whether an index has an entry whose key begins with a prefix.
func occupied[V any](in *index[V], prefix string) bool {
	for range walk(in, prefix, "") {
		return true
	}
	return false
}

// walkAll lists the entries of an index whose keys begin with any of the
// prefixes, in the order of what stands behind the prefix. It is meant for few
// prefixes, none of which begins another.
func walkAll[V any](in *index[V], prefixes []string, after Cursor) iter.Seq2[Cursor, V] {
	return func(yield func(Cursor, V) bool) {
		for {
			next, value := Cursor(""), *new(V)
			for _, prefix := range prefixes {
				for cursor, v := range walk(in, prefix, after) {
					if next == "" || cursor < next {
						next, value = cursor, v
					}
					break
				}
			}
			if next == "" || !yield(next, value) {
				return
			}
			after = next
		}
	}
}

// count counts the entries of an index whose keys begin with a prefix, from
// behind a cursor, without looking at each of them.
func count[V any](in *index[V], prefix string, after Cursor) int {
	from := prefix + string(after)
	first := rank(in, from)
	if _, there := in.Get(from); there && after != "" {
		first++
	}
	// No key has this byte: they are UTF-8.
	return max(0, rank(in, prefix+"\xff")-first)
}

// rank returns how many entries of an index come before a key.
func rank[V any](in *index[V], key string) int {
	return sort.Search(in.Len(), func(i int) bool {
		k, _, _ := in.GetAt(i)
		return k >= key
	})
}

// alone lists one element, or nothing when it is not present.
func alone[V any](v V, present bool) func(Cursor) iter.Seq2[Cursor, V] {
	return func(after Cursor) iter.Seq2[Cursor, V] {
		return func(yield func(Cursor, V) bool) {
			if present && after == "" {
				yield("-", v)
			}
		}
	}
}

// Chained lists several lists one after another, from behind a cursor: the
// place of a list, which is a digit, and the cursor in it.
func Chained[V any](after Cursor, lists ...func(Cursor) iter.Seq2[Cursor, V]) iter.Seq2[Cursor, V] {
	return func(yield func(Cursor, V) bool) {
		for i, list := range lists {
			place := Cursor('0' + rune(i))
			from, here := strings.CutPrefix(string(after), string(place))
			switch {
			case !here && after > place:
				continue // the cursor is in a later list
			case !here:
				from = ""
			}
			for cursor, v := range list(Cursor(from)) {
				if !yield(place+cursor, v) {
					return
				}
			}
		}
	}
}

// mapped lists what the elements of another list become.
func mapped[V, W any](list iter.Seq2[Cursor, V], become func(V) W) iter.Seq2[Cursor, W] {
	return func(yield func(Cursor, W) bool) {
		for cursor, v := range list {
			if !yield(cursor, become(v)) {
				return
			}
		}
	}
}
