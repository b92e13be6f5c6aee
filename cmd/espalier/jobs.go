package main

import (
	"context"
	"fmt"
	"time"

	"github.com/espalier-cloud/espalier/internal/ops"
)

// jobCommands are about the work that the server does in the background, whether or not it is running.
type jobCommands struct {
	List listJobsCommand `cmd:"" help:"List the background work that is to be done, and when."`
}

type listJobsCommand struct{ listFlags }

// Run lists the background jobs.
func (c *listJobsCommand) Run(t terminal) error {
	return list[ops.JobPage, ops.JobSummary]{
		path:  "jobs",
		items: func(p ops.JobPage) ([]ops.JobSummary, string) { return p.Jobs, p.After },
		read: func(ctx context.Context, core ops.Core, after string) (ops.JobPage, error) {
			return ops.ListJobs(ctx, core.Registry.Store, after)
		},
	}.print(t, c.listFlags, jobColumns)
}

func jobColumns(j ops.JobSummary) []string {
	state := "waits"
	if !j.LeasedTo.IsZero() {
		state = "is worked on"
	}
	return []string{j.Kind, "due " + j.Due.Format(time.RFC3339), state, fmt.Sprintf("attempts %d", j.Attempts), j.ID}
}
