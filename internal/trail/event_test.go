package trail_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/trail"
)

// moment is when the events of the tests happen.
var moment = time.Date(2020, 9, 16, 21, 20, 50, 123456000, time.UTC)

// The callers of the tests, as authentication describes them.
var (
	root = &identity.Caller{
		Account: "111122223333", Type: identity.Root, ARN: "arn:aws:iam::111122223333:root", UserID: "111122223333", AccessKeyID: "AKIAIOSFODNN7EXAMPLE",
	}
	rootSession = &identity.Caller{
		Account: "111122223333", Type: identity.Root, ARN: "arn:aws:iam::111122223333:root", UserID: "111122223333", AccessKeyID: "ASIAIOSFODNN7EXAMPLE",
		IssuedAt: moment.Add(-time.Hour), MFA: true,
	}
	user = &identity.Caller{
		Account: "111122223333", Type: identity.IAMUser, ARN: "arn:aws:iam::111122223333:user/engineers/diego", UserID: "AIDAMVNPBQA3EXAMPLE", AccessKeyID: "AKIAIOSFODNN7EXAMPLE",
	}
	memberSession = &identity.Caller{
		Account: "444455556666", Type: identity.AssumedRole, ARN: "arn:aws:sts::444455556666:assumed-role/OrganizationAccountAccessRole/ada",
		UserID: "AROAMVNPBQA3EXAMPLE:ada", AccessKeyID: "ASIAIOSFODNN7EXAMPLE", IssuedAt: moment.Add(-time.Minute),
		Role: &identity.SessionIssuer{
			ARN: "arn:aws:iam::444455556666:role/OrganizationAccountAccessRole", ID: "AROAMVNPBQA3EXAMPLE", Name: "OrganizationAccountAccessRole", SessionName: "ada",
		},
	}
)

// call returns a call of AWS Organizations whose input and output are JSON that
// is masked already.
func call(by *identity.Caller, name, input string) *trail.Call {
	c := &trail.Call{
		Caller: by, Source: "organizations.amazonaws.com", Name: name, Region: "eu-central-1", SourceIP: "192.0.2.1", UserAgent: "aws-cli/2.0",
		RequestID: "request-1", Time: moment, NewID: func() string { return "event-1" },
		Masked: func(v any) json.RawMessage { return json.RawMessage(v.(string)) },
	}
	if input != "" {
		c.Input = input
	}
	return c
}

// record returns the lines of an event's record.
func record(t *testing.T, e trail.Event) []string {
	t.Helper()
	var indented bytes.Buffer
	if err := json.Indent(&indented, e.Doc(), "", "  "); err != nil {
		t.Fatal(err)
	}
	return strings.Split(indented.String(), "\n")
}

// compare reports the first line in which a record is not as wanted.
func compare(t *testing.T, e trail.Event, want string) {
	t.Helper()
	got := record(t, e)
	for i, line := range strings.Split(strings.TrimSpace(want), "\n") {
		if i >= len(got) || got[i] != line {
			t.Fatalf("line %d: want %q in\n%s", i+1, line, strings.Join(got, "\n"))
		}
	}
	if lines := strings.Count(strings.TrimSpace(want), "\n") + 1; len(got) != lines {
		t.Errorf("%d lines, want %d:\n%s", len(got), lines, strings.Join(got, "\n"))
	}
}

// The examples follow
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_cloudtrail-integration.html
// in what the events of AWS Organizations show.

func TestSuccessfulCall(t *testing.T) {
	c := call(rootSession, "CreateAccount", `{"email":"****","accountName":"****"}`)
	compare(t, c.Event(`{"createAccountStatus":{"accountName":"****","state":"IN_PROGRESS","id":"car-1","requestedTimestamp":"Sep 16, 2020 9:20:50 PM"}}`), `
{
  "eventVersion": "1.11",
  "userIdentity": {
    "type": "Root",
    "principalId": "111122223333",
    "arn": "arn:aws:iam::111122223333:root",
    "accountId": "111122223333",
    "accessKeyId": "ASIAIOSFODNN7EXAMPLE",
    "sessionContext": {
      "attributes": {
        "creationDate": "2020-09-16T20:20:50Z",
        "mfaAuthenticated": "true"
      }
    }
  },
  "eventTime": "2020-09-16T21:20:50Z",
  "eventSource": "organizations.amazonaws.com",
  "eventName": "CreateAccount",
  "awsRegion": "us-east-1",
  "sourceIPAddress": "192.0.2.1",
  "userAgent": "aws-cli/2.0",
  "requestParameters": {
    "email": "****",
    "accountName": "****"
  },
  "responseElements": {
    "createAccountStatus": {
      "accountName": "****",
      "state": "IN_PROGRESS",
      "id": "car-1",
      "requestedTimestamp": "Sep 16, 2020 9:20:50 PM"
    }
  },
  "requestID": "request-1",
  "eventID": "event-1",
  "readOnly": false,
  "eventType": "AwsApiCall",
  "managementEvent": true,
  "recipientAccountId": "111122223333",
  "eventCategory": "Management"
}`)
}

// A member that leaves finds the event in its own trail.
func TestCallOfMember(t *testing.T) {
	e := call(memberSession, "LeaveOrganization", "").Event(nil)
	if e.Account != "444455556666" || e.Username() != "ada" {
		t.Errorf("the event is of %q in the trail of %s", e.Username(), e.Account)
	}
	compare(t, e, `
{
  "eventVersion": "1.11",
  "userIdentity": {
    "type": "AssumedRole",
    "principalId": "AROAMVNPBQA3EXAMPLE:ada",
    "arn": "arn:aws:sts::444455556666:assumed-role/OrganizationAccountAccessRole/ada",
    "accountId": "444455556666",
    "accessKeyId": "ASIAIOSFODNN7EXAMPLE",
    "sessionContext": {
      "sessionIssuer": {
        "type": "Role",
        "principalId": "AROAMVNPBQA3EXAMPLE",
        "arn": "arn:aws:iam::444455556666:role/OrganizationAccountAccessRole",
        "accountId": "444455556666",
        "userName": "OrganizationAccountAccessRole"
      },
      "attributes": {
        "creationDate": "2020-09-16T21:19:50Z",
        "mfaAuthenticated": "false"
      }
    }
  },
  "eventTime": "2020-09-16T21:20:50Z",
  "eventSource": "organizations.amazonaws.com",
  "eventName": "LeaveOrganization",
  "awsRegion": "us-east-1",
  "sourceIPAddress": "192.0.2.1",
  "userAgent": "aws-cli/2.0",
  "requestParameters": null,
  "responseElements": null,
  "requestID": "request-1",
  "eventID": "event-1",
  "readOnly": false,
  "eventType": "AwsApiCall",
  "managementEvent": true,
  "recipientAccountId": "444455556666",
  "eventCategory": "Management"
}`)
}

func TestRefusedCall(t *testing.T) {
	c := call(user, "ListAccounts", `{"maxResults":5}`)
	c.ReadOnly = true
	compare(t, c.Refused("AccessDeniedException", "You don't have permissions to access this resource."), `
{
  "eventVersion": "1.11",
  "userIdentity": {
    "type": "IAMUser",
    "principalId": "AIDAMVNPBQA3EXAMPLE",
    "arn": "arn:aws:iam::111122223333:user/engineers/diego",
    "accountId": "111122223333",
    "accessKeyId": "AKIAIOSFODNN7EXAMPLE",
    "userName": "diego"
  },
  "eventTime": "2020-09-16T21:20:50Z",
  "eventSource": "organizations.amazonaws.com",
  "eventName": "ListAccounts",
  "awsRegion": "us-east-1",
  "sourceIPAddress": "192.0.2.1",
  "userAgent": "aws-cli/2.0",
  "errorCode": "AccessDeniedException",
  "errorMessage": "You don't have permissions to access this resource.",
  "requestParameters": {
    "maxResults": 5
  },
  "responseElements": null,
  "requestID": "request-1",
  "eventID": "event-1",
  "readOnly": true,
  "eventType": "AwsApiCall",
  "managementEvent": true,
  "recipientAccountId": "111122223333",
  "eventCategory": "Management"
}`)
}

func TestServiceEvent(t *testing.T) {
	for partition, region := range map[identity.Partition]string{identity.PartitionChina: "cn-northwest-1", identity.PartitionGovCloud: "us-gov-west-1"} {
		if e := trail.ServiceEventOf("event-1", "organizations.amazonaws.com", "CreateAccountResult", moment, "111122223333", partition, nil); e.Region != region {
			t.Errorf("in %s it happens in %s, want %s", partition, e.Region, region)
		}
	}
	details := `{"createAccountStatus":{"id":"car-1","state":"SUCCEEDED","accountName":"****","accountId":"444455556666"}}`
	e := trail.ServiceEventOf("event-1", "organizations.amazonaws.com", "CreateAccountResult", moment, "111122223333", identity.PartitionAWS, json.RawMessage(details))
	if e.Username() != "" || fmt.Sprint(e.Resources) != "[{AWS::Organizations::Account 444455556666}]" {
		t.Errorf("the event is of %q about %v", e.Username(), e.Resources)
	}
	compare(t, e, `
{
  "eventVersion": "1.11",
  "userIdentity": {
    "accountId": "111122223333",
    "invokedBy": "AWS Internal"
  },
  "eventTime": "2020-09-16T21:20:50Z",
  "eventSource": "organizations.amazonaws.com",
  "eventName": "CreateAccountResult",
  "awsRegion": "us-east-1",
  "sourceIPAddress": "organizations.amazonaws.com",
  "userAgent": "organizations.amazonaws.com",
  "requestParameters": null,
  "responseElements": null,
  "eventID": "event-1",
  "readOnly": false,
  "eventType": "AwsServiceEvent",
  "managementEvent": true,
  "recipientAccountId": "111122223333",
  "serviceEventDetails": {
    "createAccountStatus": {
      "id": "car-1",
      "state": "SUCCEEDED",
      "accountName": "****",
      "accountId": "444455556666"
    }
  },
  "eventCategory": "Management"
}`)
}

// A read shows what was asked, and not what was answered.
func TestReadShowsNoResponse(t *testing.T) {
	c := call(root, "DescribeAccount", `{"accountId":"444455556666"}`)
	c.ReadOnly = true
	if e := c.Event(`{"account":{"email":"secret@example.com"}}`); e.Response != nil || !e.ReadOnly {
		t.Errorf("got %s", e.Response)
	}
}

func TestUsername(t *testing.T) {
	for want, by := range map[string]*identity.Caller{"": nil, "root": root, "diego": user, "ada": memberSession} {
		if got := (&trail.Event{Caller: by}).Username(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got := (&trail.Event{Caller: rootSession}).Username(); got != "root" {
		t.Errorf("got %q for a session of the root user", got)
	}
}

// Global services are recorded in one region of each partition, and the others
// where they were called.
func TestRegion(t *testing.T) {
	for _, tt := range []struct{ source, partition, want string }{
		{"organizations.amazonaws.com", "aws", "us-east-1"},
		{"organizations.amazonaws.com", "aws-cn", "cn-northwest-1"},
		{"organizations.amazonaws.com", "aws-us-gov", "us-gov-west-1"},
		{"iam.amazonaws.com", "aws", "us-east-1"},
		{"account.amazonaws.com", "aws", "us-east-1"},
		{"sts.amazonaws.com", "aws", "eu-central-1"},
		{"cloudtrail.amazonaws.com", "aws-cn", "eu-central-1"},
	} {
		c := call(&identity.Caller{ARN: "arn:" + tt.partition + ":iam::111122223333:root"}, "Test", "")
		c.Source = tt.source
		if got := c.Event(nil).Region; got != tt.want {
			t.Errorf("%s in %s is recorded in %s, want %s", tt.source, tt.partition, got, tt.want)
		}
	}
}

func TestTimestamp(t *testing.T) {
	for want, at := range map[string]time.Time{
		"Sep 16, 2020 9:20:50 PM": moment,
		"Jan 1, 2026 12:00:00 AM": time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
		"Dec 9, 2026 12:05:06 PM": time.Date(2026, 12, 9, 13, 5, 6, 0, time.FixedZone("CET", 3600)),
	} {
		if got := trail.Timestamp(at); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestNewID(t *testing.T) {
	if got := trail.NewID([16]byte{}); got != "00000000-0000-4000-8000-000000000000" {
		t.Errorf("got %s", got)
	}
	var ones [16]byte
	for i := range ones {
		ones[i] = 0xff
	}
	if got := trail.NewID(ones); got != "ffffffff-ffff-4fff-bfff-ffffffffffff" {
		t.Errorf("got %s", got)
	}
}
