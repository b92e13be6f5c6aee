package ops_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/provisioner"
	"github.com/espalier-cloud/espalier/internal/registry"
	"github.com/espalier-cloud/espalier/internal/store"
	"github.com/espalier-cloud/espalier/internal/webhook"
)

// cloud is a private cloud whose accounts are made and removed on request.
type cloud struct {
	*world
	by      identity.Caller
	asked   []provisioner.Request
	answers []func(http.ResponseWriter) // the last one is given again and again
}

func says(status int, body string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		if status == http.StatusAccepted {
			w.Header().Set("Retry-After", "60")
		}
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}
}

func newCloud(t *testing.T, answers ...func(http.ResponseWriter)) *cloud {
	t.Helper()
	c := &cloud{world: newWorld(t), answers: answers}
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var asked provisioner.Request
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
			t.Error(err)
		}
		c.asked = append(c.asked, asked)
		c.answers[0](w)
		if len(c.answers) > 1 {
			c.answers = c.answers[1:]
		}
	}))
	t.Cleanup(hook.Close)
	e, err := webhook.New(hook.URL, identity.NewSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), time.Minute, c.clock.Now, http.DefaultTransport)
	if err != nil {
		t.Fatal(err)
	}
	c.provisioner = &provisioner.Provisioner{Endpoint: e, Patience: time.Hour}
	c.boot()
	c.by = c.organization(t, organizations.OrganizationFeatureSetAll)
	return c
}

// create asks for an account and returns the id of the request.
func (c *cloud) create(t *testing.T) string {
	t.Helper()
	return *give[organizations.CreateAccountOutput](t, c.world, c.by, &organizations.CreateAccountInput{
		AccountName: "Data lake", Email: "Lake@example.com", Tags: tagged("team", "data"),
	}).CreateAccountStatus.Id
}

// attempt runs the jobs that are due until none of them gets further; those that fail come back a minute later.
func (c *cloud) attempt(t *testing.T) {
	t.Helper()
	for {
		jobs, err := c.store.LeaseJobs(t.Context(), c.clock.Now(), "test", time.Minute, 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, job := range jobs {
			if err := c.handlers[job.Kind](t.Context(), job); err != nil {
				err = c.store.RetryJob(t.Context(), job, c.clock.Now().Add(time.Minute))
				if err != nil {
					t.Fatal(err)
				}
			} else if err := c.store.FinishJob(t.Context(), job); err != nil {
				t.Fatal(err)
			}
		}
		if len(jobs) == 0 {
			return
		}
	}
}

func (c *cloud) expectStatus(t *testing.T, id, state string) *organizations.CreateAccountStatus {
	t.Helper()
	s := c.status(t, c.by, id)
	got := string(*s.State)
	if s.FailureReason != nil {
		got += " " + string(*s.FailureReason)
	}
	if got != state {
		t.Errorf("the request is %s, want %s", got, state)
	}
	return s
}

// taken tells whether somebody has the address.
func (c *cloud) taken(t *testing.T) bool {
	t.Helper()
	_, taken, err := c.store.Claim(t.Context(), registry.SpaceEmail, "lake@example.com")
	if err != nil {
		t.Fatal(err)
	}
	return taken
}

// An account is there when the provisioner has made it, not before, however often the provisioner is asked and the
// server restarted.
func TestProvisionedCreation(t *testing.T) {
	c := newCloud(t, says(503, ""), says(202, ""), says(200, `{"state":"SUCCEEDED"}`))
	id := c.create(t)
	for range 2 {
		c.attempt(t)
		c.expectStatus(t, id, "IN_PROGRESS")
		if n := len(give[organizations.ListAccountsOutput](t, c.world, c.by, &organizations.ListAccountsInput{}).Accounts); n != 1 {
			t.Fatalf("there are %d accounts", n)
		}
		c.boot()
		c.clock.advance(time.Minute)
	}
	if len(c.asked) != 2 {
		t.Fatalf("asked %d times", len(c.asked))
	}
	c.attempt(t)
	made := c.expectStatus(t, id, "SUCCEEDED")
	for _, r := range c.asked {
		want := provisioner.Request{
			ID: id, Operation: "CreateAccount", Organization: string(c.organizationOf(t, c.by)), Management: string(c.by.Account), Partition: "aws",
			Account: *made.AccountId, Name: "Data lake", Email: "Lake@example.com", RoleName: "OrganizationAccountAccessRole",
			Tags: []provisioner.Tag{{Key: "team", Value: "data"}}, Requested: r.Requested,
		}
		if fmt.Sprint(r) != fmt.Sprint(want) || r.Requested.IsZero() {
			t.Errorf("asked for %+v, want %+v", r, want)
		}
	}
	if len(c.asked) != 3 || c.jobs(t) != 0 {
		t.Errorf("asked %d times, %d jobs are left", len(c.asked), c.jobs(t))
	}
}

// A creation that fails gives its e-mail address back.
func TestProvisionedCreationFails(t *testing.T) {
	c := newCloud(t, says(200, `{"state":"FAILED","failureReason":"INVALID_ADDRESS"}`))
	id := c.create(t)
	c.attempt(t)
	c.expectStatus(t, id, "FAILED INVALID_ADDRESS")
	if c.taken(t) || c.jobs(t) != 0 {
		t.Errorf("the address is taken, or %d jobs are left", c.jobs(t))
	}
	c.answers = append(c.answers[:0], says(200, `{"state":"SUCCEEDED"}`))
	id = c.create(t)
	c.attempt(t)
	c.expectStatus(t, id, "SUCCEEDED")
}

// What a provisioner does not do in time has failed, whatever it answers.
func TestProvisionerIsWaitedForInVain(t *testing.T) {
	for name, answer := range map[string]func(http.ResponseWriter){
		"it is at work": says(202, ""), "it is broken": says(500, ""), "it speaks of something else": says(200, `{"state":"FAILED","failureReason":"BAD_MOOD"}`),
	} {
		t.Run(name, func(t *testing.T) {
			c := newCloud(t, answer)
			id := c.create(t)
			c.attempt(t)
			c.clock.advance(59 * time.Minute)
			c.attempt(t)
			c.expectStatus(t, id, "IN_PROGRESS")
			c.clock.advance(2 * time.Minute)
			c.attempt(t)
			c.expectStatus(t, id, "FAILED INTERNAL_FAILURE")
			if c.taken(t) {
				t.Error("the address is taken")
			}
		})
	}
}

// Nobody is asked for an account that cannot be.
func TestProvisionerIsNotAskedInVain(t *testing.T) {
	c := newCloud(t, says(200, `{"state":"SUCCEEDED"}`))
	c.standalone(t, "Lake")
	id := c.create(t)
	c.attempt(t)
	c.expectStatus(t, id, "FAILED EMAIL_ALREADY_EXISTS")
	if len(c.asked) != 0 {
		t.Errorf("asked for %+v", c.asked)
	}
}

// The id that a provisioner was told is that of the account, or the creation fails.
func TestReservedIDIsTaken(t *testing.T) {
	c := newCloud(t, says(503, ""), says(200, `{"state":"SUCCEEDED"}`))
	id := c.create(t)
	c.attempt(t)
	if err := c.accounts.Ensure(t.Context(), identity.AccountID(c.asked[0].Account), "Other", "other@example.com"); err != nil {
		t.Fatal(err)
	}
	c.clock.advance(time.Minute)
	c.attempt(t)
	c.expectStatus(t, id, "FAILED INTERNAL_FAILURE")
}

// An organization that is deleted while an account is made for it leaves nothing behind.
func TestProvisioningForADeletedOrganization(t *testing.T) {
	c := newCloud(t, says(503, ""))
	c.create(t)
	c.attempt(t)
	if !c.taken(t) {
		t.Fatal("the address is not taken while the account is made")
	}
	c.do(t, c.by, &organizations.DeleteOrganizationInput{})
	c.clock.advance(time.Minute)
	c.attempt(t)
	if c.taken(t) || c.jobs(t) != 0 || len(c.asked) != 1 {
		t.Errorf("the address is taken, or %d jobs are left, or asked %d times", c.jobs(t), len(c.asked))
	}
}

// createPair asks for an account with a pair in AWS GovCloud (US) and returns the id of the request.
func (c *cloud) createPair(t *testing.T) string {
	t.Helper()
	return *give[organizations.CreateGovCloudAccountOutput](t, c.world, c.by, &organizations.CreateGovCloudAccountInput{
		AccountName: "lake", Email: "Lake@example.com",
	}).CreateAccountStatus.Id
}

// A provisioner is told of both accounts of a pair: their ids and their address are settled before.
func TestProvisionedPair(t *testing.T) {
	c := newCloud(t, says(503, ""), says(200, `{"state":"SUCCEEDED"}`))
	c.govCloudOf(t, c.by)
	id := c.createPair(t)
	c.attempt(t)
	if owner, taken, err := c.store.Claim(t.Context(), registry.SpaceGovCloudEmail, "lake@example.com"); err != nil || !taken || owner != c.asked[0].GovCloud {
		t.Errorf("the address in GovCloud belongs to %q (%v)", owner, err)
	}
	c.clock.advance(time.Minute)
	c.attempt(t)
	made := c.expectStatus(t, id, "SUCCEEDED")
	c.do(t, c.by, &organizations.CloseAccountInput{AccountId: *made.AccountId})
	c.attempt(t)
	c.expectState(t, *made.AccountId, "CLOSED")
	if len(c.asked) != 3 || *made.AccountId == *made.GovCloudAccountId {
		t.Fatalf("asked for %+v, made is %+v", c.asked, made)
	}
	for _, r := range c.asked {
		if r.Account != *made.AccountId || r.GovCloud != *made.GovCloudAccountId {
			t.Errorf("asked for %+v, made is %+v", r, made)
		}
	}
}

// Where the pair cannot be made nobody is asked, and a pair that was not made leaves nothing behind.
func TestProvisionedPairFails(t *testing.T) {
	c := newCloud(t, says(200, `{"state":"FAILED","failureReason":"INVALID_ADDRESS"}`))
	c.govCloudOf(t, c.by)
	id := c.createPair(t)
	c.attempt(t)
	c.expectStatus(t, id, "FAILED INVALID_ADDRESS")
	if _, taken, err := c.store.Claim(t.Context(), registry.SpaceGovCloudEmail, "lake@example.com"); err != nil || taken || c.taken(t) {
		t.Errorf("the address is still taken (%v)", err)
	}
	if err := c.store.Commit(t.Context(), store.Batch{Claims: []store.Claim{{Space: registry.SpaceGovCloudEmail, Value: "lake@example.com", Owner: unknownAccount}}}); err != nil {
		t.Fatal(err)
	}
	id = c.createPair(t)
	c.attempt(t)
	c.expectStatus(t, id, "FAILED GOVCLOUD_ACCOUNT_ALREADY_EXISTS")
	if len(c.asked) != 1 || c.taken(t) {
		t.Errorf("asked for %+v", c.asked)
	}
}

func TestProvisionedClosing(t *testing.T) {
	for name, c := range map[string]struct{ answer, state, result string }{
		"it is removed": {`{"state":"SUCCEEDED"}`, "CLOSED", `"state":"SUCCEEDED"`},
		"it is not":     {`{"state":"FAILED","failureReason":"MISSING_BUSINESS_VALIDATION"}`, "ACTIVE", `"failureReason":"MISSING_BUSINESS_VALIDATION"`},
	} {
		t.Run(name, func(t *testing.T) {
			w := newCloud(t, says(200, `{"state":"SUCCEEDED"}`))
			id := w.create(t)
			w.attempt(t)
			account := *w.expectStatus(t, id, "SUCCEEDED").AccountId
			w.asked, w.answers = nil, []func(http.ResponseWriter){says(503, ""), says(202, ""), says(200, c.answer)}
			w.do(t, w.by, &organizations.CloseAccountInput{AccountId: account})
			for range 2 {
				w.attempt(t)
				w.expectState(t, account, "PENDING_CLOSURE")
				w.clock.advance(time.Minute)
			}
			w.attempt(t)
			w.expectState(t, account, c.state)
			ids := []string{w.asked[0].ID, w.asked[1].ID, w.asked[2].ID}
			if r := w.asked[0]; r.Operation != "CloseAccount" || r.Account != account || r.Email != "Lake@example.com" || len(slices.Compact(ids)) != 1 {
				t.Errorf("asked for %+v as %q", r, ids)
			}
			w.expectClosingResult(t, c.state == "ACTIVE")
		})
	}
}

func (c *cloud) expectState(t *testing.T, account, want string) {
	t.Helper()
	if got := string(*c.account(t, c.by, identity.AccountID(account)).State); got != want {
		t.Errorf("the account is %s, want %s", got, want)
	}
}

// expectClosingResult checks the latest event about a closing.
func (c *cloud) expectClosingResult(t *testing.T, failed bool) {
	t.Helper()
	for _, e := range c.trail(t, c.by) {
		if e.EventName != "CloseAccountResult" {
			continue
		}
		status, _ := json.Marshal(e.ServiceEventDetails)
		var told struct {
			CloseAccountStatus struct{ State, FailureReason string }
		}
		if err := json.Unmarshal(status, &told); err != nil || (told.CloseAccountStatus.State == "FAILED") != failed || (told.CloseAccountStatus.FailureReason != "") != failed {
			t.Errorf("the event tells %s", status)
		}
		return
	}
	t.Error("there is no event")
}
