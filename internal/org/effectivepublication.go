package org

import "time"

// Publication is what an organization keeps about effective policies, beside the
// policies from which they follow: at a root, unit or account where the merged
// policies are not what is published. AWS keeps what was valid last in force while
// the merge is not valid, and publishes a while after a change.
//
// A publication also keeps when something here changed that left no other trace,
// such as a detached policy.
type Publication struct {
	Type    PolicyType `json:"type,omitempty"` // empty where it is about a time for all types
	Target  TargetID   `json:"target"`
	Changed time.Time  `json:"changed,omitzero"`

	Kept    bool      `json:"kept,omitempty"` // the content is published here and below, where nothing else is
	Content string    `json:"content,omitempty"`
	Invalid bool      `json:"invalid,omitempty"` // because the merge is not valid
	Pending bool      `json:"pending,omitempty"` // until it is published
	Updated time.Time `json:"updated,omitzero"`  // of what is published, while another is pending
}

func (p *Publication) kind() string { return kindPublication }
func (p *Publication) id() string   { return publicationID(p.Type, p.Target) }

func publicationID(t PolicyType, target TargetID) string { return string(t) + "/" + string(target) }

func (p *Publication) put(o *Organization) {
	o.publications.Set(p.id(), p)
	if p.Kept {
		o.kept.Set(p.id(), p)
	}
}

func (p *Publication) remove(o *Organization) {
	o.publications.Delete(p.id())
	o.kept.Delete(p.id())
}

// publisher returns where what is published for a target is worked out: the
// nearest place at or above it that has policies of the type, with what is kept
// there in their place, if anything. Where there is none, it is "".
func (o *Organization) publisher(target TargetID, t PolicyType) (TargetID, *Publication) {
	for ; target != ""; target = o.above(target) {
		if kept, ok := o.kept.Get(publicationID(t, target)); ok {
			return target, kept
		}
		if o.hasAttached(target, t) {
			return target, nil
		}
	}
	return "", nil
}

// hasAttached tells whether policies of a type that is merged are attached to a
// target directly.
func (o *Organization) hasAttached(target TargetID, t PolicyType) bool {
	return occupied(o.attachmentsByTarget, key(string(target), string(t), ""))
}

// regenerated returns when the effective policy of a target was last worked out
// anew: at the last change of anything from which it follows.
func (o *Organization) regenerated(target TargetID, t PolicyType) time.Time {
	var last time.Time
	latest := func(at time.Time) {
		if at.After(last) {
			last = at
		}
	}
	if account, ok := o.accounts.Get(string(target)); ok {
		latest(account.Joined)
	}
	for ; target != ""; target = o.above(target) {
		for _, of := range []PolicyType{t, ""} {
			if publication, ok := o.publications.Get(publicationID(of, target)); ok {
				latest(publication.Changed)
			}
		}
		for _, attachment := range walk(o.attachmentsByTarget, key(string(target), string(t), ""), "") {
			latest(attachment.Attached)
			policy, _ := o.policies.Get(string(attachment.Policy))
			latest(policy.Updated)
		}
	}
	return last
}

// publicationsOf returns up to limit publications of a type.
func (o *Organization) publicationsOf(t PolicyType, limit int) []entity {
	var found []entity
	for _, publication := range walk(o.publications, publicationID(t, ""), "") {
		if len(found) == limit {
			break
		}
		found = append(found, publication)
	}
	return found
}

// dropPublications removes what is kept about a target that goes away.
func (d *Draft) dropPublications(target TargetID) {
	for _, t := range append(managementPolicies(), "") {
		if publication, ok := d.publications.Get(publicationID(t, target)); ok {
			d.drop(publication)
		}
	}
}
