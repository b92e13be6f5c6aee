package registry

import (
	"context"
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
	SpaceEmail         = "email"          // lower-case e-mail address → account
	SpaceGovCloudEmail = "govcloud-email" // the same in AWS GovCloud (US), where the owner of an account has a second one
	SpaceAccessKey     = "access-key"     // access key id → aggregate that holds it, such as an account
	SpaceHandshake     = "handshake"      // invitation → organization
	SpaceInvitation    = "invitation"     // account or lower-case e-mail address, time, invitation → organization
)

// Tx is what one write may read and change. It is good only inside the write's
// function, which may run several times and must do nothing but use it.
type Tx struct {
	Now   time.Time
	Rand  io.Reader
	Rules *org.Rules

	ctx      context.Context
	registry *Registry
	primary  Key
	outer    map[store.AggregateID]*part // what earlier writes of the batch left
	parts    map[store.AggregateID]*part
	claims   map[store.Claim]bool // taken, or false when released
	jobs     []store.Job
	done     []string
}

// A part is one aggregate as a write changes it.
type part struct {
	Key
	base         *snapshot // what the database has; version 0 when the aggregate is new
	organization *org.Draft
	account      *identity.Draft
	deleted      bool
	events       []*event
}

// An event is an event with its record.
type event struct {
	trail.Event
	doc []byte
}

// Organization returns the organization to work on, or ErrNotFound.
func (tx *Tx) Organization(id org.ID) (*org.Draft, error) {
	p, err := tx.part(OrganizationKey(id))
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
	key := OrganizationKey(d.Settings().ID)
	tx.parts[key.id] = &part{Key: key, base: &snapshot{}, organization: d}
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
	p, err := tx.part(AccountKey(id))
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
	p, err := tx.part(AccountKey(d.ID()))
	if err != nil {
		return err
	}
	if p.account != nil {
		return &store.ClaimedError{Space: "account", Value: string(d.ID()), Owner: string(d.ID())}
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

// Record appends an event to the trail in the same commit: to the chain of the
// organization or account at whose queue the write is, which must exist.
func (tx *Tx) Record(e trail.Event) error { return tx.record(tx.primary, e) }

// RecordIn appends an event to the chain of an organization that the write changes. It
// returns ErrNotFound.
func (tx *Tx) RecordIn(id org.ID, e trail.Event) error { return tx.record(OrganizationKey(id), e) }

func (tx *Tx) record(in Key, e trail.Event) error {
	p, err := tx.part(in)
	if err != nil {
		return err
	}
	if p.organization == nil && p.account == nil {
		return ErrNotFound
	}
	p.events = append(p.events, &event{e, e.Doc()})
	return nil
}

// Schedule adds a background job in the same commit.
func (tx *Tx) Schedule(job store.Job) { tx.jobs = append(tx.jobs, job) }

// Finish removes a background job in the same commit.
func (tx *Tx) Finish(jobID string) { tx.done = append(tx.done, jobID) }

// part returns an aggregate as this write may change it: a fork of what earlier
// writes of the batch left, or a draft of what the database has.
func (tx *Tx) part(key Key) (*part, error) {
	if p, ok := tx.parts[key.id]; ok {
		return p, nil
	}
	if p, ok := tx.outer[key.id]; ok {
		fork := p.fork(tx.Now)
		tx.parts[key.id] = fork
		return fork, nil
	}
	snapshots, err := tx.registry.fresh(tx.ctx, key)
	if err != nil {
		return nil, err
	}
	p := &part{Key: key, base: snapshots[0]}
	if s := p.base; s.organization != nil {
		p.organization = s.organization.Draft(tx.Rules, tx.Now, tx.Rand)
	} else if s.account != nil {
		p.account = s.account.Draft(tx.Now, tx.Rand)
		if q := tx.registry.Quotas; q != nil {
			p.account.Limit(q)
		}
	}
	tx.parts[key.id] = p
	return p, nil
}

// fork returns a part for the next write of a batch. What happens to it does
// not touch p.
func (p *part) fork(now time.Time) *part {
	fork := *p
	fork.events = slices.Clip(p.events)
	if p.organization != nil {
		fork.organization = p.organization.Fork(now)
	}
	if p.account != nil {
		fork.account = p.account.Fork()
	}
	return &fork
}

// fork returns a transaction for the next write of a batch. What it does is
// seen by tx only after tx.join.
func (tx *Tx) fork() *Tx {
	return &Tx{
		Now: tx.Now, Rand: tx.Rand, Rules: tx.Rules, ctx: tx.ctx, registry: tx.registry, primary: tx.primary,
		outer: tx.parts, parts: map[store.AggregateID]*part{}, claims: maps.Clone(tx.claims),
		jobs: slices.Clip(tx.jobs), done: slices.Clip(tx.done),
	}
}

// join takes over what a write of the batch did.
func (tx *Tx) join(write *Tx) {
	maps.Copy(tx.parts, write.parts)
	tx.claims, tx.jobs, tx.done = write.claims, write.jobs, write.done
}
