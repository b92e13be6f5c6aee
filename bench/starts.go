package main

import (
	"fmt"
	"net/http"
	"time"
)

// startAccounts is how many accounts the database has that a server is timed to start on.
const startAccounts = 10_000

// starts measures how soon a server answers.
func (b *bench) starts() error {
	empty, err := b.startTimes(func(round int) (time.Duration, error) { return b.startEmpty(fmt.Sprint("empty-", round)) })
	if err != nil {
		return err
	}
	ids, err := b.seed("start", startAccounts, true)
	if err != nil {
		return err
	}
	s, err := b.run("start")
	if err != nil {
		return err
	}
	s.stop()
	loaded, err := b.startTimes(func(int) (time.Duration, error) { return b.startLoaded("start", s.endpoint, ids[0]) })
	if err != nil {
		return err
	}
	b.group("Start-up, from the start of the process", []figure{
		{name: "empty database, to ready", value: milliseconds(median(empty)), target: 200, unit: " ms", detail: spread(empty)},
		{name: "10,000 accounts, to the first DescribeAccount", value: milliseconds(median(loaded)), target: 1000, unit: " ms", detail: spread(loaded)},
	})
	return nil
}

func (b *bench) startTimes(start func(round int) (time.Duration, error)) ([]time.Duration, error) {
	var times []time.Duration
	for round := range b.rounds {
		took, err := start(round)
		if err != nil {
			return nil, err
		}
		times = append(times, took)
	}
	return times, nil
}

// startEmpty times a first start, which makes the tables, the master key and the first account.
func (b *bench) startEmpty(name string) (time.Duration, error) {
	start := time.Now()
	s, err := b.start(name)
	if err != nil {
		return 0, err
	}
	defer s.stop()
	err = s.await(s.ready)
	return time.Since(start), err
}

// startLoaded times a start up to the answer about an account, which needs the whole organization in memory.
func (b *bench) startLoaded(name string, as endpoint, account string) (time.Duration, error) {
	start := time.Now()
	s, err := b.start(name)
	if err != nil {
		return 0, err
	}
	defer s.stop()
	s.credentials = as.credentials
	var status int
	var answer []byte
	err = s.await(func() bool {
		var err error
		answer, status, err = s.call("DescribeAccount", describe(account))
		return err == nil
	})
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("status %d: %s", status, answer)
	}
	return time.Since(start), err
}

func describe(account string) string { return `{"AccountId":"` + account + `"}` }

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func spread(times []time.Duration) string {
	return fmt.Sprintf("%v to %v", short(percentile(times, 0)), short(percentile(times, 100)))
}
