package ops_test

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/espalier-cloud/espalier/internal/api/sts"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/ops"
	"github.com/espalier-cloud/espalier/policy"
)

// denial is why somebody may not begin a session of a role, by a statement with some conditions.
func denial(t *testing.T, by identity.Caller, conditions int) *ops.AuthorizationMessage {
	t.Helper()
	r, err := by.Request(policy.NewAction("sts:AssumeRole"), "arn:aws:iam::"+string(by.Account)+":role/Gardener", nil)
	if err != nil {
		t.Fatal(err)
	}
	s := &policy.Statement{Effect: policy.Deny, Actions: []string{"sts:*"}, NotResource: true, Resources: []string{"arn:aws:iam::*:role/Other"}}
	for i := range conditions {
		key := fmt.Sprintf("aws:RequestTag/tag-%d", i)
		r.Context.Set(key, strings.Repeat("x", 20))
		s.Conditions = append(s.Conditions, policy.Condition{Key: key, Values: []string{"y"}})
	}
	r.Context.Set("aws:A", "comes first by its name")
	r.Context.SetList("aws:TagKeys", nil)
	d := policy.Decision{Result: policy.ExplicitDeny, Kind: policy.PermissionsBoundary, Policy: "boundary"}
	return &ops.AuthorizationMessage{By: &ops.Caller{Caller: by}, Request: r, Decision: d, Statement: s}
}

// longest is what fits into a header with others for which a proxy has a page of memory.
const longest = 3600

func TestAuthorizationMessagesFit(t *testing.T) {
	s := newStage(t)
	for conditions, want := range map[int][]string{
		1:  {`"notResources":{"items":[{"value":"arn:aws:iam::*:role/Other"}]}`, `"conditions":{"items":[{"key":"aws:RequestTag/tag-0","values":{"items":[{"value":"xxxxxxxxxxxxxxxxxxxx"}]}},{"key":"aws:A",`},
		13: {`"matchedStatements":{"items":[{"statementId":`, `"conditions":{"items":[{"key":"aws:RequestTag/tag-0"`, `"conditionsOmitted":`},
		60: {`"matchedStatements":{"items":[]}`, `"conditions":{"items":[]},"conditionsOmitted":61}`, `"policy":"boundary","statement":0`},
	} {
		encoded, err := denial(t, s.root, conditions).Encode(s.keyring, s.clock.Now(), rand.Reader)
		if err != nil || len(encoded) > longest {
			t.Fatalf("%d conditions: %d characters, %v", conditions, len(encoded), err)
		}
		text := *give[sts.DecodeAuthorizationMessageOutput](t, s.world, s.root, &sts.DecodeAuthorizationMessageInput{EncodedMessage: encoded}).DecodedMessage
		for _, part := range want {
			if !strings.Contains(text, part) {
				t.Errorf("%d conditions: %s is not in\n%s", conditions, part, text)
			}
		}
	}
	by := s.root
	by.ARN = "arn:aws:iam::" + string(by.Account) + ":user/" + strings.Repeat("x", longest)
	if encoded, err := denial(t, by, 0).Encode(s.keyring, s.clock.Now(), rand.Reader); err == nil {
		t.Errorf("a message of %d characters", len(encoded))
	}
}

func TestAuthorizationMessagesExpire(t *testing.T) {
	s := newStage(t)
	encoded, err := denial(t, s.root, 1).Encode(s.keyring, s.clock.Now(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	in := &sts.DecodeAuthorizationMessageInput{EncodedMessage: encoded}
	s.clock.advance(7*24*time.Hour - time.Minute)
	s.do(t, s.root, in)
	s.clock.advance(2 * time.Minute)
	if e := s.refuse(t, s.root, in); e.ErrorCode() != "InvalidAuthorizationMessageException" {
		t.Error(e)
	}
	raw, err := s.keyring.Seal("something else", []byte(`{}`), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	in.EncodedMessage = base64.StdEncoding.EncodeToString(raw)
	if e := s.refuse(t, s.root, in); e.ErrorCode() != "InvalidAuthorizationMessageException" {
		t.Error(e)
	}
}
