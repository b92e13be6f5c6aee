package store

import (
	"context"
	"database/sql"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"strings"
)

// contents are the tables and their columns, as snapshots hold them.
var contents = []struct {
	table   string
	columns string
}{
	{"meta", "key, value"},
	{"aggregates", "id, kind, version"},
	{"entities", "aggregate, kind, id, doc"},
	{"claims", "space, value, owner"},
	{"journal", "aggregate, version, at, operation, changes"},
	{"trail", trailColumns},
	{"jobs", jobColumns},
	{"outbox", "aggregate, version, n"},
	{"deliveries", deliveryColumns},
}

// snapshotHeader begins a snapshot.
type snapshotHeader struct {
	Schema int
}

// snapshotRow is one row of a snapshot: string, int64 and []byte values.
type snapshotRow struct {
	Table  string
	Values []any
}

// Export writes everything in the database, as it is at one moment, in a form that
// Import reads on either database.
func (s *Store) Export(ctx context.Context, w io.Writer) error {
	encoder := gob.NewEncoder(w)
	if err := encoder.Encode(snapshotHeader{Schema: len(migrations)}); err != nil {
		return fmt.Errorf("store: export: %w", err)
	}
	tx, err := s.reader.db.BeginTx(ctx, &s.dialect.snapshot)
	if err != nil {
		return s.explain("export", err)
	}
	for _, c := range contents {
		if err := exportTable(ctx, tx, encoder, c.table, c.columns); err != nil {
			return s.explain("export", errors.Join(err, tx.Rollback()))
		}
	}
	return s.explain("export", tx.Rollback())
}

func exportTable(ctx context.Context, tx *sql.Tx, encoder *gob.Encoder, table, columns string) error {
	rows, err := tx.QueryContext(ctx, `SELECT `+columns+` FROM `+table) //nolint:gosec // both are written in this file
	if err != nil {
		return err
	}
	width := strings.Count(columns, ",") + 1
	_, err = scanAll(rows, func(rows *sql.Rows) (struct{}, error) {
		values := make([]any, width)
		pointers := make([]any, width)
		for i := range values {
			pointers[i] = &values[i]
		}
		if err := rows.Scan(pointers...); err != nil {
			return struct{}{}, err
		}
		for i, value := range values {
			if value == nil {
				values[i] = []byte{} // as drivers may return empty bytes
			}
		}
		return struct{}{}, encoder.Encode(snapshotRow{Table: table, Values: values})
	})
	return err
}

// Import replaces everything in the database with what Export wrote. A snapshot that
// cannot be read, or that was made with another schema, changes nothing.
func (s *Store) Import(ctx context.Context, r io.Reader) error {
	tables, err := readSnapshot(r)
	if err != nil {
		return fmt.Errorf("store: import: %w", err)
	}
	return s.transact(ctx, "import", func(t *transaction) error {
		for _, c := range contents {
			if _, err := t.exec(ctx, `DELETE FROM `+c.table); err != nil {
				return err
			}
			if _, err := t.execBulk(ctx, insertInto(c.table, c.columns), tables[c.table]); err != nil {
				return err
			}
		}
		return nil
	})
}

func insertInto(table, columns string) bulk {
	row := strings.Repeat("$, ", strings.Count(columns, ",")) + "$"
	return newBulk(`INSERT INTO `+table+` (`+columns+`) VALUES `, `(`+row+`)`, ``)
}

// readSnapshot returns the values of each table, row after row.
func readSnapshot(r io.Reader) (map[string][]any, error) {
	decoder := gob.NewDecoder(r)
	var header snapshotHeader
	if err := decoder.Decode(&header); err != nil {
		return nil, fmt.Errorf("not a snapshot: %w", err)
	}
	if header.Schema != len(migrations) {
		return nil, fmt.Errorf("the snapshot has schema %d, this espalier has %d", header.Schema, len(migrations))
	}
	width := map[string]int{}
	for _, c := range contents {
		width[c.table] = strings.Count(c.columns, ",") + 1
	}
	tables := map[string][]any{}
	for {
		var row snapshotRow
		switch err := decoder.Decode(&row); {
		case errors.Is(err, io.EOF):
			return tables, nil
		case err != nil:
			return nil, err
		case width[row.Table] == 0 || len(row.Values) != width[row.Table]:
			return nil, fmt.Errorf("a row of the snapshot does not fit table %q", row.Table)
		}
		for _, value := range row.Values {
			if b, ok := value.([]byte); ok {
				value = bytesOf(b) // gob makes empty bytes nil
			}
			tables[row.Table] = append(tables[row.Table], value)
		}
	}
}

// Reset empties the database.
func (s *Store) Reset(ctx context.Context) error {
	return s.transact(ctx, "reset", func(t *transaction) error {
		for _, c := range contents {
			if c.table == "meta" {
				continue
			}
			if _, err := t.exec(ctx, `DELETE FROM `+c.table); err != nil {
				return err
			}
		}
		_, err := t.exec(ctx, `DELETE FROM meta WHERE key <> $1`, schemaKey)
		return err
	})
}
