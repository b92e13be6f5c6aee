package org

import (
	"slices"
	"strings"

	"github.com/espalier-cloud/espalier/policy"
)

// DelegatedByPolicy tells whether the resource policy lets a principal of a
// member account do what it asks on a resource: a statement allows it and none
// denies it. Whether the member's own policies let it is not asked here.
func (o *Organization) DelegatedByPolicy(call Call, resource Resource) bool {
	name, ours := strings.CutPrefix(call.Action.String(), "organizations:")
	if o.resourcePolicy == nil || o.resourcePolicy.compiled == nil || !ours || !slices.Contains(delegable, name) {
		return false
	}
	request, err := policy.NewRequest(call.Principal, call.Action.String(), resource.ARN)
	if err != nil {
		return false
	}
	o.describe(call, request)
	request.Context.Over(policy.Tagged("aws:ResourceTag/", resource.Tags))
	return policy.Decide(request, &policy.Policies{Identity: anything, Resource: o.resourcePolicy.compiled}).Result == policy.Allowed
}

// describe tells a request what is known of a call.
func (o *Organization) describe(call Call, request *policy.Request) {
	request.Context.Over(call.Context)
	request.ResourceAccount = string(o.settings.ManagementAccount)
	arn := call.Principal
	if call.Role != "" {
		request.Principal.Issuer, arn = call.Role, call.Role
	}
	request.Context.Set("aws:PrincipalArn", arn)
	request.Context.Set("aws:PrincipalAccount", string(call.Account))
	request.Context.Set("aws:PrincipalOrgID", string(o.settings.ID))
	if t := call.PolicyType(); t != "" {
		request.Context.Put(keyPolicyType, string(t))
	}
}

// anything is what a member's own policies let it do, as far as the resource
// policy is concerned.
var anything = policy.NewSet(policy.Attached{Policy: policy.FullAWSAccess()})

// compileDelegation prepares a delegation policy.
func compileDelegation(document *policy.Document) *policy.Set {
	return policy.NewSet(policy.Attached{ID: "resource policy", Policy: policy.Compile(document)})
}
