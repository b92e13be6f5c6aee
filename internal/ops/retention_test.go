package ops_test

import (
	"testing"
	"time"

	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/store"
)

// The trail keeps ninety days, and the work that sees to it comes back a day
// later.
func TestTrailIsKeptForNinetyDays(t *testing.T) {
	g := newGarden(t)
	old := len(g.stored(t, g.management.Account))
	g.clock.advance(50 * 24 * time.Hour)
	give[organizations.CreateOrganizationalUnitOutput](t, g.world, g.management, &organizations.CreateOrganizationalUnitInput{ParentId: g.root, Name: "later"})
	g.clock.advance(41 * 24 * time.Hour)
	for range 2 { // the second time there is nothing to do
		if err := g.handlers["retention"](t.Context(), store.Job{}); err != nil {
			t.Fatal(err)
		}
		if left := g.stored(t, g.management.Account); old == 0 || len(left) != 1 || left[0].Name != "CreateOrganizationalUnit" {
			t.Errorf("of %d events are left %v", old+1, left)
		}
	}
	jobs, err := g.store.Jobs(t.Context(), "retentio", 1)
	if err != nil || len(jobs) != 1 || jobs[0].Kind != "retention" {
		t.Fatalf("scheduled are %v, %v", jobs, err)
	}
	if in := jobs[0].Due.Sub(g.clock.Now()); in < 23*time.Hour || in > 24*time.Hour {
		t.Errorf("the next time is in %v", in)
	}
}

// stored returns what the database keeps of an account's trail, however old.
func (w *world) stored(t *testing.T, account identity.AccountID) []store.TrailRow {
	t.Helper()
	rows, err := w.store.Trail(t.Context(), store.TrailQuery{Account: string(account), Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}
