package trail_test

import (
	"fmt"
	"strings"
	"testing"
)

// TestResources: a lookup finds an event by every resource that its parameters
// or its response name.
func TestResources(t *testing.T) {
	for _, tt := range []struct{ request, response, want string }{
		{"", "", "[]"},
		{`{"accountId":"444455556666","name":"4444555566"}`, "", "[{AWS::Organizations::Account 444455556666}]"},
		{`{"policyId":"p-FullAWSAccess","targetId":"ou-ab12-abcd1234"}`, "", "[{AWS::Organizations::Policy p-FullAWSAccess} {AWS::Organizations::OrganizationalUnit ou-ab12-abcd1234}]"},
		{`{"rootId":"r-ab12"}`, `{"root":{"id":"r-ab12"}}`, "[{AWS::Organizations::Root r-ab12}]"},
		{"", `{"organization":{"id":"o-abcdefghij","masterAccountId":"111122223333"}}`, "[{AWS::Organizations::Organization o-abcdefghij} {AWS::Organizations::Account 111122223333}]"},
		{"", `{"resourcePolicy":{"resourcePolicySummary":{"id":"rp-abcd1234"}}}`, "[{AWS::Organizations::ResourcePolicy rp-abcd1234}]"},
		{`{"roleArn":"arn:aws:iam::444455556666:role/path/Admin"}`, "", "[{AWS::IAM::Role arn:aws:iam::444455556666:role/path/Admin}]"},
		{`{"list":[{"id":"444455556666"},["r-ab12"],null,7,true]}`, "", "[{AWS::Organizations::Account 444455556666} {AWS::Organizations::Root r-ab12}]"},
		{`{"content":"{\"account\":\"444455556666\"}","id":"x444455556666","email":"****"}`, "", "[]"},
	} {
		c := call(root, "Test", tt.request)
		var out any
		if tt.response != "" {
			out = tt.response
		}
		if got := fmt.Sprint(c.Event(out).Resources); got != tt.want {
			t.Errorf("%s %s: got %s, want %s", tt.request, tt.response, got, tt.want)
		}
	}
}

// TestResourcesOfIAM: a lookup finds what IAM names, which no other service's names are taken for.
func TestResourcesOfIAM(t *testing.T) {
	for _, tt := range []struct{ request, response, want string }{
		{`{"userName":"ada","tags":[{"key":"userName","value":"bob"}]}`, `{"user":{"userName":"ada","arn":"arn:aws:iam::111122223333:user/x/ada"}}`,
			"[{AWS::IAM::User ada} {AWS::IAM::User arn:aws:iam::111122223333:user/x/ada}]"},
		{`{"userName":"ada","newUserName":"eve"}`, "", "[{AWS::IAM::User ada} {AWS::IAM::User eve}]"},
		{`{"roleName":"Job","policyArn":"arn:aws:iam::aws:policy/ReadOnlyAccess"}`, "", "[{AWS::IAM::Role Job} {AWS::IAM::Policy arn:aws:iam::aws:policy/ReadOnlyAccess}]"},
		{`{"groupName":"Staff","policyName":"inline"}`, `{"group":{"arn":"arn:aws:iam::111122223333:group/Staff"}}`, "[{AWS::IAM::Group Staff} {AWS::IAM::Group arn:aws:iam::111122223333:group/Staff}]"},
		{`{"userName":"ada","accessKeyId":"AKIAIOSFODNN7EXAMPLE"}`, "", "[{AWS::IAM::User ada} {AWS::IAM::AccessKey AKIAIOSFODNN7EXAMPLE}]"},
	} {
		c := call(root, "Test", tt.request)
		c.Source = "iam.amazonaws.com"
		var out any
		if tt.response != "" {
			out = tt.response
		}
		if got := fmt.Sprint(c.Event(out).Resources); got != tt.want {
			t.Errorf("%s %s: got %s, want %s", tt.request, tt.response, got, tt.want)
		}
	}
	if got := call(root, "CreateAccount", `{"roleName":"Admin"}`).Event(nil).Resources; len(got) > 0 {
		t.Errorf("AWS Organizations names %v", got)
	}
}

// TestManyResources: what a client makes up is bounded.
func TestManyResources(t *testing.T) {
	ids := make([]string, 5000)
	for i := range ids {
		ids[i] = fmt.Sprintf(`"%012d"`, i)
	}
	e := call(root, "Test", `{"ids":[`+strings.Join(ids, ",")+`]}`).Event(nil)
	if len(e.Resources) != 100 {
		t.Errorf("the event is about %d resources", len(e.Resources))
	}
}
