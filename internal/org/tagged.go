package org

import "iter"

// Tagged is a resource of an organization that has tags.
type Tagged struct {
	ID   ResourceID
	Tags Tags
}

// Tagged lists the resources of the organization that have tags, from behind the
// cursor: the root, the resource policy, the units, the accounts, the
// policies and the responsibility transfers.
func (o *Organization) Tagged(after Cursor) iter.Seq2[Cursor, Tagged] {
	return func(yield func(Cursor, Tagged) bool) {
		for cursor, resource := range o.taggables(after) {
			if tags := resource.tagged(); len(tags) > 0 && !yield(cursor, Tagged{ResourceID(resource.id()), tags}) {
				return
			}
		}
	}
}

// taggables lists everything that may carry tags.
func (o *Organization) taggables(after Cursor) iter.Seq2[Cursor, taggable] {
	return Chained(after,
		alone(taggable(o.root), true),
		alone(taggable(o.resourcePolicy), o.resourcePolicy != nil),
		indexed(o.unitsByCreation), indexed(o.accountsByJoin), indexed(o.policiesByType), indexed(o.transfersByDirection))
}

// indexed lists an index of what may carry tags.
func indexed[V taggable](in *index[V]) func(Cursor) iter.Seq2[Cursor, taggable] {
	return func(after Cursor) iter.Seq2[Cursor, taggable] {
		return mapped(walk(in, "", after), func(v V) taggable { return v })
	}
}
