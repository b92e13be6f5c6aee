package store

import (
	"context"
	"database/sql"
	"time"
)

// JournalRow is what one version of an aggregate changed: what a server that has an
// earlier version in memory must know. Where one process owns the database there is
// nobody to tell, and no journal is kept.
type JournalRow struct {
	Version   int64
	At        time.Time // in UTC, to the microsecond
	Operation string
	Changes   []byte
}

const (
	// journalLength is how many versions of an aggregate the journal reaches back at least. A server
	// that is further behind loads the aggregate.
	journalLength = 10_000
	// journalStep is after how many versions the oldest are deleted.
	journalStep = 500
	// journalShortening bounds what one commit deletes.
	journalShortening = 4 * journalStep
)

const (
	// One statement, so that the version and the rows are of the same moment at
	// every isolation level.
	selectJournal = `SELECT aggregates.version, journal.version, journal.at, journal.operation, journal.changes
		FROM aggregates LEFT JOIN journal ON journal.aggregate = aggregates.id AND journal.version > $2
		WHERE aggregates.id = $1 ORDER BY journal.version`
	shortenJournal = `DELETE FROM journal WHERE aggregate = $1 AND version IN
		(SELECT version FROM journal WHERE aggregate = $1 AND version <= $2 ORDER BY version LIMIT $3)`
)

var insertJournal = newBulk(`INSERT INTO journal (aggregate, version, at, operation, changes) VALUES `, `($, $, $, $, $)`, ``)

func (t *transaction) writeJournal(ctx context.Context, chains []chain) error {
	if t.dialect.exclusive {
		return nil
	}
	var args []any
	for _, c := range chains {
		if c.deletes() {
			continue
		}
		for _, a := range c.journal {
			args = append(args, string(a.ID), a.To, a.At.UnixMicro(), a.Operation, bytesOf(a.Changes))
		}
	}
	if _, err := t.execBulk(ctx, insertJournal, args); err != nil {
		return err
	}
	for _, c := range chains {
		if c.to/journalStep <= c.from/journalStep {
			continue
		}
		if _, err := t.exec(ctx, shortenJournal, string(c.id), c.to-journalLength, journalShortening); err != nil {
			return err
		}
	}
	return nil
}

// Journal returns what every version of an aggregate after the given one changed,
// oldest first. It returns ErrJournalPurged when the journal does not reach back that
// far, or is not kept, and nothing for an aggregate that does not exist.
func (s *Store) Journal(ctx context.Context, id AggregateID, after int64) ([]JournalRow, error) {
	if !storable(string(id)) {
		return nil, nil
	}
	rows, err := s.reader.query(ctx, selectJournal, string(id), after)
	if err != nil {
		return nil, s.explain("read the journal", err)
	}
	version := after
	journal, err := scanAll(rows, func(rows *sql.Rows) (JournalRow, error) {
		return scanJournal(rows, &version)
	})
	if err != nil {
		return nil, s.explain("read the journal", err)
	}
	if len(journal) > 0 && journal[0].Version == 0 {
		journal = nil // the outer join's row of an aggregate without a journal to show
	}
	if last := len(journal) - 1; version > after && (last < 0 || journal[0].Version != after+1 || journal[last].Version != version) {
		return nil, ErrJournalPurged
	}
	return journal, nil
}

func scanJournal(rows *sql.Rows, aggregate *int64) (JournalRow, error) {
	var version, at sql.NullInt64
	var operation sql.NullString
	var row JournalRow
	if err := rows.Scan(aggregate, &version, &at, &operation, &row.Changes); err != nil {
		return row, err
	}
	row.Version, row.Operation = version.Int64, operation.String
	row.At, row.Changes = timeOf(at.Int64), bytesOf(row.Changes)
	return row, nil
}

// timeOf is the time of a column: microseconds since 1970.
func timeOf(micros int64) time.Time { return time.UnixMicro(micros).UTC() }
