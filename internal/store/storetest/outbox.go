package storetest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/espalier-cloud/espalier/internal/store"
)

// announced are the events in the outbox.
func announced(t testing.TB, s *store.Store, limit int) ([]store.TrailPosition, string) {
	t.Helper()
	events, err := s.Announced(t.Context(), limit)
	if err != nil {
		t.Fatalf("Announced: %v", err)
	}
	var positions []store.TrailPosition
	var names []string
	for _, e := range events {
		positions, names = append(positions, e.TrailPosition), append(names, e.ID)
	}
	return positions, strings.Join(names, " ")
}

// waiting shows what a receiver waits for, as "event" or "event#attempts(error)".
func waiting(t testing.TB, s *store.Store, receiver string) string {
	t.Helper()
	deliveries, err := s.Waiting(t.Context(), receiver, 100)
	if err != nil {
		t.Fatalf("Waiting: %v", err)
	}
	var all []string
	for _, d := range deliveries {
		text := d.ID
		if d.Attempts > 0 {
			text += fmt.Sprintf("#%d(%s)", d.Attempts, d.Error)
		}
		all = append(all, text)
	}
	return strings.Join(all, " ")
}

func address(t testing.TB, s *store.Store, since time.Time, receivers ...string) {
	t.Helper()
	positions, _ := announced(t, s, 100)
	var deliveries []store.Delivery
	for _, p := range positions {
		for _, receiver := range receivers {
			deliveries = append(deliveries, store.Delivery{Announcement: store.Announcement{TrailPosition: p}, Receiver: receiver, Since: since})
		}
	}
	if err := s.Address(t.Context(), positions, deliveries); err != nil {
		t.Fatalf("Address: %v", err)
	}
}

// announce commits events of one aggregate that receivers are to be told of.
func announce(t testing.TB, s *store.Store, aggregate store.AggregateID, version int64, ids ...string) {
	t.Helper()
	var rows []store.TrailRow
	for n, id := range ids {
		rows = append(rows, event(id, n, aggregate, version, int64(n)))
	}
	commit(t, s, store.Batch{Trail: rows, Announce: true})
}

func testOutbox(t *testing.T, s *store.Store) {
	commit(t, s, store.Batch{Trail: []store.TrailRow{event("quiet", 0, "o", 1, 0)}})
	announce(t, s, "o", 3, "c", "d")
	announce(t, s, "o", 2, "b")
	announce(t, s, "a", 9, "a")
	positions, ids := announced(t, s, 3)
	if ids != "a b c" {
		t.Errorf("announced are %q", ids)
	}
	if err := s.Address(t.Context(), positions, nil); err != nil {
		t.Fatal(err)
	}
	if _, ids := announced(t, s, 9); ids != "d" {
		t.Errorf("announced are still %q", ids)
	}
	if err := s.Address(t.Context(), positions, nil); err != store.ErrConflict { //nolint:errorlint // it is not wrapped
		t.Errorf("addressing again: %v", err)
	}
	// What was refused announces nothing.
	refuse(t, s, store.Batch{Trail: []store.TrailRow{event("e", 0, "o", 4, 0), event("late", 0, "o", 3, 0)}, Announce: true}, store.ErrConflict)
	if _, ids := announced(t, s, 9); ids != "d" {
		t.Errorf("after a refused batch announced are %q", ids)
	}
}

func testDeliveries(t *testing.T, s *store.Store) {
	ctx := t.Context()
	announce(t, s, "o", 1, "a", "b", "c")
	address(t, s, at(0), "one", "two")
	announce(t, s, "o", 2, "d")
	address(t, s, at(5), "one")
	expect := func(when, one, two string) {
		t.Helper()
		if got := waiting(t, s, "one"); got != one {
			t.Errorf("%s one waits for %q, want %q", when, got, one)
		}
		if got := waiting(t, s, "two"); got != two {
			t.Errorf("%s two waits for %q, want %q", when, got, two)
		}
	}
	expect("first", "a b c d", "a b c")

	deliveries, err := s.Waiting(ctx, "one", 2)
	if err != nil || len(deliveries) != 2 || string(deliveries[0].Doc) == "" || !deliveries[0].Since.Equal(at(0)) || deliveries[0].Account != "111111111111" {
		t.Fatalf("%+v, %v", deliveries, err)
	}
	if err := s.Delivered(ctx, deliveries[:1]); err != nil {
		t.Fatal(err)
	}
	for _, why := range []string{"no", "not\x00now"} {
		if err := s.FailDelivery(ctx, deliveries[1], why); err != nil {
			t.Fatal(err)
		}
	}
	expect("then", `b#2("not\x00now") c d`, "a b c")
	if err := s.GiveUp(ctx, deliveries[1]); err != nil {
		t.Fatal(err)
	}
	if n, err := s.GiveUpOld(ctx, "one", at(4)); n != 1 || err != nil {
		t.Errorf("gave %d up (%v)", n, err)
	}
	expect("after giving up", "d", "a b c")
	backlogs, err := s.Backlogs(ctx)
	var shown []string
	for _, b := range backlogs {
		shown = append(shown, fmt.Sprint(b.Receiver, b.Dead, b.Count, b.Since.Equal(at(0))))
	}
	if got := strings.Join(shown, " "); err != nil || len(backlogs) != 3 || !strings.Contains(got, "one"+fmt.Sprint(true, 2, true)) {
		t.Errorf("the backlogs are %q (%v)", got, err)
	}
	if all, err := s.Deliveries(ctx, "one", 2, 3); err != nil || len(all) != 3 || all[0].ID != "c" || !all[0].Dead || all[2].Receiver != "two" {
		t.Errorf("deliveries behind the second are %+v (%v)", all, err)
	}

	for _, step := range []struct {
		receiver string
		want     int
	}{{"two", 0}, {"one", 2}, {"", 0}} {
		if n, err := s.Redeliver(ctx, step.receiver, at(9)); n != step.want || err != nil {
			t.Errorf("redelivered %d to %q (%v)", n, step.receiver, err)
		}
	}
	expect("again", "b c d", "a b c")
	if n, err := s.PurgeDeliveries(ctx, at(5), 2); n != 2 || err != nil {
		t.Errorf("purged %d (%v)", n, err)
	}
	if _, err := s.PurgeTrail(ctx, "111111111111", at(1), 1); err != nil {
		t.Fatal(err)
	}
	if n, err := s.PurgeDeliveries(ctx, at(5), 2); n != 1 || err != nil {
		t.Errorf("purged %d (%v)", n, err)
	}
	expect("in the end", "b c d", "")
}

// testLostEvents: a delivery outlives its event, and says so.
func testLostEvents(t *testing.T, s *store.Store) {
	announce(t, s, "o", 1, "a", "b")
	address(t, s, at(0), "one")
	announce(t, s, "o", 2, "c")
	if n, err := s.PurgeTrail(t.Context(), "111111111111", at(9), 9); n != 3 || err != nil {
		t.Fatalf("purged %d (%v)", n, err)
	}
	events, err := s.Announced(t.Context(), 9)
	if err != nil || len(events) != 1 || events[0].Doc != nil || events[0].Version != 2 {
		t.Errorf("announced is %+v (%v)", events, err)
	}
	deliveries, err := s.Waiting(t.Context(), "one", 9)
	if err != nil || len(deliveries) != 2 || deliveries[0].Doc != nil || deliveries[1].N != 1 {
		t.Errorf("waiting is %+v (%v)", deliveries, err)
	}
}

func testHold(t *testing.T, s *store.Store) {
	for i, step := range []struct {
		owner  string
		at     int
		period time.Duration
		held   bool
	}{
		{"one", 0, time.Second, true},
		{"two", 999, time.Second, false},
		{"one", 999, time.Second, true},
		{"two", 1998, time.Second, false},
		{"two", 1999, time.Second, true},
		{"one", 2000, time.Second, false},
		{"two", 2000, 0, true},
		{"one", 2000, time.Second, true},
	} {
		if held, err := s.Hold(t.Context(), "work", step.owner, at(step.at), step.period); held != step.held || err != nil {
			t.Errorf("step %d: %v, %v", i, held, err)
		}
	}
	if held, err := s.Hold(t.Context(), "other work", "two", at(2000), time.Second); !held || err != nil {
		t.Errorf("another lease: %v, %v", held, err)
	}
	var holders [6]bool
	together(len(holders), func(i int) {
		held, err := s.Hold(t.Context(), "race", fmt.Sprint(i), at(0), time.Second)
		if err != nil {
			t.Errorf("race: %v", err)
		}
		holders[i] = held
	})
	n := 0
	for _, held := range holders {
		if held {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d hold the lease", n)
	}
}
