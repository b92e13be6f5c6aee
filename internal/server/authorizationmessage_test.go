package server

import (
	"encoding/json"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/espalier-cloud/espalier/internal/api/cloudtrail"
)

// denied makes a call of Organizations that policies deny, and returns the encoded message.
func (m *matrix) denied(as aws.Credentials, operation, body string) string {
	m.t.Helper()
	w := m.do(m.signed(jsonRequest(operation, body), "organizations", as))
	if cell, code := cellOf(w); cell != "-" {
		m.t.Fatalf("%s: %d %s", operation, w.Code, code)
	}
	return w.Header().Get(messageHeader)
}

func (m *matrix) decode(as aws.Credentials, message string) *httptest.ResponseRecorder {
	return m.do(m.signed(formRequest("Action=DecodeAuthorizationMessage&Version=2011-06-15&EncodedMessage="+url.QueryEscape(message)), "sts", as))
}

// decoded is a message as somebody may read it.
func (m *matrix) decoded(as aws.Credentials, message string) (text string, reasons map[string]any) {
	m.t.Helper()
	w := m.decode(as, message)
	text = html.UnescapeString(element(w.Body.String(), "DecodedMessage"))
	if err := json.Unmarshal([]byte(text), &reasons); err != nil {
		m.t.Fatalf("%v: %s", err, w.Body)
	}
	return text, reasons
}

// messages is an organization with a member, whose user Ann is denied what Bob may.
type messages struct {
	*matrix
	top              string // the root of its tree
	member           AccountKey
	management, root aws.Credentials // the root users of the management account and of the member
	ann, bob         aws.Credentials
}

func newMessages(t *testing.T) *messages {
	t.Helper()
	m := &messages{matrix: &matrix{fixture: newFixture(t, nil)}}
	m.management = m.fixture.root()
	m.mustJSON(m.management, "CreateOrganization", `{}`)
	m.top = id(m.mustJSON(m.management, "ListRoots", `{}`))
	m.mustJSON(m.management, "EnablePolicyType", `{"RootId":"`+m.top+`","PolicyType":"SERVICE_CONTROL_POLICY"}`)
	m.member = m.matrix.member(m.management, "member")
	m.root = m.member.credentials()
	m.ann, m.bob = m.user(m.member, "Ann", false), m.user(m.member, "Bob", true)
	m.mustForm(m.root, "iam", "Action=PutUserPolicy&Version=2010-05-08&UserName=Ann&PolicyName=mine&PolicyDocument="+url.QueryEscape(
		`{"Version":"2012-10-17","Statement":[{"Sid":"NotFromHere","Effect":"Deny","NotAction":"iam:*","Resource":"*","Condition":{"IpAddress":{"aws:sourceip":["192.0.2.0/24","198.51.100.0/24"]}}}]}`))
	return m
}

// TestAuthorizationMessages: who is denied by policies gets the reasons sealed. Those may read them who may decode in the
// same account, and in the management account of the organization.
func TestAuthorizationMessages(t *testing.T) {
	m := newMessages(t)
	message := m.denied(m.ann, "DescribeOrganization", `{}`)
	text, _ := m.decoded(m.bob, message)
	for _, want := range []string{
		`"allowed":false,"explicitDeny":true,"matchedStatements":{"items":[{"statementId":"NotFromHere","effect":"DENY","principals":{"items":[{"value":"AIDA`,
		`"notActions":{"items":[{"value":"iam:*"}]},"resources":{"items":[{"value":"*"}]},"conditions":{"items":[{"operator":"IpAddress","key":"aws:sourceip","values":{"items":[{"value":"192.0.2.0/24"},{"value":"198.51.100.0/24"}]}}]}}]},"failures":{"items":[]},"context":{"principal":{"id":"AIDA`,
		`"name":"Ann","arn":"arn:aws:iam::` + m.member.AccountID + `:user/Ann"},"action":"organizations:DescribeOrganization","resource":"*","conditions":{"items":[{"key":"aws:SourceIp","values":{"items":[{"value":"192.0.2.1"}]}},`,
		`{"key":"aws:PrincipalArn","values":`, `"decidedBy":{"kind":"identity-based policy","policy":"`, `"statement":0,"sid":"NotFromHere","line":1}`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is not in\n%s", want, text)
		}
	}
	if other, _ := m.decoded(m.management, message); other != text {
		t.Errorf("the management account reads\n%s", other)
	}
	neighbour := m.matrix.member(m.management, "neighbour")
	for name, tt := range map[string]struct {
		as      aws.Credentials
		message string
		code    string
	}{
		"without the permission":  {m.ann, message, "AccessDenied"},
		"in another account":      {neighbour.credentials(), message, "InvalidAuthorizationMessageException"},
		"outside":                 {m.founder("elsewhere"), message, "InvalidAuthorizationMessageException"},
		"no message":              {m.bob, "none", "InvalidAuthorizationMessageException"},
		"a changed message":       {m.bob, message[:100] + strings.Repeat("A", 8) + message[108:], "InvalidAuthorizationMessageException"},
		"the token of a session":  {m.bob, m.session(m.account, m.user(m.account, "Cal", true)).SessionToken, "InvalidAuthorizationMessageException"},
		"a message of some bytes": {m.bob, "AAAA", "InvalidAuthorizationMessageException"},
		"longer than messages":    {m.bob, strings.Repeat("A", 10241), "ValidationError"},
		"an empty message":        {m.bob, "", "ValidationError"},
	} {
		if _, code := cellOf(m.decode(tt.as, tt.message)); code != tt.code {
			t.Errorf("%s: %q, want %s", name, code, tt.code)
		}
	}
	if events := m.trail(m.bob, "DecodeAuthorizationMessage"); !strings.Contains(events, "DecodeAuthorizationMessage") || strings.Contains(events, "NotFromHere") {
		t.Errorf("the trail has %s", events)
	}
}

// TestAuthorizationMessagesOfOrganizations: what an organization's policies say is for its management account alone, and
// what is denied outside of it is not its business.
func TestAuthorizationMessagesOfOrganizations(t *testing.T) {
	m := newMessages(t)
	policy := id(m.mustJSON(m.management, "CreatePolicy", `{"Type":"SERVICE_CONTROL_POLICY","Name":"stay","Description":"","Content":`+
		quoted(`{"Version":"2012-10-17","Statement":[{"Sid":"Stay","Effect":"Deny","Action":"organizations:Leave*","Resource":"*"}]}`)+`}`))
	m.mustJSON(m.management, "AttachPolicy", `{"PolicyId":"`+policy+`","TargetId":"`+m.top+`"}`)
	message := m.denied(m.bob, "LeaveOrganization", `{}`)
	text, _ := m.decoded(m.management, message)
	if !strings.Contains(text, `"actions":{"items":[{"value":"organizations:Leave*"}]}`) || !strings.Contains(text, `"target":"`+m.top+`"`) {
		t.Errorf("the management account reads %s", text)
	}
	text, reasons := m.decoded(m.bob, message)
	if decider := reasons["decidedBy"].(map[string]any); strings.Contains(text, "Stay") || strings.Contains(text, `"target"`) ||
		reasons["explicitDeny"] != true || decider["kind"] != "service control policy" || !strings.Contains(decider["policy"].(string), policy) {
		t.Errorf("the member reads %s", text)
	}
	m.mustJSON(m.management, "DetachPolicy", `{"PolicyId":"`+policy+`","TargetId":"`+m.top+`"}`)
	m.mustJSON(m.management, "RemoveAccountFromOrganization", `{"AccountId":"`+m.member.AccountID+`"}`)
	m.decoded(m.management, message) // of the time when it was a member

	message = m.denied(m.ann, "CreateOrganization", `{}`)
	if _, code := cellOf(m.decode(m.management, message)); code != "InvalidAuthorizationMessageException" {
		t.Errorf("the former management account: %q", code)
	}
	if text, _ = m.decoded(m.root, message); !strings.Contains(text, "organizations:CreateOrganization") {
		t.Errorf("the account by itself reads %s", text)
	}
}

// trail are the events of an operation in the account of a caller.
func (m *matrix) trail(as aws.Credentials, operation string) string {
	m.t.Helper()
	r := jsonRequest("LookupEvents", `{"LookupAttributes":[{"AttributeKey":"EventName","AttributeValue":"`+operation+`"}]}`)
	r.Header.Set("X-Amz-Target", cloudtrail.TargetPrefix+".LookupEvents")
	w := m.do(m.signed(r, "cloudtrail", as))
	if w.Code != http.StatusOK {
		m.t.Fatal(w.Body)
	}
	return w.Body.String()
}

// founder makes an account with an organization of its own.
func (m *matrix) founder(name string) aws.Credentials {
	m.t.Helper()
	account := m.newAccount(name)
	m.mustJSON(account.credentials(), "CreateOrganization", `{}`)
	return account.credentials()
}

// TestNoReasonsForOthers: only what policies deny has reasons.
func TestNoReasonsForOthers(t *testing.T) {
	m := &matrix{fixture: newFixture(t, nil)}
	root := m.root()
	for operation, as := range map[string]aws.Credentials{"DescribeOrganization": root, "DescribeAccount": {AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: "none"}} {
		w := m.do(m.signed(jsonRequest(operation, `{}`), "organizations", as))
		if w.Code == 200 || w.Header().Get(messageHeader) != "" {
			t.Errorf("%s: %d, %q", operation, w.Code, w.Header().Get(messageHeader))
		}
	}
}

// TestNoReasonsForRoles: who may not assume a role learns neither why nor whether there is one.
func TestNoReasonsForRoles(t *testing.T) {
	m := newMessages(t)
	m.session(m.member, m.bob)
	for _, role := range []string{"Gardener", "Nobody"} {
		w := m.do(m.signed(formRequest("Action=AssumeRole&Version=2011-06-15&RoleSessionName=test&RoleArn=arn:aws:iam::"+m.member.AccountID+":role/"+role), "sts", m.ann))
		if _, code := cellOf(w); code != "AccessDenied" || w.Header().Get(messageHeader) != "" {
			t.Errorf("%s: %d %s, %q", role, w.Code, code, w.Header().Get(messageHeader))
		}
	}
}
