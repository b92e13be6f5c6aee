package trail_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/espalier-cloud/espalier/internal/identity"
)

// TestSessionsAreTold: whom a federated user acts for, that a root user was assumed, and who vouches for a web identity.
func TestSessionsAreTold(t *testing.T) {
	issued := moment.Add(-time.Minute)
	attributes := map[string]any{"creationDate": "2020-09-16T21:19:50Z", "mfaAuthenticated": "false"}
	for name, tt := range map[string]struct {
		by   identity.Caller
		want map[string]any
		user string
	}{
		"a federated user": {
			identity.Caller{
				Account: "111122223333", Type: identity.FederatedUser, ARN: "arn:aws:sts::111122223333:federated-user/guest", UserID: "111122223333:guest", IssuedAt: issued,
				FederatedBy: &identity.Federator{Type: identity.IAMUser, ARN: "arn:aws:iam::111122223333:user/team/ann", UserID: "AIDA"},
			},
			map[string]any{
				"type": "FederatedUser", "principalId": "111122223333:guest", "arn": "arn:aws:sts::111122223333:federated-user/guest", "accountId": "111122223333",
				"sessionContext": map[string]any{
					"sessionIssuer": map[string]any{"type": "IAMUser", "principalId": "AIDA", "arn": "arn:aws:iam::111122223333:user/team/ann", "accountId": "111122223333", "userName": "ann"},
					"attributes":    attributes,
				},
			}, "guest",
		},
		"an assumed root": {
			identity.Caller{
				Account: "111122223333", Type: identity.Root, ARN: "arn:aws:iam::111122223333:root", UserID: "111122223333", IssuedAt: issued, AssumedRoot: true, SourceIdentity: "ann",
			},
			map[string]any{
				"type": "Root", "principalId": "111122223333", "arn": "arn:aws:iam::111122223333:root", "accountId": "111122223333",
				"sessionContext": map[string]any{"attributes": attributes, "assumedRoot": true, "sourceIdentity": "ann"},
			}, "root",
		},
		"a web identity": {
			identity.Caller{Account: "111122223333", Type: identity.WebIdentityUser, ARN: "arn:aws:iam::111122223333:oidc-provider/gate", UserID: "gate:app:ann"},
			map[string]any{"type": "WebIdentityUser", "principalId": "gate:app:ann", "identityProvider": "arn:aws:iam::111122223333:oidc-provider/gate"}, "gate:app:ann",
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := call(&tt.by, "AssumeRole", "")
			c.Source, c.Region = "sts.amazonaws.com", ""
			e := c.Event(nil)
			var got struct {
				UserIdentity map[string]any
				AWSRegion    string
			}
			if err := json.Unmarshal(e.Doc(), &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got.UserIdentity); diff != "" {
				t.Error(diff)
			}
			if got.AWSRegion != "us-east-1" {
				t.Errorf("a call that nobody signed is recorded in %q", got.AWSRegion)
			}
			if e.Username() != tt.user {
				t.Errorf("it is found by %q", e.Username())
			}
		})
	}
}
