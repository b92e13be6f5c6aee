package org

import (
	"iter"
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
