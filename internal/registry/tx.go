package registry

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/store"
	"github.com/espalier-cloud/espalier/internal/trail"
)

// The spaces of claims: what is unique across organizations and accounts. They
// are stored: their names never change.
const (
	SpaceEmail     = "email"      // lower-case e-mail address → account
	SpaceAccessKey = "access-key" // access key id → account
)

// Tx is what one write may read and change. It is good only inside the write's
// function, which may run several times and must do nothing but use it.
type Tx struct {
	Now   time.Time
	Rand  io.Reader
	Rules *org.Rules

	ctx      context.Context
	registry *Registry
	primary  store.AggregateID
	outer    map[store.AggregateID]*part // what earlier writes of the batch left
	parts    map[store.AggregateID]*part
	claims   map[store.Claim]bool // taken, or false when released
	jobs     []store.Job
	done     []string
}

// A part is one aggregate as a write changes it.
type part struct {
	aggregate    *aggregate
	base         *snapshot // what the database has; version 0 when the aggregate is new
	organization *org.Draft
	account      *identity.Draft
	deleted      bool
	events       []trail.Event
}

// Organization returns the organization to work on, or ErrNotFound.
func (tx *Tx) Organization(id org.ID) (*org.Draft, error) {
	p, err := tx.part(store.AggregateID(id), kindOrganization)
	if err != nil {
		return nil, err
	}
	if p.organization == nil || p.deleted {
		return nil, ErrNotFound
	}
	return p.organization, nil
}

// NewOrganization adds an organization that a rule drafted.
func (tx *Tx) NewOrganization(d *org.Draft) {
	id := store.AggregateID(d.Settings().ID)
	tx.parts[id] = &part{aggregate: tx.registry.aggregate(id, kindOrganization), base: &snapshot{}, organization: d}
}

// DeleteOrganization removes an organization with all that it holds. The events
// of its trail stay.
func (tx *Tx) DeleteOrganization(id org.ID) error {
	if _, err := tx.Organization(id); err != nil {
		return err
	}
	tx.parts[store.AggregateID(id)].deleted = true
	return nil
}

// Account returns the account to work on, or ErrNotFound.
func (tx *Tx) Account(id identity.AccountID) (*identity.Draft, error) {
	p, err := tx.part(store.AggregateID(id), kindAccount)
	if err != nil {
		return nil, err
	}
	if p.account == nil {
		return nil, ErrNotFound
	}
	return p.account, nil
}

// NewAccount adds an account that a rule drafted. It returns a
// *store.ClaimedError when there is one with its id already.
func (tx *Tx) NewAccount(d *identity.Draft) error {
	id := store.AggregateID(d.ID())
	p, err := tx.part(id, kindAccount)
	if err != nil {
		return err
	}
	if p.account != nil {
		return &store.ClaimedError{Space: "account", Value: string(id), Owner: string(id)}
	}
	p.account = d
	return nil
}

// Claim makes a value unique to its owner. When it belongs to another owner,
// Claim or the write as a whole returns a *store.ClaimedError.
func (tx *Tx) Claim(space, value, owner string) error {
	for c, taken := range tx.claims {
		if taken && c.Space == space && c.Value == value && c.Owner != owner {
			return &store.ClaimedError{Space: space, Value: value, Owner: c.Owner}
		}
	}
	tx.claims[store.Claim{Space: space, Value: value, Owner: owner}] = true
	return nil
}

// Release gives a value up.
func (tx *Tx) Release(space, value, owner string) {
	tx.claims[store.Claim{Space: space, Value: value, Owner: owner}] = false
}

// Record appends an event to the trail in the same commit.
func (tx *Tx) Record(e trail.Event) error {
	p, err := tx.part(tx.primary, "")
	if err != nil {
		return err
	}
	if p.organization == nil && p.account == nil {
		return ErrNotFound
	}
	p.events = append(slices.Clip(p.events), e)
	return nil
}

// Schedule adds a background job in the same commit.
func (tx *Tx) Schedule(job store.Job) { tx.jobs = append(tx.jobs, job) }

// Finish removes a background job in the same commit.
func (tx *Tx) Finish(jobID string) { tx.done = append(tx.done, jobID) }

// part returns an aggregate as this write may change it: a fork of what earlier
// writes of the batch left, or a draft of what the database has.
func (tx *Tx) part(id store.AggregateID, kind store.Kind) (*part, error) {
	if p, ok := tx.parts[id]; ok {
		return p, nil
	}
	next := new(part)
	if p, ok := tx.outer[id]; ok {
		*next = *p
		if p.organization != nil {
			next.organization = p.organization.Fork(tx.Now)
		}
		if p.account != nil {
			next.account = p.account.Fork()
		}
		tx.parts[id] = next
		return next, nil
	}
	next.aggregate = tx.registry.aggregate(id, kind)
	snapshots, err := tx.registry.fresh(tx.ctx, next.aggregate)
	if err != nil {
		return nil, err
	}
	next.base = snapshots[0]
	if s := next.base; s.version != 0 {
		if s.organization != nil {
			next.organization = s.organization.Draft(tx.Rules, tx.Now, tx.Rand)
		} else {
			next.account = s.account.Draft(tx.Now, tx.Rand)
		}
	}
	tx.parts[id] = next
	return next, nil
}

// fork returns a transaction for the next write of a batch. What it does is
// seen by tx only after tx.join.
func (tx *Tx) fork(ctx context.Context, now time.Time) *Tx {
	return &Tx{
		Now: now, Rand: tx.Rand, Rules: tx.Rules, ctx: ctx, registry: tx.registry, primary: tx.primary,
		outer: tx.parts, parts: map[store.AggregateID]*part{}, claims: maps.Clone(tx.claims),
		jobs: slices.Clip(tx.jobs), done: slices.Clip(tx.done),
	}
}

// join takes over what a write of the batch did.
func (tx *Tx) join(write *Tx) {
	maps.Copy(tx.parts, write.parts)
	tx.claims, tx.jobs, tx.done = write.claims, write.jobs, write.done
}

// batch returns what the transaction changes as one database transaction, and
// the states to publish when it is committed.
func (tx *Tx) batch(operation string) (store.Batch, map[*aggregate]*snapshot, error) {
	b := store.Batch{Jobs: tx.jobs, DoneJobs: tx.done}
	next := make(map[*aggregate]*snapshot, len(tx.parts))
	for _, p := range tx.parts {
		s, err := tx.add(&b, p, operation)
		if err != nil {
			return b, nil, err
		}
		if s != nil {
			next[p.aggregate] = s
		}
	}
	for claim, taken := range tx.claims {
		if taken {
			b.Claims = append(b.Claims, claim)
		} else {
			b.Releases = append(b.Releases, claim)
		}
	}
	return b, next, nil
}

// add adds one part to a batch and returns its next state, or nil when the
// part stays as it is.
func (tx *Tx) add(b *store.Batch, p *part, operation string) (*snapshot, error) {
	changes := p.changes()
	advance := store.Advance{ID: p.aggregate.id, Kind: p.aggregate.kind, From: p.base.version, To: p.base.version, At: tx.Now, Operation: operation}
	if p.deleted {
		advance.To = 0
		if p.base.version != 0 {
			b.Aggregates = append(b.Aggregates, advance)
		}
		_, err := tx.chain(b, p, p.base.version+1)
		return &snapshot{}, err
	}
	if len(changes) == 0 && len(p.events) == 0 {
		if p.base.version != 0 {
			b.Aggregates = append(b.Aggregates, advance) // what was read must still hold
		}
		return nil, nil
	}
	advance.To++
	var err error
	if advance.Changes, err = json.Marshal(changes); err != nil {
		return nil, fmt.Errorf("registry: journal: %w", err)
	}
	b.Aggregates = append(b.Aggregates, advance)
	entities := p.base.entities
	for _, c := range changes {
		b.Entities = append(b.Entities, store.Entity{Aggregate: p.aggregate.id, Kind: c.Kind, ID: c.ID, Doc: c.Doc})
		entities++
	}
	s := &snapshot{version: advance.To, entities: entities, headKnown: true}
	if p.organization != nil {
		s.organization = p.organization.Organization
	}
	if p.account != nil {
		s.account = p.account.Account()
	}
	s.head, err = tx.chain(b, p, advance.To)
	return s, err
}

// changes returns the changed documents of a part: of several changes of one
// document the last one.
func (p *part) changes() []change {
	var all []change
	if p.organization != nil {
		for _, c := range p.organization.Changes() {
			all = append(all, change{c.Kind, c.ID, c.Doc})
		}
	}
	if p.account != nil {
		for _, c := range p.account.Changes() {
			all = append(all, change{c.Kind, c.ID, c.Doc})
		}
	}
	last := make(map[[2]string]int, len(all))
	for i, c := range all {
		last[[2]string{c.Kind, c.ID}] = i
	}
	if len(last) == len(all) {
		return all
	}
	var kept []change
	for i, c := range all {
		if last[[2]string{c.Kind, c.ID}] == i {
			kept = append(kept, c)
		}
	}
	return kept
}

// chain adds a part's events to the batch, each chained to the one before it,
// and returns the new head of the chain.
func (tx *Tx) chain(b *store.Batch, p *part, version int64) ([]byte, error) {
	head := p.base.head
	if !p.base.headKnown {
		last, _, err := tx.registry.Store.TrailHead(tx.ctx, p.aggregate.id)
		if err != nil {
			return nil, err
		}
		head = last.Hash
	}
	for n, e := range p.events {
		doc := e.Doc()
		head = trail.Hash(bytes.Clone(head), doc)
		row := store.TrailRow{
			TrailPosition: store.TrailPosition{At: e.Time, Aggregate: p.aggregate.id, Version: version, N: int64(n)},
			Account:       string(e.Account), ID: e.ID, Name: e.Name, Source: e.Source, Username: e.Username(),
			ReadOnly: e.ReadOnly, Doc: doc, Hash: head,
		}
		if e.Caller != nil {
			row.AccessKey = string(e.Caller.AccessKeyID)
		}
		for _, r := range e.Resources {
			row.Resources = append(row.Resources, store.Resource{Type: r.Type, Name: r.Name})
		}
		b.Trail = append(b.Trail, row)
	}
	return head, nil
}
