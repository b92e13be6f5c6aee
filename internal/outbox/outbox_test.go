package outbox_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/espalier-cloud/espalier/internal/outbox"
	"github.com/espalier-cloud/espalier/internal/store"
	"github.com/espalier-cloud/espalier/internal/store/storetest"
	"github.com/espalier-cloud/espalier/internal/webhook"
)

// noon is when the tests begin. Their clock moves when it is told to.
func noon() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

// target is a receiver that notes what it takes.
type target struct {
	mu      sync.Mutex
	refuse  func(id string) error // why an event is not taken, or nil
	taken   []string              // ids
	docs    map[string][]byte
	changed chan struct{} // closed and replaced at every delivery
}

func newTarget() *target { return &target{docs: map[string][]byte{}, changed: make(chan struct{})} }

// Deliver takes events until one is refused.
func (f *target) Deliver(_ context.Context, events []outbox.Event) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	defer func() { close(f.changed); f.changed = make(chan struct{}) }()
	for i, e := range events {
		if f.refuse != nil {
			if err := f.refuse(e.ID); err != nil {
				return i, err
			}
		}
		f.taken, f.docs[e.ID] = append(f.taken, e.ID), e.Doc
	}
	return len(events), nil
}

func (f *target) refusing(refuse func(id string) error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.refuse = refuse
}

// await waits until a condition of what was taken holds.
func (f *target) await(t *testing.T, what string, condition func(taken []string) bool) {
	t.Helper()
	timeout := time.NewTimer(20 * time.Second)
	defer timeout.Stop()
	for {
		f.mu.Lock()
		met, changed, taken := condition(f.taken), f.changed, slices.Clone(f.taken)
		f.mu.Unlock()
		if met {
			return
		}
		select {
		case <-changed:
		case <-timeout.C:
			t.Fatalf("waited in vain for %s; taken are %q", what, taken)
		}
	}
}

func (f *target) awaitTaken(t *testing.T, want ...string) {
	t.Helper()
	f.await(t, fmt.Sprint(want), func(taken []string) bool { return slices.Equal(taken, want) })
}

// office is a database and the outboxes over it.
type office struct {
	t     *testing.T
	store *store.Store
	mu    sync.Mutex
	now   time.Time
}

func newOffice(t *testing.T, cfg store.Config) *office {
	t.Helper()
	s, err := store.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return &office{t: t, store: s, now: noon()}
}

func inMemory() store.Config { return store.Config{SQLitePath: ":memory:"} }

func (o *office) clock() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.now
}

func (o *office) pass(d time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.now = o.now.Add(d)
}

// open runs an outbox until the returned function is called.
func (o *office) open(receivers ...outbox.Receiver) (box *outbox.Outbox, metrics *prometheus.Registry, stop func()) {
	metrics = prometheus.NewRegistry()
	box = outbox.New(outbox.Config{
		Store: o.store, Receivers: receivers, Clock: o.clock, TimeOfDay: time.Now, Metrics: metrics,
		Failed: func(string, error) {}, Poll: 5 * time.Millisecond, Lease: 300 * time.Millisecond,
		FirstRetry: time.Millisecond, LastRetry: 4 * time.Millisecond,
	})
	ctx, cancel := context.WithCancel(o.t.Context())
	var running sync.WaitGroup
	running.Go(func() { box.Run(ctx) })
	stop = func() { cancel(); running.Wait() }
	o.t.Cleanup(stop)
	return box, metrics, stop
}

// record commits events of one aggregate, named after it and their version.
func (o *office) record(aggregate store.AggregateID, version int64, names ...string) {
	o.t.Helper()
	var rows []store.TrailRow
	for n, name := range names {
		id := fmt.Sprintf("%s/%d.%d", aggregate, version, n)
		rows = append(rows, store.TrailRow{
			TrailPosition: store.TrailPosition{At: o.clock(), Aggregate: aggregate, Version: version, N: int64(n)},
			Account:       "111111111111", ID: id, Name: name, Source: "organizations.amazonaws.com", Doc: []byte(`{"eventName":"` + name + `"}`),
		})
	}
	if err := o.store.Commit(o.t.Context(), store.Batch{Trail: rows, Announce: true}); err != nil {
		o.t.Fatal(err)
	}
}

// list shows the deliveries that are left: "receiver STATE event attempts".
func (o *office) list() []string {
	o.t.Helper()
	page, err := outbox.List(o.t.Context(), o.store, "")
	if err != nil {
		o.t.Fatal(err)
	}
	var lines []string
	for _, d := range page.Deliveries {
		lines = append(lines, fmt.Sprintf("%s %s %s %d", d.Receiver, d.State, d.Event, d.Attempts))
	}
	return lines
}

// awaitList waits until the deliveries that are left are these.
func (o *office) awaitList(want ...string) {
	o.t.Helper()
	ctx, cancel := context.WithTimeout(o.t.Context(), 20*time.Second)
	defer cancel()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !slices.Equal(o.list(), want) {
		select {
		case <-tick.C:
		case <-ctx.Done():
			o.t.Fatalf("left are %q, want %q", o.list(), want)
		}
	}
}

// expectMetric checks the value of a metric of a receiver.
func expectMetric(t *testing.T, metrics *prometheus.Registry, name, receiver string, want float64) {
	t.Helper()
	families, err := metrics.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		for _, m := range family.GetMetric() {
			if family.GetName() == name && m.GetLabel()[0].GetValue() == receiver {
				if got := m.GetCounter().GetValue() + m.GetGauge().GetValue(); got != want {
					t.Errorf("%s of %s is %v, want %v", name, receiver, got, want)
				}
				return
			}
		}
	}
	t.Errorf("there is no %s of %s", name, receiver)
}

func TestDelivery(t *testing.T) {
	o := newOffice(t, inMemory())
	everything, some := newTarget(), newTarget()
	o.record("o-1", 1, "CreateOrganization")
	box, metrics, _ := o.open(outbox.Receiver{Name: "all", Target: everything}, outbox.Receiver{Name: "some", Events: []string{"Close*", "CreateAccountResult"}, Target: some})
	everything.awaitTaken(t, "o-1/1.0")
	o.record("o-1", 3, "CreateAccount", "CreateAccountResult")
	o.record("o-1", 5, "CloseAccount")
	box.Wake()
	everything.awaitTaken(t, "o-1/1.0", "o-1/3.0", "o-1/3.1", "o-1/5.0")
	some.awaitTaken(t, "o-1/3.1", "o-1/5.0")
	o.awaitList()

	var got map[string]any
	if err := json.Unmarshal(some.docs["o-1/3.1"], &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"specversion": "1.0", "id": "o-1/3.1", "source": "espalier:o-1", "type": "com.amazonaws.organizations.CreateAccountResult", "subject": "111111111111",
		"time": "2026-03-01T12:00:00Z", "datacontenttype": "application/json", "sequence": "0000000000000000003.000000001",
		"data": map[string]any{"eventName": "CreateAccountResult"},
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("the event is %v, want %v", got, want)
	}
	expectMetric(t, metrics, "espalier_events_delivered_total", "all", 4)
	expectMetric(t, metrics, "espalier_events_delivered_total", "some", 2)
}

// A receiver that is not there for a while gets everything in order when it is back, and holds up nobody else; so does
// one whose server was restarted meanwhile.
func TestDeadReceiver(t *testing.T) {
	o := newOffice(t, inMemory())
	dead, well := newTarget(), newTarget()
	dead.refusing(func(string) error { return errors.New("nobody answers") })
	receivers := []outbox.Receiver{{Name: "dead", Target: dead}, {Name: "well", Target: well}}
	box, _, stop := o.open(receivers...)
	var want []string
	for version := range int64(150) {
		o.record("o-1", version+1, "MoveAccount")
		want = append(want, fmt.Sprintf("o-1/%d.0", version+1))
	}
	box.Wake()
	well.awaitTaken(t, want...)
	stop()
	o.open(receivers...)
	dead.refusing(nil)
	dead.awaitTaken(t, want...)
	o.awaitList()
}

// What a receiver will not have is given up after some attempts, does not keep it from the rest, and is offered again
// when somebody asks for it.
func TestRefusedEvent(t *testing.T) {
	o := newOffice(t, inMemory())
	f := newTarget()
	f.refusing(func(id string) error {
		if id == "o-1/2.0" {
			return &webhook.RefusedError{Status: 400}
		}
		return nil
	})
	box, metrics, _ := o.open(outbox.Receiver{Name: "picky", Refusals: 3, Target: f})
	for version := range int64(3) {
		o.record("o-1", version+1, "MoveAccount")
	}
	f.awaitTaken(t, "o-1/1.0", "o-1/3.0")
	o.awaitList("picky DEAD o-1/2.0 3")
	expectMetric(t, metrics, "espalier_events_dead", "picky", 1)
	expectMetric(t, metrics, "espalier_events_failed_total", "picky", 3)
	f.refusing(nil)
	if n, err := box.Redeliver(t.Context(), "nobody"); n != 0 || err != nil {
		t.Errorf("Redeliver to nobody: %d, %v", n, err)
	}
	if n, err := box.Redeliver(t.Context(), "picky"); n != 1 || err != nil {
		t.Errorf("Redeliver: %d, %v", n, err)
	}
	f.awaitTaken(t, "o-1/1.0", "o-1/3.0", "o-1/2.0")
	o.awaitList()
}

// An event is given up when its receiver was not there for long.
func TestPatience(t *testing.T) {
	o := newOffice(t, inMemory())
	f := newTarget()
	f.refusing(func(string) error { return &webhook.RefusedError{Status: 503} })
	o.open(outbox.Receiver{Name: "away", Patience: time.Hour, Refusals: 1, Target: f})
	o.record("o-1", 1, "MoveAccount")
	o.record("o-1", 2, "MoveAccount")
	f.await(t, "an attempt", func([]string) bool { return len(o.list()) == 2 && !strings.HasSuffix(o.list()[0], " 0") })
	o.pass(30 * time.Minute)
	o.record("o-1", 3, "MoveAccount")
	f.await(t, "the third event", func([]string) bool { return len(o.list()) == 3 })
	o.pass(45 * time.Minute)
	f.await(t, "the first two to be given up", func([]string) bool {
		lines := strings.Join(o.list(), "\n")
		return strings.Count(lines, "DEAD") == 2 && strings.Contains(lines, "WAITING o-1/3.0")
	})
}

// A receiver that was away for longer than the trail reaches back is told so.
func TestGap(t *testing.T) {
	o := newOffice(t, inMemory())
	f := newTarget()
	f.refusing(func(string) error { return errors.New("nobody answers") })
	_, metrics, _ := o.open(outbox.Receiver{Name: "away", Patience: 1000 * time.Hour, Target: f})
	o.record("o-1", 1, "MoveAccount", "MoveAccount")
	f.await(t, "an attempt", func([]string) bool { return len(o.list()) == 2 })
	if _, err := o.store.PurgeTrail(t.Context(), "111111111111", noon().Add(time.Hour), 100); err != nil {
		t.Fatal(err)
	}
	o.record("o-1", 2, "MoveAccount")
	f.refusing(nil)
	f.await(t, "the gap and what came after", func(taken []string) bool { return len(taken) == 2 && taken[1] == "o-1/2.0" })
	var gap struct {
		Type string
		Data struct {
			Lost     int
			From, To time.Time
		}
	}
	if err := json.Unmarshal(f.docs[f.taken[0]], &gap); err != nil {
		t.Fatal(err)
	}
	if gap.Type != "io.github.espalier-cloud.outbox.gap" || gap.Data.Lost != 2 || !gap.Data.From.Equal(noon()) || !gap.Data.To.Equal(noon()) {
		t.Errorf("the gap is %+v", gap)
	}
	o.awaitList()
	expectMetric(t, metrics, "espalier_events_lost_total", "away", 2)
}

// Of two servers one tells the receivers, and the other one goes on when that one is gone.
func TestTwoServers(t *testing.T) {
	o := newOffice(t, store.Config{DatabaseURL: storetest.Postgres(t)})
	f := newTarget()
	receiver := outbox.Receiver{Name: "one", Target: f}
	_, _, stopFirst := o.open(receiver)
	_, _, stopSecond := o.open(receiver)
	var want []string
	tell := func(versions ...int64) {
		t.Helper()
		for _, version := range versions {
			o.record("o-1", version, "MoveAccount")
			want = append(want, fmt.Sprintf("o-1/%d.0", version))
		}
		f.awaitTaken(t, want...)
	}
	tell(1, 2, 3)
	stopFirst()
	tell(4, 5)
	o.open(receiver)
	stopSecond()
	tell(6, 7)
}

func TestToFile(t *testing.T) {
	o := newOffice(t, inMemory())
	path := filepath.Join(t.TempDir(), "events.jsonl")
	o.open(outbox.Receiver{Name: "file", Target: outbox.ToFile(path)})
	o.record("o-1", 1, "CreateAccount", "MoveAccount")
	awaitLines := func(path string, want ...string) {
		t.Helper()
		o.awaitFile(path, func(text string) bool {
			var names []string
			for line := range strings.Lines(text) {
				var e struct{ Data struct{ EventName string } }
				if json.Unmarshal([]byte(line), &e) != nil {
					return false
				}
				names = append(names, e.Data.EventName)
			}
			return slices.Equal(names, want)
		})
	}
	awaitLines(path, "CreateAccount", "MoveAccount")
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	o.record("o-1", 2, "CloseAccount")
	awaitLines(path, "CloseAccount")
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v (%v)", info, err)
	}
	if taken, err := outbox.ToFile(t.TempDir()).Deliver(t.Context(), []outbox.Event{{}}); taken != 0 || err == nil {
		t.Errorf("a directory took %d events (%v)", taken, err)
	}
}

func (o *office) awaitFile(path string, condition func(text string) bool) {
	o.t.Helper()
	ctx, cancel := context.WithTimeout(o.t.Context(), 20*time.Second)
	defer cancel()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		text, err := os.ReadFile(path)
		if err == nil && condition(string(text)) {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			o.t.Fatalf("%s is %q (%v)", path, text, err)
		}
	}
}

func TestListPages(t *testing.T) {
	o := newOffice(t, inMemory())
	for _, after := range []string{"x", "x:", "x:y", "a b:1", ":"} {
		if _, err := outbox.List(t.Context(), o.store, after); !errors.Is(err, outbox.ErrPage) {
			t.Errorf("after %q: %v", after, err)
		}
	}
	f := newTarget()
	f.refusing(func(string) error { return errors.New("nobody answers") })
	_, _, stop := o.open(outbox.Receiver{Name: "b", Target: f}, outbox.Receiver{Name: "a", Target: f})
	names := slices.Repeat([]string{"MoveAccount"}, 600)
	o.record("o-1", 1, names...)
	f.await(t, "all to be addressed", func([]string) bool {
		backlogs, err := o.store.Backlogs(t.Context())
		return err == nil && len(backlogs) == 2 && backlogs[0].Count+backlogs[1].Count == 1200
	})
	stop()
	first, err := outbox.List(t.Context(), o.store, "")
	if err != nil || len(first.Deliveries) != outbox.DeliveriesPerPage || first.After != "b:400" {
		t.Fatalf("the first page has %d and ends at %q (%v)", len(first.Deliveries), first.After, err)
	}
	second, err := outbox.List(t.Context(), o.store, first.After)
	if err != nil || len(second.Deliveries) != 200 || second.After != "" || second.Deliveries[199].Event != "o-1/1.599" {
		t.Errorf("the second page has %d and ends at %q (%v)", len(second.Deliveries), second.After, err)
	}
}

func TestCheckReceiver(t *testing.T) {
	for name, r := range map[string]outbox.Receiver{
		"no name": {}, "a long name": {Name: strings.Repeat("x", 65)}, "a colon": {Name: "a:b"}, "a broken pattern": {Name: "a", Events: []string{"["}},
		"impatience": {Name: "a", Patience: -1}, "refusals": {Name: "a", Refusals: -1},
	} {
		if err := r.Check(); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	if err := (&outbox.Receiver{Name: "audit.log-1", Events: []string{"*Policy"}}).Check(); err != nil {
		t.Error(err)
	}
}
