package org

import (
	"slices"
	"sync"
	"time"
	"weak"

	"github.com/espalier-cloud/espalier/effective"
)

// managementPolicies returns the policy types that are merged down the tree
// into effective policies: all but those about authorization.
func managementPolicies() []PolicyType {
	var types []PolicyType
	for _, t := range PolicyTypes() {
		if t.merges() {
			types = append(types, t)
		}
	}
	return types
}

// merges tells whether policies of the type are merged down the tree.
func (t PolicyType) merges() bool { return effective.Type(t).Known() }

// EffectivePolicy is what applies to an account of one type of management policy.
type EffectivePolicy struct {
	Content string    // compact JSON; "{}" when nothing is set
	Updated time.Time // when it was last worked out anew, whether or not that changed it
	Invalid bool      // what the account's policies come to is not valid: the content is what was valid last
	rules   func() (*effective.TagRules, error)
}

// TagRules returns an effective tag policy ready to check tags.
func (p *EffectivePolicy) TagRules() (*effective.TagRules, error) { return p.rules() }

// EffectivePolicies works effective policies out and remembers them. It serves
// any number of organizations and goroutines.
//
// Work is done for each distinct chain of policies, not for each account: an
// account to which no policy is attached has what its unit has. The states of
// organizations and policies never change, so that nothing that is remembered
// has to be invalidated; when there is too much of it, it is forgotten.
type EffectivePolicies struct {
	nothing map[PolicyType]*merged
	parsed  remembered[weak.Pointer[Policy], *effective.Policy]
	merged  remembered[placeKey, *merged]
	shown   remembered[shownKey, *EffectivePolicy]
}

// NewEffectivePolicies returns EffectivePolicies that remember nothing yet.
func NewEffectivePolicies() *EffectivePolicies {
	e := &EffectivePolicies{nothing: map[PolicyType]*merged{}}
	for _, t := range managementPolicies() {
		e.nothing[t] = newMerged(effective.NewState(effective.Type(t)), nil)
	}
	return e
}

// merged is what policies of a type come to at one place.
type merged struct {
	state    *effective.State
	policies []effective.Attached // at the place itself
	document func() *effective.Document
	valid    func() bool
}

func newMerged(state *effective.State, policies []effective.Attached) *merged {
	return &merged{state, policies, sync.OnceValue(state.Document), sync.OnceValue(state.Valid)}
}

// placeKey is a place in a tree: what is above it, and what it is.
type placeKey struct {
	above  *effective.State
	target TargetID
}

// shownKey is an account, a unit or a root in one state of an organization.
type shownKey struct {
	organization weak.Pointer[Organization]
	target       TargetID
	of           PolicyType
}

// How many bytes what is remembered takes, about, for each that it was made of.
const (
	parsedPerByte = 32
	mergedPerByte = 8
	perEntry      = 512
)

// Of returns the effective policy of an account. It returns ConstraintViolation
// ORGANIZATION_NOT_IN_ALL_FEATURES_MODE, InvalidInput TARGET_NOT_SUPPORTED for a
// root or a unit, TargetNotFound, and EffectivePolicyNotFound when the type is not
// enabled. The organization must be one that does not change any more.
func (e *EffectivePolicies) Of(o *Organization, account TargetID, t PolicyType) (*EffectivePolicy, error) {
	if known, ok := e.shown.get(shownKey{weak.Make(o), account, t}); ok {
		return known, nil
	}
	if err := o.requireAllFeatures(); err != nil {
		return nil, err
	}
	switch {
	case !account.IsAccount():
		return nil, invalid("TARGET_NOT_SUPPORTED")
	case !o.hasTarget(account):
		return nil, refuse(TargetNotFound)
	case !o.policyTypeEnabled(t):
		return nil, refuse(EffectivePolicyNotFound)
	}
	return e.show(o, account, t), nil
}

// show works out what is published for a target.
func (e *EffectivePolicies) show(o *Organization, target TargetID, t PolicyType) *EffectivePolicy {
	key, size := shownKey{weak.Make(o), target, t}, perEntry
	p := newPlaces(e, o, t)
	at, publication := o.publisher(target, t)
	policy := &EffectivePolicy{Content: p.content(at, publication), Updated: o.regenerated(target, t)}
	if publication != nil {
		policy.Invalid = publication.Invalid
		if publication.Pending {
			policy.Updated = publication.Updated
		}
	}
	if at == target {
		size += len(policy.Content) // else it is that of the unit
	}
	policy.rules = sync.OnceValues(func() (*effective.TagRules, error) { return effective.NewTagRules(policy.Content) })
	return e.shown.put(key, policy, size)
}

// Explain returns what the policies of an account come to, valid or not, and how
// each setting came about. It returns the errors of [EffectivePolicies.Of].
func (e *EffectivePolicies) Explain(o *Organization, account TargetID, t PolicyType) (*effective.Document, effective.Explanation, error) {
	if _, err := e.Of(o, account, t); err != nil {
		return nil, nil, err
	}
	at := newPlaces(e, o, t).at(account)
	return at.document(), at.state.Explain(), nil
}

// Validation is what is wrong with what an account's policies come to.
type Validation struct {
	Path      string    // of the account in the tree; empty when nothing is wrong
	Evaluated time.Time // zero when nothing is wrong
	Errors    []effective.ValidationError
}

// Validate returns what is wrong with the effective policy of an account. It
// returns ConstraintViolation ORGANIZATION_NOT_IN_ALL_FEATURES_MODE,
// AccountNotFound, InvalidInput TARGET_NOT_SUPPORTED, and EffectivePolicyNotFound
// when the type is not enabled.
func (e *EffectivePolicies) Validate(o *Organization, id AccountID, t PolicyType) (Validation, error) {
	if err := o.requireAllFeatures(); err != nil {
		return Validation{}, err
	}
	if !TargetID(id).IsAccount() {
		return Validation{}, invalid("TARGET_NOT_SUPPORTED")
	}
	account, err := o.Account(id)
	if err != nil {
		return Validation{}, err
	}
	shown, err := e.Of(o, TargetID(id), t)
	if err != nil || !shown.Invalid {
		return Validation{}, err
	}
	found := newPlaces(e, o, t).at(TargetID(id)).document().Errors
	return Validation{o.AccountPath(account), shown.Updated, found}, nil
}

// places are the places of one organization with what policies of one type come
// to there.
type places struct {
	*EffectivePolicies
	organization *Organization
	of           PolicyType
	known        map[TargetID]*merged
}

func newPlaces(e *EffectivePolicies, o *Organization, t PolicyType) *places {
	return &places{e, o, t, map[TargetID]*merged{}}
}

// at returns what the policies at and above a target come to.
func (p *places) at(target TargetID) *merged {
	if target == "" {
		return p.nothing[p.of]
	}
	if known, ok := p.known[target]; ok {
		return known
	}
	above := p.at(p.organization.above(target))
	p.known[target] = p.below(above, target)
	return p.known[target]
}

// below merges what is attached to a target with what is above it.
func (p *places) below(above *merged, target TargetID) *merged {
	var level []effective.Attached
	size := perEntry
	for _, policy := range p.organization.directPolicies(p.of, target, "") {
		level = append(level, effective.Attached{ID: string(policy.ID), Policy: p.parse(policy)})
		size += mergedPerByte * len(policy.Content)
	}
	if len(level) == 0 {
		return above
	}
	key := placeKey{above.state, target}
	if known, ok := p.merged.get(key); ok && slices.Equal(known.policies, level) {
		return known
	}
	state := above.state.Extend(effective.Level{Target: string(target), Policies: level})
	return p.merged.put(key, newMerged(state, level), size)
}

// content returns what is published at a place: what is kept there, or what
// policies come to.
func (p *places) content(at TargetID, kept *Publication) string {
	if kept != nil {
		return kept.Content
	}
	return p.at(at).document().Content
}

// parse returns a policy of the organization as it is merged. One that cannot be
// parsed, because it was stored when less was refused, says as much as can be
// read of it.
func (e *EffectivePolicies) parse(policy *Policy) *effective.Policy {
	key := weak.Make(policy)
	if known, ok := e.parsed.get(key); ok {
		return known
	}
	parsed, _ := effective.Parse(effective.Type(policy.Type), []byte(policy.Content))
	return e.parsed.put(key, parsed, perEntry+parsedPerByte*len(policy.Content))
}

// above returns what is directly above a target, or "" above the root.
func (o *Organization) above(target TargetID) TargetID {
	switch {
	case target.IsAccount():
		account, _ := o.accounts.Get(string(target))
		return TargetID(account.Parent)
	case target.IsOU():
		unit, _ := o.units.Get(string(target))
		return TargetID(unit.Parent)
	}
	return ""
}

// remembered holds what was worked out, up to a number of bytes, and then begins
// anew.
type remembered[K comparable, V any] struct {
	mu    sync.RWMutex
	known map[K]V
	bytes int
}

// maxRemembered is how many bytes each of these maps holds, about.
const maxRemembered = 96 << 20

func (r *remembered[K, V]) get(key K) (V, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	v, ok := r.known[key]
	return v, ok
}

// put remembers a value, for those who ask from now on, and returns it.
func (r *remembered[K, V]) put(key K, v V, bytes int) V {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.known == nil || r.bytes+bytes > maxRemembered {
		r.known, r.bytes = map[K]V{}, 0
	}
	r.known[key], r.bytes = v, r.bytes+bytes
	return v
}

// ForgetMerged forgets what policies come to, but not the policies themselves. It
// is for measuring how long working it out takes.
func (e *EffectivePolicies) ForgetMerged() {
	e.merged.forget()
	e.shown.forget()
}

func (r *remembered[K, V]) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.known, r.bytes = nil, 0
}
