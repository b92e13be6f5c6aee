package store

import (
	"context"
	"database/sql"
	"errors"
)

// session is where the statements of one transaction run.
type session interface {
	ExecContext(ctx context.Context, text string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error)
	StmtContext(ctx context.Context, stmt *sql.Stmt) *sql.Stmt
	Commit() error
	Rollback() error
}

// connection is the only connection that writes a SQLite file. It is held as long as the
// file is open: a sql.Tx would take a goroutine, a statement that is parsed for its beginning
// and one for its end, and another for everything that is prepared.
type connection struct {
	*sql.Conn
	free                    chan struct{} // holds an element while no transaction runs
	begin, commit, rollback *sql.Stmt
	committed               func() // is told of every commit
}

func hold(ctx context.Context, db *sql.DB) (*connection, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	c := &connection{Conn: conn, free: make(chan struct{}, 1), committed: func() {}}
	c.free <- struct{}{}
	for text, stmt := range map[string]**sql.Stmt{"BEGIN IMMEDIATE": &c.begin, "COMMIT": &c.commit, "ROLLBACK": &c.rollback} {
		if *stmt, err = conn.PrepareContext(ctx, text); err != nil { //nolint:sqlclosecheck // by close
			return nil, errors.Join(err, conn.Close())
		}
	}
	return c, nil
}

// close gives the connection back to be closed with its handle.
func (c *connection) close() error {
	return errors.Join(c.begin.Close(), c.commit.Close(), c.rollback.Close(), c.Close())
}

// transaction waits for the transaction before it to end, and begins one.
func (c *connection) transaction(ctx context.Context) (session, error) {
	select {
	case <-c.free:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if _, err := c.begin.Exec(); err != nil {
		c.free <- struct{}{}
		return nil, err
	}
	return c, nil
}

// StmtContext returns the statement, which was prepared for this connection.
func (c *connection) StmtContext(_ context.Context, stmt *sql.Stmt) *sql.Stmt { return stmt }

// Commit ends the transaction. One that cannot be committed is undone.
func (c *connection) Commit() error {
	_, err := c.commit.Exec()
	if err != nil {
		_, _ = c.rollback.Exec() // where SQLite has not done it itself
	}
	c.free <- struct{}{}
	c.committed()
	return err
}

// Rollback undoes the transaction.
func (c *connection) Rollback() error {
	_, err := c.rollback.Exec()
	c.free <- struct{}{}
	return err
}
