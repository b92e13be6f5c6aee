package main

import (
	"fmt"
	"runtime"
	"text/tabwriter"
	"time"

	"github.com/espalier-cloud/espalier/bench/policies"
	"github.com/espalier-cloud/espalier/policy"
)

const (
	// mixed is how many statements the workload has by which the engines are compared.
	mixed = 250
	// exact is how many actions are denied one by one.
	exact = 12_000
)

// policy compares decisions with those of other engines, and looks at what makes decisions slow.
func (b *bench) policy() error {
	var figures []figure
	medians := map[int]time.Duration{} // for requests that are allowed
	table := tabwriter.NewWriter(b.out, 0, 0, 2, ' ', 0)
	fmt.Fprint(table, "\nDecisions of mixed requests, p50, and with the building of the request from strings\n")
	for _, statements := range []int{10, 100, mixed, 1000} {
		w, err := policies.New(statements)
		if err != nil {
			return err
		}
		engines, err := policies.Engines(w)
		if err != nil {
			return err
		}
		if err := policies.Agree(engines, w.Requests); err != nil {
			return fmt.Errorf("%d statements: %w", statements, err)
		}
		c, err := b.contest(engines, w.Requests)
		if err != nil {
			return err
		}
		c.print(table, statements)
		medians[statements] = c.allowed()
		if statements == mixed {
			figures = c.figures()
		}
	}
	table.Flush()
	figures = append(figures, figure{
		name: "allowed requests, 1000 statements against 100", value: float64(medians[1000]) / float64(medians[100]), target: 8, unit: "×",
		detail: fmt.Sprintf("%v, %v", short(medians[1000]), short(medians[100])),
	})
	b.group(fmt.Sprintf("Decisions with %d statements, against the others", mixed), figures)
	return b.alone()
}

// alone looks at the engine by itself.
func (b *bench) alone() error {
	many, err := b.exact()
	if err != nil {
		return err
	}
	worst, err := b.hostile()
	if err != nil {
		return err
	}
	compiling, err := b.compiling()
	if err != nil {
		return err
	}
	b.group("The policy engine by itself", append([]figure{many, worst}, compiling...))
	return nil
}

// exact measures decisions where thousands of actions are denied one by one.
func (b *bench) exact() (figure, error) {
	chain, requests, err := policies.Exact(exact)
	if err != nil {
		return figure{}, err
	}
	samples := make([]sample, len(requests))
	for i, r := range requests {
		samples[i].decide = func() { policy.Decide(r, chain) }
	}
	b.interleave(samples)
	times := timesOf(samples)
	return figure{
		name: fmt.Sprintf("%d actions denied in a statement each", exact), value: median(times).Seconds() * 1e6, target: 1, unit: " µs",
		detail: fmt.Sprintf("p99 %v", short(percentile(times, 99))),
	}, nil
}

// hostile finds the slowest of the chains that are made to be slow. All are asked round by round: of so many chains, one
// that is asked at once would always be hit by something else.
func (b *bench) hostile() (figure, error) {
	times := map[string][]time.Duration{}
	for range 3 {
		for chain, err := range policies.HostileChains() {
			if err != nil {
				return figure{}, err
			}
			one := []sample{{decide: func() { policy.Decide(chain.Request, &chain.Policies) }}}
			interleave(one, 2*b.rounds)
			times[chain.Name] = append(times[chain.Name], one[0].times...)
		}
	}
	var worst time.Duration
	var name string
	for chain, took := range times {
		if m := median(took); m > worst {
			worst, name = m, chain
		}
	}
	return figure{
		name: "longest legal chain", value: worst.Seconds() * 1e3, target: 5, unit: " ms",
		detail: fmt.Sprintf("the slowest of %d: %s", len(times), name),
	}, nil
}

// compiling measures what compiled policies cost.
func (b *bench) compiling() ([]figure, error) {
	w, err := policies.New(1000)
	if err != nil {
		return nil, err
	}
	before := heap()
	documents, err := w.Documents()
	if err != nil {
		return nil, err
	}
	parsed := heap()
	const copies = 20 // so that what is measured stands out
	perStatement := func(bytes int64) float64 { return float64(bytes) / copies / float64(w.Statements) }
	var kept [][]policy.Attached
	for range copies {
		kept = append(kept, compileAll(documents))
	}
	compiled := heap()
	sets := make([]*policy.Set, 0, copies)
	for _, attached := range kept {
		sets = append(sets, policy.NewSet(attached...))
	}
	joined := heap()
	runtime.KeepAlive(sets)
	samples := []sample{{decide: func() { compileAll(documents) }}, {decide: func() { policy.NewSet(kept[0]...) }}}
	interleave(samples, b.rounds*copies) // so many that collecting what they leave has its share
	return []figure{
		{
			name: "compiling a statement", value: samples[0].time().Seconds() * 1e6 / float64(w.Statements), target: 1, unit: " µs",
			detail: fmt.Sprintf("and %v to join it with the others of its level", short(samples[1].time()/time.Duration(w.Statements))),
		},
		{
			name: "heap of a compiled statement", value: perStatement(compiled - parsed), target: 1024, unit: " B",
			detail: fmt.Sprintf("besides %.0f B joined with the others and %d B of the document", perStatement(joined-compiled), (parsed-before)/int64(w.Statements)),
		},
	}, nil
}

func compileAll(documents []*policy.Document) []policy.Attached {
	attached := make([]policy.Attached, len(documents))
	for i, d := range documents {
		attached[i].Policy = policy.Compile(d)
	}
	return attached
}

// heap returns the bytes that are in use.
func heap() int64 {
	var m runtime.MemStats
	for range 2 { // what pools keep goes with the second
		runtime.GC()
	}
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
