package server

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestHealth(t *testing.T) {
	f := newFixture(t, nil)
	get := func(path string) *httptest.ResponseRecorder {
		return f.do(httptest.NewRequest(http.MethodGet, path, nil))
	}
	for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
		if w := get(path); w.Code != 200 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	f.Ping = func(context.Context) error { return errors.New("connection refused") }
	if w := get("/readyz"); w.Code != 503 || strings.Contains(w.Body.String(), "refused") {
		t.Errorf("without a database /readyz says %d %s", w.Code, w.Body)
	}
	if w := get("/healthz"); w.Code != 200 {
		t.Errorf("without a database /healthz says %d", w.Code)
	}
	f.Ping = func(context.Context) error { return nil }
	f.draining.Store(true)
	if w := get("/readyz"); w.Code != 503 {
		t.Errorf("when it is stopping /readyz says %d", w.Code)
	}
	if w := f.do(httptest.NewRequest(http.MethodPost, "/healthz", nil)); w.Code == 200 {
		t.Error("a POST to /healthz is answered as a health check")
	}
}

func TestMetricsCountByOurOwnNames(t *testing.T) {
	f := newFixture(t, nil)
	f.call("CreateOrganization", `{}`)
	f.call("CreateOrganization", `{}`)
	f.do(jsonRequest("Made.Up.By.Client", `{}`))
	text := f.do(httptest.NewRequest(http.MethodGet, "/metrics", nil)).Body.String()
	for _, want := range []string{
		`espalier_requests_total{code="OK",operation="CreateOrganization",service="organizations"} 1`,
		`espalier_requests_total{code="AlreadyInOrganizationException",operation="CreateOrganization",service="organizations"} 1`,
		`espalier_requests_total{code="MissingAuthenticationTokenException",operation="unknown",service="unknown"} 1`,
		`espalier_request_seconds_count{operation="CreateOrganization",service="organizations"} 2`,
		`espalier_requests_in_flight 0`,
	} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("the metrics lack %s", want)
		}
	}
	if strings.Contains(text, "Made") {
		t.Error("a client's text is a label")
	}
}
