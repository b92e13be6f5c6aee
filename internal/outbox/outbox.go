// Package outbox tells receivers what is recorded in the trail, as CloudEvents 1.0: each receiver is told of every event
// at least once, and of those of one organization or account in their order. A commit that records events only leaves a
// note that there are some; everything else happens in the background, where a slow receiver holds up nobody but itself.
package outbox

import (
	"cmp"
	"context"
	"crypto/rand"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/espalier-cloud/espalier/internal/store"
)

// Config is what an outbox works with. Where a field names a default, its zero value means that.
type Config struct {
	Store     *store.Store
	Receivers []Receiver
	Clock     func() time.Time // of the events
	TimeOfDay func() time.Time // by which servers that share the database take turns
	Metrics   prometheus.Registerer

	// Failed is told of every attempt that failed; the receiver is empty for what concerns all of them.
	Failed func(receiver string, err error)

	Poll  time.Duration // how often to look for the events of other servers; a second
	Lease time.Duration // how long receivers wait when the server that tells them dies; ten seconds

	// FirstRetry is the delay after the first failed attempt, a second. It doubles with every other one, up to
	// LastRetry, five minutes, and is shortened by chance.
	FirstRetry, LastRetry time.Duration
}

// Outbox tells receivers of events. It is safe for concurrent use.
type Outbox struct {
	Config
	owner   string        // names this process among those that share the database
	news    chan struct{} // holds one token when there may be events to address
	senders []*sender
	metrics *metrics
}

// leaseName is the name under which one server at a time tells the receivers.
const leaseName = "outbox"

// New returns an outbox. It registers its metrics, which can be done once for a registerer.
func New(cfg Config) *Outbox {
	cfg.Poll = cmp.Or(cfg.Poll, time.Second)
	cfg.Lease = cmp.Or(cfg.Lease, 10*time.Second)
	cfg.FirstRetry = cmp.Or(cfg.FirstRetry, time.Second)
	cfg.LastRetry = cmp.Or(cfg.LastRetry, 5*time.Minute)
	o := &Outbox{Config: cfg, owner: rand.Text(), news: make(chan struct{}, 1), metrics: newMetrics(cfg.Metrics, cfg.Store, cfg.Clock)}
	for _, r := range cfg.Receivers {
		o.senders = append(o.senders, &sender{Receiver: r.withDefaults(), outbox: o, news: make(chan struct{}, 1), again: make(chan struct{}, 1)})
	}
	return o
}

// Wake says that there are new events. It does not block.
func (o *Outbox) Wake() { signal(o.news) }

// Redeliver lets what was given up wait again, for one receiver or, where the name is empty, for all, and tries at once.
// It returns how many deliveries there are.
func (o *Outbox) Redeliver(ctx context.Context, receiver string) (int, error) {
	n, err := o.Store.Redeliver(ctx, receiver, o.Clock())
	for _, s := range o.senders {
		signal(s.again)
	}
	return n, err
}

// Run tells the receivers until the context is cancelled. Of several servers that share the database, one does at a time.
func (o *Outbox) Run(ctx context.Context) {
	if len(o.Receivers) == 0 {
		<-ctx.Done()
		return
	}
	for ctx.Err() == nil {
		if o.hold(ctx, o.Lease) {
			o.lead(ctx)
			continue
		}
		rest(ctx, o.Poll)
	}
	o.hold(context.WithoutCancel(ctx), 0)
}

// hold takes or prolongs the right to tell the receivers. A process that owns its database has it.
func (o *Outbox) hold(ctx context.Context, period time.Duration) bool {
	if o.Store.Exclusive() {
		return true
	}
	held, err := o.Store.Hold(ctx, leaseName, o.owner, o.TimeOfDay(), period)
	if err != nil && ctx.Err() == nil {
		o.Failed("", err)
	}
	return held && err == nil
}

// lead tells the receivers as long as this process has the right to.
func (o *Outbox) lead(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	var work sync.WaitGroup
	work.Go(func() { o.address(ctx) })
	for _, s := range o.senders {
		work.Go(func() { s.run(ctx) })
	}
	for rest(ctx, o.Lease/3) && o.hold(ctx, o.Lease) {
		continue
	}
	cancel()
	work.Wait()
}

// addressedAtOnce is how many events one commit addresses.
const addressedAtOnce = 200

// address works out who is to be told of what, as events come.
func (o *Outbox) address(ctx context.Context) {
	for ctx.Err() == nil {
		n, err := o.addressSome(ctx)
		if err != nil && ctx.Err() == nil {
			o.Failed("", err)
		}
		if err != nil || n < addressedAtOnce {
			rest(ctx, o.Poll, o.news)
		}
	}
}

func (o *Outbox) addressSome(ctx context.Context) (int, error) {
	events, err := o.Store.Announced(ctx, addressedAtOnce)
	if err != nil || len(events) == 0 {
		return 0, err
	}
	positions := make([]store.TrailPosition, len(events))
	var deliveries []store.Delivery
	for i, e := range events {
		positions[i] = e.TrailPosition
		for _, s := range o.senders {
			if s.wants(e) {
				deliveries = append(deliveries, store.Delivery{Announcement: e, Receiver: s.Name, Since: o.Clock()})
			}
		}
	}
	if err := o.Store.Address(ctx, positions, deliveries); err != nil {
		return 0, err
	}
	for _, s := range o.senders {
		signal(s.news)
	}
	return len(events), nil
}

// signal leaves a token, unless there is one.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// rest waits for a time, or for the first of two signals, and reports whether the context goes on.
func rest(ctx context.Context, pause time.Duration, signals ...chan struct{}) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	either := make([]chan struct{}, 2) // a nil channel never answers
	copy(either, signals)
	select {
	case <-ctx.Done():
	case <-either[0]:
	case <-either[1]:
	case <-timer.C:
	}
	return ctx.Err() == nil
}
