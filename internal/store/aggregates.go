package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"time"
)

// AggregateID names an aggregate: a set of entities that changes as one.
type AggregateID string

// Kind says what an aggregate is. The store gives it no meaning.
type Kind string

// Advance moves an aggregate from one version to another and keeps what changed in
// the journal, if there is one. From 0 creates the aggregate; To 0 deletes it with its entities and
// its journal (claims and trail stay). From equal to To only asserts the version.
// Several advances of one aggregate in a batch must follow one another.
type Advance struct {
	ID        AggregateID
	Kind      Kind // read when the aggregate is created
	From, To  int64
	At        time.Time // of the journal row
	Operation string    // of the journal row
	Changes   []byte    // of the journal row
}

func (a Advance) storable() bool { return storable(string(a.ID), string(a.Kind), a.Operation) }

// chain is all advances of one aggregate in a batch.
type chain struct {
	id       AggregateID
	kind     Kind
	from, to int64
	journal  []Advance
}

func (c chain) creates() bool { return c.from == 0 && c.to > 0 }
func (c chain) updates() bool { return c.from > 0 && c.to > 0 }
func (c chain) deletes() bool { return c.to == 0 }

// chainsOf joins the advances of each aggregate. The chains are ordered by id, so
// that transactions which touch the same aggregates lock them in the same order.
func chainsOf(advances []Advance) ([]chain, error) {
	chains := map[AggregateID]chain{}
	for _, a := range advances {
		c, known := chains[a.ID]
		switch {
		case a.From < 0 || a.To < 0:
			return nil, fmt.Errorf("store: aggregate %q advances from %d to %d", a.ID, a.From, a.To)
		case !known:
			c = chain{id: a.ID, kind: a.Kind, from: a.From}
		case c.to != a.From || c.to == 0:
			return nil, fmt.Errorf("store: aggregate %q advances from %d after it advanced to %d", a.ID, a.From, c.to)
		}
		c.to = a.To
		if a.From != a.To {
			c.journal = append(c.journal, a)
		}
		chains[a.ID] = c
	}
	return slices.SortedFunc(maps.Values(chains), func(a, b chain) int { return cmp.Compare(a.id, b.id) }), nil
}

const (
	updateAggregate         = `UPDATE aggregates SET version = $1 WHERE id = $2 AND version = $3`
	deleteAggregate         = `DELETE FROM aggregates WHERE id = $1 AND version = $2`
	deleteAggregateEntities = `DELETE FROM entities WHERE aggregate = $1`
	deleteAggregateJournal  = `DELETE FROM journal WHERE aggregate = $1`
	selectAggregates        = `SELECT id FROM aggregates WHERE kind = $1 AND id > $2 ORDER BY id LIMIT $3`
)

var createAggregates = newBulk(`INSERT INTO aggregates (id, kind, version) VALUES `, `($, $, $)`, ` ON CONFLICT (id) DO NOTHING`)

// advance moves all aggregates, or returns ErrConflict.
func (t *transaction) advance(ctx context.Context, chains []chain) error {
	var creates []any
	for _, c := range chains {
		if c.creates() {
			creates = append(creates, string(c.id), string(c.kind), c.to)
		}
	}
	if err := t.mustChangeAll(ctx, createAggregates, creates); err != nil {
		return err
	}
	for _, c := range chains {
		var err error
		switch {
		case c.updates():
			err = t.compareAndSet(ctx, updateAggregate, c.to, string(c.id), c.from)
		case c.deletes() && c.from > 0:
			err = t.deleteAggregate(ctx, c)
		}
		if err != nil {
			return err
		}
	}
	return t.writeJournal(ctx, chains)
}

// mustChangeAll runs a statement that must change every row it is given.
func (t *transaction) mustChangeAll(ctx context.Context, statement bulk, args []any) error {
	changed, err := t.execBulk(ctx, statement, args)
	if err == nil && changed != int64(len(args)/statement.width) {
		return ErrConflict
	}
	return err
}

// compareAndSet runs a statement that changes an aggregate at one version only.
func (t *transaction) compareAndSet(ctx context.Context, statement string, args ...any) error {
	changed, err := t.exec(ctx, statement, args...)
	if err == nil && changed == 0 {
		return ErrConflict
	}
	return err
}

func (t *transaction) deleteAggregate(ctx context.Context, c chain) error {
	if err := t.compareAndSet(ctx, deleteAggregate, string(c.id), c.from); err != nil {
		return err
	}
	if _, err := t.exec(ctx, deleteAggregateEntities, string(c.id)); err != nil {
		return err
	}
	_, err := t.exec(ctx, deleteAggregateJournal, string(c.id))
	return err
}

// Versions returns the versions of the aggregates that exist, read at one moment.
func (s *Store) Versions(ctx context.Context, ids ...AggregateID) (map[AggregateID]int64, error) {
	var args []any
	for _, id := range ids {
		if storable(string(id)) {
			args = append(args, string(id))
		}
	}
	versions := make(map[AggregateID]int64, len(args))
	if len(args) == 0 {
		return versions, nil
	}
	args = padded(args)
	rows, err := s.reader.query(ctx, selectVersions(len(args)), args...)
	if err != nil {
		return nil, s.explain("read versions", err)
	}
	_, err = scanAll(rows, func(rows *sql.Rows) (struct{}, error) {
		var id AggregateID
		var version int64
		err := rows.Scan(&id, &version)
		versions[id] = version
		return struct{}{}, err
	})
	return versions, s.explain("read versions", err)
}

// selectVersions is the statement that reads the versions of a number of aggregates.
func selectVersions(n int) string {
	return repeated(`SELECT id, version FROM aggregates WHERE id IN (`, `$`, `)`, n)
}

// padded repeats the last argument up to a power of two, so that a statement over
// the arguments exists in few sizes.
func padded(args []any) []any {
	size := 1
	for size < len(args) {
		size *= 2
	}
	for len(args) < size {
		args = append(args, args[len(args)-1])
	}
	return args
}

// Aggregates returns the ids of up to limit aggregates of a kind, those after the
// given id in byte order.
func (s *Store) Aggregates(ctx context.Context, kind Kind, after AggregateID, limit int) ([]AggregateID, error) {
	if !storable(string(kind), string(after)) {
		return nil, ErrText
	}
	rows, err := s.reader.query(ctx, selectAggregates, string(kind), string(after), limit)
	if err != nil {
		return nil, s.explain("list aggregates", err)
	}
	ids, err := scanAll(rows, func(rows *sql.Rows) (id AggregateID, err error) {
		err = rows.Scan(&id)
		return id, err
	})
	return ids, s.explain("list aggregates", err)
}
