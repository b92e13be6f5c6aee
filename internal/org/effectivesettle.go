package org

import (
	"maps"
	"slices"
	"strings"

	"github.com/espalier-cloud/espalier/effective"
)

// Settlement is what changes of an organization did to effective policies.
type Settlement struct {
	Judgements []Judgement
	Pending    []PolicyType // to be published later, by [Draft.Publish]: those of which nothing was pending before
}

// Settle brings what is published of effective policies in step with what the
// draft changed since it was forked. Where policies come to something that is
// not valid, what was published before stays. With delay everything stays as it
// was published, until [Draft.Publish].
func (d *Draft) Settle(e *EffectivePolicies, delay bool) Settlement {
	var all Settlement
	if !d.base.Exists() || !d.Exists() {
		return all
	}
	disturbed := d.disturbed()
	d.settled = len(d.changes)
	for _, t := range managementPolicies() {
		if targets := disturbed[t]; len(targets) > 0 && d.policyTypeEnabled(t) {
			s := d.settler(e, t)
			s.delay = delay
			s.settle(s.affected(targets))
			all.Judgements = append(all.Judgements, s.judgements()...)
			if delay && !d.base.pending(t) {
				all.Pending = append(all.Pending, t)
			}
		}
	}
	d.settled = len(d.changes)
	return all
}

// Publish publishes what is pending of a type.
func (d *Draft) Publish(e *EffectivePolicies, t PolicyType) Settlement {
	if !d.policyTypeEnabled(t) {
		return Settlement{}
	}
	targets := map[TargetID]bool{}
	for _, kept := range walk(d.kept, publicationID(t, ""), "") {
		if kept.Pending {
			targets[kept.Target] = true
		}
	}
	s := d.settler(e, t)
	s.settle(targets)
	d.settled = len(d.changes)
	return Settlement{Judgements: s.judgements()}
}

// pending tells whether anything of a type is to be published later.
func (o *Organization) pending(t PolicyType) bool {
	for _, kept := range walk(o.kept, publicationID(t, ""), "") {
		if kept.Pending {
			return true
		}
	}
	return false
}

// disturbed returns the targets at or below which changes since the fork may have
// changed effective policies, by type, and keeps the time where nothing else does.
func (d *Draft) disturbed() map[PolicyType][]TargetID {
	targets := map[PolicyType][]TargetID{}
	for _, change := range d.changes[d.settled:] {
		switch change.Kind {
		case kindAttachment:
			parts := strings.SplitN(change.ID, "/", 3)
			t, target := PolicyType(parts[0]), TargetID(parts[1])
			if t.merges() && d.hasTarget(target) && d.policyTypeEnabled(t) {
				targets[t] = append(targets[t], target)
				if change.Doc == nil {
					d.stamp(t, target)
				}
			}
		case kindPolicy:
			if policy := d.rewritten(change.ID); policy != nil {
				for _, attachment := range walk(d.attachmentsByPolicy, key(change.ID, ""), "") {
					targets[policy.Type] = append(targets[policy.Type], attachment.Target)
				}
			}
		case kindAccount:
			if d.relocated(change.ID) {
				for _, t := range managementPolicies() {
					targets[t] = append(targets[t], TargetID(change.ID))
				}
			}
		case kindRoot:
			d.stampEnabled()
		}
	}
	return targets
}

// stamp keeps that what is worked out at a target was worked out anew.
func (d *Draft) stamp(t PolicyType, target TargetID) {
	next := Publication{Type: t, Target: target}
	if known, ok := d.publications.Get(publicationID(t, target)); ok {
		next = *known
	}
	next.Changed = d.now
	d.put(&next)
}

// stampEnabled keeps when policy types were enabled since the fork.
func (d *Draft) stampEnabled() {
	for _, t := range managementPolicies() {
		if d.policyTypeEnabled(t) && d.base.root.Status(t) != PolicyTypeEnabled {
			d.stamp(t, TargetID(d.root.ID))
		}
	}
}

// rewritten returns a policy that is merged and has another content since the
// fork, or nil.
func (d *Draft) rewritten(id string) *Policy {
	before, existed := d.base.policies.Get(id)
	policy, exists := d.policies.Get(id)
	if existed && exists && policy.Type.merges() && before.Content != policy.Content {
		return policy
	}
	return nil
}

// relocated tells whether an account came, or moved, since the fork. When it
// moved it keeps the time.
func (d *Draft) relocated(id string) bool {
	before, existed := d.base.accounts.Get(id)
	account, exists := d.accounts.Get(id)
	if !exists || existed && before.Parent == account.Parent {
		return false
	}
	if existed && slices.ContainsFunc(managementPolicies(), d.policyTypeEnabled) {
		d.stamp("", TargetID(id))
	}
	return true
}

// settler settles one type.
type settler struct {
	*Draft
	of       PolicyType
	before   *places
	after    *places
	delay    bool
	targets  map[TargetID]bool
	verdicts map[TargetID][]effective.ValidationError
}

func (d *Draft) settler(e *EffectivePolicies, t PolicyType) *settler {
	return &settler{
		Draft: d, of: t, before: newPlaces(e, d.base, t), after: newPlaces(e, d.Organization, t),
		verdicts: map[TargetID][]effective.ValidationError{},
	}
}

// affected returns the targets themselves, and what is below them and has
// policies, or a document that is kept, of its own. Everything else has what is
// above it.
func (s *settler) affected(roots []TargetID) map[TargetID]bool {
	targets := map[TargetID]bool{}
	parents := false
	for _, target := range roots {
		targets[target] = true
		parents = parents || !target.IsAccount()
	}
	if !parents {
		return targets
	}
	reach := maps.Clone(targets)
	for _, attachment := range walk(s.attachments, string(s.of)+"/", "") {
		if !targets[attachment.Target] && s.below(attachment.Target, reach) {
			targets[attachment.Target] = true
		}
	}
	for _, kept := range walk(s.kept, publicationID(s.of, ""), "") {
		if s.below(kept.Target, reach) {
			targets[kept.Target] = true
		}
	}
	return targets
}

// below tells whether a target is one of those, or below one.
func (o *Organization) below(target TargetID, those map[TargetID]bool) bool {
	for ; target != ""; target = o.above(target) {
		if those[target] {
			return true
		}
	}
	return false
}

func (s *settler) settle(targets map[TargetID]bool) {
	s.targets = targets
	for _, target := range slices.Sorted(maps.Keys(targets)) {
		if s.delay {
			s.postpone(target)
		} else {
			s.judge(target)
		}
	}
}

// published returns what was published for a target before, and whether the
// policies there were invalid.
func (s *settler) published(target TargetID) (content func() string, invalid bool) {
	if !s.base.hasTarget(target) || !s.base.policyTypeEnabled(s.of) {
		return func() string { return "{}" }, false
	}
	at, kept := s.base.publisher(target, s.of)
	return func() string { return s.before.content(at, kept) }, kept != nil && kept.Invalid
}

// judge publishes what policies come to at a target, if it is valid.
func (s *settler) judge(target TargetID) {
	content, invalid := s.published(target)
	at := s.after.at(target)
	if at.valid() == invalid {
		s.verdicts[target] = at.document().Errors
	}
	if at.valid() {
		s.release(target)
		return
	}
	next := Publication{Type: s.of, Target: target}
	if known, ok := s.publications.Get(publicationID(s.of, target)); ok {
		next = *known
	}
	if next.Kept && next.Invalid && !next.Pending {
		return
	}
	next.Kept, next.Content, next.Invalid, next.Pending = true, content(), true, false
	s.put(&next)
}

// release ends that something is kept at a target.
func (s *settler) release(target TargetID) {
	known, ok := s.kept.Get(publicationID(s.of, target))
	switch {
	case !ok:
	case known.Changed.IsZero():
		s.drop(known)
	default:
		s.put(&Publication{Type: s.of, Target: target, Changed: known.Changed})
	}
}

// postpone keeps what is published at a target, for now.
func (s *settler) postpone(target TargetID) {
	content, invalid := s.published(target)
	next := Publication{Type: s.of, Target: target}
	if known, ok := s.publications.Get(publicationID(s.of, target)); ok {
		next = *known
	}
	if next.Pending {
		return
	}
	if !next.Kept {
		next.Kept, next.Content, next.Invalid = true, content(), invalid
	}
	next.Pending, next.Updated = true, s.now
	if s.base.hasTarget(target) {
		next.Updated = s.base.regenerated(target, s.of)
	}
	s.put(&next)
}
