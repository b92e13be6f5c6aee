package outbox

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/espalier-cloud/espalier/internal/store"
)

// DeliverySummary is a line of the list of events that receivers were not told of yet.
type DeliverySummary struct {
	Receiver string    `json:"receiver"`
	State    string    `json:"state"`          // WAITING, or DEAD when it was given up
	Event    string    `json:"event,omitzero"` // its id; empty when it is not in the trail any more
	Name     string    `json:"name,omitzero"`
	Account  string    `json:"account,omitzero"` // whose trail shows it
	About    string    `json:"about"`            // the organization or account that it is ordered with
	Since    time.Time `json:"since"`            // when it began to wait
	Attempts int       `json:"attempts"`         // that failed
	Error    string    `json:"error,omitzero"`   // of the last one
}

// DeliveryPage is one page of the list.
type DeliveryPage struct {
	Deliveries []DeliverySummary `json:"deliveries"`
	After      string            `json:"after,omitzero"` // continues the list; empty at its end
}

// DeliveriesPerPage is the size of a page.
const DeliveriesPerPage = 1000

// The states of a delivery.
const (
	Waiting = "WAITING"
	Dead    = "DEAD"
)

// ErrPage says that no page ended where one is to go on.
var ErrPage = errors.New("outbox: there is no such page")

// List returns a page of the events that receivers were not told of yet, from behind another page.
func List(ctx context.Context, s *store.Store, after string) (DeliveryPage, error) {
	receiver, sequence, err := parseAfter(after)
	if err != nil {
		return DeliveryPage{}, err
	}
	found, err := s.Deliveries(ctx, receiver, sequence, DeliveriesPerPage)
	if err != nil {
		return DeliveryPage{}, err
	}
	page := DeliveryPage{Deliveries: make([]DeliverySummary, 0, len(found))}
	for _, d := range found {
		state := Waiting
		if d.Dead {
			state = Dead
		}
		page.Deliveries = append(page.Deliveries, DeliverySummary{
			Receiver: d.Receiver, State: state, Event: d.ID, Name: d.Name, Account: d.Account, About: string(d.Aggregate),
			Since: d.Since, Attempts: d.Attempts, Error: d.Error,
		})
	}
	if len(found) == DeliveriesPerPage {
		last := found[len(found)-1]
		page.After = last.Receiver + ":" + strconv.FormatInt(last.Sequence, 10)
	}
	return page, nil
}

// parseAfter reads where a page ended. The beginning is empty.
func parseAfter(after string) (receiver string, sequence int64, err error) {
	if after == "" {
		return "", 0, nil
	}
	receiver, text, found := strings.Cut(after, ":")
	sequence, err = strconv.ParseInt(text, 10, 64)
	if !found || err != nil || !receiverNames.MatchString(receiver) {
		return "", 0, ErrPage
	}
	return receiver, sequence, nil
}
