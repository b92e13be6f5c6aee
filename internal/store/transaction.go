package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

const (
	// attempts is how often a transaction is run before the store gives up.
	attempts = 12
	// firstDelay is the wait before the second attempt; it doubles, up to lastDelay.
	firstDelay = time.Millisecond
	lastDelay  = 200 * time.Millisecond
)

// transaction is one attempt at changing the database.
type transaction struct {
	tx         session
	statements *statements
	dialect    *dialect
	wanted     []string // texts to prepare once the connection is free
}

// transact runs change in a transaction, again and whole when the database asks for
// it. change must have no effect but on the database and on what it sets afresh.
func (s *Store) transact(ctx context.Context, operation string, change func(*transaction) error) error {
	delay := firstDelay
	for attempt := 1; ; attempt++ {
		err := s.attempt(ctx, change)
		if !errors.Is(err, errAgain) {
			return s.explain(operation, err)
		}
		if attempt == attempts {
			return fmt.Errorf("%w: %s was undone %d times: %w", ErrBusy, operation, attempts, err)
		}
		jittered := delay/2 + rand.N(delay) //nolint:gosec // it only keeps writers from meeting again
		if err := wait(ctx, jittered); err != nil {
			return s.explain(operation, err)
		}
		delay = min(2*delay, lastDelay)
	}
}

// attempt runs change in one transaction. An error that another attempt may mend
// is errAgain.
func (s *Store) attempt(ctx context.Context, change func(*transaction) error) error {
	tx, err := s.writer.begin(ctx, &s.options)
	if err != nil {
		return s.again(err)
	}
	defer func() {
		if p := recover(); p != nil {
			_ = tx.Rollback() // who comes next must not wait for ever
			panic(p)
		}
	}()
	t := &transaction{tx: tx, statements: s.writer, dialect: &s.dialect}
	if err := change(t); err != nil {
		_ = tx.Rollback() // the connection is dropped when it cannot be rolled back
		return s.again(err)
	}
	if err := tx.Commit(); err != nil {
		if s.dialect.uncertain(err) {
			return fmt.Errorf("%w: %w", ErrUncertain, err)
		}
		return s.again(err)
	}
	for _, text := range t.wanted {
		// The batch is written; a statement that cannot be prepared now is prepared later.
		_, _ = s.writer.prepare(ctx, text) //nolint:sqlclosecheck // kept for the next time
	}
	return nil
}

func (s *Store) again(err error) error {
	if s.dialect.temporary(err) {
		return fmt.Errorf("%w: %w", errAgain, err)
	}
	return err
}

func wait(ctx context.Context, delay time.Duration) error {
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// exec runs a statement and returns the number of rows it changed.
func (t *transaction) exec(ctx context.Context, text string, args ...any) (int64, error) {
	result, err := t.run(ctx, text, args)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func (t *transaction) run(ctx context.Context, text string, args []any) (sql.Result, error) {
	if stmt := t.statements.lookup(text); stmt != nil {
		return t.tx.StmtContext(ctx, stmt).ExecContext(ctx, args...) //nolint:sqlclosecheck // closed with the transaction
	}
	t.wanted = append(t.wanted, text)
	return t.tx.ExecContext(ctx, text, args...)
}

func (t *transaction) query(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	if stmt := t.statements.lookup(text); stmt != nil {
		return t.tx.StmtContext(ctx, stmt).QueryContext(ctx, args...) //nolint:sqlclosecheck // closed with the transaction
	}
	t.wanted = append(t.wanted, text)
	return t.tx.QueryContext(ctx, text, args...)
}

// row scans the only row of the answer and reports whether there is one.
func (t *transaction) row(ctx context.Context, text string, args []any, into ...any) (bool, error) {
	rows, err := t.query(ctx, text, args...)
	if err != nil {
		return false, err
	}
	return scanRow(rows, into...)
}

// execBulk runs the statement over all rows and returns the number of rows it changed.
func (t *transaction) execBulk(ctx context.Context, statement bulk, args []any) (int64, error) {
	var changed int64
	for text, chunk := range statement.chunks(args, t.dialect.positional) {
		n, err := t.exec(ctx, text, chunk...)
		if err != nil {
			return changed, err
		}
		changed += n
	}
	return changed, nil
}
