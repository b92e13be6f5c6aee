package server

import (
	"testing"

	"github.com/espalier-cloud/espalier/internal/outbox"
	"github.com/espalier-cloud/espalier/internal/store"
)

func TestEventsAreListedAndRetried(t *testing.T) {
	f := newFixture(t, nil)
	event := store.TrailPosition{At: noon, Aggregate: "o-1", Version: 1}
	s := f.Registry.Store
	if err := s.Commit(t.Context(), store.Batch{Trail: []store.TrailRow{{TrailPosition: event, ID: "event", Name: "MoveAccount", Account: "111111111111", Doc: []byte("{}")}}, Announce: true}); err != nil {
		t.Fatal(err)
	}
	d := store.Delivery{Announcement: store.Announcement{TrailPosition: event}, Receiver: "audit", Since: noon}
	if err := s.Address(t.Context(), []store.TrailPosition{event}, []store.Delivery{d}); err != nil {
		t.Fatal(err)
	}
	d.Sequence = 1
	if err := s.FailDelivery(t.Context(), d, "nobody answers"); err != nil {
		t.Fatal(err)
	}
	if err := s.GiveUp(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	shown := func() outbox.DeliverySummary {
		t.Helper()
		var page outbox.DeliveryPage
		f.controlled("GET", "events", "", 200, &page)
		if len(page.Deliveries) != 1 {
			t.Fatalf("shown are %+v", page)
		}
		return page.Deliveries[0]
	}
	want := outbox.DeliverySummary{
		Receiver: "audit", State: outbox.Dead, Event: "event", Name: "MoveAccount", Account: "111111111111", About: "o-1", Since: noon.UTC(), Attempts: 1, Error: "nobody answers",
	}
	if got := shown(); got != want {
		t.Errorf("shown is %+v, want %+v", got, want)
	}
	for receiver, waiting := range map[string]int{"nobody": 0, "audit": 1} {
		var done Redelivery
		f.controlled("POST", "events/retry", `{"receiver":"`+receiver+`"}`, 200, &done)
		if done.Deliveries != waiting {
			t.Errorf("%d wait again for %s", done.Deliveries, receiver)
		}
	}
	if got := shown(); got.State != outbox.Waiting || got.Attempts != 0 {
		t.Errorf("shown is %+v", got)
	}
	f.controlled("GET", "events?after=nonsense", "", 400, nil)
	f.controlled("POST", "events/retry", `{"all":true}`, 400, nil)
}
