package org

import "time"

// Attachment says that a policy is attached to a root, a unit or an account.
// The default policies are attached everywhere while their type is enabled and
// have no Attachment: where one was detached there is a Detachment.
type Attachment struct {
	Type     PolicyType `json:"type"`
	Policy   PolicyID   `json:"policy"`
	Target   TargetID   `json:"target"`
	Attached time.Time  `json:"attached"`
	Order    int        `json:"order"` // behind all attachments of the type that the target had before
}

func (a *Attachment) kind() string { return kindAttachment }
func (a *Attachment) id() string {
	return string(a.Type) + "/" + string(a.Target) + "/" + string(a.Policy)
}

func (a *Attachment) put(o *Organization) {
	o.attachments.Set(a.id(), a)
	o.attachmentsByTarget.Set(a.keyByTarget(), a)
	o.attachmentsByPolicy.Set(a.keyByPolicy(), a)
}

func (a *Attachment) remove(o *Organization) {
	o.attachments.Delete(a.id())
	o.attachmentsByTarget.Delete(a.keyByTarget())
	o.attachmentsByPolicy.Delete(a.keyByPolicy())
}

// Detachment says that the default policy of a type is not attached to a
// target, although the type is enabled.
type Detachment struct {
	Type   PolicyType `json:"type"`
	Target TargetID   `json:"target"`
}

func (d *Detachment) kind() string           { return kindDetachment }
func (d *Detachment) id() string             { return string(d.Type) + "/" + string(d.Target) }
func (d *Detachment) put(o *Organization)    { o.detachments.Set(d.id(), d) }
func (d *Detachment) remove(o *Organization) { o.detachments.Delete(d.id()) }

func (a *Attachment) keyByTarget() string {
	return key(string(a.Target), string(a.Type), at(a.Attached), string(a.Policy))
}
func (a *Attachment) keyByPolicy() string {
	return key(string(a.Policy), at(a.Attached), string(a.Target))
}

func (d *Draft) dropAttachments(TargetID) {}
