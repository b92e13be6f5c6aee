package org

// The policies that AWS manages. They are the default policies of their types:
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html.
var (
	fullAWSAccess = &Policy{
		ID: "p-FullAWSAccess", Type: ServiceControlPolicy, Name: "FullAWSAccess", AWSManaged: true,
		Description: "Allows access to every operation",
		Content: `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "*",
      "Resource": "*"
    }
  ]
}`,
	}
	rcpFullAWSAccess = &Policy{
		ID: "p-RCPFullAWSAccess", Type: ResourceControlPolicy, Name: "RCPFullAWSAccess", AWSManaged: true,
		Description: "Allows access to every resource",
		Content: `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": "*",
      "Action": "*",
      "Resource": "*"
    }
  ]
}`,
	}
)

// managedPolicy returns the policy that AWS manages under an id, or nil.
func managedPolicy(id PolicyID) *Policy {
	for _, policy := range []*Policy{fullAWSAccess, rcpFullAWSAccess} {
		if policy.ID == id {
			return policy
		}
	}
	return nil
}

// defaultPolicy returns the policy that is attached everywhere when the type is
// enabled, or nil.
func defaultPolicy(t PolicyType) *Policy {
	for _, policy := range []*Policy{fullAWSAccess, rcpFullAWSAccess} {
		if policy.Type == t {
			return policy
		}
	}
	return nil
}
