package ops

import (
	"context"
	"time"

	"github.com/espalier-cloud/espalier/internal/store"
)

// JobSummary is a line of the list of background jobs.
type JobSummary struct {
	ID       string    `json:"id"`
	Kind     string    `json:"kind"`
	About    string    `json:"about,omitzero"` // the organization or account that it works on
	Due      time.Time `json:"due"`
	Attempts int       `json:"attempts"`          // begun so far
	Owner    string    `json:"owner,omitzero"`    // the process that works on it
	LeasedTo time.Time `json:"leasedTo,omitzero"` // when another process may take it over
}

// JobPage is one page of the list of background jobs.
type JobPage struct {
	Jobs  []JobSummary `json:"jobs"`
	After string       `json:"after,omitzero"` // continues the list; empty at its end
}

// JobsPerPage is the size of a page of background jobs.
const JobsPerPage = 1000

// ListJobs returns a page of the list of background jobs, from behind one. They are in the order of their ids, which
// begin with their kind.
func ListJobs(ctx context.Context, s *store.Store, after string) (JobPage, error) {
	jobs, err := s.Jobs(ctx, after, JobsPerPage)
	if err != nil {
		return JobPage{}, err
	}
	page := JobPage{Jobs: make([]JobSummary, 0, len(jobs))}
	for _, j := range jobs {
		page.Jobs = append(page.Jobs, JobSummary{
			ID: j.ID, Kind: j.Kind, About: string(j.Aggregate), Due: j.Due.UTC(), Attempts: j.Attempts, Owner: j.Owner, LeasedTo: j.Lease,
		})
	}
	if len(jobs) == JobsPerPage {
		page.After = jobs[len(jobs)-1].ID
	}
	return page, nil
}
