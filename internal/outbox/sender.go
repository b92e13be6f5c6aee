package outbox

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/espalier-cloud/espalier/internal/store"
	"github.com/espalier-cloud/espalier/internal/webhook"
)

// sender tells one receiver.
type sender struct {
	Receiver
	outbox *Outbox
	news   chan struct{} // holds one token when there may be more to tell
	again  chan struct{} // holds one token when the receiver is to be tried at once
}

// sentAtOnce is how many events are told before they are struck off.
const sentAtOnce = 100

// run tells the receiver until the context is cancelled.
func (s *sender) run(ctx context.Context) {
	failures := 0
	for ctx.Err() == nil {
		more, err := s.send(ctx)
		switch {
		case ctx.Err() != nil:
		case err != nil:
			s.outbox.Failed(s.Name, err)
			rest(ctx, s.outbox.delay(failures), s.again)
			failures++
			continue
		case !more:
			rest(ctx, s.outbox.Poll, s.news, s.again)
		}
		failures = 0
	}
}

// delay is how long to wait after so many failures in a row and another one. Chance keeps those who failed together from
// coming back together.
func (o *Outbox) delay(failures int) time.Duration {
	delay := o.FirstRetry
	for range failures {
		if delay >= o.LastRetry {
			break
		}
		delay *= 2
	}
	delay = min(delay, o.LastRetry)
	return delay/2 + rand.N(delay/2+1) //nolint:gosec // it only spreads attempts
}

// send tells the receiver of some of what it waits for. It returns false when that is nothing.
func (s *sender) send(ctx context.Context) (more bool, err error) {
	waiting, err := s.outbox.Store.Waiting(ctx, s.Name, sentAtOnce)
	if err != nil || len(waiting) == 0 {
		return false, err
	}
	all := parcels(waiting)
	events := make([]Event, len(all))
	for i, p := range all {
		events[i] = p.Event
	}
	taken, failure := s.Target.Deliver(ctx, events)
	// What was taken is struck off, and what failed is noted, also when the server is stopping.
	ctx = context.WithoutCancel(ctx)
	if err := s.strikeOff(ctx, all[:taken]); err != nil {
		return false, errors.Join(failure, err)
	}
	if failure != nil && !errors.Is(failure, context.Canceled) {
		return false, errors.Join(failure, s.fail(ctx, all[taken].deliveries[0], failure))
	}
	return true, nil
}

// strikeOff removes what was delivered.
func (s *sender) strikeOff(ctx context.Context, done []parcel) error {
	var deliveries []store.Delivery
	for _, p := range done {
		deliveries = append(deliveries, p.deliveries...)
		if p.lost {
			s.outbox.metrics.lost.WithLabelValues(s.Name).Add(float64(len(p.deliveries)))
		}
	}
	if len(deliveries) == 0 {
		return nil
	}
	s.outbox.metrics.delivered.WithLabelValues(s.Name).Add(float64(len(done)))
	return s.outbox.Store.Delivered(ctx, deliveries)
}

// fail notes a failed delivery, and gives up what was tried long enough.
func (s *sender) fail(ctx context.Context, d store.Delivery, why error) error {
	s.outbox.metrics.failed.WithLabelValues(s.Name).Inc()
	if err := s.outbox.Store.FailDelivery(ctx, d, why.Error()); err != nil {
		return err
	}
	if refused, ok := errors.AsType[*webhook.RefusedError](why); ok && refused.Final() && d.Attempts+1 >= s.Refusals {
		return s.outbox.Store.GiveUp(ctx, d)
	}
	_, err := s.outbox.Store.GiveUpOld(ctx, s.Name, s.outbox.Clock().Add(-s.Patience))
	return err
}
