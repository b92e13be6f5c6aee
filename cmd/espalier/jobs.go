package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"text/tabwriter"
	"time"

	"github.com/espalier-cloud/espalier/internal/ops"
)

// jobCommands are about the work that the server does in the background, whether or not it is running.
type jobCommands struct {
	List listJobsCommand `cmd:"" help:"List the background work that is to be done, and when."`
}

type listJobsCommand struct {
	databaseFlags
	Format string `enum:"text,json" default:"text" help:"How to print: ${enum}, one job in a line."`
}

// Run lists the background jobs.
func (c *listJobsCommand) Run(t terminal) error {
	ctx := context.Background()
	show, finish := c.printer(t)
	err := eachJob(func(after string) (page ops.JobPage, err error) {
		err = call(ctx, c.directory(), http.MethodGet, "jobs?after="+url.QueryEscape(after), nil, &page)
		return page, err
	}, show)
	if errors.Is(err, errNotRunning) {
		err = c.withJobs(ctx, show)
	}
	return errors.Join(err, finish())
}

// withJobs opens the database itself, for when no server runs.
func (c *listJobsCommand) withJobs(ctx context.Context, show func(ops.JobSummary) error) (err error) {
	db, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.store.Close()) }()
	return eachJob(func(after string) (ops.JobPage, error) { return ops.ListJobs(ctx, db.store, after) }, show)
}

// eachJob shows the jobs of all pages.
func eachJob(page func(after string) (ops.JobPage, error), show func(ops.JobSummary) error) error {
	after := ""
	for {
		p, err := page(after)
		if err != nil {
			return err
		}
		for _, job := range p.Jobs {
			if err := show(job); err != nil {
				return err
			}
		}
		if after = p.After; after == "" {
			return nil
		}
	}
}

// printer returns what shows a job and what ends the list.
func (c *listJobsCommand) printer(t terminal) (show func(ops.JobSummary) error, finish func() error) {
	if c.Format == "json" {
		encoder := json.NewEncoder(t.out)
		return func(j ops.JobSummary) error { return encoder.Encode(j) }, func() error { return nil }
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	show = func(j ops.JobSummary) error {
		state := "waits"
		if !j.LeasedTo.IsZero() {
			state = "is worked on"
		}
		_, err := fmt.Fprintf(w, "%s\tdue %s\t%s\tattempts %d\t%s\n", j.Kind, j.Due.Format(time.RFC3339), state, j.Attempts, j.ID)
		return err
	}
	return show, w.Flush
}
