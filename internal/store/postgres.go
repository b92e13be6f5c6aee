package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

const (
	// postgresConnections is the number of connections one process holds.
	postgresConnections = 16
	// postgresIdle is how long a connection waits for work before it is closed.
	postgresIdle = 5 * time.Minute
)

func postgresDialect() dialect {
	return dialect{
		schema:    strings.NewReplacer("$text", `TEXT COLLATE "C"`, "$bytes", "BYTEA", "$clustered", ""),
		snapshot:  sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead},
		temporary: postgresTemporary,
		uncertain: postgresUncertain,
		cause:     postgresCause,
	}
}

func openPostgres(ctx context.Context, cfg Config) (*Store, error) {
	config, err := pgx.ParseConfig(cfg.DatabaseURL)
	if err != nil {
		return nil, fmt.Errorf("store: database URL: %w", err) // pgx leaves the password out
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "espalier"
	}
	db := stdlib.OpenDB(*config)
	db.SetMaxOpenConns(postgresConnections)
	db.SetMaxIdleConns(postgresConnections)
	db.SetConnMaxIdleTime(postgresIdle)
	pool := newStatements(db, postgresTemporary)
	s := &Store{
		name:    "database " + config.Database + " on " + config.Host,
		dialect: postgresDialect(),
		options: sql.TxOptions{Isolation: cfg.Isolation},
		writer:  pool,
		reader:  pool,
	}
	if err := db.PingContext(ctx); err != nil {
		return nil, errors.Join(s.explain("open "+s.name, err), s.Close())
	}
	return s, nil
}

// postgresTemporary: besides what PostgreSQL itself wants run again, a connection
// that was lost before COMMIT was sent has changed nothing.
func postgresTemporary(err error) bool {
	switch sqlState(err) {
	case "40001", // serialization_failure
		"40P01",          // deadlock_detected
		"57P01", "57P02": // admin_shutdown, crash_shutdown
		return true
	}
	return errors.Is(err, errAgain) || errors.Is(err, driver.ErrBadConn) || pgconn.SafeToRetry(err) && !unreachable(err)
}

// postgresUncertain: only an error that the server itself reports says that nothing
// was written.
func postgresUncertain(err error) bool {
	state := sqlState(err)
	return state == "" || strings.HasPrefix(state, "57P")
}

func postgresCause(err error) string {
	state := sqlState(err)
	switch {
	case unreachable(err):
		return "PostgreSQL cannot be reached"
	case state == "53100":
		return "the disk of PostgreSQL is full"
	case state == "25006":
		return "PostgreSQL accepts no changes"
	case strings.HasPrefix(state, "57P"), state == "" && errors.Is(err, driver.ErrBadConn):
		return "the connection to PostgreSQL was lost"
	}
	return ""
}

func unreachable(err error) bool {
	_, ok := errors.AsType[*pgconn.ConnectError](err)
	return ok
}

// sqlState returns the SQLSTATE that PostgreSQL reported, "" when it reported none.
func sqlState(err error) string {
	if failure, ok := errors.AsType[*pgconn.PgError](err); ok {
		return failure.Code
	}
	return ""
}
