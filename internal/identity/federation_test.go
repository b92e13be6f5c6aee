package identity

import (
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestFederationSession(t *testing.T) {
	d, keyring := newDraft(t), newKeyring(t)
	must(t, second(d.CreateUser(NewUser{Name: "ann", Path: "/team/"})))
	key, _, err := d.CreateAccessKey("ann", keyring)
	must(t, err)
	a := d.Account()
	ann := a.Caller(key)
	s, err := a.FederationSession(ann, NewFederation{Name: "visitor", Duration: time.Hour, Tags: []Tag{{"a", "b"}}}, testTime)
	must(t, err)
	want := Caller{
		Account: testAccount, Type: FederatedUser, ARN: "arn:aws:sts::111122223333:federated-user/visitor", UserID: "111122223333:visitor",
		FederatedBy: &Federator{IAMUser, "arn:aws:iam::111122223333:user/team/ann", ann.UserID}, SessionTags: []Tag{{"a", "b"}},
		SessionPolicies: new(SessionPolicies), IssuedAt: testTime,
	}
	if diff := cmp.Diff(want, s.Caller()); diff != "" {
		t.Error(diff)
	}
	must(t, a.CheckSession(s))
	ended := a.Draft(testTime, rand.Reader)
	must(t, ended.SetAccessKeyStatus(key.ID, KeyInactive))
	wantRefusal(t, ended.Account().CheckSession(s), SessionRevoked, "no longer accepted")
	for operation, may := range map[string]bool{"sts:GetCallerIdentity": true, "sts:AssumeRole": false, "iam:GetUser": false, "organizations:ListRoots": true} {
		service, name, _ := strings.Cut(operation, ":")
		if got := s.MayCall(service, name); got != may {
			t.Errorf("%s: %v", operation, got)
		}
	}
	for _, tt := range []struct {
		by   Caller
		in   NewFederation
		kind ErrorKind
		text string
	}{
		{s.Caller(), NewFederation{}, AccessDenied, "Cannot call GetFederationToken with session credentials"},
		{Caller{Type: AssumedRole}, NewFederation{}, AccessDenied, "session credentials"},
		{ann, NewFederation{Name: strings.Repeat("a", 33)}, ValidationError, "2 to 32"},
		{ann, NewFederation{Name: "a b"}, ValidationError, "2 to 32"},
		{ann, NewFederation{Duration: 36*time.Hour + 1}, ValidationError, "between 900 and 129600"},
		{ann, NewFederation{Duration: time.Minute}, ValidationError, "between 900 and 129600"},
		{ann, NewFederation{Tags: []Tag{{"aws:a", ""}}}, InvalidParameterValue, "reserved"},
		{ann, NewFederation{Policies: SessionPolicies{Inline: "{"}}, MalformedPolicyDocument, "Json"},
		{ann, NewFederation{Tags: []Tag{{"a", strings.Repeat("b", 256)}, {"c", strings.Repeat("b", 256)}}}, PackedPolicyTooLarge, "of allotted space"},
	} {
		if tt.in.Name == "" {
			tt.in.Name = "visitor"
		}
		if tt.in.Duration == 0 {
			tt.in.Duration = time.Hour
		}
		_, err := a.FederationSession(tt.by, tt.in, testTime)
		wantRefusal(t, err, tt.kind, tt.text)
	}
}

func TestRootSession(t *testing.T) {
	a := newDraft(t).Account()
	for name, want := range rootTasks {
		arn := ManagedPolicyARN(PartitionAWS, "root-task/"+name)
		if feature, err := RootTask(PartitionAWS, arn); feature != want || err != nil {
			t.Errorf("%s needs %s, %v", name, feature, err)
		}
		if _, ok := a.Policy(arn); !ok {
			t.Errorf("there is no policy %s", arn)
		}
	}
	for _, arn := range []string{AdministratorAccess(PartitionAWS), ManagedPolicyARN(PartitionAWS, "root-task/None"), ManagedPolicyARN(PartitionChina, "root-task/S3UnlockBucketPolicy"), "S3UnlockBucketPolicy"} {
		_, err := RootTask(PartitionAWS, arn)
		wantRefusal(t, err, ValidationError, arn)
	}
	task := ManagedPolicyARN(PartitionAWS, "root-task/S3UnlockBucketPolicy")
	s, err := a.RootSession(Caller{SourceIdentity: "ann"}, task, testTime, 15*time.Minute)
	must(t, err)
	want := Caller{
		Account: testAccount, Type: Root, ARN: "arn:aws:iam::111122223333:root", UserID: "111122223333", AssumedRoot: true, SourceIdentity: "ann",
		SessionPolicies: &SessionPolicies{Managed: []string{task}}, IssuedAt: testTime,
	}
	if diff := cmp.Diff(want, s.Caller()); diff != "" {
		t.Error(diff)
	}
	for _, d := range []time.Duration{-1, 15*time.Minute + 1} {
		_, err := a.RootSession(Caller{}, task, testTime, d)
		wantRefusal(t, err, ValidationError, "at most 900")
	}
}
