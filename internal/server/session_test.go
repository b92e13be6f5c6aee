package server

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/espalier-cloud/espalier/internal/identity"
)

// userSession returns credentials of a session of the first account's root user.
func (f *fixture) userSession() aws.Credentials {
	f.t.Helper()
	account, err := f.core.Registry.Account(f.t.Context(), identity.AccountID(f.account.AccountID))
	if err != nil {
		f.t.Fatal(err)
	}
	key, _ := account.AccessKey(identity.AccessKeyID(f.account.AccessKeyID))
	session, err := account.UserSession(account.Caller(key), noon, time.Hour)
	if err != nil {
		f.t.Fatal(err)
	}
	return f.credentials(session)
}

// TestSessionsOfUsersAreRestricted: without multi-factor authentication they are not for IAM, and hardly for STS.
func TestSessionsOfUsersAreRestricted(t *testing.T) {
	f := newFixture(t, nil)
	session := f.userSession()
	for _, tt := range []struct {
		service, version, operation string
		status                      int
		text                        string
	}{
		{"iam", "2010-05-08", "ListUsers", 403, "<Code>InvalidClientTokenId</Code>"},
		{"sts", "2011-06-15", "GetCallerIdentity", 200, ":root</Arn>"},
		{"sts", "2011-06-15", "AssumeRole", 400, "roleArn"}, // which it does not name
		{"sts", "2011-06-15", "GetFederationToken", 403, "Cannot call GetFederationToken with session credentials"},
		{"sts", "2011-06-15", "GetSessionToken", 403, "Cannot call GetSessionToken with session credentials"},
	} {
		w := f.do(f.signed(formRequest("Action="+tt.operation+"&Version="+tt.version), tt.service, session))
		if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.text) {
			t.Errorf("%s: answered %d, want %d with %s\n%s", tt.operation, w.Code, tt.status, tt.text, w.Body)
		}
	}
	f.want(f.read(f.do(f.signed(jsonRequest("CreateOrganization", `{}`), "organizations", session))), 200, "")
}

func TestSessionsOfUsersEndWithTheirKey(t *testing.T) {
	f := newFixture(t, nil)
	session := f.userSession()
	f.want(f.read(f.do(f.signed(jsonRequest("CreateOrganization", `{}`), "organizations", session))), 200, "")
	f.change(func(d *identity.Draft) error {
		return d.SetAccessKeyStatus(identity.AccessKeyID(f.account.AccessKeyID), identity.KeyInactive)
	})
	f.want(f.read(f.do(f.signed(jsonRequest("DescribeOrganization", `{}`), "organizations", session))), 400, "UnrecognizedClientException")
}

// TestWebIdentitiesDoNotSign: the call needs no signature, and somebody unknown leaves no event when he is refused.
func TestWebIdentitiesDoNotSign(t *testing.T) {
	f := newFixture(t, nil)
	before := len(f.events())
	r := formRequest("Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn:aws:iam::" + f.account.AccountID + ":role/Visitor&RoleSessionName=me&WebIdentityToken=nothing")
	w := f.do(r)
	if w.Code != 400 || !strings.Contains(w.Body.String(), "<Code>InvalidIdentityToken</Code>") || !strings.Contains(w.Body.String(), "not a valid JWT") {
		t.Errorf("answered %d\n%s", w.Code, w.Body)
	}
	if w := f.do(formRequest("Action=AssumeRoleWithWebIdentity&Version=2011-06-15")); w.Code != 400 || !strings.Contains(w.Body.String(), "<Code>ValidationError</Code>") {
		t.Errorf("answered %d\n%s", w.Code, w.Body)
	}
	if after := len(f.events()); after != before {
		t.Errorf("somebody unknown left %d events", after-before)
	}
	if log := f.log.String(); !strings.Contains(log, "operation=AssumeRoleWithWebIdentity") || !strings.Contains(log, "error=InvalidIdentityToken") {
		t.Errorf("the log does not tell:\n%s", log)
	}
}

// TestAssumedRootsDoTheirTask: they look at and delete the credentials of the root user, and of nobody else.
func TestAssumedRootsDoTheirTask(t *testing.T) {
	f := newFixture(t, nil)
	account, err := f.core.Registry.Account(t.Context(), identity.AccountID(f.account.AccountID))
	if err != nil {
		t.Fatal(err)
	}
	assumed := func(task string) aws.Credentials {
		session, err := account.RootSession(identity.Caller{}, "arn:aws:iam::aws:policy/root-task/"+task, noon, 15*time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		return f.credentials(session)
	}
	audit, removal := assumed("IAMAuditRootUserCredentials"), assumed("IAMDeleteRootUserCredentials")
	for _, tt := range []struct {
		by     aws.Credentials
		form   string
		status int
	}{
		{audit, "Action=ListAccessKeys", 200},
		{audit, "Action=GetAccountSummary", 200},
		{audit, "Action=ListAccessKeys&UserName=ann", 403},
		{audit, "Action=CreateUser&UserName=ann", 403},
		{audit, "Action=DeleteAccessKey&AccessKeyId=" + f.account.AccessKeyID, 403},
		{removal, "Action=DeleteAccessKey&AccessKeyId=" + f.account.AccessKeyID, 200},
	} {
		if w := f.do(f.signed(formRequest(tt.form+"&Version=2010-05-08"), "iam", tt.by)); w.Code != tt.status {
			t.Errorf("%s: answered %d, want %d\n%s", tt.form, w.Code, tt.status, w.Body)
		}
	}
}
