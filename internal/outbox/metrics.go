package outbox

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/espalier-cloud/espalier/internal/store"
)

// metrics count deliveries. Their label is the name of the receiver.
type metrics struct {
	delivered, failed, lost *prometheus.CounterVec
}

func newMetrics(registerer prometheus.Registerer, s *store.Store, clock func() time.Time) *metrics {
	counter := func(name, help string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, []string{"receiver"})
	}
	m := &metrics{
		delivered: counter("espalier_events_delivered_total", "Events that a receiver has taken."),
		failed:    counter("espalier_events_failed_total", "Attempts to deliver an event that failed."),
		lost:      counter("espalier_events_lost_total", "Events that left the trail before a receiver could be told of them."),
	}
	registerer.MustRegister(m.delivered, m.failed, m.lost, &backlogs{store: s, clock: clock})
	return m
}

// backlogs measures what receivers wait for whenever metrics are asked for.
type backlogs struct {
	store *store.Store
	clock func() time.Time
}

// countPeriod is how long the database may take to count.
const countPeriod = 5 * time.Second

func waitingDesc() *prometheus.Desc {
	return prometheus.NewDesc("espalier_events_waiting", "Events that a receiver was not told of yet.", []string{"receiver"}, nil)
}

func waitingSecondsDesc() *prometheus.Desc {
	return prometheus.NewDesc("espalier_events_waiting_seconds", "How long the oldest of these has waited.", []string{"receiver"}, nil)
}

func deadDesc() *prometheus.Desc {
	return prometheus.NewDesc("espalier_events_dead", "Events that a receiver did not take and that were given up.", []string{"receiver"}, nil)
}

// Describe names the metrics.
func (b *backlogs) Describe(out chan<- *prometheus.Desc) {
	out <- waitingDesc()
	out <- waitingSecondsDesc()
	out <- deadDesc()
}

// Collect measures. Where the database does not answer there is nothing to tell.
func (b *backlogs) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), countPeriod)
	defer cancel()
	found, err := b.store.Backlogs(ctx)
	if err != nil {
		return
	}
	for _, backlog := range found {
		if backlog.Dead {
			out <- prometheus.MustNewConstMetric(deadDesc(), prometheus.GaugeValue, float64(backlog.Count), backlog.Receiver)
			continue
		}
		out <- prometheus.MustNewConstMetric(waitingDesc(), prometheus.GaugeValue, float64(backlog.Count), backlog.Receiver)
		out <- prometheus.MustNewConstMetric(waitingSecondsDesc(), prometheus.GaugeValue, b.clock().Sub(backlog.Since).Seconds(), backlog.Receiver)
	}
}
