package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	// clients is how many connections send requests at the same time.
	clients = 64
	// smallAccounts is the size of the organization that is compared with the peer and with the large one.
	smallAccounts = 1000
)

// operation is a read that is measured.
type operation struct {
	name   string
	body   func(ids []string, connection int) string
	target float64 // the least rate against the peer's
}

func operations() []operation {
	return []operation{
		{"DescribeOrganization", func([]string, int) string { return "{}" }, 0.7},
		{"DescribeAccount", func(ids []string, connection int) string { return describe(ids[connection*len(ids)/clients]) }, 0.7},
		{"ListAccounts", func([]string, int) string { return `{"MaxResults":20}` }, 0.6},
	}
}

// contender is one of the servers that take turns.
type contender struct {
	name string
	process
	endpoint
	ids    []string
	rates  []float64
	all    measurement
	worked time.Duration // of its processes
}

// reads compares reads with those of the peer, and those in a small organization with those in a large one.
func (b *bench) reads() error {
	small, err := b.contender("small", smallAccounts)
	if err != nil {
		return err
	}
	defer small.stop()
	large, err := b.contender("large", b.accounts)
	if err != nil {
		return err
	}
	defer large.stop()
	bare, err := newPeer(small)
	if err != nil {
		return err
	}
	defer bare.stop()
	memory, err := b.memory(large)
	if err != nil {
		return err
	}
	var against, growth []figure
	for _, o := range operations() {
		if err := b.takeTurns(o, []*contender{bare, small, large}); err != nil {
			return err
		}
		against = append(against, figure{
			name: o.name, value: ratio(small.rates, bare.rates), target: o.target, atLeast: true, unit: "×", detail: small.String() + "   peer " + bare.String(),
		})
		growth = append(growth, figure{
			name: o.name, value: ratio(small.rates, large.rates), target: 1.5, unit: "×", detail: large.String(),
		})
	}
	b.group(fmt.Sprintf("Requests/s at %d connections with %d accounts, against net/http that verifies the signature and answers the same bytes", clients, smallAccounts), against)
	b.group(fmt.Sprintf("How much slower with %d accounts than with %d", b.accounts, smallAccounts), growth)
	b.group("Memory", []figure{memory})
	return nil
}

// memory compares the memory of a server that has an organization loaded with that of one without accounts.
func (b *bench) memory(loaded *contender) (figure, error) {
	s, err := b.run("empty")
	if err != nil {
		return figure{}, err
	}
	defer s.stop()
	empty, err1 := s.resident()
	full, err2 := loaded.resident()
	return figure{
		name: fmt.Sprintf("per account of %d", b.accounts), value: (full - empty) / float64(b.accounts) / 1024, target: 4, unit: " KiB",
		detail: fmt.Sprintf("%.0f MiB resident, %.0f MiB of it without accounts", full/(1<<20), empty/(1<<20)),
	}, errors.Join(err1, err2)
}

// contender seeds an organization and starts a server that has it in memory.
func (b *bench) contender(name string, accounts int) (*contender, error) {
	ids, err := b.seed(name, accounts, false)
	if err != nil {
		return nil, err
	}
	s, err := b.run(name)
	if err != nil {
		return nil, err
	}
	_, err = s.mustCall("DescribeAccount", describe(ids[0]))
	return &contender{name: name, process: s.process, endpoint: s.endpoint, ids: ids}, err
}

// newPeer starts a peer that answers what a server answers.
func newPeer(of *contender) (*contender, error) {
	t := task{AccessKeyID: of.credentials.AccessKeyID, SecretAccessKey: of.credentials.SecretAccessKey, Answers: map[string][]byte{}}
	for _, o := range operations() {
		answer, err := of.mustCall(o.name, o.body(of.ids, 0))
		if err != nil {
			return nil, err
		}
		t.Answers[target+o.name] = answer
	}
	p, address, err := startPeer(t)
	if err != nil {
		return nil, err
	}
	return &contender{name: "peer", process: *p, endpoint: endpoint{address, of.credentials}, ids: of.ids}, nil
}

// takeTurns loads the contenders one after another, round by round, after one round that does not count.
func (b *bench) takeTurns(o operation, contenders []*contender) error {
	for _, c := range contenders {
		c.rates, c.all, c.worked = nil, measurement{}, 0
	}
	for round := range b.rounds + 1 {
		for _, c := range contenders {
			if err := c.turn(o, b.period, round > 0); err != nil {
				return fmt.Errorf("%s of %s: %w", o.name, c.name, err)
			}
		}
	}
	return nil
}

// turn loads one contender.
func (c *contender) turn(o operation, period time.Duration, counts bool) error {
	before, err := c.busy()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), period)
	defer cancel()
	m, err := c.load(ctx, clients, c.repeated(o.name, func(connection int) string { return o.body(c.ids, connection) }))
	if err != nil {
		return err
	}
	after, err := c.busy()
	if counts {
		c.rates = append(c.rates, m.rate())
		c.all.add(m)
		c.worked += after - before
	}
	return err
}

// String tells the rate, the latencies, and the processor time for a request.
func (c *contender) String() string {
	return fmt.Sprintf("%.0f/s (p50 %v, p99 %v, CPU %v)", median(c.rates), short(median(c.all.latencies)), short(percentile(c.all.latencies, 99)),
		short(c.worked/time.Duration(len(c.all.latencies))))
}

// ratio is the median of what one rate is to another in the same round.
func ratio(of, to []float64) float64 {
	ratios := make([]float64, len(of))
	for i := range of {
		ratios[i] = of[i] / to[i]
	}
	return median(ratios)
}
