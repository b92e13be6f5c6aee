package server

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/api/tagging"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/ops"
	"github.com/espalier-cloud/espalier/internal/registry"
	"github.com/espalier-cloud/espalier/internal/store"
)

func TestCallsAreCarriedOut(t *testing.T) {
	f := newFixture(t, nil)
	created := f.call("CreateOrganization", `{}`)
	f.want(created, 200, "")
	var out struct {
		Organization struct{ Id, MasterAccountId string }
	}
	if err := json.Unmarshal([]byte(created.body), &out); err != nil || out.Organization.MasterAccountId != f.account.AccountID {
		t.Errorf("the answer is %s (%v)", created.body, err)
	}
	if len(created.id) != 36 {
		t.Errorf("the request id is %q", created.id)
	}
	f.want(f.call("EnableAWSServiceAccess", `{"ServicePrincipal":"config.amazonaws.com"}`), 200, "")
	if log := f.log.String(); !strings.Contains(log, "organization="+out.Organization.Id) || !strings.Contains(log, "operation=EnableAWSServiceAccess") {
		t.Errorf("the log does not tell the operation and the organization:\n%s", log)
	}
}

// TestChecksComeInOrder has requests with two faults, of which the earlier check finds one.
func TestChecksComeInOrder(t *testing.T) {
	f := newFixture(t, nil)
	stranger := aws.Credentials{AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: "secret"}
	thief := aws.Credentials{AccessKeyID: f.account.AccessKeyID, SecretAccessKey: "guessed"}
	sign := func(operation, body string, as aws.Credentials) *http.Request {
		return f.signed(jsonRequest(operation, body), "organizations", as)
	}
	wrongType := jsonRequest("CreateOrganization", `{}`)
	wrongType.Header.Set("Content-Type", "text/plain")
	for _, test := range []struct {
		name    string
		request *http.Request
		status  int
		code    string
	}{
		{"a body too large, unsigned", jsonRequest("ListRoots", strings.Repeat(" ", 256<<10+1)), 413, "RequestEntityTooLargeException"},
		{"unsigned, and no such operation", jsonRequest("Nope", `{}`), 400, "MissingAuthenticationTokenException"},
		{"a stranger, and malformed", sign("CreateOrganization", `{`, stranger), 400, "UnrecognizedClientException"},
		{"a wrong secret, and malformed", sign("CreateOrganization", `{`, thief), 400, "InvalidSignatureException"},
		{"another service's signature", f.signed(jsonRequest("ListRoots", `{}`), "sts", f.root()), 400, "InvalidSignatureException"},
		{"no such operation", sign("Nope", `{`, f.root()), 400, "UnknownOperationException"},
		{"a wrong content type", f.signed(wrongType, "organizations", f.root()), 400, "SerializationException"},
		{"malformed, and in no organization", sign("DescribeAccount", `{"AccountId":1}`, f.root()), 400, "SerializationException"},
		{"in no organization, and invalid", sign("DescribeAccount", `{"AccountId":"x"}`, f.root()), 400, "AWSOrganizationsNotInUseException"},
		{"invalid", sign("CreateOrganization", `{"FeatureSet":"SOME"}`, f.root()), 400, "InvalidInputException"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f.t = t
			a := f.read(f.do(test.request))
			f.want(a, test.status, test.code)
			if len(a.id) != 36 {
				t.Errorf("the request id is %q", a.id)
			}
		})
	}
}

func TestQueryServicesAnswerInXML(t *testing.T) {
	f := newFixture(t, nil)
	form := func(body string) *http.Request {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		return r
	}
	for _, test := range []struct {
		name    string
		request *http.Request
		status  int
		want    string
	}{
		{"who am I", f.signed(form("Action=GetCallerIdentity&Version=2011-06-15"), "sts", f.root()), 200, "<Arn>arn:aws:iam::" + f.account.AccountID + ":root</Arn>"},
		{"unsigned", form("Action=GetCallerIdentity&Version=2011-06-15"), 403, "<Code>MissingAuthenticationToken</Code>"},
		{"unknown action", f.signed(form("Action=Nope&Version=2011-06-15"), "sts", f.root()), 400, "<Code>InvalidAction</Code>"},
		{"an operation that the model leaves out", f.signed(form("Action=CreateSAMLProvider&Version=2010-05-08&Name=x"), "iam", f.root()), 400, "<Code>InvalidAction</Code>"},
		{"no such role", f.signed(form("Action=GetRole&Version=2010-05-08&RoleName=none"), "iam", f.root()), 404, "<Code>NoSuchEntity</Code>"},
		{"too large", form("Action=GetRole&" + strings.Repeat("x", 256<<10)), 413, "<Code>RequestEntityTooLargeException</Code>"},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := f.do(test.request)
			if w.Code != test.status || !strings.Contains(w.Body.String(), test.want) {
				t.Errorf("answered %d, want %d with %s\n%s", w.Code, test.status, test.want, w.Body)
			}
		})
	}
}

// events returns the trail of the first account, newest first.
func (f *fixture) events() []map[string]any {
	f.t.Helper()
	rows, err := f.store.Trail(f.t.Context(), store.TrailQuery{Account: f.account.AccountID, Limit: 100})
	if err != nil {
		f.t.Fatal(err)
	}
	var events []map[string]any
	for _, row := range rows {
		var event map[string]any
		if err := json.Unmarshal(row.Doc, &event); err != nil {
			f.t.Fatal(err)
		}
		events = append(events, event)
	}
	return events
}

func TestCallsLeaveEvents(t *testing.T) {
	f := newFixture(t, nil)
	f.want(f.call("DescribeOrganization", `{}`), 400, "AWSOrganizationsNotInUseException")
	refused := f.call("CreateOrganization", `{"FeatureSet":"SOME"}`)
	done := f.call("CreateOrganization", `{}`)
	f.want(f.call("DescribeOrganization", `{}`), 200, "")
	got := map[string]map[string]any{}
	for _, event := range f.events() {
		if id, ok := event["requestID"].(string); ok {
			if got[id] != nil {
				t.Errorf("request %s left two events", id)
			}
			got[id] = event
		}
	}
	if len(got) != 3 {
		t.Errorf("four calls, of which one only read, left %d events", len(got))
	}
	if e := got[refused.id]; e["errorCode"] != "InvalidInputException" || e["eventName"] != "CreateOrganization" ||
		e["eventSource"] != "organizations.amazonaws.com" || e["awsRegion"] != "us-east-1" || e["sourceIPAddress"] != "192.0.2.1" || e["readOnly"] != false {
		t.Errorf("the refused call left %v", e)
	}
	if e := got[done.id]; e == nil || e["errorCode"] != nil {
		t.Errorf("the call that succeeded left %v", e)
	}
}

// TestImpatientClientsAreNotRefused: a client that does not wait for the answer was refused nothing, whether or not the
// change was made.
func TestImpatientClientsAreNotRefused(t *testing.T) {
	f := newFixture(t, nil)
	f.want(f.call("DescribeOrganization", `{}`), 400, "AWSOrganizationsNotInUseException") // everything is in memory now
	gone, leave := context.WithCancel(t.Context())
	leave()
	r := f.signed(jsonRequest("CreateOrganization", `{}`), "organizations", f.root())
	f.do(r.WithContext(gone))
	for _, event := range f.events() {
		if event["eventName"] == "CreateOrganization" && event["errorCode"] != nil {
			t.Errorf("the trail shows %v", event["errorCode"])
		}
	}
}

func TestStrangersLeaveNoEvents(t *testing.T) {
	f := newFixture(t, nil)
	before := len(f.events())
	f.do(jsonRequest("CreateOrganization", `{}`))
	f.do(f.signed(jsonRequest("CreateOrganization", `{}`), "organizations", aws.Credentials{AccessKeyID: f.account.AccessKeyID, SecretAccessKey: "guessed"}))
	if got := len(f.events()); got != before {
		t.Errorf("calls that were not authenticated left %d events", got-before)
	}
}

// broken is an implementation that fails in ways that are not the client's.
type broken struct {
	organizations.Unimplemented[ops.Caller]
	fail func() error
}

func (b broken) DescribeOrganization(context.Context, ops.Caller, *organizations.DescribeOrganizationInput) (*organizations.DescribeOrganizationOutput, error) {
	return nil, b.fail()
}

func TestFailuresAreInternal(t *testing.T) {
	for name, fail := range map[string]func() error{
		"an error": func() error { return errors.New("the disk is on fire") },
		"a panic":  func() error { panic("the disk is on fire") },
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, nil)
			f.want(f.call("CreateOrganization", `{}`), 200, "")
			f.operations[organizations.Service().Operations["DescribeOrganization"]].Operation =
				organizations.Operations(broken{fail: fail})["DescribeOrganization"]
			a := f.call("DescribeOrganization", `{}`)
			f.want(a, 500, "ServiceException")
			if strings.Contains(a.body, "fire") {
				t.Errorf("the client reads the cause: %s", a.body)
			}
			if log := f.log.String(); !strings.Contains(log, "the disk is on fire") || !strings.Contains(log, a.id) || !strings.Contains(log, "level=ERROR") {
				t.Errorf("the log does not tell the cause:\n%s", log)
			}
		})
	}
}

func TestLogsTellNoSecrets(t *testing.T) {
	f := newFixture(t, nil)
	f.want(f.call("CreateOrganization", `{}`), 200, "")
	f.want(f.call("CreateAccount", `{"Email":"somebody@example.com","AccountName":"Somebody"}`), 200, "")
	f.want(f.call("CreateAccount", `{"Email":"nobody","AccountName":"Nobody"}`), 400, "InvalidInputException")
	session := f.session(time.Hour)
	f.want(f.read(f.do(f.signed(jsonRequest("DescribeOrganization", `{}`), "organizations", session))), 200, "")
	log := f.log.String()
	for _, secret := range []string{f.account.SecretAccessKey, session.SecretAccessKey, session.SessionToken, "somebody", "Somebody", "nobody", "Signature"} {
		if strings.Contains(log, secret) {
			t.Errorf("the log tells %q:\n%s", secret, log)
		}
	}
	if n := strings.Count(log, "msg=request"); n != 4 {
		t.Errorf("four requests left %d lines", n)
	}
}

// session returns credentials of a session of a role in the first account.
func (f *fixture) session(lasts time.Duration) aws.Credentials {
	f.t.Helper()
	account := identity.AccountID(f.account.AccountID)
	var session *identity.Session
	err := f.core.Registry.Write(f.t.Context(), registry.AccountKey(account), "Test", func(tx *registry.Tx) error {
		d, err := tx.Account(account)
		if err != nil {
			return err
		}
		role, err := d.CreateOrganizationAccessRole("Gardener", account)
		if err != nil {
			return err
		}
		session, err = d.Account().RoleSession(role, identity.Caller{}, identity.NewRoleSession{Name: "spring", Duration: lasts}, noon)
		return err
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return f.credentials(session)
}

// credentials issues those of a session.
func (f *fixture) credentials(session *identity.Session) aws.Credentials {
	f.t.Helper()
	issued, err := f.issuer.Issue(*session)
	if err != nil {
		f.t.Fatal(err)
	}
	return aws.Credentials{AccessKeyID: string(issued.AccessKeyID), SecretAccessKey: issued.SecretAccessKey.Reveal(), SessionToken: issued.SessionToken.Reveal()}
}

func TestSessionsEndWithTheirRole(t *testing.T) {
	f := newFixture(t, nil)
	session := f.session(time.Hour)
	call := func() answer {
		return f.read(f.do(f.signed(jsonRequest("CreateOrganization", `{}`), "organizations", session)))
	}
	f.want(call(), 200, "")
	f.change(func(d *identity.Draft) error {
		return errors.Join(d.DetachPolicy(identity.RoleNamed("Gardener"), identity.AdministratorAccess("aws")), d.DeleteRole("Gardener"))
	})
	f.want(call(), 400, "UnrecognizedClientException")
}

func TestSessionsEndWithTheirAccount(t *testing.T) {
	f := newFixture(t, nil)
	session := f.session(time.Hour)
	f.change((*identity.Draft).Close)
	f.want(f.read(f.do(f.signed(jsonRequest("CreateOrganization", `{}`), "organizations", session))), 400, "UnrecognizedClientException")
}

// TestTaggingAPIIsDeniedByDefault: policies call the service by another name than its signatures.
func TestTaggingAPIIsDeniedByDefault(t *testing.T) {
	f := newFixture(t, nil)
	session := f.session(time.Hour)
	call := func() answer {
		r := jsonRequest("", `{}`)
		r.Header.Set("X-Amz-Target", tagging.TargetPrefix+".GetResources")
		return f.read(f.do(f.signed(r, "tagging", session)))
	}
	f.want(call(), 200, "")
	f.change(func(d *identity.Draft) error {
		return d.DetachPolicy(identity.RoleNamed("Gardener"), identity.AdministratorAccess("aws"))
	})
	denied := call()
	f.want(denied, 400, "AccessDeniedException")
	if !strings.Contains(denied.message, "is not authorized to perform: tag:GetResources on resource: * because no identity-based policy allows the tag:GetResources action") {
		t.Errorf("the message is %q", denied.message)
	}
	f.change(func(d *identity.Draft) error {
		return d.PutInlinePolicy(identity.RoleNamed("Gardener"), "Tags", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"tag:Get*","Resource":"*"}}`)
	})
	f.want(call(), 200, "")
}

// change changes the first account.
func (f *fixture) change(rule func(*identity.Draft) error) {
	f.t.Helper()
	account := identity.AccountID(f.account.AccountID)
	err := f.core.Registry.Write(f.t.Context(), registry.AccountKey(account), "Test", func(tx *registry.Tx) error {
		d, err := tx.Account(account)
		if err != nil {
			return err
		}
		return rule(d)
	})
	if err != nil {
		f.t.Fatal(err)
	}
}

// TestSessionsEndByTheServersClock puts the clock forward: the client still signs with the time of day.
func TestSessionsEndByTheServersClock(t *testing.T) {
	f := newFixture(t, forTests)
	session := f.session(time.Hour)
	f.want(f.read(f.do(f.signed(jsonRequest("CreateOrganization", `{}`), "organizations", session))), 200, "")
	if err := f.Development.Clock.Advance(time.Hour); err != nil {
		t.Fatal(err)
	}
	f.want(f.read(f.do(f.signed(jsonRequest("DescribeOrganization", `{}`), "organizations", session))), 400, "ExpiredTokenException")
}

func TestFaultsStrikeCalls(t *testing.T) {
	f := newFixture(t, forTests)
	f.want(f.call("CreateOrganization", `{}`), 200, "")
	if err := f.Development.Faults.Set([]Fault{
		{Operation: "ListRoots", Kind: FaultSlow, Delay: Duration(time.Millisecond)},
		{Operation: "ListRoots", Kind: FaultThrottle, Count: 1},
		{Operation: "DescribeOrganization", Kind: FaultUnavailable, Count: 1},
	}); err != nil {
		t.Fatal(err)
	}
	f.want(f.call("ListRoots", `{}`), 400, "TooManyRequestsException")
	f.want(f.call("ListRoots", `{}`), 200, "")
	f.want(f.call("DescribeOrganization", `{}`), 500, "ServiceException")
	f.want(f.call("DescribeOrganization", `{}`), 200, "")
}

func TestEveryOperationIsBound(t *testing.T) {
	f := newFixture(t, nil)
	for operation, m := range f.metrics.operations {
		if m.service == "authzen" {
			continue // a door, which is no operation of AWS
		}
		b := f.operations[operation]
		if b == nil || b.rule == nil || b.Invoke == nil || b.Name != m.operation || b.service.Name != m.service {
			t.Errorf("%s of %s is not bound", m.operation, m.service)
		}
	}
}
