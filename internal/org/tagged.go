package org

import "iter"

// Tagged lists the resources of the organization that have tags: the root, the
// units, the accounts, the policies and the resource policy.
func (o *Organization) Tagged() iter.Seq2[ResourceID, Tags] {
	return func(yield func(ResourceID, Tags) bool) {
		for resource := range o.taggables() {
			if tags := resource.tagged(); len(tags) > 0 && !yield(ResourceID(resource.id()), tags) {
				return
			}
		}
	}
}

// taggables lists everything that may carry tags.
func (o *Organization) taggables() iter.Seq[taggable] {
	return func(yield func(taggable) bool) {
		if !yield(o.root) || o.resourcePolicy != nil && !yield(o.resourcePolicy) {
			return
		}
		for _, unit := range walk(o.unitsByCreation, "", "") {
			if !yield(unit) {
				return
			}
		}
		for _, account := range o.Accounts("") {
			if !yield(account) {
				return
			}
		}
		for _, policy := range walk(o.policiesByType, "", "") {
			if !yield(policy) {
				return
			}
		}
	}
}
