package wire

import (
	"encoding/xml"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/espalier-cloud/espalier/internal/api"
	"github.com/espalier-cloud/espalier/internal/api/account"
	"github.com/espalier-cloud/espalier/internal/api/iam"
	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/api/sts"
)

func to(s *api.Service, operation string) *Request {
	return &Request{Protocol: s.Protocol, Service: s, Operation: s.Operations[operation]}
}

func TestWriteOutput(t *testing.T) {
	joined := time.Date(2021, 9, 8, 17, 22, 8, 678_999_999, time.UTC)
	const iamNamespace = `xmlns="https://iam.amazonaws.com/doc/2010-05-08/"`
	tests := map[string]struct {
		request     *Request
		out         any
		contentType string
		body        string
	}{
		"members without a value are left out": {
			to(organizations.Service(), "DescribeAccount"),
			&organizations.DescribeAccountOutput{Account: &organizations.Account{Id: new("111122223333"), Name: new("<&>"), JoinedTimestamp: joined}},
			jsonContentType,
			`{"Account":{"Id":"111122223333","Name":"<&>","JoinedTimestamp":1631121728.678}}`,
		},
		"whole seconds": {
			to(organizations.Service(), "DescribeAccount"),
			&organizations.DescribeAccountOutput{Account: &organizations.Account{JoinedTimestamp: time.Unix(1631121728, 0)}},
			jsonContentType,
			`{"Account":{"JoinedTimestamp":1631121728}}`,
		},
		"before 1970": {
			to(organizations.Service(), "DescribeAccount"),
			&organizations.DescribeAccountOutput{Account: &organizations.Account{JoinedTimestamp: time.UnixMilli(-1005)}},
			jsonContentType,
			`{"Account":{"JoinedTimestamp":-1.005}}`,
		},
		"an empty list is there": {
			to(organizations.Service(), "ListAccounts"),
			&organizations.ListAccountsOutput{Accounts: []organizations.Account{}},
			jsonContentType,
			`{"Accounts":[]}`,
		},
		"false and empty are values": {
			to(organizations.Service(), "DescribePolicy"),
			&organizations.DescribePolicyOutput{Policy: &organizations.Policy{PolicySummary: &organizations.PolicySummary{Description: new(""), AwsManaged: new(bool)}}},
			jsonContentType,
			`{"Policy":{"PolicySummary":{"Description":"","AwsManaged":false}}}`,
		},
		"no UTF-8": {
			to(organizations.Service(), "DescribeAccount"),
			&organizations.DescribeAccountOutput{Account: &organizations.Account{Name: new("a\xffb\x00")}},
			jsonContentType,
			`{"Account":{"Name":"a` + "\uFFFD" + `b\u0000"}}`,
		},
		"empty output":                  {to(organizations.Service(), "ListRoots"), &organizations.ListRootsOutput{}, jsonContentType, `{}`},
		"operation without output":      {to(organizations.Service(), "AttachPolicy"), &organizations.AttachPolicyOutput{}, jsonContentType, ``},
		"operation answered by nothing": {to(organizations.Service(), "ListRoots"), (*organizations.ListRootsOutput)(nil), jsonContentType, ``},
		"REST-JSON": {
			to(account.Service(), "GetAccountInformation"),
			&account.GetAccountInformationOutput{AccountId: new("111122223333"), AccountCreatedDate: joined},
			"application/json",
			`{"AccountId":"111122223333","AccountCreatedDate":"2021-09-08T17:22:08Z"}`,
		},
		"XML": {
			to(iam.Service(), "GetRole"),
			&iam.GetRoleOutput{Role: &iam.Role{RoleName: "a<b>", Arn: "arn", CreateDate: joined, Tags: []iam.Tag{{Key: "k", Value: new("\x00")}}, MaxSessionDuration: new(int32(3600))}},
			"text/xml",
			`<GetRoleResponse ` + iamNamespace + `><GetRoleResult><Role><RoleName>a&lt;b&gt;</RoleName><Arn>arn</Arn><CreateDate>2021-09-08T17:22:08Z</CreateDate>` +
				`<MaxSessionDuration>3600</MaxSessionDuration><Tags><member><Key>k</Key><Value>` + "\uFFFD" + `</Value></member></Tags></Role></GetRoleResult>` +
				`<ResponseMetadata><RequestId>request-id</RequestId></ResponseMetadata></GetRoleResponse>`,
		},
		"XML map, boolean and empty list": {
			to(iam.Service(), "GetAccountSummary"),
			&iam.GetAccountSummaryOutput{SummaryMap: map[iam.SummaryKeyType]int32{iam.SummaryKeyTypeUsers: 1, iam.SummaryKeyTypeRoles: 2}},
			"text/xml",
			`<GetAccountSummaryResponse ` + iamNamespace + `><GetAccountSummaryResult><SummaryMap><entry><key>Roles</key><value>2</value></entry>` +
				`<entry><key>Users</key><value>1</value></entry></SummaryMap></GetAccountSummaryResult>` +
				`<ResponseMetadata><RequestId>request-id</RequestId></ResponseMetadata></GetAccountSummaryResponse>`,
		},
		"XML list": {
			to(iam.Service(), "ListRoles"),
			&iam.ListRolesOutput{Roles: []iam.Role{}, IsTruncated: new(bool)},
			"text/xml",
			`<ListRolesResponse ` + iamNamespace + `><ListRolesResult><Roles></Roles><IsTruncated>false</IsTruncated></ListRolesResult>` +
				`<ResponseMetadata><RequestId>request-id</RequestId></ResponseMetadata></ListRolesResponse>`,
		},
		"XML without output": {
			to(iam.Service(), "DeleteRole"), nil, "text/xml",
			`<DeleteRoleResponse ` + iamNamespace + `><ResponseMetadata><RequestId>request-id</RequestId></ResponseMetadata></DeleteRoleResponse>`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := httptest.NewRecorder()
			test.request.WriteOutput(w, "request-id", test.out)
			if w.Code != 200 || w.Body.String() != test.body {
				t.Errorf("got %d %s\nwant %s", w.Code, w.Body, test.body)
			}
			checkHeader(t, w, test.contentType)
		})
	}
}

func TestWriteError(t *testing.T) {
	const stsNamespace = `xmlns="https://sts.amazonaws.com/doc/2011-06-15/"`
	tests := map[string]struct {
		request *Request
		err     api.Error
		status  int
		body    string
	}{
		"exception": {
			to(organizations.Service(), "DescribeAccount"), &organizations.AccountNotFoundException{Message: "No \"account\"."}, 400,
			`{"__type":"AccountNotFoundException","Message":"No \"account\"."}`,
		},
		"exception with a reason": {
			to(organizations.Service(), "MoveAccount"),
			&organizations.ConstraintViolationException{Message: "m", Reason: organizations.ConstraintViolationExceptionReasonOuDepthLimitExceeded}, 400,
			`{"__type":"ConstraintViolationException","Message":"m","Reason":"OU_DEPTH_LIMIT_EXCEEDED"}`,
		},
		"fault": {
			to(organizations.Service(), "MoveAccount"), &organizations.ServiceException{Message: "m"}, 500,
			`{"__type":"ServiceException","Message":"m"}`,
		},
		"framework": {
			to(organizations.Service(), "MoveAccount"), Error{"UnrecognizedClientException", "The <token>", 400}, 400,
			`{"__type":"UnrecognizedClientException","message":"The <token>"}`,
		},
		"REST-JSON": {
			to(account.Service(), "PutAccountName"), &account.AccessDeniedException{Message: "m"}, 403,
			`{"__type":"AccessDeniedException","message":"m"}`,
		},
		"Query": {
			to(sts.Service(), "AssumeRole"), Error{"AccessDenied", "a & b", 403}, 403,
			`<ErrorResponse ` + stsNamespace + `><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>a &amp; b</Message></Error><RequestId>request-id</RequestId></ErrorResponse>`,
		},
		"Query exception": {
			to(iam.Service(), "GetRole"), &iam.NoSuchEntityException{Message: "m"}, 404,
			`<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type><Code>NoSuchEntity</Code><Message>m</Message></Error><RequestId>request-id</RequestId></ErrorResponse>`,
		},
		"Query fault": {
			to(sts.Service(), "AssumeRole"), Internal(sts.Service()), 500,
			`<ErrorResponse ` + stsNamespace + `><Error><Type>Receiver</Type><Code>InternalFailure</Code><Message>The request could not be completed because of an internal error. Try again later.</Message></Error><RequestId>request-id</RequestId></ErrorResponse>`,
		},
		"Query without a service": {
			&Request{Protocol: api.Query}, TooLarge(), 413,
			`<ErrorResponse><Error><Type>Sender</Type><Code>RequestEntityTooLargeException</Code><Message>The request is larger than the service accepts.</Message></Error><RequestId>request-id</RequestId></ErrorResponse>`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := httptest.NewRecorder()
			test.request.WriteError(w, "request-id", test.err)
			if w.Code != test.status || w.Body.String() != test.body {
				t.Errorf("got %d %s\nwant %d %s", w.Code, w.Body, test.status, test.body)
			}
			checkHeader(t, w, contentType[test.request.Protocol])
			if errorType := w.Header().Get("x-amzn-ErrorType"); (errorType != "") != (test.request.Protocol == api.RestJSON) {
				t.Errorf("x-amzn-ErrorType is %q", errorType)
			}
		})
	}
}

func checkHeader(t *testing.T, w *httptest.ResponseRecorder, contentType string) {
	t.Helper()
	h := w.Header()
	if h.Get("x-amzn-RequestId") != "request-id" || h.Get("Content-Type") != contentType || h.Get("Content-Length") == "" {
		t.Errorf("header %v", h)
	}
	switch {
	case w.Body.Len() == 0:
	case contentType == "text/xml":
		if err := xml.Unmarshal(w.Body.Bytes(), new(struct{ XMLName xml.Name })); err != nil {
			t.Error(err)
		}
	case !jsontext.Value(w.Body.Bytes()).IsValid():
		t.Error("the body is not valid JSON")
	}
}

func TestTrailParameters(t *testing.T) {
	requested := time.Date(2020, 9, 16, 21, 20, 50, 0, time.UTC)
	tests := map[string]struct {
		value any
		want  string
	}{
		"request": {
			&organizations.CreateAccountInput{Email: "a@example.com", AccountName: "secret", RoleName: new("R"), Tags: []organizations.Tag{{Key: "k", Value: new("v")}}},
			`{"email":"****","accountName":"****","roleName":"R","tags":[{"key":"k","value":"v"}]}`,
		},
		"response": {
			&organizations.CreateAccountOutput{CreateAccountStatus: &organizations.CreateAccountStatus{
				Id: new("car-1"), AccountName: new("secret"), State: new(organizations.CreateAccountStateInProgress), RequestedTimestamp: requested,
			}},
			`{"createAccountStatus":{"id":"car-1","accountName":"****","state":"IN_PROGRESS","requestedTimestamp":"Sep 16, 2020 9:20:50 PM"}}`,
		},
		"credentials": {
			&sts.AssumeRoleOutput{Credentials: &sts.Credentials{AccessKeyId: "ASIA", SecretAccessKey: new("secret"), SessionToken: new("secret"), Expiration: requested}},
			`{"credentials":{"accessKeyId":"ASIA","secretAccessKey":"****","sessionToken":"****","expiration":"Sep 16, 2020 9:20:50 PM"}}`,
		},
		"invitation": {
			&organizations.InviteAccountToOrganizationInput{Target: &organizations.HandshakeParty{Type: "EMAIL", Id: "a@example.com"}, Notes: new("secret")},
			`{"target":{"id":"****","type":"EMAIL"},"notes":"****"}`,
		},
		"invitation by id": {
			&organizations.InviteAccountToOrganizationInput{Target: &organizations.HandshakeParty{Type: "ACCOUNT", Id: "222222222222"}},
			`{"target":{"id":"222222222222","type":"ACCOUNT"}}`,
		},
		"address for an id": {
			&organizations.InviteAccountToOrganizationInput{Target: &organizations.HandshakeParty{Type: "ACCOUNT", Id: "a@example.com"}},
			`{"target":{"id":"****","type":"ACCOUNT"}}`,
		},
		"handshake": {
			&organizations.CancelHandshakeOutput{Handshake: &organizations.Handshake{
				Action:  new(organizations.ActionTypeInvite),
				Parties: []organizations.HandshakeParty{{Type: "ORGANIZATION", Id: "o-1"}, {Type: "EMAIL", Id: "a@example.com"}},
				Resources: []organizations.HandshakeResource{
					{Type: new(organizations.HandshakeResourceTypeOrganization), Value: new("o-1"), Resources: []organizations.HandshakeResource{
						{Type: new(organizations.HandshakeResourceTypeMasterName), Value: new("secret")}, {Type: new(organizations.HandshakeResourceTypeOrganizationFeatureSet), Value: new("ALL")},
					}}, {Type: new(organizations.HandshakeResourceTypeNotes), Value: new("secret")}, {Value: new("secret")},
				},
			}},
			`{"handshake":{"parties":[{"id":"o-1","type":"ORGANIZATION"},{"id":"****","type":"EMAIL"}],"action":"invite","resources":[` +
				`{"value":"o-1","type":"ORGANIZATION","resources":[{"value":"****","type":"MASTER_NAME"},{"value":"ALL","type":"ORGANIZATION_FEATURE_SET"}]},` +
				`{"value":"****","type":"NOTES"},{"value":"****"}]}}`,
		},
		"filter": {
			&organizations.ListHandshakesForAccountInput{Filter: &organizations.HandshakeFilter{ActionType: new(organizations.ActionTypeInvite)}},
			`{"filter":{"actionType":"INVITE"}}`,
		},
		"map":          {&shapes{Sizes: map[string]int32{"b": 2, "a": 1}, Flag: new(bool)}, `{"flag":false,"sizes":{"a":1,"b":2}}`},
		"nothing":      {&organizations.DescribeOrganizationInput{}, `null`},
		"nil":          {nil, `null`},
		"a nil output": {(*organizations.ListRootsOutput)(nil), `null`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := TrailParameters(test.value); string(got) != test.want {
				t.Errorf("got %s\nwant %s", got, test.want)
			}
		})
	}
}
