package server

import (
	"strconv"
	"time"

	"github.com/espalier-cloud/espalier/policy"
)

// circumstances are the condition keys of a call that do not depend on what it asks:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html.
func (c *call) circumstances() policy.Context {
	var k policy.Context
	k.Set("aws:SourceIp", c.sourceIP())
	k.Set("aws:CurrentTime", c.start.UTC().Format(time.RFC3339))
	k.Set("aws:EpochTime", strconv.FormatInt(c.start.Unix(), 10))
	k.Set("aws:SecureTransport", strconv.FormatBool(c.request.TLS != nil))
	k.Set("aws:ViaAWSService", "false")
	if region := c.verified.Scope.Region; region != "" {
		k.Set("aws:RequestedRegion", region)
	}
	if agent := c.request.UserAgent(); agent != "" {
		k.Set("aws:UserAgent", agent)
	}
	if by := &c.verified.Caller; !by.IssuedAt.IsZero() { // long-term keys have neither
		k.Set("aws:TokenIssueTime", by.IssuedAt.UTC().Format(time.RFC3339))
		k.Set("aws:MultiFactorAuthPresent", strconv.FormatBool(by.MFA))
	}
	return k
}
