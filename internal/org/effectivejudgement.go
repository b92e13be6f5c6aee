package org

import (
	"iter"
	"maps"
	"slices"

	"github.com/espalier-cloud/espalier/effective"
)

// Judgement says of which accounts the effective policies of a type became
// invalid, or valid again. It can be written as JSON, for when there are so many
// accounts that telling takes a while.
type Judgement struct {
	Type PolicyType `json:"type"`
	// Verdicts are the errors of an account, or of a root or unit for all below it that have its effective
	// policy. There are none where it became valid.
	Verdicts map[TargetID][]effective.ValidationError `json:"verdicts"`
	Others   []TargetID                               `json:"others,omitempty"` // nothing became of these, and of what is below them
}

// judgements returns what the settler found.
func (s *settler) judgements() []Judgement {
	if len(s.verdicts) == 0 {
		return nil
	}
	j := Judgement{Type: s.of, Verdicts: s.verdicts}
	for _, target := range slices.Sorted(maps.Keys(s.targets)) {
		if _, judged := s.verdicts[target]; !judged {
			j.Others = append(j.Others, target)
		}
	}
	return []Judgement{j}
}

// Judged is an account whose effective policy became invalid, or valid again.
type Judged struct {
	Account *Account
	Errors  []effective.ValidationError // none when it is valid again
}

// Judged lists the accounts that a judgement is about in the order in which they
// joined, from behind the cursor.
func (o *Organization) Judged(j *Judgement, after Cursor) iter.Seq2[Cursor, Judged] {
	others := map[TargetID]bool{}
	for _, target := range j.Others {
		others[target] = true
	}
	return func(yield func(Cursor, Judged) bool) {
		for cursor, account := range o.accountsBelow(j, after) {
			target := TargetID(account.ID)
			for target != "" && !others[target] {
				if errors, judged := j.Verdicts[target]; judged {
					if !yield(cursor, Judged{account, errors}) {
						return
					}
					break
				}
				if at, _ := o.publisher(target, j.Type); at == target {
					break // it has its own, of which nothing became
				}
				target = o.above(target)
			}
		}
	}
}

// accountsBelow lists the accounts that a judgement may be about: most are about
// single accounts.
func (o *Organization) accountsBelow(j *Judgement, after Cursor) iter.Seq2[Cursor, *Account] {
	single := map[string]*Account{}
	for target := range j.Verdicts {
		if !target.IsAccount() {
			return o.Accounts(after)
		}
		if account, ok := o.accounts.Get(string(target)); ok {
			single[key(at(account.Joined), string(account.ID))] = account
		}
	}
	return func(yield func(Cursor, *Account) bool) {
		for _, cursor := range slices.Sorted(maps.Keys(single)) {
			if Cursor(cursor) > after && !yield(Cursor(cursor), single[cursor]) {
				return
			}
		}
	}
}

// AccountsWithInvalidEffectivePolicy lists the accounts whose policies of a type
// come to something that is not valid, in the order in which they joined, from
// behind the cursor. It returns ConstraintViolation
// ORGANIZATION_NOT_IN_ALL_FEATURES_MODE, and EffectivePolicyNotFound when the type
// is not enabled.
func (o *Organization) AccountsWithInvalidEffectivePolicy(t PolicyType, after Cursor) (iter.Seq2[Cursor, *Account], error) {
	if err := o.requireAllFeatures(); err != nil {
		return nil, err
	}
	if !o.policyTypeEnabled(t) {
		return nil, refuse(EffectivePolicyNotFound)
	}
	return func(yield func(Cursor, *Account) bool) {
		parents := map[ParentID]bool{}
		if !o.anyInvalid(t) {
			return
		}
		for cursor, account := range o.Accounts(after) {
			if o.hasInvalid(account, t, parents) && !yield(cursor, account) {
				return
			}
		}
	}, nil
}

// anyInvalid tells whether any effective policy of a type is invalid.
func (o *Organization) anyInvalid(t PolicyType) bool {
	for _, kept := range walk(o.kept, publicationID(t, ""), "") {
		if kept.Invalid {
			return true
		}
	}
	return false
}

// hasInvalid tells whether the effective policy of an account is invalid, and
// remembers of parents whether theirs is.
func (o *Organization) hasInvalid(account *Account, t PolicyType, parents map[ParentID]bool) bool {
	if kept, ok := o.kept.Get(publicationID(t, TargetID(account.ID))); ok {
		return kept.Invalid
	}
	if o.hasAttached(TargetID(account.ID), t) {
		return false
	}
	invalid, known := parents[account.Parent]
	if !known {
		_, kept := o.publisher(TargetID(account.Parent), t)
		invalid = kept != nil && kept.Invalid
		parents[account.Parent] = invalid
	}
	return invalid
}
