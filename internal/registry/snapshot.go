package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/store"
)

// A snapshot is the state of an aggregate at one version; at version 0 it does
// not exist. It never changes. An id that was deleted is never used again.
type snapshot struct {
	version      int64
	organization *org.Organization
	account      *identity.Account
	entities     int64  // how many documents it consists of
	head         []byte // the hash of the last event of its chain
	headKnown    bool   // a replica that only reads does not know the head
}

// change is a changed document as the journal keeps it.
type change struct {
	Kind string          `json:"k"`
	ID   string          `json:"i"`
	Doc  json.RawMessage `json:"d,omitempty"`
}

// whatever is less than every version: any state in memory will do.
const whatever = -1

// fresh returns states that are no older than the call. A process that owns its
// database need not ask for what it has in memory.
func (r *Registry) fresh(ctx context.Context, keys ...Key) ([]*snapshot, error) {
	var versions map[store.AggregateID]int64
	if !r.Store.Exclusive() {
		ids := make([]store.AggregateID, len(keys))
		for i, key := range keys {
			ids[i] = key.id
		}
		var err error
		if versions, err = r.Store.Versions(ctx, ids...); err != nil {
			return nil, err
		}
	}
	snapshots := make([]*snapshot, len(keys))
	for i, key := range keys {
		version, exists := versions[key.id]
		switch {
		case r.Store.Exclusive():
			version = whatever
		case !exists:
			r.memory.drop(key.id)
			snapshots[i] = &snapshot{}
			continue
		}
		var err error
		if snapshots[i], err = r.caughtUp(ctx, key, version); err != nil {
			return nil, err
		}
	}
	return snapshots, nil
}

// caughtUp returns an aggregate's state at a version or a newer one. One caller
// reads the database, and the others wait for it.
func (r *Registry) caughtUp(ctx context.Context, key Key, version int64) (*snapshot, error) {
	a := r.memory.aggregate(key)
	if s := a.current.Load(); s != nil && s.version >= version {
		return s, nil
	}
	select {
	case a.loading <- struct{}{}:
		defer func() { <-a.loading }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	s := a.current.Load()
	if s != nil && s.version >= version {
		return s, nil
	}
	next, err := r.read(ctx, a.Key, s, version)
	if err != nil {
		r.memory.tidy(a)
		return nil, err
	}
	next = r.memory.keep(a, next)
	if next.version == 0 {
		r.memory.tidy(a)
	}
	r.memory.evict()
	return next, nil
}

// read brings a state, which may be nil, to a version or a newer one: by the
// journal if it reaches back that far, else from the documents.
func (r *Registry) read(ctx context.Context, key Key, s *snapshot, version int64) (*snapshot, error) {
	if s == nil {
		return r.load(ctx, key)
	}
	rows, err := r.Store.Journal(ctx, key.id, s.version)
	if errors.Is(err, store.ErrJournalPurged) {
		return r.load(ctx, key)
	}
	if err != nil {
		return nil, err
	}
	next, err := s.replay(rows)
	if err == nil && next.version < version {
		return r.load(ctx, key) // deleted meanwhile, together with its journal
	}
	return next, err
}

// counted returns the state with the number of its documents, which measures the
// memory that it takes.
func (s *snapshot) counted() *snapshot {
	switch {
	case s.organization != nil:
		s.entities = int64(s.organization.Len())
	case s.account != nil:
		s.entities = int64(s.account.Len())
	}
	return s
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
	if err := next.apply(changes); err != nil {
		return nil, err
	}
	return next.counted(), nil
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

// load reads a state from its documents.
func (r *Registry) load(ctx context.Context, key Key) (*snapshot, error) {
	version, rows, err := r.Store.Entities(ctx, key.id)
	if err != nil {
		return nil, err
	}
	s := &snapshot{version: version}
	if version == 0 {
		return s, nil
	}
	if key.kind == kindOrganization {
		s.organization, err = org.Load(func(yield func(org.Change, error) bool) {
			for row, err := range rows {
				if !yield(org.Change{Kind: row.Kind, ID: row.ID, Doc: row.Doc}, err) {
					return
				}
			}
		})
	} else {
		s.account, err = identity.Load(func(yield func(identity.Change, error) bool) {
			for row, err := range rows {
				if !yield(identity.Change{Kind: row.Kind, ID: row.ID, Doc: row.Doc}, err) {
					return
				}
			}
		})
	}
	if err != nil {
		return nil, fmt.Errorf("registry: load %s: %w", key.id, err)
	}
	return s.counted(), nil
}
