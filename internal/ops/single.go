package ops

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/espalier-cloud/espalier/internal/store"
)

// singles are aggregates that consist of one document each. What is changed or
// deleted is so for all servers at once: memory is asked only where no other
// process writes the database. The zero value remembers nothing yet.
type singles[T any] struct {
	known   sync.Map   // store.AggregateID → single[T]
	reading sync.Mutex // held from looking at the database until known says the same
}

// single is a document at a version of its aggregate: 0 for one that is not kept.
type single[T any] struct {
	id      store.AggregateID
	doc     T
	version int64
}

// find returns what is kept under an id.
func (s *singles[T]) find(ctx context.Context, db *store.Store, id store.AggregateID) (single[T], error) {
	if found, ok := s.known.Load(id); ok {
		return found.(single[T]), nil
	}
	found := single[T]{id: id}
	err := s.remembering(db, func() error {
		version, rows, err := db.Entities(ctx, id)
		if err != nil {
			return err
		}
		for row, err := range rows {
			if err != nil {
				return err
			}
			if err := json.Unmarshal(row.Doc, &found.doc); err != nil {
				return fmt.Errorf("ops: %s: %w", id, err)
			}
		}
		found.version = version
		s.remember(db, found)
		return nil
	})
	return found, err
}

// save writes the next version of a document, with the claims that a batch has. It
// returns store.ErrConflict when somebody else was faster.
func (s *singles[T]) save(ctx context.Context, db *store.Store, next single[T], step store.Advance, batch store.Batch) error {
	doc, err := json.Marshal(next.doc)
	if err != nil {
		return err
	}
	step.ID, step.From, step.To, step.Changes = next.id, next.version, next.version+1, []byte("[]")
	batch.Aggregates = []store.Advance{step}
	batch.Entities = []store.Entity{{Aggregate: next.id, Kind: string(step.Kind), ID: string(next.id), Doc: doc}}
	return s.remembering(db, func() error {
		s.known.Delete(next.id) // should the answer be lost, nobody knows which one is kept
		if err := db.Commit(ctx, batch); err != nil {
			return err
		}
		next.version++
		s.remember(db, next)
		return nil
	})
}

// remove deletes a document. It returns store.ErrConflict when somebody else
// changed it.
func (s *singles[T]) remove(ctx context.Context, db *store.Store, last single[T], kind store.Kind) error {
	return s.remembering(db, func() error {
		s.known.Delete(last.id)
		return db.Commit(ctx, store.Batch{Aggregates: []store.Advance{{ID: last.id, Kind: kind, From: last.version}}})
	})
}

// remembering does work on the database of which memory is to know.
func (s *singles[T]) remembering(db *store.Store, work func() error) error {
	if db.Exclusive() {
		s.reading.Lock()
		defer s.reading.Unlock()
	}
	return work()
}

// remember keeps in memory what exists, where nobody else can change it.
func (s *singles[T]) remember(db *store.Store, found single[T]) {
	if db.Exclusive() && found.version > 0 {
		s.known.Store(found.id, found)
	}
}
