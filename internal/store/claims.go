package store

import (
	"context"
	"database/sql"
)

// Claim is a value that only one owner may hold in a space, such as an e-mail
// address, whatever aggregates exist.
type Claim struct {
	Space, Value string
	Owner        string
}

func (c Claim) storable() bool { return storable(c.Space, c.Value, c.Owner) }

const (
	selectClaim  = `SELECT owner FROM claims WHERE space = $1 AND value = $2`
	selectClaims = `SELECT space, value, owner FROM claims WHERE space = $1 AND value > $2 ORDER BY value LIMIT $3`
)

var (
	insertClaims = newBulk(`INSERT INTO claims (space, value, owner) VALUES `, `($, $, $)`, ` ON CONFLICT (space, value) DO NOTHING`)
	deleteClaims = newBulk(`DELETE FROM claims WHERE (space, value, owner) IN (VALUES `, `($, $, $)`, `)`)
)

func claimArgs(claims []Claim) []any {
	var args []any
	for _, c := range claims {
		args = append(args, c.Space, c.Value, c.Owner)
	}
	return args
}

// claim takes all claims, or returns a *ClaimedError for one that it cannot take.
func (t *transaction) claim(ctx context.Context, claims []Claim) error {
	taken, err := t.execBulk(ctx, insertClaims, claimArgs(claims))
	if err != nil || taken == int64(len(claims)) {
		return err
	}
	for _, c := range claims {
		var owner string
		claimed, err := t.row(ctx, selectClaim, []any{c.Space, c.Value}, &owner)
		switch {
		case err != nil:
			return err
		case !claimed:
			return errAgain // its owner gave it up after we were refused
		case owner != c.Owner:
			return &ClaimedError{Space: c.Space, Value: c.Value, Owner: owner}
		}
	}
	return nil
}

func (t *transaction) release(ctx context.Context, claims []Claim) error {
	_, err := t.execBulk(ctx, deleteClaims, claimArgs(claims))
	return err
}

// Claim returns who holds a value, and whether anybody does.
func (s *Store) Claim(ctx context.Context, space, value string) (owner string, ok bool, err error) {
	if !storable(space, value) {
		return "", false, nil
	}
	ok, err = s.reader.row(ctx, selectClaim, []any{space, value}, &owner)
	return owner, ok, s.explain("read a claim", err)
}

// Claims returns up to limit claims in a space, those after the given value in byte order.
func (s *Store) Claims(ctx context.Context, space, after string, limit int) ([]Claim, error) {
	if !storable(space, after) {
		return nil, ErrText
	}
	rows, err := s.reader.query(ctx, selectClaims, space, after, limit)
	if err != nil {
		return nil, s.explain("list claims", err)
	}
	claims, err := scanAll(rows, func(rows *sql.Rows) (c Claim, err error) {
		err = rows.Scan(&c.Space, &c.Value, &c.Owner)
		return c, err
	})
	return claims, s.explain("list claims", err)
}
