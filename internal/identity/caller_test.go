package identity

import (
	"slices"
	"testing"

	"github.com/espalier-cloud/espalier/policy"
)

func TestCallerRequest(t *testing.T) {
	by := Caller{
		Account: testAccount, Type: AssumedRole, ARN: "arn:aws:sts::111122223333:assumed-role/R/alice",
		Role:           &SessionIssuer{ARN: "arn:aws:iam::111122223333:role/p/R", Name: "R"},
		SourceIdentity: "alice", SessionTags: []Tag{{Key: "team", Value: "blue"}},
	}
	var circumstances policy.Context
	circumstances.Set("aws:SourceIp", "192.0.2.1")
	r, err := by.Request(policy.NewAction("s3:GetObject"), "*", &circumstances)
	must(t, err)
	if r.Principal.Issuer != by.Role.ARN || r.Action() != "s3:GetObject" {
		t.Errorf("the request is %+v", r)
	}
	for key, want := range map[string]string{"aws:SourceIp": "192.0.2.1", "aws:SourceIdentity": "alice", "aws:PrincipalTag/team": "blue"} {
		if got, _ := r.Context.Get(key); !slices.Equal(got.Values(), []string{want}) {
			t.Errorf("%s is %v, not %s", key, got, want)
		}
	}
	plain := Caller{Account: testAccount, Type: Root, ARN: "arn:aws:iam::111122223333:root"}
	r, err = plain.Request(policy.NewAction("s3:GetObject"), "*", nil)
	must(t, err)
	if _, ok := r.Context.Get("aws:SourceIdentity"); ok || r.Principal.Issuer != "" {
		t.Errorf("a root user has the session %+v", r)
	}
	if _, err := plain.Request(policy.NewAction("GetObject"), "*", nil); err == nil {
		t.Error("an action without a service is one")
	}
}
