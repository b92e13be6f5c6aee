package org

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"
)

// Draft is a private copy of an organization on which rules work. A rule
// either changes the draft completely and returns nil, or returns an *Error and
// leaves the draft in a state that must be thrown away: the caller forks first.
type Draft struct {
	*Organization
	rules   *Rules
	now     time.Time
	rand    io.Reader
	base    *Organization // of which the draft or fork is a copy
	changes []Change
	settled int  // how many of the changes are those of base, or were settled: see Settle
	delayed bool // see DelayPolicyTypes
}

// Draft returns a copy of the organization on which rules may work at the time
// now (to the microsecond, UTC), drawing ids from rand.
func (o *Organization) Draft(rules *Rules, now time.Time, rand io.Reader) *Draft {
	return &Draft{Organization: o.copy(), base: o, rules: rules, now: now.UTC().Truncate(time.Microsecond), rand: rand}
}

// NewDraft returns a draft in which there is no organization yet.
func NewDraft(rules *Rules, now time.Time, rand io.Reader) *Draft {
	return empty().Draft(rules, now, rand)
}

// Fork returns a copy of the draft with its changes so far, made at the time
// now. What happens to the copy does not touch d.
func (d *Draft) Fork(now time.Time) *Draft {
	fork := d.Organization.Draft(d.rules, now, d.rand)
	fork.changes, fork.settled = slices.Clip(d.changes), len(d.changes)
	return fork
}

// Changes returns what rules changed since the draft was made, in order. An
// entity may occur several times: the last one counts.
func (d *Draft) Changes() []Change { return d.changes }

// put makes e the present entity of its kind and id. e must not be modified
// afterwards.
func (d *Draft) put(e entity) {
	d.replace(d.find(e.kind(), e.id()), e)
	doc, err := json.Marshal(e)
	if err != nil {
		panic(fmt.Sprintf("org: %s cannot be written as JSON: %v", e.kind(), err)) // entities hold plain values only
	}
	d.changes = append(d.changes, Change{Kind: e.kind(), ID: e.id(), Doc: doc})
}

// drop removes an entity.
func (d *Draft) drop(e entity) {
	d.replace(e, nil)
	d.changes = append(d.changes, Change{Kind: e.kind(), ID: e.id()})
}
