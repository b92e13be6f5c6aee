package org

// ResourcePolicy is the organization's resource-based delegation policy.
type ResourcePolicy struct {
	ID      ResourcePolicyID `json:"id"`
	Content string           `json:"content"`
	Tags    Tags             `json:"tags,omitempty"`
}

func (r *ResourcePolicy) kind() string           { return kindResourcePolicy }
func (r *ResourcePolicy) id() string             { return string(r.ID) }
func (r *ResourcePolicy) put(o *Organization)    { o.resourcePolicy = r }
func (r *ResourcePolicy) remove(o *Organization) { o.resourcePolicy = nil }
