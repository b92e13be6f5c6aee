package ops

import (
	"context"
	"encoding/binary"
	"iter"
	"strconv"
	"strings"
	"time"

	"github.com/espalier-cloud/espalier/internal/api/cloudtrail"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/store"
)

// CloudTrail is the record of events.
type CloudTrail struct {
	cloudtrail.Unimplemented[Caller]
	Core
	Tokens *Tokens
}

const (
	eventsPerPage = 50                  // of LookupEvents
	eventHistory  = 90 * 24 * time.Hour // how far back LookupEvents looks
)

// LookupEvents finds events of the caller's account of the last ninety days,
// newest first, by one attribute and by time.
func (c *CloudTrail) LookupEvents(ctx context.Context, by Caller, in *cloudtrail.LookupEventsInput) (*cloudtrail.LookupEventsOutput, error) {
	if in.EventCategory != nil {
		return nil, &cloudtrail.InvalidEventCategoryException{Message: "Insights events are not recorded."}
	}
	query, err := lookup(by, in)
	if err != nil {
		return nil, err
	}
	p, err := c.Tokens.page(scope(string(by.Account), "LookupEvents", query), in.MaxResults, eventsPerPage, in.NextToken)
	if err != nil {
		return nil, &cloudtrail.InvalidNextTokenException{Message: "Invalid token: a token is good for the lookup that returned it, for a day."}
	}
	if p.after != "" {
		if query.After, err = positionOf(p.after); err != nil {
			return nil, err
		}
	}
	if oldest := c.Clock().Add(-eventHistory); query.From.Before(oldest) {
		query.From = oldest
	}
	query.Limit = p.size + 1 // one more tells whether there is another page
	rows, err := c.Registry.Store.Trail(ctx, query)
	if err != nil {
		return nil, err
	}
	events, next := collect(p, byPosition(rows), showEvent)
	return &cloudtrail.LookupEventsOutput{Events: events, NextToken: next}, nil
}

// byPosition gives each event its position as the place in the list.
func byPosition(rows []store.TrailRow) iter.Seq2[org.Cursor, *store.TrailRow] {
	return func(yield func(org.Cursor, *store.TrailRow) bool) {
		for i := range rows {
			if !yield(cursorOf(rows[i].TrailPosition), &rows[i]) {
				return
			}
		}
	}
}

// lookup returns the selection that a call asks for.
func lookup(by Caller, in *cloudtrail.LookupEventsInput) (store.TrailQuery, error) {
	q := store.TrailQuery{Account: string(by.Account), From: in.StartTime, To: in.EndTime}
	if !q.From.IsZero() && !q.To.IsZero() && q.From.After(q.To) {
		return q, &cloudtrail.InvalidTimeRangeException{Message: "The start time must not be after the end time."}
	}
	if len(in.LookupAttributes) > 1 {
		return q, &cloudtrail.InvalidLookupAttributesException{Message: "A lookup takes one attribute."}
	}
	for _, a := range in.LookupAttributes {
		if err := selectBy(&q, a.AttributeKey, a.AttributeValue); err != nil {
			return q, err
		}
	}
	return q, nil
}

func selectBy(q *store.TrailQuery, key cloudtrail.LookupAttributeKey, value string) error {
	switch key {
	case cloudtrail.LookupAttributeKeyEventId:
		q.ID = value
	case cloudtrail.LookupAttributeKeyEventName:
		q.Name = value
	case cloudtrail.LookupAttributeKeyReadOnly:
		readOnly, err := strconv.ParseBool(value)
		if err != nil {
			return &cloudtrail.InvalidLookupAttributesException{Message: "ReadOnly is true or false."}
		}
		q.ReadOnly = &readOnly
	case cloudtrail.LookupAttributeKeyUsername:
		q.Username = value
	case cloudtrail.LookupAttributeKeyResourceType:
		q.ResourceType = value
	case cloudtrail.LookupAttributeKeyResourceName:
		q.ResourceName = value
	case cloudtrail.LookupAttributeKeyEventSource:
		q.Source = value
	case cloudtrail.LookupAttributeKeyAccessKeyId:
		q.AccessKey = value
	default:
		return &cloudtrail.InvalidLookupAttributesException{Message: "Unknown attribute."}
	}
	return nil
}

// scope binds a token to an account, an operation and what it selects.
func scope(account, operation string, q store.TrailQuery) string {
	readOnly := "any"
	if q.ReadOnly != nil {
		readOnly = strconv.FormatBool(*q.ReadOnly)
	}
	return strings.Join([]string{
		account, operation, q.From.UTC().Format(time.RFC3339Nano), q.To.UTC().Format(time.RFC3339Nano), q.ID, q.Name, q.Source,
		q.Username, q.AccessKey, readOnly, q.ResourceType, q.ResourceName,
	}, "\x00")
}

func showEvent(row *store.TrailRow) cloudtrail.Event {
	e := cloudtrail.Event{
		EventId: new(row.ID), EventName: new(row.Name), EventSource: new(row.Source), EventTime: row.At.Truncate(time.Second),
		ReadOnly: new(strconv.FormatBool(row.ReadOnly)), CloudTrailEvent: new(string(row.Doc)), Resources: []cloudtrail.Resource{},
	}
	if row.Username != "" {
		e.Username = new(row.Username)
	}
	if row.AccessKey != "" {
		e.AccessKeyId = new(row.AccessKey)
	}
	for _, r := range row.Resources {
		e.Resources = append(e.Resources, cloudtrail.Resource{ResourceType: new(r.Type), ResourceName: new(r.Name)})
	}
	return e
}

// cursorOf and positionOf turn the place of an event into a cursor and back.
func cursorOf(p store.TrailPosition) org.Cursor {
	b := binary.BigEndian.AppendUint64(nil, uint64(p.At.UnixMicro()))
	b = binary.BigEndian.AppendUint64(b, uint64(p.Version))
	b = binary.BigEndian.AppendUint64(b, uint64(p.N))
	return org.Cursor(append(b, p.Aggregate...))
}

func positionOf(c org.Cursor) (*store.TrailPosition, error) {
	b := []byte(c)
	if len(b) < 24 {
		return nil, &cloudtrail.InvalidNextTokenException{Message: "Invalid token."}
	}
	return &store.TrailPosition{
		At:      time.UnixMicro(int64(binary.BigEndian.Uint64(b))).UTC(),
		Version: int64(binary.BigEndian.Uint64(b[8:])), N: int64(binary.BigEndian.Uint64(b[16:])),
		Aggregate: store.AggregateID(b[24:]),
	}, nil
}
