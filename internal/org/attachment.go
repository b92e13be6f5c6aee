package org

import (
	"fmt"
	"iter"
	"time"
)

// Attachment says that a policy is attached to a root, a unit or an account.
// The default policies are attached everywhere while their type is enabled and
// have no Attachment: where one was detached there is a Detachment.
type Attachment struct {
	Type     PolicyType `json:"type"`
	Policy   PolicyID   `json:"policy"`
	Target   TargetID   `json:"target"`
	Attached time.Time  `json:"attached"`
	Order    int        `json:"order"` // behind all attachments of the type that the target had then
}

func (a *Attachment) kind() string { return kindAttachment }
func (a *Attachment) id() string   { return attachmentID(a.Type, a.Target, a.Policy) }

func attachmentID(t PolicyType, target TargetID, policy PolicyID) string {
	return detachmentID(t, target) + "/" + string(policy)
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

// keyByTarget orders by Order, not by time: two attachments may be made within
// a microsecond, and which was first decides what management policies mean.
func (a *Attachment) keyByTarget() string {
	return key(string(a.Target), string(a.Type), fmt.Sprintf("%08x", a.Order), string(a.Policy))
}

func (a *Attachment) keyByPolicy() string {
	return key(string(a.Policy), at(a.Attached), string(a.Target))
}

// Detachment says that the default policy of a type is not attached to a
// target, although the type is enabled.
type Detachment struct {
	Type   PolicyType `json:"type"`
	Target TargetID   `json:"target"`
}

func (d *Detachment) kind() string           { return kindDetachment }
func (d *Detachment) id() string             { return detachmentID(d.Type, d.Target) }
func (d *Detachment) put(o *Organization)    { o.detachments.Set(d.id(), d) }
func (d *Detachment) remove(o *Organization) { o.detachments.Delete(d.id()) }

func detachmentID(t PolicyType, target TargetID) string { return string(t) + "/" + string(target) }

// AttachPolicy attaches a policy to a root, a unit or an account, behind those
// of its type that are attached there. A default policy returns to its place
// before them: order has no meaning for the types that have one. It returns
// PolicyNotFound, TargetNotFound, PolicyChangesInProgress, PolicyTypeNotEnabled,
// DuplicatePolicyAttachment, and ConstraintViolation
// ORGANIZATION_NOT_IN_ALL_FEATURES_MODE or
// MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED.
func (d *Draft) AttachPolicy(id PolicyID, target TargetID) error {
	policy, err := d.policyFor(id, target)
	if err != nil {
		return err
	}
	if !d.policyTypeEnabled(policy.Type) {
		return refuse(PolicyTypeNotEnabled)
	}
	if d.attached(policy, target) {
		return refuse(DuplicatePolicyAttachment)
	}
	if d.countAttached(policy.Type, target) >= d.rules.Policies[policy.Type].Attachments {
		return violate("MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED")
	}
	if policy.AWSManaged {
		d.drop(&Detachment{Type: policy.Type, Target: target})
		return nil
	}
	d.put(&Attachment{Type: policy.Type, Policy: id, Target: target, Attached: d.now, Order: d.nextOrder(policy.Type, target)})
	return nil
}

// DetachPolicy takes a policy off a root, a unit or an account to which it is
// attached directly. It returns PolicyNotFound, TargetNotFound, InvalidInput
// NON_DETACHABLE_POLICY for RCPFullAWSAccess, PolicyChangesInProgress,
// PolicyNotAttached, and ConstraintViolation
// ORGANIZATION_NOT_IN_ALL_FEATURES_MODE or
// MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED for the last service control policy.
func (d *Draft) DetachPolicy(id PolicyID, target TargetID) error {
	policy, err := d.policyFor(id, target)
	if err != nil {
		return err
	}
	if policy == rcpFullAWSAccess {
		return invalid("NON_DETACHABLE_POLICY")
	}
	if !d.attached(policy, target) {
		return refuse(PolicyNotAttached)
	}
	if policy.Type == ServiceControlPolicy && d.countAttached(policy.Type, target) == 1 {
		return violate("MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED")
	}
	if policy.AWSManaged {
		d.put(&Detachment{Type: policy.Type, Target: target})
		return nil
	}
	attachment, _ := d.attachments.Get(attachmentID(policy.Type, target, id))
	d.drop(attachment)
	return nil
}

// policyFor returns the policy that is to be attached to or detached from an
// existing target.
func (d *Draft) policyFor(id PolicyID, target TargetID) (*Policy, error) {
	if err := d.requireAllFeatures(); err != nil {
		return nil, err
	}
	policy, ok := d.policy(id)
	if !ok {
		return nil, refuse(PolicyNotFound)
	}
	if !d.hasTarget(target) {
		return nil, refuse(TargetNotFound)
	}
	return policy, d.requireSettled(policy.Type)
}

// attached tells whether a policy is in force as attached directly to an
// existing target.
func (o *Organization) attached(policy *Policy, target TargetID) bool {
	if !o.policyTypeEnabled(policy.Type) {
		return false
	}
	if policy.AWSManaged {
		_, detached := o.detachments.Get(detachmentID(policy.Type, target))
		return !detached
	}
	_, attached := o.attachments.Get(attachmentID(policy.Type, target, policy.ID))
	return attached
}

// countAttached counts the policies of an enabled type that are attached to a
// target, the default policy included.
func (o *Organization) countAttached(t PolicyType, target TargetID) int {
	n := 0
	for range o.directPolicies(t, target, "") {
		n++
	}
	return n
}

func (o *Organization) nextOrder(t PolicyType, target TargetID) int {
	next := 1
	for _, attachment := range walk(o.attachmentsByTarget, key(string(target), string(t), ""), "") {
		next = attachment.Order + 1
	}
	return next
}

// PoliciesForTarget lists the policies of a type that are attached directly to a
// root, a unit or an account, from behind the cursor, in the order in which they
// were attached: none while the type is not enabled. It returns TargetNotFound.
func (o *Organization) PoliciesForTarget(target TargetID, t PolicyType, after Cursor) (iter.Seq2[Cursor, *Policy], error) {
	if !o.hasTarget(target) {
		return nil, refuse(TargetNotFound)
	}
	return o.directPolicies(t, target, after), nil
}

func (o *Organization) directPolicies(t PolicyType, target TargetID, after Cursor) iter.Seq2[Cursor, *Policy] {
	if !o.policyTypeEnabled(t) {
		return Chained[*Policy](after)
	}
	managed := defaultPolicy(t)
	return Chained(after, alone(managed, managed != nil && o.attached(managed, target)), func(after Cursor) iter.Seq2[Cursor, *Policy] {
		return mapped(walk(o.attachmentsByTarget, key(string(target), string(t), ""), after), func(a *Attachment) *Policy {
			policy, _ := o.policies.Get(string(a.Policy))
			return policy
		})
	})
}

// attachmentsOf returns up to limit attachments and detachments of a policy type,
// and what is published because of them.
func (o *Organization) attachmentsOf(t PolicyType, limit int) []entity {
	var found []entity
	for _, attachment := range walk(o.attachments, string(t)+"/", "") {
		if len(found) == limit {
			return found
		}
		found = append(found, attachment)
	}
	for _, detachment := range walk(o.detachments, string(t)+"/", "") {
		if len(found) == limit {
			return found
		}
		found = append(found, detachment)
	}
	return append(found, o.publicationsOf(t, limit-len(found))...)
}

// Uses tells whether any policy of a type is attached anywhere.
func (o *Organization) Uses(t PolicyType) bool { return occupied(o.attachments, string(t)+"/") }

// dropAttachments removes all attachments of a target that goes away, and what
// follows from them.
func (d *Draft) dropAttachments(target TargetID) {
	var gone []entity
	for _, attachment := range walk(d.attachmentsByTarget, key(string(target), ""), "") {
		gone = append(gone, attachment)
	}
	for _, t := range PolicyTypes() {
		if detachment, ok := d.detachments.Get(detachmentID(t, target)); ok {
			gone = append(gone, detachment)
		}
	}
	d.dropPublications(target)
	for _, e := range gone {
		d.drop(e)
	}
}
