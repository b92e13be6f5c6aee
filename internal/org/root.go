package org

import "slices"

// Root is the one root of an organization's tree.
type Root struct {
	ID          RootID        `json:"id"`
	PolicyTypes []PolicyState `json:"policyTypes"` // in the order in which they were enabled
	Tags        Tags          `json:"tags,omitempty"`
}

// RootName is the name of every root.
const RootName = "Root"

func (r *Root) kind() string           { return kindRoot }
func (r *Root) id() string             { return string(r.ID) }
func (r *Root) put(o *Organization)    { o.root = r }
func (r *Root) remove(o *Organization) { o.root = nil }

// Root returns the root. It must not be modified.
func (o *Organization) Root() *Root { return o.root }

// PolicyState is the state of one policy type in the root.
type PolicyState struct {
	Type   PolicyType       `json:"type"`
	Status PolicyTypeStatus `json:"status"`
}

// Status returns the state of a policy type, which is empty while it is
// disabled.
func (r *Root) Status(t PolicyType) PolicyTypeStatus {
	for _, state := range r.PolicyTypes {
		if state.Type == t {
			return state.Status
		}
	}
	return ""
}

// with returns a copy of the root in which a policy type has a status; the
// empty status takes the type off the list.
func (r *Root) with(t PolicyType, status PolicyTypeStatus) *Root {
	next := *r
	next.PolicyTypes = slices.DeleteFunc(slices.Clone(r.PolicyTypes), func(s PolicyState) bool { return s.Type == t && status == "" })
	if i := slices.IndexFunc(next.PolicyTypes, func(s PolicyState) bool { return s.Type == t }); i >= 0 {
		next.PolicyTypes[i].Status = status
	} else if status != "" {
		next.PolicyTypes = append(next.PolicyTypes, PolicyState{Type: t, Status: status})
	}
	return &next
}
