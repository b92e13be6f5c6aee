package registry

import (
	"encoding/json"
	"fmt"

	"github.com/espalier-cloud/espalier/internal/store"
	"github.com/espalier-cloud/espalier/internal/trail"
)

// batch returns what the transaction changes as one database transaction, and
// the states to publish when it is committed.
func (tx *Tx) batch(operation string) (store.Batch, map[store.AggregateID]*snapshot, error) {
	b := store.Batch{Jobs: tx.jobs, DoneJobs: tx.done}
	next := make(map[store.AggregateID]*snapshot, len(tx.parts))
	for _, p := range tx.parts {
		s, err := tx.add(&b, p, operation)
		if err != nil {
			return b, nil, err
		}
		if s != nil {
			next[p.id] = s
		}
	}
	for claim, taken := range tx.claims {
		if taken {
			b.Claims = append(b.Claims, claim)
		} else {
			b.Releases = append(b.Releases, claim)
		}
	}
	b.Announce = tx.registry.Announced != nil && len(b.Trail) > 0
	return b, next, nil
}

// add adds one part to a batch and returns its next state, or nil when the
// part stays as it is.
func (tx *Tx) add(b *store.Batch, p *part, operation string) (*snapshot, error) {
	changes := p.changes()
	advance := store.Advance{ID: p.id, Kind: p.kind, From: p.base.version, To: p.base.version, At: tx.Now, Operation: operation}
	if p.deleted {
		advance.To = 0
		if p.base.version != 0 {
			b.Aggregates = append(b.Aggregates, advance)
		}
		_, _, err := tx.chain(b, p, p.base.version+1)
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
	if !tx.registry.Store.Exclusive() {
		if advance.Changes, err = json.Marshal(changes); err != nil {
			return nil, fmt.Errorf("registry: journal: %w", err)
		}
	}
	b.Aggregates = append(b.Aggregates, advance)
	for _, c := range changes {
		b.Entities = append(b.Entities, store.Entity{Aggregate: p.id, Kind: c.Kind, ID: c.ID, Doc: c.Doc})
	}
	s := &snapshot{version: advance.To}
	if p.organization != nil {
		s.organization = p.organization.Organization
	}
	if p.account != nil {
		s.account = p.account.Account()
	}
	s.head, s.headKnown, err = tx.chain(b, p, advance.To)
	return s.counted(), err
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
// and returns the new head of the chain, and whether it is known: who only writes
// documents need not look for it.
func (tx *Tx) chain(b *store.Batch, p *part, version int64) (head []byte, known bool, err error) {
	head, known = p.base.head, p.base.headKnown || p.base.version == 0
	if len(p.events) == 0 {
		return head, known, nil
	}
	if !known {
		last, _, err := tx.registry.Store.TrailHead(tx.ctx, p.id)
		if err != nil {
			return nil, false, err
		}
		head = last.Hash
	}
	for n, e := range p.events {
		head = trail.Hash(head, e.doc)
		row := store.TrailRow{
			TrailPosition: store.TrailPosition{At: e.Time, Aggregate: p.id, Version: version, N: int64(n)},
			Account:       string(e.Account), ID: e.ID, Name: e.Name, Source: e.Source, Username: e.Username(),
			ReadOnly: e.ReadOnly, Doc: e.doc, Hash: head,
		}
		if e.Caller != nil {
			row.AccessKey = string(e.Caller.AccessKeyID)
		}
		for _, r := range e.Resources {
			row.Resources = append(row.Resources, store.Resource{Type: r.Type, Name: r.Name})
		}
		b.Trail = append(b.Trail, row)
	}
	return head, true, nil
}
