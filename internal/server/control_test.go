package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// controlRequest is a request to a control endpoint with the operator's token and JSON.
func controlRequest(method, path, body string) *http.Request {
	r := httptest.NewRequest(method, controlPrefix+path, strings.NewReader(body))
	r.Host = "localhost:4566"
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer the operator's token")
	return r
}

func TestControlsAreGuarded(t *testing.T) {
	operators, tests := newFixture(t, nil), newFixture(t, forTests)
	with := func(r *http.Request, header, value string) *http.Request {
		r.Header.Set(header, value)
		return r
	}
	list := func() *http.Request { return controlRequest("GET", "accounts", "") }
	create := func(body string) *http.Request { return controlRequest("POST", "accounts", body) }
	rebound := list()
	rebound.Host = "evil.example:4566"
	for _, test := range []struct {
		name    string
		server  *fixture
		request *http.Request
		status  int
	}{
		{"with the token", operators, list(), 200},
		{"without the token", operators, with(list(), "Authorization", ""), 401},
		{"with another token", operators, with(list(), "Authorization", "Bearer guessed"), 401},
		{"with the token as a password", operators, with(list(), "Authorization", "Basic the operator's token"), 401},
		{"by a page", operators, with(list(), "Origin", "http://evil.example"), 403},
		{"in development without a token", tests, with(list(), "Authorization", ""), 200},
		{"in development by a page", tests, with(list(), "Origin", "http://localhost"), 403},
		{"in development under another name", tests, rebound, 403},
		{"as a form", operators, with(create(`{}`), "Content-Type", "text/plain"), 415},
		{"with what it does not know", operators, create(`{"email":"a@example.com","name":"a","role":"x"}`), 400},
		{"with a member twice", operators, create(`{"email":"a@example.com","email":"b@example.com","name":"a"}`), 400},
		{"with an e-mail address that is none", operators, create(`{"email":"a","name":"a"}`), 400},
		{"too large", operators, create(strings.Repeat(" ", maxControl+1)), 413},
		{"by another method", operators, controlRequest("DELETE", "accounts", ""), 404},
		{"for test suites only", operators, controlRequest("POST", "reset", "{}"), 404},
		{"that does not exist", tests, controlRequest("GET", "secrets", ""), 404},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := test.server.do(test.request)
			if w.Code != test.status {
				t.Errorf("answered %d, want %d\n%s", w.Code, test.status, w.Body)
			}
			var refusal struct{ Error string }
			if err := json.Unmarshal(w.Body.Bytes(), &refusal); err != nil || (refusal.Error == "") != (test.status == 200) {
				t.Errorf("the answer is %s", w.Body)
			}
		})
	}
}

// control sends a request to a control endpoint, wants a status, and reads the answer.
func (f *fixture) controlled(method, path, body string, status int, into any) {
	f.t.Helper()
	w := f.do(controlRequest(method, path, body))
	if w.Code != status {
		f.t.Fatalf("%s %s: %d, want %d\n%s", method, path, w.Code, status, w.Body)
	}
	if into == nil {
		return
	}
	if err := json.Unmarshal(w.Body.Bytes(), into); err != nil {
		f.t.Fatalf("%s %s: %v\n%s", method, path, err, w.Body)
	}
}

func TestOperatorCreatesAndListsAccounts(t *testing.T) {
	f := newFixture(t, nil)
	made := map[string]bool{f.account.AccountID: true}
	for i := range 4 {
		var key AccountKey
		f.controlled("POST", "accounts", fmt.Sprintf(`{"email":"a%d@example.com","name":"a"}`, i), 200, &key)
		made[key.AccountID] = true
		if i == 0 {
			f.account = key // its key works
			f.want(f.call("CreateOrganization", `{}`), 200, "")
		}
	}
	after, pages := "", 0
	for {
		var page AccountPage
		f.controlled("GET", "accounts?limit=2&after="+after, "", 200, &page)
		for _, account := range page.Accounts {
			if !made[account.AccountID] || account.AccountID <= after {
				t.Errorf("account %s is listed behind %q", account.AccountID, after)
			}
			delete(made, account.AccountID)
		}
		pages++
		if after = page.After; after == "" {
			break
		}
	}
	if len(made) > 0 || pages != 3 {
		t.Errorf("%d pages leave out %v", pages, made)
	}
	for _, limit := range []string{"0", "1001", "x"} {
		f.controlled("GET", "accounts?limit="+limit, "", 400, nil)
	}
	if strings.Contains(f.log.String(), "example.com") {
		t.Errorf("the log tells e-mail addresses:\n%s", f.log)
	}
}

// failing is a desk that cannot work.
type failing struct{}

func (failing) CreateAccount(context.Context, NewAccount) (AccountKey, error) {
	return AccountKey{}, errors.New("the desk is closed")
}

func (failing) EmailUpdate(context.Context, string) (EmailUpdate, error) {
	return EmailUpdate{}, errors.New("the desk is closed")
}

func (failing) ListAccounts(context.Context, string, int) ([]AccountSummary, error) {
	return nil, errors.New("the desk is closed")
}

func (failing) SetAccount(context.Context, string, AccountChange) error {
	return errors.New("the desk is closed")
}

func (failing) ReinstateAccount(context.Context, string) error {
	return errors.New("the desk is closed")
}

func TestControlsTellFailuresToTheLog(t *testing.T) {
	f := newFixture(t, nil)
	f.Accounts = failing{}
	for _, r := range []*http.Request{controlRequest("GET", "accounts", ""), controlRequest("POST", "accounts", `{"email":"a","name":"b"}`),
		controlRequest("PATCH", "accounts/1", `{}`), controlRequest("POST", "accounts/1/reinstate", `{}`)} {
		w := f.do(r)
		if w.Code != 500 || strings.Contains(w.Body.String(), "desk") {
			t.Errorf("answered %d %s", w.Code, w.Body)
		}
	}
	if !strings.Contains(f.log.String(), "the desk is closed") {
		t.Errorf("the log does not tell the cause:\n%s", f.log)
	}
}

func TestStateIsResetSavedAndRestored(t *testing.T) {
	f := newFixture(t, forTests)
	f.want(f.call("CreateOrganization", `{}`), 200, "")
	f.controlled("POST", "clock", `{"advance":"1h"}`, 200, nil)
	f.controlled("PUT", "faults", `[{"operation":"*","kind":"finalizing","count":1}]`, 200, nil)

	saved := f.do(controlRequest("GET", "snapshot", ""))
	if saved.Code != 200 || saved.Header().Get("Content-Type") != snapshotType {
		t.Fatalf("saving: %d %v", saved.Code, saved.Header())
	}
	f.controlled("POST", "reset", `{}`, 204, nil)
	var page AccountPage
	f.controlled("GET", "accounts", "", 200, &page)
	if len(page.Accounts) != 0 || f.Development.Clock.Ahead() != 0 || len(f.Development.Faults.Rules()) != 0 {
		t.Errorf("after a reset there are %d accounts, the clock is %v ahead, the faults are %v",
			len(page.Accounts), f.Development.Clock.Ahead(), f.Development.Faults.Rules())
	}
	f.want(f.call("DescribeOrganization", `{}`), 400, "UnrecognizedClientException")

	restore := controlRequest("POST", "restore", saved.Body.String())
	if w := f.do(restore); w.Code != 415 {
		t.Errorf("restoring JSON: %d", w.Code)
	}
	restore = controlRequest("POST", "restore", saved.Body.String())
	restore.Header.Set("Content-Type", snapshotType)
	if w := f.do(restore); w.Code != 204 {
		t.Fatalf("restoring: %d %s", w.Code, w.Body)
	}
	f.want(f.call("DescribeOrganization", `{}`), 200, "")

	restore = controlRequest("POST", "restore", "no snapshot")
	restore.Header.Set("Content-Type", snapshotType)
	if w := f.do(restore); w.Code != 400 {
		t.Errorf("restoring what is no snapshot: %d", w.Code)
	}
	f.want(f.call("DescribeOrganization", `{}`), 200, "")
}

func TestClockIsShownAndPutForward(t *testing.T) {
	f := newFixture(t, forTests)
	var shown struct {
		Now   time.Time
		Ahead string
	}
	f.controlled("POST", "clock", `{"advance":"720h"}`, 200, &shown)
	if !shown.Now.Equal(noon.Add(720*time.Hour)) || shown.Ahead != "720h0m0s" {
		t.Errorf("advanced by 720h, the clock shows %+v", shown)
	}
	f.controlled("POST", "clock", `{"set":"2027-01-01T00:00:00Z"}`, 200, &shown)
	f.controlled("GET", "clock", "", 200, &shown)
	if !shown.Now.Equal(time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("set to 2027, the clock shows %+v", shown)
	}
	if f.settled != 2 {
		t.Errorf("background work was asked to settle %d times, want 2", f.settled)
	}
	for _, body := range []string{`{}`, `{"advance":"1h","set":"2028-01-01T00:00:00Z"}`, `{"advance":"-1h"}`, `{"advance":"soon"}`, `{"set":"2026-01-01T00:00:00Z"}`, `{"set":"tomorrow"}`} {
		f.controlled("POST", "clock", body, 400, nil)
	}
}

func TestFaultsAreShownSetAndCleared(t *testing.T) {
	f := newFixture(t, forTests)
	var rules []Fault
	f.controlled("GET", "faults", "", 200, &rules)
	if len(rules) != 0 {
		t.Errorf("a new server has the faults %v", rules)
	}
	f.controlled("PUT", "faults", `[{"operation":"List*","kind":"slow","delay":"2s","rate":0}]`, 200, nil)
	f.controlled("PUT", "faults", `[{"operation":"List*","kind":"quick"}]`, 400, nil)
	f.controlled("GET", "faults", "", 200, &rules)
	if len(rules) != 1 || rules[0].Kind != FaultSlow || rules[0].Delay != Duration(2*time.Second) || *rules[0].Rate != 0 {
		t.Errorf("the faults are %+v", rules)
	}
	f.controlled("DELETE", "faults", "", 204, nil)
	f.controlled("GET", "faults", "", 200, &rules)
	if len(rules) != 0 {
		t.Errorf("when cleared, the faults are %v", rules)
	}
}

func TestReplacingTheStateWaitsForWork(t *testing.T) {
	d := new(Development)
	order := make(chan string, 2)
	begun, finish := make(chan struct{}), make(chan struct{})
	go d.During(func() error {
		close(begun)
		<-finish
		order <- "work"
		return nil
	})
	<-begun
	replaced := make(chan struct{})
	go func() {
		d.replacing(func() error { order <- "replacement"; return nil })
		close(replaced)
	}()
	close(finish)
	<-replaced
	if first := <-order; first != "work" {
		t.Errorf("%s came first", first)
	}
}
