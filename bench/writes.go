package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"
)

const (
	// appendBytes is what the disk is given to append: one page of a database.
	appendBytes = 4096
	// turn is how long one side writes before it is the other's turn.
	turn = 100 * time.Millisecond
)

// writes compares CreateOrganizationalUnit with the disk, and many clients with one.
func (b *bench) writes() error {
	if _, err := b.found("write"); err != nil {
		return err
	}
	s, err := b.run("write")
	if err != nil {
		return err
	}
	defer s.stop()
	create, err := newUnits(s.endpoint)
	if err != nil {
		return err
	}
	disk, one, err := b.compareWithDisk(s, create)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(b.rounds)*b.period)
	defer cancel()
	many, err := s.load(ctx, clients, func(int) (func() ([]byte, error), error) { return create, nil })
	if err != nil {
		return err
	}
	p50, bare := median(one.latencies), median(disk.latencies)
	b.group("CreateOrganizationalUnit", []figure{
		{name: "one client against append + fdatasync of 4 KiB, p50", value: float64(p50) / float64(bare), target: 2, unit: "×",
			detail: fmt.Sprintf("%v (p99 %v) against %v (p99 %v)", short(p50), short(percentile(one.latencies, 99)), short(bare), short(percentile(disk.latencies, 99)))},
		{name: "64 clients against one, rate", value: many.rate() / one.rate(), target: 5, atLeast: true, unit: "×",
			detail: fmt.Sprintf("%.0f/s (p50 %v) against %.0f/s", many.rate(), short(median(many.latencies)), one.rate())},
	})
	return nil
}

// compareWithDisk lets one client and the bare disk take turns.
func (b *bench) compareWithDisk(s *espalier, create func() ([]byte, error)) (disk, one measurement, err error) {
	file, err := os.Create(filepath.Join(s.data, "append"))
	if err != nil {
		return disk, one, err
	}
	defer file.Close()
	for start := time.Now(); time.Since(start) < 2*time.Duration(b.rounds)*b.period; {
		appended, err := appendPages(file)
		if err != nil {
			return disk, one, err
		}
		ctx, cancel := context.WithTimeout(context.Background(), turn)
		created, err := s.load(ctx, 1, func(int) (func() ([]byte, error), error) { return create, nil })
		cancel()
		if err != nil {
			return disk, one, err
		}
		disk.add(appended)
		one.add(created)
	}
	return disk, one, nil
}

// appendPages appends pages to a file for one turn and makes each durable.
func appendPages(file *os.File) (m measurement, err error) {
	page := make([]byte, appendBytes)
	begin := time.Now()
	for time.Since(begin) < turn {
		start := time.Now()
		if _, err := file.Write(page); err != nil {
			return m, err
		}
		if err := fdatasync(file); err != nil {
			return m, err
		}
		m.latencies = append(m.latencies, time.Since(start))
	}
	m.took = time.Since(begin)
	return m, nil
}

// newUnits returns what makes requests for ever new units below the root.
func newUnits(e endpoint) (func() ([]byte, error), error) {
	answer, err := e.mustCall("ListRoots", "{}")
	if err != nil {
		return nil, err
	}
	var out struct{ Roots []struct{ Id string } }
	if err := json.Unmarshal(answer, &out); err != nil || len(out.Roots) != 1 {
		return nil, fmt.Errorf("ListRoots answered %s", answer)
	}
	var made atomic.Int64
	return func() ([]byte, error) {
		return e.request("CreateOrganizationalUnit", fmt.Sprintf(`{"ParentId":%q,"Name":"Unit %d"}`, out.Roots[0].Id, made.Add(1)))
	}, nil
}
