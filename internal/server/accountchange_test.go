package server

import (
	"github.com/espalier-cloud/espalier/internal/ops"
	"strings"
	"testing"
	"time"

	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/store"
)

func TestAccountsAreChanged(t *testing.T) {
	f := newFixture(t, nil)
	var key AccountKey
	f.controlled("POST", "accounts", `{"email":"a@example.com","name":"a"}`, 200, &key)
	f.controlled("PATCH", "accounts/"+key.AccountID, `{"seller":"aws-india","state":"SUSPENDED"}`, 200, nil)
	account, err := f.Registry.Account(t.Context(), identity.AccountID(key.AccountID))
	if err != nil || account.State() != identity.Suspended || account.Profile().Circumstances.Seller != "aws-india" {
		t.Errorf("the account is %+v (%v)", account.Profile(), err)
	}
	for _, c := range []struct {
		method, path, body string
		status             int
	}{
		{"PATCH", "accounts/" + key.AccountID, `{"state":"CLOSED"}`, 400},
		{"PATCH", "accounts/" + key.AccountID, `{"color":"green"}`, 400},
		{"PATCH", "accounts/999999999999", `{}`, 404},
		{"POST", "accounts/" + key.AccountID + "/reinstate", `{}`, 400}, // it is not closed
		{"POST", "accounts/" + key.AccountID + "/reinstate", `{"now":true}`, 400},
		{"POST", "accounts/999999999999/reinstate", `{}`, 404},
	} {
		f.controlled(c.method, c.path, c.body, c.status, nil)
	}
}

func TestJobsAreListed(t *testing.T) {
	f := newFixture(t, nil)
	due := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	var batch store.Batch
	for i := range ops.JobsPerPage + 1 {
		batch.Jobs = append(batch.Jobs, store.Job{ID: strings.Repeat("j", 1+i%900) + string(rune('a'+i/900)), Kind: "test", Aggregate: "o-1", Due: due})
	}
	if err := f.Registry.Store.Commit(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	var first, second ops.JobPage
	f.controlled("GET", "jobs", "", 200, &first)
	f.controlled("GET", "jobs?after="+first.After, "", 200, &second)
	if len(first.Jobs) != ops.JobsPerPage || len(second.Jobs) != 1 || second.After != "" || first.Jobs[0].Kind != "test" || first.Jobs[0].About != "o-1" || !first.Jobs[0].Due.Equal(due) {
		t.Errorf("the pages have %d and %d jobs, the first is %+v", len(first.Jobs), len(second.Jobs), first.Jobs[0])
	}
}
