package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

// measurement is what a load experienced.
type measurement struct {
	latencies []time.Duration
	took      time.Duration
}

// rate returns requests per second.
func (m measurement) rate() float64 { return float64(len(m.latencies)) / m.took.Seconds() }

// add joins another measurement that was made at another time.
func (m *measurement) add(other measurement) {
	m.latencies = append(m.latencies, other.latencies...)
	m.took += other.took
}

// load sends requests over a number of connections, each of which sends the next one as soon as the last is answered,
// until ctx is done. The function source returns what makes the requests of one connection.
func (e endpoint) load(ctx context.Context, connections int, source func(connection int) (func() ([]byte, error), error)) (measurement, error) {
	parts := make([][]time.Duration, connections)
	errs := make([]error, connections)
	ready, begin := new(sync.WaitGroup), make(chan struct{})
	var done sync.WaitGroup
	ready.Add(connections)
	for i := range connections {
		done.Go(func() {
			next, err := source(i)
			var c *connection
			if err == nil {
				c, err = dial(e.address)
			}
			ready.Done()
			if err != nil {
				errs[i] = err
				return
			}
			defer c.close()
			<-begin
			parts[i], errs[i] = c.repeat(ctx, next)
		})
	}
	ready.Wait()
	start := time.Now()
	close(begin)
	done.Wait()
	m := measurement{took: time.Since(start)}
	for i, part := range parts {
		if errs[i] != nil {
			return m, errs[i]
		}
		m.latencies = append(m.latencies, part...)
	}
	return m, nil
}

// repeat sends requests until ctx is done and returns how long each took.
func (c *connection) repeat(ctx context.Context, next func() ([]byte, error)) ([]time.Duration, error) {
	latencies := make([]time.Duration, 0, 1024)
	for ctx.Err() == nil {
		request, err := next()
		if err != nil {
			return nil, err
		}
		start := time.Now()
		status, err := c.exchange(request, io.Discard)
		if err != nil {
			return nil, err
		}
		if status != http.StatusOK {
			return nil, fmt.Errorf("status %d in answer to %s", status, request)
		}
		latencies = append(latencies, time.Since(start))
	}
	return latencies, nil
}

// repeated is a source whose connections each send one request, signed once, again and again.
func (e endpoint) repeated(operation string, body func(connection int) string) func(int) (func() ([]byte, error), error) {
	return func(connection int) (func() ([]byte, error), error) {
		request, err := e.request(operation, body(connection))
		return func() ([]byte, error) { return request, nil }, err
	}
}
