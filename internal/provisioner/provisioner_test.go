package provisioner_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/provisioner"
	"github.com/espalier-cloud/espalier/internal/webhook"
)

func noon() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

// asking asks a provisioner that answers as it is told.
func asking(t *testing.T, r provisioner.Request, answer http.HandlerFunc) (provisioner.Answer, error) {
	t.Helper()
	hook := httptest.NewServer(answer)
	defer hook.Close()
	e, err := webhook.New(hook.URL, identity.NewSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), time.Minute, noon, http.DefaultTransport)
	if err != nil {
		t.Fatal(err)
	}
	return (&provisioner.Provisioner{Endpoint: e}).Ask(t.Context(), r)
}

func TestAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		after  string
		body   string
		want   provisioner.Answer // empty for an error
	}{
		"success":             {200, "", `{"state":"SUCCEEDED"}`, provisioner.Answer{State: provisioner.Succeeded}},
		"failure":             {200, "", `{"state":"FAILED","failureReason":"INVALID_ADDRESS","more":1}`, provisioner.Answer{State: provisioner.Failed, FailureReason: "INVALID_ADDRESS"}},
		"at work":             {202, "7", "", provisioner.Answer{State: provisioner.InProgress, RetryAfter: 7 * time.Second}},
		"until a time":        {202, "Sun, 01 Mar 2026 12:00:30 GMT", "", provisioner.Answer{State: provisioner.InProgress, RetryAfter: 30 * time.Second}},
		"at work somewhen":    {202, "", "", provisioner.Answer{State: provisioner.InProgress, RetryAfter: 10 * time.Second}},
		"in a hurry":          {202, "Sun, 01 Mar 2026 12:00:00 GMT", "", provisioner.Answer{State: provisioner.InProgress, RetryAfter: 10 * time.Second}},
		"tomorrow":            {202, "86400", "", provisioner.Answer{State: provisioner.InProgress, RetryAfter: 5 * time.Minute}},
		"nothing":             {200, "", ``, provisioner.Answer{}},
		"a page":              {200, "", `<html>`, provisioner.Answer{}},
		"no state":            {200, "", `{}`, provisioner.Answer{}},
		"another state":       {200, "", `{"state":"IN_PROGRESS"}`, provisioner.Answer{}},
		"created":             {201, "", `{"state":"SUCCEEDED"}`, provisioner.Answer{}},
		"not now":             {503, "", `{"state":"SUCCEEDED"}`, provisioner.Answer{}},
		"an unsigned request": {401, "", `{"state":"FAILED"}`, provisioner.Answer{}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := asking(t, provisioner.Request{ID: "car-1"}, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", c.after)
				w.WriteHeader(c.status)
				fmt.Fprint(w, c.body)
			})
			if got != c.want || (err == nil) != (c.want != provisioner.Answer{}) {
				t.Errorf("got %+v, %v; want %+v", got, err, c.want)
			}
		})
	}
}

func TestRequest(t *testing.T) {
	want := provisioner.Request{
		ID: "car-1", Operation: provisioner.CreateAccount, Organization: "o-1", Management: "111111111111", Partition: "aws", Account: "222222222222", GovCloud: "333333333333",
		Name: "Data lake", Email: "lake@example.com", RoleName: "Gardener", Tags: []provisioner.Tag{{Key: "team", Value: "data"}}, Requested: noon(),
	}
	_, err := asking(t, want, func(w http.ResponseWriter, r *http.Request) {
		var got provisioner.Request
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("got %+v (%v)", got, err)
		}
		if id := r.Header.Get(webhook.IDHeader); id != "car-1" {
			t.Errorf("the id of the message is %q", id)
		}
		fmt.Fprint(w, `{"state":"SUCCEEDED"}`)
	})
	if err != nil {
		t.Error(err)
	}
}
