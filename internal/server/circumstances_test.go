package server

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/espalier-cloud/espalier/internal/authn"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/trail"
)

// TestCircumstances: of a session more is known than of a long-term key, and long texts are as good as short ones.
func TestCircumstances(t *testing.T) {
	long := strings.Repeat("é\xff", longText)
	key := call{
		request: httptest.NewRequest(http.MethodPost, "/", nil), start: noon, record: trail.Call{SourceIP: "192.0.2.1", UserAgent: "aws-cli/2"},
		verified: authn.Verified{Scope: authn.Scope{Region: "eu-west-1"}},
	}
	session := key
	session.record.UserAgent, session.verified.Scope.Region = long, long
	session.verified.Caller = identity.Caller{MFA: true, IssuedAt: noon.Add(-time.Hour)}
	mended := strings.ReplaceAll(long, "\xff", "\uFFFD")
	for _, tt := range []struct{ key, ofKey, ofSession string }{
		{"aws:SourceIp", "192.0.2.1", "192.0.2.1"},
		{"aws:CurrentTime", noon.Format(time.RFC3339), noon.Format(time.RFC3339)},
		{"aws:SecureTransport", "false", "false"},
		{"aws:ViaAWSService", "false", "false"},
		{"aws:UserAgent", "aws-cli/2", mended},
		{"aws:RequestedRegion", "eu-west-1", mended},
		{"aws:TokenIssueTime", "", noon.Add(-time.Hour).Format(time.RFC3339)},
		{"aws:MultiFactorAuthPresent", "", "true"},
	} {
		for c, want := range map[*call]string{&key: tt.ofKey, &session: tt.ofSession} {
			c.describe()
			if v, _ := c.caller.Context.Get(tt.key); strings.Join(v.Values(), " ") != want {
				t.Errorf("%s is %q, not %q", tt.key, v.Values(), want)
			}
		}
	}
}
