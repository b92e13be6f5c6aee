package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// memoryPath is the SQLite path of a database in memory.
const memoryPath = ":memory:"

// sqliteReaders is the number of connections that read while one writes and one makes checkpoints.
const sqliteReaders = 4

func sqliteDialect() dialect {
	return dialect{
		exclusive: true, positional: true,
		schema:    strings.NewReplacer("$text", "TEXT", "$bytes", "BLOB", "$clustered", " WITHOUT ROWID"),
		snapshot:  sql.TxOptions{ReadOnly: true},
		temporary: sqliteTemporary,
		uncertain: sqliteUncertain,
		cause:     sqliteCause,
	}
}

// openMemory opens a database of one connection, which reads and writes.
func openMemory(ctx context.Context) (*Store, error) {
	db, err := openSQLiteHandle(ctx, memoryPath, 1, "_txlock=immediate")
	if err != nil {
		return nil, fmt.Errorf("store: open a database in memory: %w", err)
	}
	only := newStatements(db, sqliteTemporary)
	s := &Store{name: "a database in memory", dialect: sqliteDialect(), writer: only, reader: only}
	s.dialect.single = true
	return s, nil
}

// openSQLite opens a file that only this process may use, with one connection that
// writes and several that read beside it.
func openSQLite(ctx context.Context, path string) (*Store, error) {
	lock, err := ownFile(path)
	if err != nil {
		return nil, fmt.Errorf("store: open %s: %w", path, err)
	}
	s, err := openSQLiteFile(ctx, path, lock)
	if err != nil {
		if cause := sqliteCause(err); cause != "" {
			err = fmt.Errorf("%s: %w", cause, err)
		}
		return nil, fmt.Errorf("store: open %s: %w", path, errors.Join(err, lock.Close()))
	}
	return s, nil
}

func openSQLiteFile(ctx context.Context, path string, lock io.Closer) (*Store, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	// SQLite would create the file readable by everybody.
	file, err := os.OpenFile(absolute, os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, err
	}
	if err := file.Close(); err != nil {
		return nil, err
	}
	dsn := "file:" + (&url.URL{Path: filepath.ToSlash(absolute)}).EscapedPath()
	const pragmas = "_pragma=busy_timeout(5000)&_pragma=foreign_keys(0)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)"
	// Checkpoints are made beside the writer, who makes one himself only where they cannot keep up.
	// A commit that splits a page of a tree may look through the whole cache: it is no larger than what helps.
	// What a statement of many rows would be undone with stays in memory: it would be a file of its own.
	const writing = "&_txlock=immediate&_pragma=wal_autocheckpoint(16384)&_pragma=cache_size(-8192)&_pragma=temp_store(MEMORY)"
	writer, err := openSQLiteHandle(ctx, dsn, 1, pragmas+writing)
	if err != nil {
		return nil, err
	}
	reader, err := openSQLiteHandle(ctx, dsn, sqliteReaders+1, pragmas+"&_pragma=query_only(1)")
	if err != nil {
		return nil, errors.Join(err, writer.Close())
	}
	s := &Store{
		name:    path,
		dialect: sqliteDialect(),
		writer:  newStatements(writer, sqliteTemporary),
		reader:  newStatements(reader, sqliteTemporary),
		lock:    lock,
	}
	if err := s.writer.hold(ctx); err != nil {
		return nil, errors.Join(err, writer.Close(), reader.Close())
	}
	if s.log, err = checkpoints(ctx, reader, s.writer.held); err != nil {
		return nil, errors.Join(err, s.writer.close(), reader.Close())
	}
	return s, nil
}

func openSQLiteHandle(ctx context.Context, dsn string, connections int, parameters string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", dsn+"?"+parameters)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	if err := db.PingContext(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// sqliteCode returns the primary result code of an error, 0 when it has none.
func sqliteCode(err error) int {
	if failure, ok := errors.AsType[*sqlite.Error](err); ok {
		return failure.Code() & 0xff
	}
	return 0
}

func sqliteTemporary(err error) bool {
	switch sqliteCode(err) {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return true
	}
	return errors.Is(err, errAgain)
}

// sqliteUncertain: SQLite undoes a commit that fails, but one whose sync failed may
// be found in the file when it is next opened.
func sqliteUncertain(err error) bool {
	return sqliteCode(err) == sqlite3.SQLITE_IOERR
}

func sqliteCause(err error) string {
	switch sqliteCode(err) {
	case sqlite3.SQLITE_FULL:
		return "the disk is full"
	case sqlite3.SQLITE_NOTADB:
		return "the file is not a database"
	case sqlite3.SQLITE_CORRUPT:
		return "the database file is damaged"
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM:
		return "the database file may not be written"
	case sqlite3.SQLITE_CANTOPEN:
		return "the database file cannot be opened"
	case sqlite3.SQLITE_IOERR:
		return "the disk failed"
	}
	return ""
}
