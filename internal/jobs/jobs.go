// Package jobs does the work that the database remembers: what was scheduled in the
// same commit as the change that needs it, such as the creation of an account. A job
// is leased by one server at a time; when that server dies, another takes it over.
package jobs

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/espalier-cloud/espalier/internal/store"
)

// Handler does the work of a job. It may run more than once, also after it has
// succeeded, so it looks at the present state first. It removes the job, or schedules
// it anew, in the commit of its own changes; if it does neither, the job is removed
// when it returns nil. An error gives the job back, to be tried again later.
type Handler func(ctx context.Context, job store.Job) error

// Options are how a Runner works. The zero value of each means its default.
type Options struct {
	Owner   string        // names this process among those that share the database; random
	Workers int           // jobs at the same time; 8
	Lease   time.Duration // how long one attempt may take, and a crash can hold a job up; ten seconds
	Poll    time.Duration // how often to look for jobs that other servers scheduled; a second

	// FirstRetry is the delay after the first failed attempt, a second. It doubles
	// with every other one, up to LastRetry, five minutes.
	FirstRetry, LastRetry time.Duration

	// Failed is told of every attempt that failed, and of failures of the database,
	// for which the job is empty. It may be called from several goroutines.
	Failed func(job store.Job, err error)
}

func (o Options) withDefaults() Options {
	o.Owner = cmp.Or(o.Owner, rand.Text())
	o.Workers = cmp.Or(o.Workers, 8)
	o.Lease = cmp.Or(o.Lease, 10*time.Second)
	o.Poll = cmp.Or(o.Poll, time.Second)
	o.FirstRetry = cmp.Or(o.FirstRetry, time.Second)
	o.LastRetry = cmp.Or(o.LastRetry, 5*time.Minute)
	if o.Failed == nil {
		o.Failed = func(store.Job, error) {}
	}
	return o
}

// Runner leases jobs and runs them.
type Runner struct {
	store    *store.Store
	clock    func() time.Time
	handlers map[string]Handler
	options  Options
	wake     chan struct{} // holds one token when there may be work

	leasing sync.Mutex // held while jobs are leased, so that no more are than there are workers
	mu      sync.Mutex
	running map[string]*attempt // by job id
}

// attempt is one run of a job.
type attempt struct {
	job  store.Job     // its lease is guarded by Runner.mu
	next *store.Job    // the same job scheduled anew by its handler, which has not returned yet; guarded likewise
	done chan struct{} // closed when it is over
	err  error         // set before done is closed
}

// New returns a runner over the jobs of a database. The handlers are by kind of job.
func New(s *store.Store, clock func() time.Time, handlers map[string]Handler, options Options) *Runner {
	return &Runner{
		store:    s,
		clock:    clock,
		handlers: handlers,
		options:  options.withDefaults(),
		wake:     make(chan struct{}, 1),
		running:  map[string]*attempt{},
	}
}

// Wake makes Run look for work at once: after a commit that scheduled jobs, or when
// the clock was moved. It does not block.
func (r *Runner) Wake() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// Run runs jobs as they fall due until the context is cancelled. It then waits for
// those that are running, which are not interrupted.
func (r *Runner) Run(ctx context.Context) {
	for ctx.Err() == nil {
		if _, _, err := r.fill(ctx); err != nil && ctx.Err() == nil {
			r.options.Failed(store.Job{}, err)
		}
		r.rest(ctx)
	}
	for run := r.oldest(); run != nil; run = r.oldest() {
		<-run.done
	}
}

// Drain runs all jobs that are due, those included that they schedule, waits for them
// and returns the errors of those that failed.
func (r *Runner) Drain(ctx context.Context) error {
	var started []*attempt
	for {
		more, idle, err := r.fill(ctx)
		if err != nil {
			return err
		}
		if idle {
			break
		}
		started = append(started, more...)
		run := r.oldest()
		if run == nil {
			continue // it has just ended, and may have scheduled more
		}
		select {
		case <-run.done:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	var errs []error
	for _, run := range started {
		errs = append(errs, run.err)
	}
	return errors.Join(errs...)
}

// fill leases a job for every free worker and starts them. It is idle when no job was
// running and none was due.
func (r *Runner) fill(ctx context.Context) (started []*attempt, idle bool, err error) {
	r.leasing.Lock()
	defer r.leasing.Unlock()
	free := r.free()
	if free == 0 {
		return nil, false, nil
	}
	leased, err := r.store.LeaseJobs(ctx, r.clock(), r.options.Owner, r.options.Lease, free)
	if err != nil {
		return nil, false, err
	}
	for _, job := range leased {
		if run := r.start(ctx, job); run != nil {
			started = append(started, run)
		}
	}
	return started, free == r.options.Workers && len(leased) == 0, nil
}

func (r *Runner) free() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.options.Workers - len(r.running)
}

// oldest returns the running job that was due first, nil when none is running.
func (r *Runner) oldest() *attempt {
	r.mu.Lock()
	defer r.mu.Unlock()
	var oldest *attempt
	for _, run := range r.running {
		if oldest == nil || run.job.Due.Before(oldest.job.Due) {
			oldest = run
		}
	}
	return oldest
}

// start runs a job beside the others. A job that is running here already, and that
// was leased again because the clock was moved, goes on under its new lease; one that
// was scheduled anew, whose attempts begin anew too, runs again when it is over.
func (r *Runner) start(ctx context.Context, job store.Job) *attempt {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch run := r.running[job.ID]; {
	case run == nil:
	case run.next != nil || job.Attempts <= run.job.Attempts:
		run.next = &job
		return nil
	default:
		run.job = job
		return nil
	}
	run := &attempt{job: job, done: make(chan struct{})}
	r.running[job.ID] = run
	go r.work(context.WithoutCancel(ctx), run, job)
	return run
}

// work runs the handler and ends the lease.
func (r *Runner) work(ctx context.Context, run *attempt, job store.Job) {
	ctx, cancel := context.WithTimeout(ctx, r.options.Lease)
	run.err = r.handle(ctx, job)
	cancel()
	if run.err != nil {
		r.options.Failed(job, run.err)
	}
	ctx = context.WithoutCancel(ctx)
	if err := r.release(ctx, run); err != nil {
		r.options.Failed(job, err)
	}
	r.mu.Lock()
	delete(r.running, job.ID)
	next := run.next
	r.mu.Unlock()
	if next != nil {
		r.start(ctx, *next)
	}
	close(run.done)
	r.Wake()
}

// handle runs the handler. A handler that panics has failed.
func (r *Runner) handle(ctx context.Context, job store.Job) (err error) {
	defer func() {
		if reason := recover(); reason != nil {
			err = fmt.Errorf("jobs: %s %s panicked: %v\n%s", job.Kind, job.ID, reason, debug.Stack())
		}
	}()
	handler := r.handlers[job.Kind]
	if handler == nil {
		return fmt.Errorf("jobs: nothing handles jobs of kind %q", job.Kind)
	}
	return handler(ctx, job)
}

// release removes a job that is done and gives back one that failed. One that was
// scheduled anew and leased is neither.
func (r *Runner) release(ctx context.Context, run *attempt) error {
	r.mu.Lock()
	job, anew := run.job, run.next != nil
	r.mu.Unlock()
	switch {
	case anew:
		return nil
	case run.err == nil:
		return r.store.FinishJob(ctx, job)
	}
	return r.store.RetryJob(ctx, job, r.clock().Add(r.delay(job.Attempts)))
}

// delay is how long a job waits after so many attempts.
func (r *Runner) delay(attempts int) time.Duration {
	delay := r.options.FirstRetry
	for range attempts - 1 {
		if delay >= r.options.LastRetry {
			break
		}
		delay *= 2
	}
	return min(delay, r.options.LastRetry)
}

// shortestRest keeps a runner from spinning on a job that another server is about
// to lease.
const shortestRest = 10 * time.Millisecond

// rest waits until there may be work: the next job is due, a worker became free,
// somebody called Wake, or it is time to look for other servers' jobs.
func (r *Runner) rest(ctx context.Context) {
	pause := r.options.Poll
	if r.free() > 0 {
		if due, some, err := r.store.NextJob(ctx); err == nil && some {
			pause = min(pause, max(due.Sub(r.clock()), shortestRest))
		}
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-r.wake:
	case <-timer.C:
	}
}
