package ops_test

import (
	"strings"
	"testing"
	"time"

	"github.com/espalier-cloud/espalier/internal/api"
	"github.com/espalier-cloud/espalier/internal/api/iam"
	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/api/sts"
	"github.com/espalier-cloud/espalier/internal/identity"
)

// user adds a user who may do something, and returns him as he calls by his key.
func (s *stage) user(t *testing.T, name, permitted string) identity.Caller {
	t.Helper()
	s.do(t, s.root, &iam.CreateUserInput{UserName: name})
	s.do(t, s.root, &iam.PutUserPolicyInput{UserName: name, PolicyName: "permitted", PolicyDocument: allowingActions(permitted)})
	key := identity.AccessKeyID(give[iam.CreateAccessKeyOutput](t, s.world, s.root, &iam.CreateAccessKeyInput{UserName: &name}).AccessKey.AccessKeyId)
	account, err := s.registry.Account(t.Context(), s.root.Account)
	if err != nil {
		t.Fatal(err)
	}
	k, _ := account.AccessKey(key)
	return account.Caller(k)
}

// federate returns the session that somebody begins for a visitor.
func (s *stage) federate(t *testing.T, by identity.Caller, policy *string) identity.Caller {
	t.Helper()
	out := give[sts.GetFederationTokenOutput](t, s.world, by, &sts.GetFederationTokenInput{Name: "visitor", Policy: policy})
	session := s.sessions[out.Credentials.AccessKeyId]
	return session.Caller()
}

// TestFederatedUsers: a federated user may do what his user may and the session policies allow.
func TestFederatedUsers(t *testing.T) {
	s := newStage(t)
	ann := s.user(t, "Ann", `"sts:*","organizations:ListRoots"`)
	out := give[sts.GetFederationTokenOutput](t, s.world, ann, &sts.GetFederationTokenInput{Name: "visitor", Policy: new(allowing), Tags: []sts.Tag{{Key: "a", Value: new("b")}}})
	session := s.sessions[out.Credentials.AccessKeyId]
	if out.FederatedUser.Arn != session.ARN || out.FederatedUser.FederatedUserId != string(s.root.Account)+":visitor" || *out.PackedPolicySize == 0 || session.Expires.Sub(session.Issued) != 12*time.Hour {
		t.Errorf("the answer is %+v for %+v", out.FederatedUser, session)
	}
	everything := new(allowingActions(`"*"`))
	roots, accounts := &organizations.ListRootsInput{}, &organizations.ListAccountsInput{}
	for name, tt := range map[string]struct {
		by    identity.Caller
		in    api.Input
		lacks string // "" when he may
	}{
		"both allow":                    {s.federate(t, ann, everything), roots, ""},
		"the user may not":              {s.federate(t, ann, everything), accounts, "identity-based policy"},
		"no session policy":             {s.federate(t, ann, nil), roots, "session policy"},
		"the session policy does not":   {s.federate(t, ann, new(allowingActions(`"iam:*"`))), roots, "session policy"},
		"for the root user":             {s.federate(t, s.root, everything), accounts, ""},
		"for the root user, no policy":  {s.federate(t, s.root, nil), accounts, "session policy"},
		"the user of the session's ARN": {identity.Caller{Account: s.root.Account, Type: identity.FederatedUser, ARN: session.ARN}, roots, "identity-based policy"},
	} {
		t.Run(name, func(t *testing.T) {
			if tt.lacks == "" {
				s.do(t, tt.by, tt.in)
			} else if e := s.refuse(t, tt.by, tt.in); !strings.Contains(e.ErrorMessage(), "because no "+tt.lacks+" allows") {
				t.Errorf("refused with %v", e)
			}
		})
	}
	if e := s.trail(t, s.root)[0]; e.EventName != "GetFederationToken" {
		t.Errorf("the event is %s", e.doc)
	}
}

func TestGetFederationTokenRefuses(t *testing.T) {
	s := newStage(t)
	bob := s.user(t, "Bob", `"sts:GetFederationToken"`)
	e := s.refuse(t, bob, &sts.GetFederationTokenInput{Name: "visitor", Tags: []sts.Tag{{Key: "a", Value: new("b")}}})
	if want := "User: " + bob.ARN + " is not authorized to perform: sts:TagSession on resource: " + bob.ARN; e.ErrorCode() != "AccessDenied" || e.ErrorMessage() != want {
		t.Errorf("tags are refused with %v", e)
	}
	if e := s.refuse(t, s.federate(t, bob, nil), &sts.GetFederationTokenInput{Name: "visitor"}); e.ErrorCode() != "AccessDenied" {
		t.Errorf("a federated user is refused with %v", e)
	}
	in := &sts.GetFederationTokenInput{Name: "visitor", DurationSeconds: new(int32(129_600))}
	out := give[sts.GetFederationTokenOutput](t, s.world, s.root, in)
	if session := s.sessions[out.Credentials.AccessKeyId]; session.Expires.Sub(session.Issued) != time.Hour {
		t.Errorf("a session for the root user lasts until %v", session.Expires)
	}
}

func TestGetAccessKeyInfo(t *testing.T) {
	s := newStage(t)
	ann := s.user(t, "Ann", `"sts:*"`)
	if got := give[sts.GetAccessKeyInfoOutput](t, s.world, s.standalone(t, "Stranger"), &sts.GetAccessKeyInfoInput{AccessKeyId: string(ann.AccessKeyID)}); *got.Account != string(s.root.Account) {
		t.Errorf("the key is of %s", *got.Account)
	}
	if e := s.refuse(t, ann, &sts.GetAccessKeyInfoInput{AccessKeyId: "AKIAIOSFODNN7EXAMPLE"}); e.ErrorCode() != "ValidationError" {
		t.Errorf("an unknown key: %v", e)
	}
}
