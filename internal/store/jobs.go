package store

import (
	"cmp"
	"context"
	"database/sql"
	"maps"
	"slices"
	"time"
)

// Job is work to be done at a time, by whichever server leases it first.
type Job struct {
	ID        string
	Kind      string
	Aggregate AggregateID // what the work is about
	Due       time.Time
	Payload   []byte

	// Attempts is how often the job was leased, the present lease included. Lease
	// and Owner say until when the job is leased and by whom. They are written by
	// LeaseJobs; scheduling a job clears them.
	Attempts int
	Lease    time.Time
	Owner    string
}

func (j Job) storable() bool { return storable(j.ID, j.Kind, string(j.Aggregate)) }

const (
	jobColumns = `id, kind, aggregate, due, lease, owner, attempts, payload`
	selectJobs = `SELECT ` + jobColumns + ` FROM jobs WHERE id > $1 ORDER BY id LIMIT $2`

	// Of two servers that lease at once, the second finds the condition of the
	// outer WHERE no longer true, or is told to run again.
	leaseWaiting = `UPDATE jobs SET lease = $3, owner = $4, attempts = attempts + 1 WHERE lease = 0 AND id IN
		(SELECT id FROM jobs WHERE lease = 0 AND due <= $1 ORDER BY due, id LIMIT $2) RETURNING ` + jobColumns
	leaseAbandoned = `UPDATE jobs SET lease = $3, owner = $4, attempts = attempts + 1 WHERE lease > 0 AND lease <= $1 AND id IN
		(SELECT id FROM jobs WHERE lease > 0 AND lease <= $1 ORDER BY lease, due LIMIT $2) RETURNING ` + jobColumns

	nextJob = `SELECT min(at) FROM (
		SELECT min(due) AS at FROM jobs WHERE lease = 0
		UNION ALL SELECT min(lease) AS at FROM jobs WHERE lease > 0) AS next HAVING min(at) IS NOT NULL`
	finishJob = `DELETE FROM jobs WHERE id = $1 AND owner = $2 AND lease = $3`
	freeJobs  = `UPDATE jobs SET lease = 0, owner = '' WHERE lease > 0`
	retryJob  = `UPDATE jobs SET due = $4, lease = 0, owner = '' WHERE id = $1 AND owner = $2 AND lease = $3`
)

var (
	upsertJobs = newBulk(
		`INSERT INTO jobs (`+jobColumns+`) VALUES `, `($, $, $, $, 0, '', 0, $)`,
		` ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, aggregate = excluded.aggregate, due = excluded.due,
			lease = 0, owner = '', attempts = 0, payload = excluded.payload`,
	)
	deleteJobs = newBulk(`DELETE FROM jobs WHERE id IN (`, `$`, `)`)
)

// schedule writes the last state of every job, in the order of their ids.
func (t *transaction) schedule(ctx context.Context, jobs []Job) error {
	last := map[string]Job{}
	for _, j := range jobs {
		last[j.ID] = j
	}
	var args []any
	for _, id := range slices.Sorted(maps.Keys(last)) {
		j := last[id]
		args = append(args, j.ID, j.Kind, string(j.Aggregate), j.Due.UnixMicro(), bytesOf(j.Payload))
	}
	_, err := t.execBulk(ctx, upsertJobs, args)
	return err
}

func (t *transaction) removeJobs(ctx context.Context, ids []string) error {
	var args []any
	for _, id := range ids {
		args = append(args, id)
	}
	_, err := t.execBulk(ctx, deleteJobs, args)
	return err
}

// LeaseJobs takes up to limit jobs that are due and that nobody holds, or whose
// holder let the lease run out, and returns them in the order they were due. No
// other server gets them until now + lease.
func (s *Store) LeaseJobs(ctx context.Context, now time.Time, owner string, lease time.Duration, limit int) ([]Job, error) {
	if !storable(owner) {
		return nil, ErrText
	}
	var leased []Job
	err := s.transact(ctx, "lease jobs", func(t *transaction) error {
		leased = nil
		for _, text := range []string{leaseWaiting, leaseAbandoned} {
			rows, err := t.query(ctx, text, now.UnixMicro(), limit-len(leased), now.Add(lease).UnixMicro(), owner)
			if err != nil {
				return err
			}
			jobs, err := scanAll(rows, scanJob)
			if err != nil {
				return err
			}
			leased = append(leased, jobs...)
		}
		return nil
	})
	slices.SortFunc(leased, func(a, b Job) int { return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.ID, b.ID)) })
	return leased, err
}

// freeJobs gives back all jobs that are leased. The only process that writes a
// database knows, when it starts, that whoever leased them is gone.
func (s *Store) freeJobs(ctx context.Context) error {
	return s.transact(ctx, "give jobs back", func(t *transaction) error {
		_, err := t.exec(ctx, freeJobs)
		return err
	})
}

// NextJob returns when there will be a job to lease, and whether there is any job.
func (s *Store) NextJob(ctx context.Context) (due time.Time, ok bool, err error) {
	var at int64
	if ok, err = s.reader.row(ctx, nextJob, nil, &at); !ok || err != nil {
		return time.Time{}, false, s.explain("read jobs", err)
	}
	return timeOf(at), true, nil
}

// FinishJob removes a leased job. It does nothing when the job is gone, was scheduled
// anew or is leased by another server.
func (s *Store) FinishJob(ctx context.Context, job Job) error {
	return s.transact(ctx, "finish a job", func(t *transaction) error {
		_, err := t.exec(ctx, finishJob, job.ID, job.Owner, job.Lease.UnixMicro())
		return err
	})
}

// RetryJob gives a leased job back, to be leased again when it is due. It does nothing
// when the job is gone, was scheduled anew or is leased by another server.
func (s *Store) RetryJob(ctx context.Context, job Job, due time.Time) error {
	return s.transact(ctx, "give a job back", func(t *transaction) error {
		_, err := t.exec(ctx, retryJob, job.ID, job.Owner, job.Lease.UnixMicro(), due.UnixMicro())
		return err
	})
}

// Jobs returns up to limit jobs, those after the given id in byte order, whoever
// holds them.
func (s *Store) Jobs(ctx context.Context, after string, limit int) ([]Job, error) {
	if !storable(after) {
		return nil, ErrText
	}
	rows, err := s.reader.query(ctx, selectJobs, after, limit)
	if err != nil {
		return nil, s.explain("read jobs", err)
	}
	jobs, err := scanAll(rows, scanJob)
	return jobs, s.explain("read jobs", err)
}

func scanJob(rows *sql.Rows) (Job, error) {
	var j Job
	var due, lease int64
	if err := rows.Scan(&j.ID, &j.Kind, &j.Aggregate, &due, &lease, &j.Owner, &j.Attempts, &j.Payload); err != nil {
		return j, err
	}
	j.Due, j.Payload = timeOf(due), bytesOf(j.Payload)
	if lease != 0 {
		j.Lease = timeOf(lease)
	}
	return j, nil
}
