package server

import (
	"strconv"
	"time"

	"github.com/espalier-cloud/espalier/policy"
)

// The condition keys of circumstances, prepared once.
var (
	keySourceIP               = policy.NewKey("aws:SourceIp")
	keyCurrentTime            = policy.NewKey("aws:CurrentTime")
	keyEpochTime              = policy.NewKey("aws:EpochTime")
	keySecureTransport        = policy.NewKey("aws:SecureTransport")
	keyViaAWSService          = policy.NewKey("aws:ViaAWSService")
	keyRequestedRegion        = policy.NewKey("aws:RequestedRegion")
	keyUserAgent              = policy.NewKey("aws:UserAgent")
	keyTokenIssueTime         = policy.NewKey("aws:TokenIssueTime")
	keyMultiFactorAuthPresent = policy.NewKey("aws:MultiFactorAuthPresent")
)

// circumstances are the condition keys of a call that do not depend on what it asks:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html.
func (c *call) circumstances() policy.Context {
	var k policy.Context
	k.Put(keySourceIP, c.sourceIP())
	k.Put(keyCurrentTime, c.start.UTC().Format(time.RFC3339))
	k.Put(keyEpochTime, strconv.FormatInt(c.start.Unix(), 10))
	k.Put(keySecureTransport, strconv.FormatBool(c.request.TLS != nil))
	k.Put(keyViaAWSService, "false")
	if region := c.verified.Scope.Region; region != "" {
		k.Put(keyRequestedRegion, region)
	}
	if agent := c.request.UserAgent(); agent != "" {
		k.Put(keyUserAgent, agent)
	}
	if by := &c.verified.Caller; !by.IssuedAt.IsZero() { // long-term keys have neither
		k.Put(keyTokenIssueTime, by.IssuedAt.UTC().Format(time.RFC3339))
		k.Put(keyMultiFactorAuthPresent, strconv.FormatBool(by.MFA))
	}
	return k
}
