package authz

import "github.com/espalier-cloud/espalier/policy"

// The condition keys that every request gets, prepared once:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html.
var (
	keyPrincipalAccount      = policy.NewKey("aws:PrincipalAccount")
	keyPrincipalARN          = policy.NewKey("aws:PrincipalArn")
	keyPrincipalIsAWSService = policy.NewKey("aws:PrincipalIsAWSService")
	keyPrincipalServiceName  = policy.NewKey("aws:PrincipalServiceName")
	keyPrincipalType         = policy.NewKey("aws:PrincipalType")
	keyUserID                = policy.NewKey("aws:userid")
	keyUsername              = policy.NewKey("aws:username")
	keyPrincipalOrgID        = policy.NewKey("aws:PrincipalOrgID")
	keyPrincipalOrgPaths     = policy.NewKey("aws:PrincipalOrgPaths")
	keyResourceAccount       = policy.NewKey("aws:ResourceAccount")
	keyResourceOrgID         = policy.NewKey("aws:ResourceOrgID")
	keyResourceOrgPaths      = policy.NewKey("aws:ResourceOrgPaths")
)
