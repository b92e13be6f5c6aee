package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/store"
)

// The kinds of aggregates. They are stored: their names never change.
const (
	kindOrganization store.Kind = "organization"
	kindAccount      store.Kind = "account"
)

// An aggregate is an organization or an account that was asked for at least
// once. Its state may be in memory or not.
type aggregate struct {
	id      store.AggregateID
	kind    store.Kind
	current atomic.Pointer[snapshot] // nil while it is not in memory
	used    atomic.Int64             // the registry's tick at the last use

	loading sync.Mutex // one loads, the others wait for it

	mu      sync.Mutex
	newest  int64 // the highest version that was ever in memory
	pending []*write
	writing bool
}

// A snapshot is the state of an aggregate at one version; at version 0 it does
// not exist. It never changes.
type snapshot struct {
	version      int64
	organization *org.Organization
	account      *identity.Account
	entities     int64  // how many documents it was loaded from, about
	head         []byte // the hash of the last event of its chain
	headKnown    bool   // a replica that only reads does not know the head
}

// change is a changed document as the journal keeps it.
type change struct {
	Kind string          `json:"k"`
	ID   string          `json:"i"`
	Doc  json.RawMessage `json:"d,omitempty"`
}

func (r *Registry) aggregate(id store.AggregateID, kind store.Kind) *aggregate {
	r.mu.RLock()
	a, ok := r.aggregates[id]
	r.mu.RUnlock()
	if !ok {
		r.mu.Lock()
		if a, ok = r.aggregates[id]; !ok {
			a = &aggregate{id: id, kind: kind}
			r.aggregates[id] = a
		}
		r.mu.Unlock()
	}
	a.used.Store(r.ticks.Add(1))
	return a
}

// publish makes a snapshot the present state, unless a newer one is or was, and
// returns the present state.
func (r *Registry) publish(a *aggregate, s *snapshot) *snapshot {
	a.mu.Lock()
	defer a.mu.Unlock()
	old := a.current.Load()
	if s.version != 0 && s.version < a.newest {
		return old
	}
	a.newest = max(a.newest, s.version)
	a.current.Store(s)
	if old != nil {
		r.entities.Add(-old.entities)
	}
	r.entities.Add(s.entities)
	return s
}

// fresh returns the states of aggregates as the database has them now. A
// process that owns its database need not ask for what is in memory.
func (r *Registry) fresh(ctx context.Context, aggregates ...*aggregate) ([]*snapshot, error) {
	var versions map[store.AggregateID]int64
	if !r.Store.Exclusive() {
		ids := make([]store.AggregateID, len(aggregates))
		for i, a := range aggregates {
			ids[i] = a.id
		}
		var err error
		if versions, err = r.Store.Versions(ctx, ids...); err != nil {
			return nil, err
		}
	}
	snapshots := make([]*snapshot, len(aggregates))
	for i, a := range aggregates {
		var err error
		if snapshots[i], err = r.catchUp(ctx, a, versions[a.id]); err != nil {
			return nil, err
		}
	}
	return snapshots, nil
}

// catchUp returns an aggregate's state at a version of the database or newer.
func (r *Registry) catchUp(ctx context.Context, a *aggregate, version int64) (*snapshot, error) {
	s := a.current.Load()
	if s == nil {
		return r.load(ctx, a)
	}
	if r.Store.Exclusive() || s.version == version {
		return s, nil
	}
	if s.version == 0 || version == 0 {
		return r.load(ctx, a) // created or deleted by another server
	}
	if s.version > version {
		return s, nil // a commit of this server was published meanwhile
	}
	rows, err := r.Store.Journal(ctx, a.id, s.version)
	if errors.Is(err, store.ErrJournalPurged) {
		return r.load(ctx, a)
	}
	if err != nil {
		return nil, err
	}
	next, err := s.replay(rows)
	if err != nil {
		return nil, err
	}
	if current := r.publish(a, next); current != nil {
		return current, nil
	}
	return next, nil // something newer was published and evicted meanwhile
}

// replay returns the state after the journal's rows.
func (s *snapshot) replay(rows []store.JournalRow) (*snapshot, error) {
	next := *s
	next.headKnown = false
	var changes []change
	for _, row := range rows {
		var more []change
		if err := json.Unmarshal(row.Changes, &more); err != nil {
			return nil, fmt.Errorf("registry: journal, version %d: %w", row.Version, err)
		}
		changes = append(changes, more...)
		next.version = row.Version
	}
	return &next, next.apply(changes)
}

func (s *snapshot) apply(changes []change) (err error) {
	if s.organization != nil {
		s.organization, err = s.organization.Apply(convert[org.Change](changes))
		return err
	}
	s.account, err = s.account.Apply(convert[identity.Change](changes))
	return err
}

func convert[C ~struct {
	Kind, ID string
	Doc      []byte
}](changes []change) []C {
	out := make([]C, len(changes))
	for i, c := range changes {
		out[i] = C(struct {
			Kind, ID string
			Doc      []byte
		}{c.Kind, c.ID, c.Doc})
	}
	return out
}

// load reads an aggregate from the database.
func (r *Registry) load(ctx context.Context, a *aggregate) (*snapshot, error) {
	a.loading.Lock()
	defer a.loading.Unlock()
	if s := a.current.Load(); s != nil && r.Store.Exclusive() {
		return s, nil // another one loaded it meanwhile
	}
	for {
		read, err := r.read(ctx, a)
		if err != nil {
			return nil, err
		}
		if s := r.publish(a, read); s != nil {
			r.evict()
			return s, nil
		}
		// A newer state was published and evicted while this one was read.
	}
}

func (r *Registry) read(ctx context.Context, a *aggregate) (*snapshot, error) {
	version, rows, err := r.Store.Entities(ctx, a.id)
	if err != nil {
		return nil, err
	}
	s := &snapshot{version: version}
	if version == 0 {
		return s, nil
	}
	if a.kind == kindOrganization {
		s.organization, err = org.Load(func(yield func(org.Change, error) bool) {
			for row, err := range rows {
				s.entities++
				if !yield(org.Change{Kind: row.Kind, ID: row.ID, Doc: row.Doc}, err) {
					return
				}
			}
		})
	} else {
		s.account, err = identity.Load(func(yield func(identity.Change, error) bool) {
			for row, err := range rows {
				s.entities++
				if !yield(identity.Change{Kind: row.Kind, ID: row.ID, Doc: row.Doc}, err) {
					return
				}
			}
		})
	}
	if err != nil {
		return nil, fmt.Errorf("registry: load %s: %w", a.id, err)
	}
	return s, nil
}

// evict drops the least recently used of a few aggregates, until what is in
// memory is within bounds. What is dropped is loaded again when it is asked for.
func (r *Registry) evict() {
	const sample = 16
	for r.entities.Load() > r.MaxEntities {
		oldest, seen := (*aggregate)(nil), 0
		r.mu.RLock()
		for _, a := range r.aggregates { // in random order
			if a.current.Load() == nil {
				continue
			}
			if oldest == nil || a.used.Load() < oldest.used.Load() {
				oldest = a
			}
			if seen++; seen == sample {
				break
			}
		}
		r.mu.RUnlock()
		if seen <= 1 {
			return // the one in use alone is larger than the bound
		}
		oldest.mu.Lock()
		if s := oldest.current.Swap(nil); s != nil {
			r.entities.Add(-s.entities)
		}
		oldest.mu.Unlock()
	}
}
