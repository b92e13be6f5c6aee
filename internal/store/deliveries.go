package store

import (
	"context"
	"database/sql"
	"strconv"
	"time"
)

// Delivery is an event that one receiver is to be told of.
type Delivery struct {
	Announcement
	Receiver string
	Sequence int64     // the receiver's deliveries are in its order
	Dead     bool      // given up, and kept to be looked at
	Since    time.Time // when it began to wait
	Attempts int       // that failed
	Error    string    // of the last one
}

const (
	deliveryColumns  = `receiver, dead, sequence, aggregate, version, n, since, attempts, error`
	selectDeliveries = `SELECT deliveries.receiver, deliveries.dead, deliveries.sequence, deliveries.since, deliveries.attempts, deliveries.error,
		deliveries.aggregate, deliveries.version, deliveries.n, ` + announcementColumns + ` FROM deliveries
		LEFT JOIN trail ON trail.aggregate = deliveries.aggregate AND trail.version = deliveries.version AND trail.n = deliveries.n `
	waitingFor      = selectDeliveries + `WHERE receiver = $1 AND dead = 0 ORDER BY sequence LIMIT $2`
	allDeliveries   = selectDeliveries + `WHERE (receiver, sequence) > ($1, $2) ORDER BY receiver, sequence LIMIT $3`
	countDeliveries = `SELECT receiver, dead, count(*), min(since) FROM deliveries GROUP BY receiver, dead`
	failDelivery    = `UPDATE deliveries SET attempts = attempts + 1, error = $3 WHERE receiver = $1 AND sequence = $2`
	killDelivery    = `UPDATE deliveries SET dead = 1 WHERE receiver = $1 AND sequence = $2`
	killDeliveries  = `UPDATE deliveries SET dead = 1 WHERE receiver = $1 AND dead = 0 AND since <= $2`
	reviveAll       = `UPDATE deliveries SET dead = 0, attempts = 0, since = $1 WHERE dead = 1`
	reviveReceivers = reviveAll + ` AND receiver = $2`
	purgeDeliveries = `DELETE FROM deliveries WHERE (receiver, sequence) IN (SELECT receiver, sequence FROM deliveries WHERE since < $1 LIMIT $2)`
)

var (
	insertDeliveries = newBulk(`INSERT INTO deliveries (`+deliveryColumns+`) VALUES `, `($, 0, $, $, $, $, $, 0, '')`, ` ON CONFLICT (receiver, sequence) DO NOTHING`)
	deleteDeliveries = newBulk(`DELETE FROM deliveries WHERE (receiver, sequence, aggregate, version, n) IN (VALUES `, `($, CAST($ AS BIGINT), $, CAST($ AS BIGINT), CAST($ AS BIGINT))`, `)`)
)

// Waiting returns up to limit deliveries that a receiver waits for, the next one
// first.
func (s *Store) Waiting(ctx context.Context, receiver string, limit int) ([]Delivery, error) {
	return s.deliveries(ctx, waitingFor, receiver, limit)
}

// Deliveries returns up to limit deliveries, waiting and given up, from behind one,
// in the order of their receivers and of what each is to be told.
func (s *Store) Deliveries(ctx context.Context, receiver string, sequence int64, limit int) ([]Delivery, error) {
	if !storable(receiver) {
		return nil, ErrText
	}
	return s.deliveries(ctx, allDeliveries, receiver, sequence, limit)
}

func (s *Store) deliveries(ctx context.Context, text string, args ...any) ([]Delivery, error) {
	rows, err := s.reader.query(ctx, text, args...)
	if err != nil {
		return nil, s.explain("read deliveries", err)
	}
	deliveries, err := scanAll(rows, func(rows *sql.Rows) (d Delivery, err error) {
		var dead, since int64
		d.Announcement, err = scanAnnouncement(rows, &d.Receiver, &dead, &d.Sequence, &since, &d.Attempts, &d.Error)
		d.Dead, d.Since = dead != 0, timeOf(since)
		return d, err
	})
	return deliveries, s.explain("read deliveries", err)
}

// Backlog is how many deliveries of one receiver are waiting, or were given up.
type Backlog struct {
	Receiver string
	Dead     bool
	Count    int
	Since    time.Time // of the oldest
}

// Backlogs counts the deliveries of each receiver that has any.
func (s *Store) Backlogs(ctx context.Context) ([]Backlog, error) {
	rows, err := s.reader.query(ctx, countDeliveries)
	if err != nil {
		return nil, s.explain("count deliveries", err)
	}
	backlogs, err := scanAll(rows, func(rows *sql.Rows) (b Backlog, err error) {
		var dead, since int64
		err = rows.Scan(&b.Receiver, &dead, &b.Count, &since)
		b.Dead, b.Since = dead != 0, timeOf(since)
		return b, err
	})
	return backlogs, s.explain("count deliveries", err)
}

// Delivered removes deliveries.
func (s *Store) Delivered(ctx context.Context, deliveries []Delivery) error {
	args := make([]any, 0, len(deliveries)*deleteDeliveries.width)
	for _, d := range deliveries {
		args = append(args, d.Receiver, d.Sequence, string(d.Aggregate), d.Version, d.N)
	}
	return s.transact(ctx, "remove deliveries", func(t *transaction) error {
		_, err := t.execBulk(ctx, deleteDeliveries, args)
		return err
	})
}

// FailDelivery counts a failed attempt at a delivery, and keeps why it failed.
func (s *Store) FailDelivery(ctx context.Context, d Delivery, why string) error {
	if !storable(why) {
		why = strconv.Quote(why)
	}
	_, err := s.change(ctx, "note a failed delivery", failDelivery, d.Receiver, d.Sequence, why)
	return err
}

// GiveUp sets a delivery aside.
func (s *Store) GiveUp(ctx context.Context, d Delivery) error {
	_, err := s.change(ctx, "give up a delivery", killDelivery, d.Receiver, d.Sequence)
	return err
}

// GiveUpOld sets aside all deliveries that a receiver has waited for since a time or
// longer, and returns how many there were.
func (s *Store) GiveUpOld(ctx context.Context, receiver string, since time.Time) (int, error) {
	return s.change(ctx, "give up deliveries", killDeliveries, receiver, since.UnixMicro())
}

// Redeliver lets what was given up wait again, for one receiver or, where the name is
// empty, for all, and returns how many deliveries there are.
func (s *Store) Redeliver(ctx context.Context, receiver string, now time.Time) (int, error) {
	switch {
	case receiver == "":
		return s.change(ctx, "deliver again", reviveAll, now.UnixMicro())
	case !storable(receiver):
		return 0, nil
	}
	return s.change(ctx, "deliver again", reviveReceivers, now.UnixMicro(), receiver)
}

// PurgeDeliveries deletes up to limit deliveries that began to wait before a time,
// and returns how many it deleted.
func (s *Store) PurgeDeliveries(ctx context.Context, before time.Time, limit int) (int, error) {
	return s.change(ctx, "purge deliveries", purgeDeliveries, before.UnixMicro(), limit)
}

// change runs one statement and returns the number of rows it changed.
func (s *Store) change(ctx context.Context, operation, text string, args ...any) (int, error) {
	var changed int64
	err := s.transact(ctx, operation, func(t *transaction) (err error) {
		changed, err = t.exec(ctx, text, args...)
		return err
	})
	return int(changed), err
}
