package storetest

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/espalier-cloud/espalier/internal/store"
)

const leaseTime = time.Second

func lease(t testing.TB, s *store.Store, now time.Time, owner string, limit int) []store.Job {
	t.Helper()
	leased, err := s.LeaseJobs(t.Context(), now, owner, leaseTime, limit)
	if err != nil {
		t.Fatalf("LeaseJobs: %v", err)
	}
	return leased
}

func jobIDs(jobs []store.Job) string {
	var all []string
	for _, j := range jobs {
		all = append(all, j.ID)
	}
	return strings.Join(all, " ")
}

func expectJobs(t testing.TB, what string, got []store.Job, want string) {
	t.Helper()
	if jobIDs(got) != want {
		t.Errorf("%s: %q, want %q", what, jobIDs(got), want)
	}
}

func expectNext(t testing.TB, s *store.Store, want time.Time) {
	t.Helper()
	due, some, err := s.NextJob(t.Context())
	if err != nil || some != !want.IsZero() || !due.Equal(want) {
		t.Errorf("NextJob: %v, %v, %v; want %v", due, some, err, want)
	}
}

func testLease(t *testing.T, s *store.Store) {
	ctx := t.Context()
	expectNext(t, s, time.Time{})
	expectJobs(t, "of none", lease(t, s, at(0), "one", 9), "")
	commit(t, s, store.Batch{Jobs: []store.Job{
		{ID: "c", Kind: "close", Aggregate: "o", Due: at(30), Payload: []byte{1, 0, 2}},
		{ID: "a", Due: at(20)},
		{ID: "b", Due: at(10)},
		{ID: "later", Due: at(5000)},
	}})
	expectNext(t, s, at(10))
	expectJobs(t, "none is due", lease(t, s, at(9), "one", 9), "")
	first := lease(t, s, at(30), "one", 2)
	expectJobs(t, "the first two", first, "b a")
	second := lease(t, s, at(30), "two", 9)
	expectJobs(t, "the rest", second, "c")
	want := store.Job{ID: "c", Kind: "close", Aggregate: "o", Due: at(30), Payload: []byte{1, 0, 2}, Attempts: 1, Lease: at(30).Add(leaseTime), Owner: "two"}
	if fmt.Sprint(second[0]) != fmt.Sprint(want) {
		t.Errorf("leased %v, want %v", second[0], want)
	}
	expectJobs(t, "all are held", lease(t, s, at(31), "three", 9), "")
	expectNext(t, s, at(30).Add(leaseTime))

	// One finishes, one comes back later, one is abandoned and taken over.
	if err := s.FinishJob(ctx, first[0]); err != nil {
		t.Fatal(err)
	}
	if err := s.RetryJob(ctx, first[1], at(40)); err != nil {
		t.Fatal(err)
	}
	expectNext(t, s, at(40))
	again := lease(t, s, at(40), "one", 9)
	expectJobs(t, "the one that came back", again, "a")
	if again[0].Attempts != 2 || !again[0].Due.Equal(at(40)) {
		t.Errorf("it came back as %v", again[0])
	}
	expectJobs(t, "the abandoned one", lease(t, s, at(30).Add(leaseTime), "three", 9), "c")

	// The first holder of c lost it and can no longer end it.
	if err := s.FinishJob(ctx, second[0]); err != nil {
		t.Fatal(err)
	}
	if err := s.RetryJob(ctx, second[0], at(0)); err != nil {
		t.Fatal(err)
	}
	all, err := s.Jobs(ctx, "", 9)
	if err != nil {
		t.Fatal(err)
	}
	expectJobs(t, "left", all, "a c later")
	if all[1].Owner != "three" || all[1].Attempts != 2 {
		t.Errorf("c is %v, want it leased by three", all[1])
	}
}

func testSchedule(t *testing.T, s *store.Store) {
	ctx := t.Context()
	commit(t, s, store.Batch{Jobs: []store.Job{{ID: "a", Due: at(1)}, {ID: "b", Due: at(1)}, {ID: "a", Due: at(2), Kind: "last"}}})
	held := lease(t, s, at(9), "one", 9)
	expectJobs(t, "leased", held, "b a")

	// A job scheduled while it runs survives the end of that run.
	commit(t, s, store.Batch{DoneJobs: []string{"a", "b", "absent"}, Jobs: []store.Job{{ID: "a", Kind: "next", Due: at(3), Attempts: 7, Owner: "me", Lease: at(4)}}})
	for _, job := range held {
		if err := s.FinishJob(ctx, job); err != nil {
			t.Fatal(err)
		}
	}
	all, err := s.Jobs(ctx, "", 9)
	if err != nil {
		t.Fatal(err)
	}
	if want := []store.Job{{ID: "a", Kind: "next", Due: at(3), Payload: []byte{}}}; fmt.Sprint(all) != fmt.Sprint(want) {
		t.Errorf("left are %v, want %v", all, want)
	}
	expectJobs(t, "leased again", lease(t, s, at(3), "two", 9), "a")

	commit(t, s, store.Batch{Jobs: []store.Job{{ID: "B"}, {ID: "b"}, {ID: "A"}}})
	page, err := s.Jobs(ctx, "A", 2)
	if err != nil {
		t.Fatal(err)
	}
	expectJobs(t, "a page", page, "B a")
}

// testLeaseRace: every job is leased once, however many ask.
func testLeaseRace(t *testing.T, s *store.Store) {
	const jobs = 60
	var batch store.Batch
	for i := range jobs {
		batch.Jobs = append(batch.Jobs, store.Job{ID: fmt.Sprintf("%03d", i), Due: at(i % 7)})
	}
	commit(t, s, batch)
	var mu sync.Mutex
	holders := map[string]string{}
	together(6, func(worker int) {
		owner := fmt.Sprint("worker ", worker)
		for {
			leased, err := s.LeaseJobs(t.Context(), at(10), owner, leaseTime, 4)
			if err != nil {
				t.Errorf("LeaseJobs: %v", err)
			}
			if len(leased) == 0 {
				return
			}
			mu.Lock()
			for _, job := range leased {
				if holder := holders[job.ID]; holder != "" || job.Owner != owner {
					t.Errorf("%s leased %v, which %q holds", owner, job, holder)
				}
				holders[job.ID] = owner
			}
			mu.Unlock()
		}
	})
	expectJobs(t, "left to lease", lease(t, s, at(10), "late", 100), "")
	if len(holders) != jobs {
		t.Errorf("%d of %d jobs were leased", len(holders), jobs)
	}
}
