package server

import (
	"strconv"
	"time"

	"github.com/espalier-cloud/espalier/policy"
)

// circumstances are the condition keys of a call that do not depend on what it asks:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html.
var circumstances = policy.NewFacts(map[string]func(*call) string{
	"aws:SourceIp":               func(c *call) string { return c.record.SourceIP },
	"aws:CurrentTime":            func(c *call) string { return timestamp(c.start) },
	"aws:EpochTime":              func(c *call) string { return strconv.FormatInt(c.start.Unix(), 10) },
	"aws:SecureTransport":        func(c *call) string { return strconv.FormatBool(c.request.TLS != nil) },
	"aws:ViaAWSService":          func(*call) string { return "false" },
	"aws:RequestedRegion":        func(c *call) string { return c.verified.Scope.Region },
	"aws:UserAgent":              func(c *call) string { return c.record.UserAgent },
	"aws:TokenIssueTime":         ofSession(func(c *call) string { return timestamp(c.verified.Caller.IssuedAt) }),
	"aws:MultiFactorAuthPresent": ofSession(func(c *call) string { return strconv.FormatBool(c.verified.Caller.MFA) }),
}, nil)

// longText is more than any circumstance takes that a client does not make up.
const longText = 256

// describe begins the condition keys of the call by those that do not depend on what it asks. A fact is read whenever a
// condition asks for it, so that texts which clients make as long as they like are set, once.
func (c *call) describe() {
	c.keys = policy.Context{}
	k := &c.keys
	k.Over(circumstances.Of(c))
	if agent := c.record.UserAgent; len(agent) > longText {
		k.Set("aws:UserAgent", agent)
	}
	if region := c.verified.Scope.Region; len(region) > longText {
		k.Set("aws:RequestedRegion", region)
	}
	c.caller.Context = k
}

// ofSession returns a fact about sessions, which calls with long-term keys do not have.
func ofSession(fact func(*call) string) func(*call) string {
	return func(c *call) string {
		if c.verified.Caller.IssuedAt.IsZero() {
			return ""
		}
		return fact(c)
	}
}

func timestamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
