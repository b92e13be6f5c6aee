package store

import (
	"context"
	"database/sql"
	"errors"
	"iter"
	"strconv"
	"strings"
	"sync"
)

// statements are the prepared statements of one database handle, by their text. The
// texts are few: they are written in this package, and bulk statements come in a
// handful of sizes.
type statements struct {
	db        *sql.DB
	temporary func(error) bool // as in dialect
	held      *connection      // the only connection of the handle, nil where it has several
	mu        sync.Mutex
	prepared  map[string]*sql.Stmt
}

func newStatements(db *sql.DB, temporary func(error) bool) *statements {
	return &statements{db: db, temporary: temporary, prepared: map[string]*sql.Stmt{}}
}

// hold takes the only connection of the handle for good.
func (p *statements) hold(ctx context.Context) (err error) {
	p.held, err = hold(ctx, p.db)
	return err
}

// begin begins a transaction.
func (p *statements) begin(ctx context.Context, options *sql.TxOptions) (session, error) {
	if p.held != nil {
		return p.held.transaction(ctx)
	}
	return p.db.BeginTx(ctx, options)
}

func (p *statements) prepareContext(ctx context.Context, text string) (*sql.Stmt, error) {
	if p.held != nil {
		return p.held.PrepareContext(ctx, text)
	}
	return p.db.PrepareContext(ctx, text)
}

// lookup returns the prepared statement, nil when the text is not prepared yet.
func (p *statements) lookup(text string) *sql.Stmt {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.prepared[text]
}

// prepare returns the prepared statement. It needs a connection, so it must not be
// called inside a transaction: where there is only one connection it would wait for ever.
func (p *statements) prepare(ctx context.Context, text string) (*sql.Stmt, error) {
	if stmt := p.lookup(text); stmt != nil {
		return stmt, nil
	}
	stmt, err := p.prepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if other := p.prepared[text]; other != nil {
		return other, stmt.Close() //nolint:sqlclosecheck // another caller was faster
	}
	p.prepared[text] = stmt
	return stmt, nil
}

// query runs a query, again when the connection it was given turns out to be dead.
func (p *statements) query(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	for attempt := 1; ; attempt++ {
		rows, err := p.queryOnce(ctx, text, args)
		if err == nil || attempt == attempts || !p.temporary(err) {
			return rows, err
		}
	}
}

func (p *statements) queryOnce(ctx context.Context, text string, args []any) (*sql.Rows, error) {
	stmt, err := p.prepare(ctx, text) //nolint:sqlclosecheck // kept for the next time
	if err != nil {
		return nil, err
	}
	return stmt.QueryContext(ctx, args...)
}

// row scans the only row of the answer and reports whether there is one.
func (p *statements) row(ctx context.Context, text string, args []any, into ...any) (bool, error) {
	rows, err := p.query(ctx, text, args...)
	if err != nil {
		return false, err
	}
	return scanRow(rows, into...)
}

func (p *statements) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var errs []error
	if p.held != nil {
		for _, stmt := range p.prepared {
			errs = append(errs, stmt.Close()) // the handle only knows what was prepared on itself
		}
		errs = append(errs, p.held.close())
	}
	clear(p.prepared)
	return errors.Join(append(errs, p.db.Close())...)
}

// scanRow reads the first row, if there is one, and closes the rows.
func scanRow(rows *sql.Rows, into ...any) (bool, error) {
	defer rows.Close()
	if !rows.Next() {
		return false, rows.Err()
	}
	return true, rows.Scan(into...)
}

// scanAll reads all rows and closes them.
func scanAll[T any](rows *sql.Rows, scan func(*sql.Rows) (T, error)) ([]T, error) {
	defer rows.Close()
	var all []T
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

// bulk is a statement that takes any number of rows.
type bulk struct {
	width      int                    // the number of arguments of one row
	numbered   [len(bulkSizes)]string // for as many rows as bulkSizes says, with $1, $2, …
	positional [len(bulkSizes)]string // the same with ?
}

// bulkSizes are the numbers of rows in one statement, largest first. They are few,
// so that the prepared statements are.
var bulkSizes = [...]int{64, 16, 4, 1}

// newBulk returns the statement that has row between before and after as often as
// there are rows. Each "$" in row stands for one argument.
func newBulk(before, row, after string) bulk {
	b := bulk{width: strings.Count(row, "$")}
	for i, rows := range bulkSizes {
		b.numbered[i] = repeated(before, row, after, rows)
		each := strings.ReplaceAll(row, "$", "?")
		b.positional[i] = before + strings.Repeat(each+", ", rows-1) + each + after
	}
	return b
}

// repeated returns the text of a statement for a number of rows.
func repeated(before, row, after string, rows int) string {
	var text strings.Builder
	text.WriteString(before)
	n := 0
	for i := range rows {
		if i > 0 {
			text.WriteString(", ")
		}
		for _, r := range row {
			text.WriteRune(r)
			if r == '$' {
				n++
				text.WriteString(strconv.Itoa(n))
			}
		}
	}
	text.WriteString(after)
	return text.String()
}

// chunks cuts the arguments of many rows into statements of the sizes above.
func (b *bulk) chunks(args []any, positional bool) iter.Seq2[string, []any] {
	texts := &b.numbered
	if positional {
		texts = &b.positional
	}
	return func(yield func(string, []any) bool) {
		for i, size := range bulkSizes {
			for len(args) >= size*b.width {
				if !yield(texts[i], args[:size*b.width]) {
					return
				}
				args = args[size*b.width:]
			}
		}
	}
}
