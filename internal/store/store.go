// Package store keeps Espalier's rows, on SQLite or on PostgreSQL. It knows
// nothing of organizations and accounts: an aggregate is an id with a version, its
// entities are documents, and one Batch is everything that one commit changes.
//
// The SQL is the same text on both databases, but for the types of columns and the
// arguments of statements of many rows. Text is UTF-8 without NUL and ordered
// by its bytes, times are microseconds since 1970, and a transaction is one function
// without side effects that is run again whole when the database asks for it.
package store

import (
	"context"
	"database/sql"
	"errors"
	"io"
)

// Config says which database to open: exactly one of SQLitePath and DatabaseURL.
type Config struct {
	// SQLitePath is the path of a SQLite file in an existing directory, or
	// ":memory:" for a database that lives as long as the Store.
	SQLitePath string
	// DatabaseURL is the URL of a PostgreSQL database, "postgres://…".
	DatabaseURL string
	// Isolation is the isolation level of transactions on PostgreSQL. The zero
	// value is the database's default. Every level gives the same results.
	Isolation sql.IsolationLevel
}

// Store is an open database. Its methods may be called concurrently.
type Store struct {
	name    string // of the database, for errors
	dialect dialect
	options sql.TxOptions // of a transaction that writes
	writer  *statements
	reader  *statements   // the writer itself where there is only one connection
	log     *checkpointer // of a SQLite file, nil where there is none
	lock    io.Closer     // what makes this process the owner of a SQLite file
}

// Open opens the database, creates or migrates its tables, and checks that this
// program understands them. The error names the cause: the path or server that
// cannot be opened, a file that is not a database, another process that owns it, or
// a schema written by a newer program.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	s, err := connect(ctx, cfg)
	if err != nil {
		return nil, err
	}
	if err := s.migrate(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if s.Exclusive() {
		if err := s.freeJobs(ctx); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	return s, nil
}

func connect(ctx context.Context, cfg Config) (*Store, error) {
	switch {
	case cfg.SQLitePath != "" && cfg.DatabaseURL != "":
		return nil, errors.New("store: a SQLite path and a database URL are given; choose one")
	case cfg.SQLitePath == memoryPath:
		return openMemory(ctx)
	case cfg.SQLitePath != "":
		return openSQLite(ctx, cfg.SQLitePath)
	case cfg.DatabaseURL != "":
		return openPostgres(ctx, cfg)
	}
	return nil, errors.New("store: neither a SQLite path nor a database URL is given")
}

// Exclusive reports whether this process is the only one that writes the database,
// so that what it holds in memory cannot be out of date, and no journal is kept.
func (s *Store) Exclusive() bool { return s.dialect.exclusive }

// Ping reports whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	return s.explain("ping", s.reader.db.PingContext(ctx))
}

// Close releases the connections and the ownership of a SQLite file.
func (s *Store) Close() error {
	var errs []error
	if s.log != nil {
		errs = append(errs, s.log.close())
	}
	errs = append(errs, s.reader.close())
	if s.writer != s.reader {
		errs = append(errs, s.writer.close())
	}
	if s.lock != nil {
		errs = append(errs, s.lock.Close())
	}
	return errors.Join(errs...)
}
