package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/espalier-cloud/espalier/internal/jobs"
	"github.com/espalier-cloud/espalier/internal/store"
	"github.com/espalier-cloud/espalier/internal/store/storetest"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// bench is a database, a clock that stands still, and a record of what ran.
type bench struct {
	t     testing.TB
	store *store.Store
	mu    sync.Mutex
	now   time.Time
	ran   []string
}

func newBench(t testing.TB) *bench {
	t.Helper()
	s, err := store.Open(t.Context(), store.Config{SQLitePath: ":memory:"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return &bench{t: t, store: s, now: start}
}

func (b *bench) clock() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

func (b *bench) pass(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = b.now.Add(d)
}

func (b *bench) schedule(batch ...store.Job) {
	b.t.Helper()
	if err := b.store.Commit(b.t.Context(), store.Batch{Jobs: batch}); err != nil {
		b.t.Fatal(err)
	}
}

// record is a handler that notes the id and the attempt.
func (b *bench) record(_ context.Context, job store.Job) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ran = append(b.ran, fmt.Sprintf("%s#%d", job.ID, job.Attempts))
	return nil
}

func (b *bench) expectRan(want ...string) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	slices.Sort(b.ran)
	if !slices.Equal(b.ran, want) {
		b.t.Errorf("ran %v, want %v", b.ran, want)
	}
	b.ran = nil
}

func (b *bench) expectLeft(want ...string) {
	b.t.Helper()
	left, err := b.store.Jobs(b.t.Context(), "", 1000)
	if err != nil {
		b.t.Fatal(err)
	}
	var ids []string
	for _, job := range left {
		ids = append(ids, job.ID)
	}
	if !slices.Equal(ids, want) {
		b.t.Errorf("left are %v, want %v", ids, want)
	}
}

func (b *bench) drain(r *jobs.Runner) {
	b.t.Helper()
	if err := r.Drain(b.t.Context()); err != nil {
		b.t.Errorf("Drain: %v", err)
	}
}

func TestDrain(t *testing.T) {
	b := newBench(t)
	r := jobs.New(b.store, b.clock, map[string]jobs.Handler{"record": b.record}, jobs.Options{Workers: 2})
	b.drain(r)
	b.expectRan()
	for i := range 5 {
		b.schedule(store.Job{ID: fmt.Sprint(i), Kind: "record", Due: start})
	}
	b.schedule(store.Job{ID: "later", Kind: "record", Due: start.Add(time.Hour)})
	b.drain(r)
	b.expectRan("0#1", "1#1", "2#1", "3#1", "4#1")
	b.expectLeft("later")
	b.pass(time.Hour)
	b.drain(r)
	b.expectRan("later#1")
	b.expectLeft()
}

// TestDrainFollows: a handler may end its job, or schedule it or others, itself.
func TestDrainFollows(t *testing.T) {
	b := newBench(t)
	step := func(ctx context.Context, job store.Job) error {
		if err := b.record(ctx, job); err != nil {
			return err
		}
		batch := store.Batch{DoneJobs: []string{job.ID}}
		switch job.ID {
		case "first":
			batch.Jobs = []store.Job{{ID: "second", Kind: "step", Due: start}}
		case "second":
			batch.Jobs = []store.Job{{ID: "second", Kind: "record", Due: start.Add(time.Hour)}}
		}
		return b.store.Commit(ctx, batch)
	}
	r := jobs.New(b.store, b.clock, map[string]jobs.Handler{"step": step, "record": b.record}, jobs.Options{})
	b.schedule(store.Job{ID: "first", Kind: "step", Due: start})
	b.drain(r)
	b.expectRan("first#1", "second#1")
	b.expectLeft("second")
	b.pass(time.Hour)
	b.drain(r)
	b.expectRan("second#1")
	b.expectLeft()
}

func TestRetry(t *testing.T) {
	b := newBench(t)
	broken := errors.New("broken")
	var failures []string
	r := jobs.New(b.store, b.clock, map[string]jobs.Handler{
		"fails":  func(context.Context, store.Job) error { return broken },
		"panics": func(context.Context, store.Job) error { panic("out of order") },
	}, jobs.Options{
		Workers: 1, FirstRetry: time.Second, LastRetry: 5 * time.Second,
		Failed: func(job store.Job, err error) { failures = append(failures, fmt.Sprint(job.ID, job.Attempts)) },
	})
	b.schedule(store.Job{ID: "f", Kind: "fails", Due: start})
	due := start
	for attempt, delay := range []time.Duration{1, 2, 4, 5, 5} {
		if err := r.Drain(t.Context()); !errors.Is(err, broken) {
			t.Errorf("attempt %d: %v", attempt+1, err)
		}
		due = due.Add(delay * time.Second)
		next, some, err := b.store.NextJob(t.Context())
		if err != nil || !some || !next.Equal(due) {
			t.Errorf("after attempt %d the job is due %v, %v, %v; want %v", attempt+1, next, some, err, due)
		}
		b.pass(due.Sub(b.clock()) - time.Microsecond)
		b.drain(r)
		b.pass(time.Microsecond)
	}
	if want := []string{"f1", "f2", "f3", "f4", "f5"}; !slices.Equal(failures, want) {
		t.Errorf("told of %v, want %v", failures, want)
	}

	for kind, says := range map[string]string{"panics": "out of order", "unknown": "nothing handles"} {
		b.schedule(store.Job{ID: "f", Kind: kind, Due: b.clock()})
		if err := r.Drain(t.Context()); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("a job that %s: %v", kind, err)
		}
		b.expectLeft("f")
	}
}

// TestTakeOver: the jobs of a server that died are run when its leases end.
func TestTakeOver(t *testing.T) {
	b := newBench(t)
	b.schedule(store.Job{ID: "a", Kind: "record", Due: start})
	if _, err := b.store.LeaseJobs(t.Context(), start, "the dead", time.Minute, 1); err != nil {
		t.Fatal(err)
	}
	r := jobs.New(b.store, b.clock, map[string]jobs.Handler{"record": b.record}, jobs.Options{})
	b.pass(time.Minute - 1)
	b.drain(r)
	b.expectRan()
	b.pass(1)
	b.drain(r)
	b.expectRan("a#2")
	b.expectLeft()
}

// TestClockMoved: a running job whose lease ends because the clock was moved is not
// started beside itself, and ends.
func TestClockMoved(t *testing.T) {
	for name, result := range map[string]error{"done": nil, "failed": errors.New("failed")} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			running, release := make(chan struct{}, 9), make(chan struct{})
			r := jobs.New(b.store, b.clock, map[string]jobs.Handler{"slow": func(context.Context, store.Job) error {
				running <- struct{}{}
				<-release
				return result
			}}, jobs.Options{})
			b.schedule(store.Job{ID: "a", Kind: "slow", Due: start})
			drained := make(chan error, 1)
			go func() { drained <- r.Drain(t.Context()) }()
			<-running
			b.pass(time.Hour)
			impatient, cancel := context.WithCancel(t.Context())
			second := make(chan error, 1)
			go func() { second <- r.Drain(impatient) }()
			for !leasedAgain(t, b) {
			}
			cancel()
			if err := <-second; !errors.Is(err, context.Canceled) {
				t.Errorf("the second Drain: %v", err)
			}
			close(release)
			if err := <-drained; !errors.Is(err, result) {
				t.Errorf("the first Drain: %v", err)
			}
			if len(running) > 0 {
				t.Error("the job ran beside itself")
			}
			if result == nil {
				b.expectLeft()
			} else if next, _, _ := b.store.NextJob(t.Context()); !next.Equal(b.clock().Add(2 * time.Second)) {
				t.Errorf("the failed job is due %v", next)
			}
		})
	}
}

// TestScheduledAnewWhileRunning: a job that its handler schedules anew, and that is
// leased again before the handler returns, runs once more.
func TestScheduledAnewWhileRunning(t *testing.T) {
	b := newBench(t)
	anew, release := make(chan struct{}), make(chan struct{})
	r := jobs.New(b.store, b.clock, map[string]jobs.Handler{"record": b.record, "twice": func(ctx context.Context, job store.Job) error {
		err := b.store.Commit(ctx, store.Batch{Jobs: []store.Job{{ID: job.ID, Kind: "record", Due: start}}})
		close(anew)
		<-release
		return err
	}}, jobs.Options{})
	b.schedule(store.Job{ID: "a", Kind: "twice", Due: start})
	drained := make(chan error, 1)
	go func() { drained <- r.Drain(t.Context()) }()
	<-anew
	impatient, cancel := context.WithCancel(t.Context())
	second := make(chan error, 1)
	go func() { second <- r.Drain(impatient) }()
	for leased := false; !leased; {
		left, err := b.store.Jobs(t.Context(), "", 1)
		if err != nil || len(left) != 1 {
			t.Fatalf("%v, %v", left, err)
		}
		leased = left[0].Attempts == 1
	}
	cancel()
	if err := <-second; !errors.Is(err, context.Canceled) {
		t.Errorf("the second Drain: %v", err)
	}
	close(release)
	if err := <-drained; err != nil {
		t.Errorf("the first Drain: %v", err)
	}
	b.expectRan("a#1")
	b.expectLeft()
}

// TestDrainBesideRun: Drain waits for all that a job schedules, also when Run runs it.
func TestDrainBesideRun(t *testing.T) {
	const steps = 40
	b := newBench(t)
	ran := 0 // by one run of the job after another
	count := func(ctx context.Context, job store.Job) error {
		if ran++; ran%steps == 0 {
			return nil
		}
		return b.store.Commit(ctx, store.Batch{Jobs: []store.Job{{ID: job.ID, Kind: "count", Due: start}}})
	}
	r := jobs.New(b.store, b.clock, map[string]jobs.Handler{"count": count}, jobs.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	over := make(chan struct{})
	go func() { r.Run(ctx); close(over) }()
	for round := range 20 {
		b.schedule(store.Job{ID: "a", Kind: "count", Due: start})
		r.Wake()
		b.drain(r)
		b.expectLeft()
		if want := (round + 1) * steps; ran != want {
			t.Fatalf("after round %d the job ran %d times, want %d", round, ran, want)
		}
	}
	cancel()
	<-over
}

func leasedAgain(t *testing.T, b *bench) bool {
	t.Helper()
	left, err := b.store.Jobs(t.Context(), "", 1)
	if err != nil || len(left) != 1 {
		t.Fatalf("%v, %v", left, err)
	}
	return left[0].Attempts == 2
}

// running starts Run in a bubble of synctest, where the clock moves when everybody waits.
func running(t *testing.T, test func(b *bench, r *jobs.Runner, stop func()), handlers map[string]jobs.Handler, options jobs.Options) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		if handlers == nil {
			handlers = map[string]jobs.Handler{"record": b.record}
		}
		r := jobs.New(b.store, b.clock, handlers, options)
		ctx, cancel := context.WithCancel(t.Context())
		over := make(chan struct{})
		go func() {
			r.Run(ctx)
			close(over)
		}()
		synctest.Wait()
		stop := func() { cancel(); <-over }
		defer stop()
		test(b, r, stop)
	})
}

// elapse lets time pass for the clock and for the timers.
func (b *bench) elapse(d time.Duration) {
	b.pass(d)
	<-time.After(d)
	synctest.Wait()
}

func TestRunWakes(t *testing.T) {
	running(t, func(b *bench, r *jobs.Runner, _ func()) {
		b.schedule(store.Job{ID: "a", Kind: "record", Due: start})
		r.Wake()
		r.Wake()
		synctest.Wait()
		b.expectRan("a#1")
		b.expectLeft()

		b.schedule(store.Job{ID: "b", Kind: "record", Due: start.Add(time.Hour)})
		r.Wake()
		synctest.Wait()
		b.expectRan()
		b.pass(time.Hour)
		r.Wake()
		synctest.Wait()
		b.expectRan("b#1")
	}, nil, jobs.Options{Poll: 24 * time.Hour})
}

func TestRunLooks(t *testing.T) {
	running(t, func(b *bench, _ *jobs.Runner, _ func()) {
		// Another server schedules a job: it is found by looking.
		b.schedule(store.Job{ID: "a", Kind: "record", Due: start})
		b.elapse(59 * time.Second)
		b.expectRan()
		b.elapse(time.Second)
		b.expectRan("a#1")

		// What is known to be due is run on time.
		b.schedule(store.Job{ID: "b", Kind: "record", Due: start.Add(70 * time.Second)}, store.Job{ID: "c", Kind: "record", Due: start.Add(150 * time.Second)})
		b.elapse(60 * time.Second)
		b.expectRan("b#1")
		b.elapse(29 * time.Second)
		b.expectRan()
		b.elapse(time.Second)
		b.expectRan("c#1")
	}, nil, jobs.Options{Poll: time.Minute})
}

// TestRunStops: a job that is running is neither interrupted nor left behind.
func TestRunStops(t *testing.T) {
	var ended atomic.Bool
	slow := func(ctx context.Context, _ store.Job) error {
		select {
		case <-time.After(5 * time.Second):
			ended.Store(true)
		case <-ctx.Done():
		}
		return ctx.Err()
	}
	running(t, func(b *bench, r *jobs.Runner, stop func()) {
		b.schedule(store.Job{ID: "a", Kind: "slow", Due: start})
		r.Wake()
		synctest.Wait()
		b.schedule(store.Job{ID: "b", Kind: "slow", Due: start.Add(time.Second)})
		stop()
		if !ended.Load() {
			t.Error("Run returned before the job ended")
		}
		b.expectLeft("b")
	}, map[string]jobs.Handler{"slow": slow}, jobs.Options{})
}

// TestOvertime: an attempt ends with its lease.
func TestOvertime(t *testing.T) {
	var reason error
	stuck := func(ctx context.Context, _ store.Job) error {
		<-ctx.Done()
		return ctx.Err()
	}
	running(t, func(b *bench, r *jobs.Runner, _ func()) {
		b.schedule(store.Job{ID: "a", Kind: "stuck", Due: start})
		r.Wake()
		synctest.Wait()
		b.elapse(20 * time.Second)
		if !errors.Is(reason, context.DeadlineExceeded) {
			t.Errorf("it ended with %v", reason)
		}
		b.expectLeft("a")
	}, map[string]jobs.Handler{"stuck": stuck}, jobs.Options{
		Lease:      20 * time.Second,
		FirstRetry: time.Hour,
		Failed:     func(_ store.Job, err error) { reason = err },
	})
}

// TestWorkers: no more jobs run at once than there are workers.
func TestWorkers(t *testing.T) {
	var now, most, total atomic.Int64
	slow := func(context.Context, store.Job) error {
		if n := now.Add(1); n > most.Load() {
			most.Store(n)
		}
		<-time.After(time.Second)
		now.Add(-1)
		total.Add(1)
		return nil
	}
	running(t, func(b *bench, r *jobs.Runner, _ func()) {
		for i := range 10 {
			b.schedule(store.Job{ID: fmt.Sprint(i), Kind: "slow", Due: start})
		}
		r.Wake()
		b.elapse(3500 * time.Millisecond)
		if most.Load() != 3 || total.Load() != 9 {
			t.Errorf("%d jobs were done, up to %d at once", total.Load(), most.Load())
		}
	}, map[string]jobs.Handler{"slow": slow}, jobs.Options{Workers: 3})
}

func TestDatabaseFails(t *testing.T) {
	var failures atomic.Int64
	running(t, func(b *bench, r *jobs.Runner, _ func()) {
		if err := b.store.Close(); err != nil {
			t.Fatal(err)
		}
		b.elapse(2500 * time.Millisecond)
		if failures.Load() != 2 {
			t.Errorf("told of %d failures, want one a second", failures.Load())
		}
		if err := r.Drain(t.Context()); err == nil {
			t.Error("Drain succeeds without a database")
		}
	}, nil, jobs.Options{Failed: func(job store.Job, err error) {
		if job.ID != "" || err == nil {
			t.Errorf("told of %v, %v", job, err)
		}
		failures.Add(1)
	}})
}

// TestTwoServers: two runners on one PostgreSQL share the work.
func TestTwoServers(t *testing.T) {
	b := newBench(t)
	url := storetest.Postgres(t)
	var runners []*jobs.Runner
	for range 2 {
		s, err := store.Open(t.Context(), store.Config{DatabaseURL: url})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		b.store = s
		runners = append(runners, jobs.New(s, b.clock, map[string]jobs.Handler{"record": b.record}, jobs.Options{}))
	}
	var want []string
	for i := range 60 {
		b.schedule(store.Job{ID: fmt.Sprintf("%02d", i), Kind: "record", Due: start})
		want = append(want, fmt.Sprintf("%02d#1", i))
	}
	var all sync.WaitGroup
	for _, r := range runners {
		all.Go(func() { b.drain(r) })
	}
	all.Wait()
	b.expectRan(want...)
	b.expectLeft()
}
