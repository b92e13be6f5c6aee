package store

import (
	"cmp"
	"context"
	"database/sql"
	"iter"
	"maps"
	"slices"
)

// Entity is one document of an aggregate.
type Entity struct {
	Aggregate AggregateID
	Kind, ID  string
	Doc       []byte // in a batch, nil deletes the entity
}

func (e Entity) storable() bool { return storable(string(e.Aggregate), e.Kind, e.ID) }

// entityKey is the primary key of an entity.
type entityKey struct {
	aggregate AggregateID
	kind, id  string
}

func (k entityKey) compare(other entityKey) int {
	return cmp.Or(cmp.Compare(k.aggregate, other.aggregate), cmp.Compare(k.kind, other.kind), cmp.Compare(k.id, other.id))
}

// One statement, so that the version and the entities are of the same moment at
// every isolation level. An aggregate without entities is one row without a kind.
const selectEntities = `SELECT aggregates.version, entities.kind, entities.id, entities.doc
	FROM aggregates LEFT JOIN entities ON entities.aggregate = aggregates.id
	WHERE aggregates.id = $1 ORDER BY entities.kind, entities.id`

var (
	upsertEntities = newBulk(
		`INSERT INTO entities (aggregate, kind, id, doc) VALUES `, `($, $, $, $)`,
		` ON CONFLICT (aggregate, kind, id) DO UPDATE SET doc = excluded.doc`,
	)
	deleteEntities = newBulk(`DELETE FROM entities WHERE (aggregate, kind, id) IN (VALUES `, `($, $, $)`, `)`)
)

// writeEntities writes the last state of every entity, in the order of their keys,
// leaving out those that went with their aggregate.
func (t *transaction) writeEntities(ctx context.Context, entities []Entity, chains []chain) error {
	gone := map[AggregateID]bool{}
	for _, c := range chains {
		gone[c.id] = c.deletes()
	}
	last := make(map[entityKey][]byte, len(entities))
	for _, e := range entities {
		if !gone[e.Aggregate] {
			last[entityKey{e.Aggregate, e.Kind, e.ID}] = e.Doc
		}
	}
	var upserts, deletes []any
	for _, key := range slices.SortedFunc(maps.Keys(last), entityKey.compare) {
		if doc := last[key]; doc != nil {
			upserts = append(upserts, string(key.aggregate), key.kind, key.id, doc)
		} else {
			deletes = append(deletes, string(key.aggregate), key.kind, key.id)
		}
	}
	if _, err := t.execBulk(ctx, deleteEntities, deletes); err != nil {
		return err
	}
	_, err := t.execBulk(ctx, upsertEntities, upserts)
	return err
}

// Entities returns the version of an aggregate and its entities at that version,
// ordered by the bytes of kind and id. The version is 0, and there are no rows, when
// the aggregate does not exist. The rows hold a connection: range over them once, soon.
func (s *Store) Entities(ctx context.Context, id AggregateID) (version int64, rows iter.Seq2[Entity, error], err error) {
	if !storable(string(id)) {
		return 0, noEntities, nil
	}
	open, err := s.reader.query(ctx, selectEntities, string(id))
	if err != nil {
		return 0, nil, s.explain("read entities", err)
	}
	first, version, found, err := firstEntity(open)
	if err != nil || !found {
		_ = open.Close() // the error that counts is err
		return version, noEntities, s.explain("read entities", err)
	}
	first.Aggregate = id
	rows = func(yield func(Entity, error) bool) {
		defer open.Close()
		for more := yield(first, nil); more && open.Next(); {
			one := Entity{Aggregate: id}
			var same int64
			if err := open.Scan(&same, &one.Kind, &one.ID, &one.Doc); err != nil {
				yield(Entity{}, s.explain("read entities", err))
				return
			}
			one.Doc = bytesOf(one.Doc)
			more = yield(one, nil)
		}
		if err := open.Err(); err != nil {
			yield(Entity{}, s.explain("read entities", err))
		}
	}
	if s.dialect.single {
		rows, err = collected(rows)
	}
	return version, rows, err
}

// firstEntity reads the first row, which also says whether there is an aggregate,
// and whether it has any entities.
func firstEntity(rows *sql.Rows) (first Entity, version int64, found bool, err error) {
	if !rows.Next() {
		return first, 0, false, rows.Err()
	}
	var kind, id sql.NullString
	err = rows.Scan(&version, &kind, &id, &first.Doc)
	first.Kind, first.ID, first.Doc = kind.String, id.String, bytesOf(first.Doc)
	return first, version, err == nil && kind.Valid, err
}

func noEntities(func(Entity, error) bool) {}

// collected reads all rows now, so that they do not hold the only connection.
func collected(rows iter.Seq2[Entity, error]) (iter.Seq2[Entity, error], error) {
	var entities []Entity
	for entity, err := range rows {
		if err != nil {
			return nil, err
		}
		entities = append(entities, entity)
	}
	return func(yield func(Entity, error) bool) {
		for _, entity := range entities {
			if !yield(entity, nil) {
				return
			}
		}
	}, nil
}
