package server

import (
	"crypto/tls"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/espalier-cloud/espalier/internal/identity"
)

// token makes a bearer token by the control endpoint.
func (f *fixture) token(account string) IssuedToken {
	f.t.Helper()
	w := f.do(controlRequest("POST", "tokens", `{"accountId":"`+account+`","name":"test","seconds":3600}`))
	var token IssuedToken
	if err := json.Unmarshal(w.Body.Bytes(), &token); err != nil || w.Code != http.StatusOK {
		f.t.Fatalf("answered %d: %s", w.Code, w.Body)
	}
	return token
}

// ask is a request for decisions with a bearer token, which may be "".
func ask(path, token, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.Host = "localhost"
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	return r
}

// aboutRoot asks what the root user of an account may do.
func aboutRoot(account string) string {
	return `{"subject":{"type":"user","id":"arn:aws:iam::` + account + `:root"},"action":{"name":"s3:GetObject"},"resource":{"type":"object","id":"arn:aws:s3:::bucket/key"}}`
}

// TestDoors: who asks, how, and what he is answered.
func TestDoors(t *testing.T) {
	f := newFixture(t, nil)
	standalone, err := f.Accounts.CreateAccount(t.Context(), NewAccount{Email: "alone@example.com", Name: "alone"})
	if err != nil {
		t.Fatal(err)
	}
	f.want(f.call("CreateOrganization", `{}`), 200, "")
	token, outsider := f.token(f.account.AccountID).Token, f.token(standalone.AccountID).Token
	revoked := f.token(f.account.AccountID)
	f.do(controlRequest("DELETE", "tokens/"+revoked.TokenID, ""))
	question := aboutRoot(f.account.AccountID)
	alone := aws.Credentials{AccessKeyID: standalone.AccessKeyID, SecretAccessKey: standalone.SecretAccessKey}
	thief := aws.Credentials{AccessKeyID: f.account.AccessKeyID, SecretAccessKey: "guessed"}
	with := func(r *http.Request, header, value string) *http.Request {
		r.Header.Set(header, value)
		return r
	}
	get := ask(evaluationPath, token, "")
	get.Method = http.MethodGet
	for _, test := range []struct {
		name    string
		request *http.Request
		status  int
		want    string // in the body
	}{
		{"token", ask(evaluationPath, token, question), 200, `{"decision":true}`},
		{"token, several", ask(evaluationsPath, token, `{"evaluations":[`+question+`,{}]}`), 200, `{"evaluations":[{"decision":true},{"decision":false,`},
		{"several without a list", ask(evaluationsPath, token, question), 200, `{"decision":true}`},
		{"signed", f.signed(ask(evaluationPath, "", question), "espalier", f.root()), 200, `{"decision":true}`},
		{"signed for execute-api", f.signed(ask(evaluationPath, "", question), "execute-api", f.root()), 200, `{"decision":true}`},
		{"signed for another service", f.signed(ask(evaluationPath, "", question), "iam", f.root()), 401, "Credential should be scoped to correct service"},
		{"signed with another secret", f.signed(ask(evaluationPath, "", question), "espalier", thief), 401, "does not match"},
		{"anonymous", ask(evaluationPath, "", question), 401, "Missing Authentication Token"},
		{"another scheme", with(ask(evaluationPath, "", question), "Authorization", "Basic eDp5"), 401, ""},
		{"wrong token", ask(evaluationPath, token+"x", question), 401, "the token is not valid"},
		{"no token", ask(evaluationPath, "x", question), 401, "the token is not valid"},
		{"revoked token", ask(evaluationPath, revoked.Token, question), 401, "the token is not valid"},
		{"the operator's token", ask(evaluationPath, "the operator's token", question), 401, "the token is not valid"},
		{"token of a standalone account", ask(evaluationPath, outsider, aboutRoot(standalone.AccountID)), 403, "is not authorized to perform: espalier:EvaluateAccess"},
		{"signed by a standalone account", f.signed(ask(evaluationPath, "", question), "espalier", alone), 403, "is not authorized to perform: espalier:EvaluateAccess"},
		{"about another organization", ask(evaluationPath, token, aboutRoot(standalone.AccountID)), 200, `{"decision":false,"context":{"error":{"status":404,`},
		{"malformed", ask(evaluationPath, token, `{`), 400, "the body is not JSON"},
		{"incomplete", ask(evaluationPath, token, `{}`), 400, "subject is missing"},
		{"malformed and anonymous", ask(evaluationPath, "", `{`), 401, ""},
		{"as a form", with(ask(evaluationPath, token, question), "Content-Type", "text/plain"), 415, "application/json"},
		{"with a charset", with(ask(evaluationPath, token, question), "Content-Type", "application/json; charset=utf-8"), 200, ""},
		{"too large", ask(evaluationPath, token, question+strings.Repeat(" ", 256<<10)), 413, "larger than 262144 bytes"},
		{"GET", get, 405, "POST"},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := f.do(with(test.request, "X-Request-ID", "my-request"))
			if w.Code != test.status || !strings.Contains(w.Body.String(), test.want) {
				t.Errorf("answered %d, want %d with %s\n%s", w.Code, test.status, test.want, w.Body)
			}
			if w.Header().Get("X-Request-ID") != "my-request" || w.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("the header is %v", w.Header())
			}
			if challenged := w.Header().Get("WWW-Authenticate") != ""; challenged != (test.status == 401) {
				t.Error("a challenge is missing, or comes unasked")
			}
		})
	}
	log := f.log.String()
	for _, want := range []string{"operation=evaluation ", "operation=evaluations ", "error=Unauthorized", "organization=o-", ":root accessKey=tok-"} {
		if !strings.Contains(log, want) {
			t.Errorf("the log does not tell %s", want)
		}
	}
	for _, secret := range []string{token, revoked.Token, strings.SplitN(token, "_", 3)[2]} {
		if strings.Contains(log, secret) {
			t.Error("a token is in the log")
		}
	}
	metrics := f.do(httptest.NewRequest(http.MethodGet, "/metrics", nil)).Body.String()
	for _, want := range []string{`espalier_requests_total{code="OK",operation="evaluation",service="authzen"} 5`, `espalier_requests_total{code="Unauthorized",operation="evaluation",service="authzen"}`} {
		if !strings.Contains(metrics, want) {
			t.Errorf("the metrics lack %s", want)
		}
	}
}

// TestDoorRequestIDs: a request without an id, or with one that has no business in a
// header, is given one.
func TestDoorRequestIDs(t *testing.T) {
	f := newFixture(t, nil)
	for _, given := range []string{"", "a b", "\x7f", strings.Repeat("x", 129)} {
		r := ask(evaluationPath, "", "")
		r.Header["X-Request-Id"] = []string{given}
		if id := f.do(r).Header().Get("X-Request-ID"); len(id) != 36 {
			t.Errorf("%q: the id is %q", given, id)
		}
	}
}

// TestDoorSession: an administrator's session may ask until its role is gone.
func TestDoorSession(t *testing.T) {
	f := newFixture(t, nil)
	f.want(f.call("CreateOrganization", `{}`), 200, "")
	session, err := f.issue(identity.Session{
		Operation: identity.SessionGetSessionToken, Account: identity.AccountID(f.account.AccountID), Type: identity.Root,
		ARN: identity.RootARN(identity.PartitionAWS, identity.AccountID(f.account.AccountID)), Issued: noon, Expires: noon.Add(time.Hour),
	})
	if err != nil {
		t.Fatal(err)
	}
	as := aws.Credentials{AccessKeyID: string(session.AccessKeyID), SecretAccessKey: session.Secret.Reveal(), SessionToken: session.SessionToken.Reveal()}
	if w := f.do(f.signed(ask(evaluationPath, "", aboutRoot(f.account.AccountID)), "espalier", as)); w.Code != 200 {
		t.Errorf("answered %d: %s", w.Code, w.Body)
	}
}

func TestDoorMetadata(t *testing.T) {
	f := newFixture(t, nil)
	for scheme, state := range map[string]*tls.ConnectionState{"http": nil, "https": {}} {
		r := httptest.NewRequest(http.MethodGet, metadataPath, nil)
		r.Host, r.TLS = "pdp.example.com:4566", state
		w := f.do(r)
		base := scheme + "://pdp.example.com:4566"
		var got map[string]string
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Header().Get("Content-Type") != "application/json" || len(got) != 3 ||
			got["policy_decision_point"] != base || got["access_evaluation_endpoint"] != base+"/access/v1/evaluation" || got["access_evaluations_endpoint"] != base+"/access/v1/evaluations" {
			t.Errorf("the metadata is %s (%v)", w.Body, err)
		}
	}
}

// TestDoorMetadataIsRead: the metadata cannot be written.
func TestDoorMetadataIsRead(t *testing.T) {
	f := newFixture(t, nil)
	for method, status := range map[string]int{"GET": 200, "HEAD": 200, "POST": 405, "PUT": 405, "DELETE": 405, "OPTIONS": 405} {
		w := f.do(httptest.NewRequest(method, metadataPath, nil))
		if allow := w.Header().Get("Allow"); w.Code != status || (allow == "GET, HEAD") != (status == 405) || strings.Contains(w.Body.String(), "__type") {
			t.Errorf("%s: answered %d, Allow: %q: %s", method, w.Code, allow, w.Body)
		}
	}
}

// TestDoorTakesItsTime: a request whose decisions take longer than the server gives them is refused as a whole.
func TestDoorTakesItsTime(t *testing.T) {
	f := newFixture(t, nil)
	f.want(f.call("CreateOrganization", `{}`), 200, "")
	token := f.token(f.account.AccountID).Token
	f.Limits.Decisions = 0
	w := f.do(ask(evaluationsPath, token, `{"evaluations":[`+aboutRoot(f.account.AccountID)+`]}`))
	if w.Code != 503 || w.Body.String() != "the decisions take too long: ask for fewer in one request\n" {
		t.Errorf("answered %d: %s", w.Code, w.Body)
	}
}

// TestDoorDefect: a defect is answered without what it is about.
func TestDoorDefect(t *testing.T) {
	f := newFixture(t, nil)
	f.want(f.call("CreateOrganization", `{}`), 200, "")
	token := f.token(f.account.AccountID).Token
	f.Evaluator.Accounts = nil // whatever calls it panics
	w := f.do(ask(evaluationPath, token, aboutRoot(f.account.AccountID)))
	if w.Code != 500 || w.Body.String() != "internal error\n" || !strings.Contains(f.log.String(), "panic") {
		t.Errorf("answered %d: %s", w.Code, w.Body)
	}
	r := ask(evaluationPath, token, "")
	r.Body = brokenBody{}
	if w := f.do(r); w.Code != 400 {
		t.Errorf("answered %d: %s", w.Code, w.Body)
	}
}

// brokenBody is a body that does not arrive.
type brokenBody struct{}

func (brokenBody) Read([]byte) (int, error) { return 0, errors.New("reset") }
func (brokenBody) Close() error             { return nil }

func TestTokenControls(t *testing.T) {
	f := newFixture(t, nil)
	made := f.token(f.account.AccountID)
	var page TokenPage
	w := f.do(controlRequest("GET", "tokens", ""))
	if err := json.Unmarshal(w.Body.Bytes(), &page); err != nil || len(page.Tokens) != 1 || page.Tokens[0].TokenID != made.TokenID || page.Tokens[0].Name != "test" || page.After != "" {
		t.Errorf("the list is %s (%v)", w.Body, err)
	}
	if strings.Contains(w.Body.String(), strings.SplitN(made.Token, "_", 3)[2]) {
		t.Error("the list shows the token")
	}
	for _, test := range []struct {
		request *http.Request
		status  int
	}{
		{controlRequest("POST", "tokens", `{"accountId":"999999999999","seconds":1}`), 404},
		{controlRequest("POST", "tokens", `{"accountId":"`+f.account.AccountID+`","seconds":0}`), 400},
		{controlRequest("POST", "tokens", `{"accountId":"`+f.account.AccountID+`","seconds":9223372036854775807}`), 400},
		{controlRequest("POST", "tokens", `{`), 400},
		{controlRequest("DELETE", "tokens/"+made.TokenID, ""), 200},
		{controlRequest("DELETE", "tokens/"+made.TokenID, ""), 404},
		{controlRequest("DELETE", "tokens/"+f.account.AccountID, ""), 404},
	} {
		if w := f.do(test.request); w.Code != test.status {
			t.Errorf("%s %s: answered %d, want %d: %s", test.request.Method, test.request.URL, w.Code, test.status, w.Body)
		}
	}
}
