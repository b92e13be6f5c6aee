package store

import (
	"context"
	"database/sql"
	"sync/atomic"
)

const (
	// checkpointPages is how many pages the write-ahead log of a SQLite file may have before
	// they are copied into the file. A commit writes a dozen pages, many of them again and
	// again: the fewer checkpoints, the fewer pages are written twice.
	checkpointPages = 2048
	// commitsPerLook is after how many commits the length of the log is looked at.
	commitsPerLook = 16
)

// A checkpointer copies the write-ahead log of a SQLite file into the file, on a connection
// of its own. SQLite would have it done by whoever commits when the log is long, and he and
// everybody behind him would wait until the disk has all of it.
type checkpointer struct {
	conn    *sql.Conn
	writer  *connection
	commits atomic.Int64
	wake    chan struct{} // holds an element when the log is to be looked at
	stop    context.CancelFunc
	stopped chan struct{} // closed when no checkpoint runs any more
}

// checkpoints begins to watch the log that a writer writes, on a connection of db.
func checkpoints(ctx context.Context, db *sql.DB, writer *connection) (*checkpointer, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	c := &checkpointer{conn: conn, writer: writer, wake: make(chan struct{}, 1), stop: stop, stopped: make(chan struct{})}
	writer.committed = c.committed
	go c.watch(ctx)
	return c, nil
}

// committed is told of every commit. It does not block.
func (c *checkpointer) committed() {
	if c.commits.Add(1)%commitsPerLook != 0 {
		return
	}
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// watch makes checkpoints until it is stopped. One that fails is made up for by the next, or
// by the writer, who makes them when the log has become very long.
func (c *checkpointer) watch(ctx context.Context) {
	defer close(c.stopped)
	for {
		select {
		case <-c.wake:
			_ = c.checkpoint(ctx)
		case <-ctx.Done():
			return
		}
	}
}

// checkpoint copies the log, if it is long: most of it beside the writer, and then, while he
// waits, the little that he has added meanwhile. Only a log that is copied whole is begun anew.
func (c *checkpointer) checkpoint(ctx context.Context) error {
	pages, err := c.log(ctx, "NOOP")
	if err != nil || pages < checkpointPages {
		return err
	}
	if _, err = c.log(ctx, "PASSIVE"); err != nil {
		return err
	}
	<-c.writer.free
	defer func() { c.writer.free <- struct{}{} }()
	_, err = c.log(ctx, "PASSIVE")
	return err
}

// log makes a checkpoint of a mode of SQLite and returns how many pages the log has.
func (c *checkpointer) log(ctx context.Context, mode string) (pages int, err error) {
	var busy, copied int
	err = c.conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint("+mode+")").Scan(&busy, &pages, &copied)
	return pages, err
}

// close stops the watch and gives the connection back.
func (c *checkpointer) close() error {
	c.stop()
	<-c.stopped
	return c.conn.Close()
}
