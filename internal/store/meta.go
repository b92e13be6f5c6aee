package store

import (
	"context"
	"database/sql"
)

const (
	selectMeta = `SELECT value FROM meta WHERE key = $1`
	upsertMeta = `INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value`
	insertMeta = `INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING`
)

// Meta returns a value kept for the whole installation, and whether there is one.
func (s *Store) Meta(ctx context.Context, key string) ([]byte, bool, error) {
	if !storable(key) {
		return nil, false, nil
	}
	var value []byte
	found, err := s.reader.row(ctx, selectMeta, []any{key}, &value)
	return value, found, s.explain("read meta", err)
}

// SetMeta keeps a value for the whole installation, in the place of an earlier one.
// The key "schema" belongs to the store.
func (s *Store) SetMeta(ctx context.Context, key string, value []byte) error {
	if !storable(key) {
		return ErrText
	}
	return s.transact(ctx, "write meta", func(t *transaction) error {
		_, err := t.exec(ctx, upsertMeta, key, bytesOf(value))
		return err
	})
}

// InitMeta keeps the value unless there is one already, and returns the one kept:
// servers that start together agree on it.
func (s *Store) InitMeta(ctx context.Context, key string, value []byte) (stored []byte, err error) {
	if !storable(key) {
		return nil, ErrText
	}
	err = s.transact(ctx, "write meta", func(t *transaction) error {
		_, err := t.exec(ctx, insertMeta, key, bytesOf(value))
		return err
	})
	if err != nil {
		return nil, err
	}
	stored, _, err = s.Meta(ctx, key)
	return stored, err
}

// bytesOf makes absent bytes empty ones: no column is NULL.
func bytesOf(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

func scanBytes(rows *sql.Rows) (value []byte, err error) {
	err = rows.Scan(&value)
	return bytesOf(value), err
}
