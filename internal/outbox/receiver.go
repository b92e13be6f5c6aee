package outbox

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"regexp"
	"time"

	"github.com/espalier-cloud/espalier/internal/store"
)

// Receiver is somebody who is told of events.
type Receiver struct {
	Name   string   // by which its deliveries are kept: another name is another receiver
	Events []string // names of events, or patterns such as Create*; none means all
	Target Target

	// Patience is how long an event is offered to a receiver that cannot be reached, a day. Refusals is how often it is
	// offered to one that answers that it will not have it, five times. Then it is given up.
	Patience time.Duration
	Refusals int
}

// Target is where a receiver's events go.
type Target interface {
	// Deliver hands events over, in their order, and returns how many the receiver has taken; the error says why not
	// all. An event may be handed over again, also after it was taken.
	Deliver(ctx context.Context, events []Event) (taken int, err error)
}

// Event is an event as receivers see it.
type Event struct {
	ID  string
	Doc []byte // a CloudEvent in JSON
}

// receiverNames are names that can be told from one another in a list, a metric and an address.
var receiverNames = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// Check returns what is wrong with the description of a receiver, or nil.
func (r *Receiver) Check() error {
	if !receiverNames.MatchString(r.Name) {
		return fmt.Errorf("%q is no name for a receiver: it has up to 64 letters, digits, dots, dashes and underscores", r.Name)
	}
	for _, pattern := range r.Events {
		if _, err := path.Match(pattern, ""); err != nil {
			return fmt.Errorf("receiver %s: %q is no pattern", r.Name, pattern)
		}
	}
	if r.Patience < 0 || r.Refusals < 0 {
		return fmt.Errorf("receiver %s: patience and refusals are not negative", r.Name)
	}
	return nil
}

func (r Receiver) withDefaults() Receiver {
	r.Patience = cmp.Or(r.Patience, 24*time.Hour)
	r.Refusals = cmp.Or(r.Refusals, 5)
	return r
}

// wants tells whether the receiver is to be told of an event. It is told that there was one of which nothing is known
// any more.
func (r *Receiver) wants(e store.Announcement) bool {
	if len(r.Events) == 0 || e.Doc == nil {
		return true
	}
	for _, pattern := range r.Events {
		if matched, err := path.Match(pattern, e.Name); err == nil && matched {
			return true
		}
	}
	return false
}
