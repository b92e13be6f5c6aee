package store

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// TrailRow is one event of the trail: its place in the trail of an aggregate, what it
// is looked up by, and the event itself.
type TrailRow struct {
	TrailPosition
	Account   string // whose trail shows the event
	ID        string // of the event
	Name      string // of the operation
	Source    string // service that was called
	Username  string
	AccessKey string
	ReadOnly  bool
	Resources []Resource
	Doc, Hash []byte
}

// TrailPosition is the place of an event in the trail of an aggregate, where Version
// and N order the events, and among the events of an account, which are ordered by time.
type TrailPosition struct {
	At         time.Time // in UTC, to the microsecond
	Aggregate  AggregateID
	Version, N int64
}

// Resource is something an event is about.
type Resource struct {
	Type, Name string
}

func (r TrailRow) storable() bool {
	return storable(string(r.Aggregate), r.Account, r.ID, r.Name, r.Source, r.Username, r.AccessKey)
}

// TrailQuery selects events of one account. Zero fields select everything.
type TrailQuery struct {
	Account      string    // required
	From, To     time.Time // both inclusive
	ID           string
	Name         string
	Source       string
	Username     string
	AccessKey    string
	ReadOnly     *bool
	ResourceType string
	ResourceName string
	After        *TrailPosition // where the page before ended
	Limit        int
}

const (
	trailColumns = `at, aggregate, version, n, account, id, name, source, username, access_key, read_only, resources, doc, hash`
	selectTrail  = `SELECT ` + trailColumns + ` FROM trail WHERE `
	selectHead   = `SELECT version, n, hash FROM trail WHERE aggregate = $1 ORDER BY version DESC, n DESC LIMIT 1`
	selectChain  = selectTrail + `aggregate = $1 AND (version, n) > ($2, $3) ORDER BY version, n LIMIT $4`
	purgeTrail   = `DELETE FROM trail WHERE (aggregate, version, n) IN
		(SELECT aggregate, version, n FROM trail WHERE account = $1 AND at < $2 ORDER BY at LIMIT $3)`
	// From each account the next one is sought, which reads no event.
	selectOldTrails = `WITH RECURSIVE accounts (account) AS (
			SELECT min(account) FROM trail
			UNION ALL SELECT (SELECT min(trail.account) FROM trail WHERE trail.account > accounts.account)
			FROM accounts WHERE accounts.account IS NOT NULL)
		SELECT account FROM accounts
		WHERE EXISTS (SELECT 1 FROM trail WHERE trail.account = accounts.account AND trail.at < $1)`
)

var insertTrail = newBulk(
	`INSERT INTO trail (`+trailColumns+`) VALUES `, `($, $, $, $, $, $, $, $, $, $, $, $, $, $)`,
	` ON CONFLICT (aggregate, version, n) DO NOTHING`,
)

func (t *transaction) appendTrail(ctx context.Context, events []TrailRow) error {
	args := make([]any, 0, len(events)*insertTrail.width)
	for _, e := range events {
		args = append(args, e.At.UnixMicro(), string(e.Aggregate), e.Version, e.N, e.Account, e.ID, e.Name, e.Source,
			e.Username, e.AccessKey, boolColumn(e.ReadOnly), resourcesColumn(e.Resources), bytesOf(e.Doc), bytesOf(e.Hash))
	}
	return t.mustChangeAll(ctx, insertTrail, args)
}

// TrailHead is the last event in the trail of an aggregate.
type TrailHead struct {
	Version, N int64
	Hash       []byte
}

// TrailHead returns the last event in the trail of an aggregate, and whether there
// is one.
func (s *Store) TrailHead(ctx context.Context, id AggregateID) (TrailHead, bool, error) {
	var head TrailHead
	if !storable(string(id)) {
		return head, false, nil
	}
	found, err := s.reader.row(ctx, selectHead, []any{string(id)}, &head.Version, &head.N, &head.Hash)
	return head, found, s.explain("read the trail", err)
}

// TrailChain returns up to limit events in the trail of an aggregate after the place
// (version, n), oldest first: the order in which their hashes build on one another.
func (s *Store) TrailChain(ctx context.Context, id AggregateID, version, n int64, limit int) ([]TrailRow, error) {
	if !storable(string(id)) {
		return nil, nil
	}
	rows, err := s.reader.query(ctx, selectChain, string(id), version, n, limit)
	if err != nil {
		return nil, s.explain("read the trail", err)
	}
	events, err := scanAll(rows, scanTrail)
	return events, s.explain("read the trail", err)
}

// Trail returns the events that a query selects, newest first.
func (s *Store) Trail(ctx context.Context, query TrailQuery) ([]TrailRow, error) {
	where := query.conditions()
	if !where.storable() {
		return nil, nil
	}
	text := selectTrail + strings.Join(where.terms, " AND ") +
		fmt.Sprintf(" ORDER BY at DESC, aggregate DESC, version DESC, n DESC LIMIT $%d", len(where.args)+1)
	rows, err := s.reader.query(ctx, text, append(where.args, query.Limit)...)
	if err != nil {
		return nil, s.explain("read the trail", err)
	}
	events, err := scanAll(rows, scanTrail)
	return events, s.explain("read the trail", err)
}

// conditions are the terms of a WHERE clause and their arguments.
type conditions struct {
	terms []string
	args  []any
}

// add adds a term in which each "$" stands for one argument.
func (c *conditions) add(term string, args ...any) {
	for _, arg := range args {
		c.args = append(c.args, arg)
		term = strings.Replace(term, "$", fmt.Sprintf("\x00%d", len(c.args)), 1)
	}
	c.terms = append(c.terms, strings.ReplaceAll(term, "\x00", "$"))
}

func (c *conditions) storable() bool {
	for _, arg := range c.args {
		if text, ok := arg.(string); ok && !storable(text) {
			return false
		}
	}
	return true
}

func (q TrailQuery) conditions() *conditions {
	where := &conditions{}
	where.add("account = $", q.Account)
	if !q.From.IsZero() {
		where.add("at >= $", q.From.UnixMicro())
	}
	if !q.To.IsZero() {
		where.add("at <= $", q.To.UnixMicro())
	}
	for _, attribute := range []struct{ column, value string }{
		{"id", q.ID}, {"name", q.Name}, {"source", q.Source}, {"username", q.Username}, {"access_key", q.AccessKey},
	} {
		if attribute.value != "" {
			where.add(attribute.column+" = $", attribute.value)
		}
	}
	if q.ReadOnly != nil {
		where.add("read_only = $", boolColumn(*q.ReadOnly))
	}
	// What replace takes away is there; LIKE ignores case on one of the databases.
	if q.ResourceType != "" {
		where.add("replace(resources, $, '') <> resources", "&"+url.QueryEscape(q.ResourceType)+"=")
	}
	if q.ResourceName != "" {
		where.add("replace(resources, $, '') <> resources", "="+url.QueryEscape(q.ResourceName)+"&")
	}
	if p := q.After; p != nil {
		where.add("(at, aggregate, version, n) < ($, $, $, $)", p.At.UnixMicro(), string(p.Aggregate), p.Version, p.N)
	}
	return where
}

func scanTrail(rows *sql.Rows) (TrailRow, error) {
	var e TrailRow
	var at, readOnly int64
	var resources string
	err := rows.Scan(&at, &e.Aggregate, &e.Version, &e.N, &e.Account, &e.ID, &e.Name, &e.Source,
		&e.Username, &e.AccessKey, &readOnly, &resources, &e.Doc, &e.Hash)
	if err != nil {
		return e, err
	}
	e.At, e.ReadOnly = timeOf(at), readOnly != 0
	e.Doc, e.Hash = bytesOf(e.Doc), bytesOf(e.Hash)
	e.Resources, err = resourcesOf(resources)
	return e, err
}

// resourcesColumn writes resources as "&type=name&type=name&", each part escaped, so
// that a type or a name is found as a piece of the text.
func resourcesColumn(resources []Resource) string {
	if len(resources) == 0 {
		return ""
	}
	var column strings.Builder
	for _, r := range resources {
		column.WriteString("&" + url.QueryEscape(r.Type) + "=" + url.QueryEscape(r.Name))
	}
	return column.String() + "&"
}

func resourcesOf(column string) ([]Resource, error) {
	var resources []Resource
	for pair := range strings.SplitSeq(strings.Trim(column, "&"), "&") {
		if pair == "" {
			continue
		}
		kind, name, _ := strings.Cut(pair, "=")
		kind, err := url.QueryUnescape(kind)
		if err != nil {
			return nil, err
		}
		if name, err = url.QueryUnescape(name); err != nil {
			return nil, err
		}
		resources = append(resources, Resource{Type: kind, Name: name})
	}
	return resources, nil
}

func boolColumn(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// OldTrails returns the accounts in whose trail there are events before a time, in the
// order of their bytes.
func (s *Store) OldTrails(ctx context.Context, before time.Time) ([]string, error) {
	rows, err := s.reader.query(ctx, selectOldTrails, before.UnixMicro())
	if err != nil {
		return nil, s.explain("read the trail", err)
	}
	accounts, err := scanAll(rows, func(rows *sql.Rows) (account string, err error) {
		err = rows.Scan(&account)
		return account, err
	})
	return accounts, s.explain("read the trail", err)
}

// PurgeTrail deletes up to limit of the oldest events before a time from the trail of an
// account, and returns how many it deleted.
func (s *Store) PurgeTrail(ctx context.Context, account string, before time.Time, limit int) (int, error) {
	if !storable(account) {
		return 0, nil
	}
	return s.change(ctx, "purge the trail", purgeTrail, account, before.UnixMicro(), limit)
}
