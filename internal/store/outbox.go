package store

import (
	"context"
	"database/sql"
)

// Announcement is an event of the trail that receivers are to be told of.
type Announcement struct {
	TrailPosition
	Account string // whose trail shows the event
	ID      string // of the event
	Name    string // of the operation
	Source  string // service that was called
	Doc     []byte // nil when the event is not in the trail any more
}

const (
	announcementColumns = `COALESCE(trail.at, 0), COALESCE(trail.account, ''), COALESCE(trail.id, ''), COALESCE(trail.name, ''),
		COALESCE(trail.source, ''), trail.doc`
	selectOutbox = `SELECT outbox.aggregate, outbox.version, outbox.n, ` + announcementColumns + ` FROM outbox
		LEFT JOIN trail ON trail.aggregate = outbox.aggregate AND trail.version = outbox.version AND trail.n = outbox.n
		ORDER BY outbox.aggregate, outbox.version, outbox.n LIMIT $1`
	selectLastDelivery = `SELECT COALESCE(max(sequence), 0) FROM deliveries WHERE receiver = $1`
)

var (
	insertOutbox = newBulk(`INSERT INTO outbox (aggregate, version, n) VALUES `, `($, $, $)`, ``)
	deleteOutbox = newBulk(`DELETE FROM outbox WHERE (aggregate, version, n) IN (VALUES `, `($, CAST($ AS BIGINT), CAST($ AS BIGINT))`, `)`)
)

func positionArgs(positions []TrailPosition) []any {
	args := make([]any, 0, 3*len(positions))
	for _, p := range positions {
		args = append(args, string(p.Aggregate), p.Version, p.N)
	}
	return args
}

func (t *transaction) announce(ctx context.Context, events []TrailRow) error {
	positions := make([]TrailPosition, len(events))
	for i, e := range events {
		positions[i] = e.TrailPosition
	}
	_, err := t.execBulk(ctx, insertOutbox, positionArgs(positions))
	return err
}

// Announced returns up to limit events that batches announced and that are not
// addressed yet, those of one aggregate in the order of its trail.
func (s *Store) Announced(ctx context.Context, limit int) ([]Announcement, error) {
	rows, err := s.reader.query(ctx, selectOutbox, limit)
	if err != nil {
		return nil, s.explain("read the outbox", err)
	}
	events, err := scanAll(rows, func(rows *sql.Rows) (Announcement, error) { return scanAnnouncement(rows) })
	return events, s.explain("read the outbox", err)
}

// scanAnnouncement scans an announcement behind other columns.
func scanAnnouncement(rows *sql.Rows, others ...any) (a Announcement, err error) {
	var at int64
	err = rows.Scan(append(others, &a.Aggregate, &a.Version, &a.N, &at, &a.Account, &a.ID, &a.Name, &a.Source, &a.Doc)...)
	a.At = timeOf(at)
	return a, err
}

// Address replaces announced events by deliveries, behind all others of their
// receivers. It returns ErrConflict when an event was addressed already.
func (s *Store) Address(ctx context.Context, events []TrailPosition, deliveries []Delivery) error {
	return s.transact(ctx, "address events", func(t *transaction) error {
		if err := t.mustChangeAll(ctx, deleteOutbox, positionArgs(events)); err != nil {
			return err
		}
		last := map[string]int64{}
		args := make([]any, 0, len(deliveries)*insertDeliveries.width)
		for _, d := range deliveries {
			sequence, known := last[d.Receiver]
			if !known {
				if _, err := t.row(ctx, selectLastDelivery, []any{d.Receiver}, &sequence); err != nil {
					return err
				}
			}
			last[d.Receiver] = sequence + 1
			args = append(args, d.Receiver, sequence+1, string(d.Aggregate), d.Version, d.N, d.Since.UnixMicro())
		}
		return t.mustChangeAll(ctx, insertDeliveries, args)
	})
}
