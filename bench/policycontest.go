package main

import (
	"fmt"
	"io"
	"runtime"
	"time"

	"github.com/espalier-cloud/espalier/bench/policies"
)

// sample is something that is timed, and what came of it.
type sample struct {
	decide      func()
	times       []time.Duration // of once, by rounds
	allocations int             // of once
}

// time is the median of the rounds.
func (s *sample) time() time.Duration { return median(s.times) }

// batch is how long something is repeated at least to be timed once.
const batch = 20 * time.Microsecond

// interleave measures samples in turns, round by round, so that what else the machine does falls on all of them.
func (b *bench) interleave(samples []sample) { interleave(samples, b.rounds) }

func interleave(samples []sample, rounds int) {
	repeats := make([]int, len(samples))
	for i := range samples {
		s := &samples[i]
		s.decide() // what is made at first use is made
		took := max(repeated(s.decide, 1), 1)
		repeats[i] = int(batch/took) + 1
		s.allocations = allocations(s.decide)
	}
	for range rounds {
		for i := range samples {
			samples[i].times = append(samples[i].times, repeated(samples[i].decide, repeats[i]))
		}
	}
}

// repeated returns the time of one of n runs.
func repeated(run func(), n int) time.Duration {
	start := time.Now()
	for range n {
		run()
	}
	return time.Since(start) / time.Duration(n)
}

// allocations returns the allocations of one of ten runs, of which something else may have had one.
func allocations(run func()) int {
	const runs = 10
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range runs {
		run()
	}
	runtime.ReadMemStats(&after)
	return int(after.Mallocs-before.Mallocs) / runs
}

func timesOf(samples []sample) []time.Duration {
	times := make([]time.Duration, len(samples))
	for i := range samples {
		times[i] = samples[i].time()
	}
	return times
}

// contest is what engines need for the same requests.
type contest []competitor

// competitor is an engine with what it needs for each request.
type competitor struct {
	name           string
	ready, strings []sample // of a request that is ready, and of one that comes as strings
	allowed        []bool   // the decisions
}

// contest measures engines in turns.
func (b *bench) contest(engines []policies.Named, requests []policies.Request) (contest, error) {
	c := make(contest, len(engines))
	var all []sample
	for i, engine := range engines {
		c[i].name = engine.Name
		for _, q := range requests {
			decide, err := engine.Prepare(q)
			if err != nil {
				return nil, err
			}
			allowed, err := decide()
			if err != nil {
				return nil, err
			}
			c[i].allowed = append(c[i].allowed, allowed)
			all = append(all, sample{decide: func() { _, _ = decide() }}, sample{decide: func() {
				anew, _ := engine.Prepare(q) // as above, and above it was without error
				_, _ = anew()
			}})
		}
	}
	b.interleave(all)
	for i := range c {
		for range requests {
			c[i].ready, c[i].strings = append(c[i].ready, all[0]), append(c[i].strings, all[1])
			all = all[2:]
		}
	}
	return c, nil
}

// print writes a line for the number of statements.
func (c contest) print(to io.Writer, statements int) {
	fmt.Fprintf(to, "  %d statements", statements)
	for i := range c {
		fmt.Fprintf(to, "\t%s %v, %v", c[i].name, short(median(timesOf(c[i].ready))), short(median(timesOf(c[i].strings))))
	}
	fmt.Fprintln(to)
}

// allowed is the median for the requests that are allowed, of the first engine.
func (c contest) allowed() time.Duration {
	var times []time.Duration
	for i, t := range timesOf(c[0].ready) {
		if c[0].allowed[i] {
			times = append(times, t)
		}
	}
	return median(times)
}

// figures compare the first engine with the second, cedar-go, and the third, OPA.
func (c contest) figures() []figure {
	most := 0
	for i := range c[0].ready {
		most = max(most, c[0].ready[i].allocations)
	}
	return []figure{
		c.faster(1, "than cedar-go", 30, competitor.readySamples),
		c.faster(2, "than OPA", 150, competitor.readySamples),
		c.faster(1, "than cedar-go, with the building of the request", 10, competitor.stringSamples),
		{name: "most allocations", value: float64(most), target: 0},
	}
}

func (c competitor) readySamples() []sample  { return c.ready }
func (c competitor) stringSamples() []sample { return c.strings }

// faster tells how many times faster the first engine is than another.
func (c contest) faster(other int, than string, target float64, of func(competitor) []sample) figure {
	ours, theirs := of(c[0]), of(c[other])
	return figure{
		name: "faster " + than, value: float64(median(timesOf(theirs))) / float64(median(timesOf(ours))), target: target, atLeast: true, unit: "×",
		detail: fmt.Sprintf("%s, %s", describeSamples(ours), describeSamples(theirs)),
	}
}

func describeSamples(samples []sample) string {
	counts := make([]float64, len(samples))
	for i := range samples {
		counts[i] = float64(samples[i].allocations)
	}
	return fmt.Sprintf("%v (%.0f allocs)", short(median(timesOf(samples))), median(counts))
}
