package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// schemaKey is the meta key of the number of the last migration that was run.
const schemaKey = "schema"

// migrations bring a database from one schema version to the next; the first makes
// version 1 out of nothing. A migration that has been released is never edited.
var migrations = []string{schemaVersion1, schemaVersion2, schemaVersion3}

// metaTable is made before anything else: it holds the schema version.
const metaTable = `CREATE TABLE IF NOT EXISTS meta (key $text PRIMARY KEY, value $bytes NOT NULL)$clustered`

// A $clustered table is kept in the order of its key. The trail is not: its rows are
// large, and SQLite would give each that exceeds a quarter of a page a page of its own.
const schemaVersion1 = `
CREATE TABLE aggregates (
	id      $text  PRIMARY KEY,
	kind    $text  NOT NULL,
	version BIGINT NOT NULL
)$clustered;
CREATE INDEX aggregates_by_kind ON aggregates (kind, id);

CREATE TABLE entities (
	aggregate $text  NOT NULL,
	kind      $text  NOT NULL,
	id        $text  NOT NULL,
	doc       $bytes NOT NULL,
	PRIMARY KEY (aggregate, kind, id)
)$clustered;

CREATE TABLE claims (
	space $text NOT NULL,
	value $text NOT NULL,
	owner $text NOT NULL,
	PRIMARY KEY (space, value)
)$clustered;

CREATE TABLE journal (
	aggregate $text  NOT NULL,
	version   BIGINT NOT NULL,
	at        BIGINT NOT NULL,
	operation $text  NOT NULL,
	changes   $bytes NOT NULL,
	PRIMARY KEY (aggregate, version)
)$clustered;

CREATE TABLE trail (
	aggregate  $text  NOT NULL,
	version    BIGINT NOT NULL,
	n          BIGINT NOT NULL,
	account    $text  NOT NULL,
	at         BIGINT NOT NULL,
	id         $text  NOT NULL,
	name       $text  NOT NULL,
	source     $text  NOT NULL,
	username   $text  NOT NULL,
	access_key $text  NOT NULL,
	read_only  BIGINT NOT NULL,
	resources  $text  NOT NULL,
	doc        $bytes NOT NULL,
	hash       $bytes NOT NULL,
	PRIMARY KEY (aggregate, version, n)
);
CREATE INDEX trail_by_account ON trail (account, at, aggregate, version, n);
CREATE INDEX trail_by_time ON trail (at);

CREATE TABLE jobs (
	id        $text  PRIMARY KEY,
	kind      $text  NOT NULL,
	aggregate $text  NOT NULL,
	due       BIGINT NOT NULL,
	lease     BIGINT NOT NULL,
	owner     $text  NOT NULL,
	attempts  BIGINT NOT NULL,
	payload   $bytes NOT NULL
)$clustered;
CREATE INDEX jobs_by_lease ON jobs (lease, due)`

const schemaVersion2 = `
CREATE TABLE outbox (
	aggregate $text  NOT NULL,
	version   BIGINT NOT NULL,
	n         BIGINT NOT NULL,
	PRIMARY KEY (aggregate, version, n)
)$clustered;

CREATE TABLE deliveries (
	receiver  $text  NOT NULL,
	dead      BIGINT NOT NULL,
	sequence  BIGINT NOT NULL,
	aggregate $text  NOT NULL,
	version   BIGINT NOT NULL,
	n         BIGINT NOT NULL,
	since     BIGINT NOT NULL,
	attempts  BIGINT NOT NULL,
	error     $text  NOT NULL,
	PRIMARY KEY (receiver, sequence)
)$clustered;
CREATE INDEX deliveries_by_state ON deliveries (receiver, dead, sequence)`

// Old events are found account by account: an index of all by their time would be one
// more page in every commit, for what is done once a day.
const schemaVersion3 = `DROP INDEX trail_by_time`

// migrate runs the migrations that the database has not seen.
func (s *Store) migrate(ctx context.Context) error {
	return s.transact(ctx, "open "+s.name, func(t *transaction) error {
		err := s.migrateOnce(ctx, t)
		if state := sqlState(err); state == "23505" || state == "42P07" {
			return errAgain // another server is making the same tables
		}
		return err
	})
}

func (s *Store) migrateOnce(ctx context.Context, t *transaction) error {
	if _, err := t.tx.ExecContext(ctx, s.dialect.schema.Replace(metaTable)); err != nil {
		return err
	}
	version, err := schemaVersion(ctx, t)
	if err != nil {
		return err
	}
	if version > len(migrations) {
		return fmt.Errorf("database schema %d is newer than this espalier understands (%d); run the version of espalier that wrote it, or a newer one",
			version, len(migrations))
	}
	return s.run(ctx, t, version, len(migrations))
}

// run runs the migrations from one version of the schema to another.
func (s *Store) run(ctx context.Context, t *transaction, from, to int) error {
	if from == to {
		return nil
	}
	for _, migration := range migrations[from:to] {
		for statement := range strings.SplitSeq(migration, ";") {
			if _, err := t.tx.ExecContext(ctx, s.dialect.schema.Replace(statement)); err != nil {
				return err
			}
		}
	}
	_, err := t.tx.ExecContext(ctx, upsertMeta, schemaKey, []byte(strconv.Itoa(to)))
	return err
}

// schemaVersion returns the version of the database's schema, 0 when it has none.
func schemaVersion(ctx context.Context, t *transaction) (int, error) {
	rows, err := t.tx.QueryContext(ctx, selectMeta, schemaKey)
	if err != nil {
		return 0, err
	}
	values, err := scanAll(rows, scanBytes)
	if err != nil || len(values) == 0 {
		return 0, err
	}
	version, err := strconv.Atoi(string(values[0]))
	if err != nil || version < 0 {
		return 0, errors.New("the schema version of the database is not a number")
	}
	return version, nil
}
