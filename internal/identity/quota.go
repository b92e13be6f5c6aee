package identity

// Quotas bound what an account can hold. Sizes are in characters, white space apart.
type Quotas struct {
	Users             int `json:"users"`
	Groups            int `json:"groups"`
	Roles             int `json:"roles"`    // service-linked ones apart
	Policies          int `json:"policies"` // of the account's own
	OIDCProviders     int `json:"oidcProviders"`
	AccessKeysPerUser int `json:"accessKeysPerUser"`
	GroupsPerUser     int `json:"groupsPerUser"`
	PoliciesPerUser   int `json:"policiesPerUser"` // attached ones, as in the next two
	PoliciesPerGroup  int `json:"policiesPerGroup"`
	PoliciesPerRole   int `json:"policiesPerRole"`
	VersionsPerPolicy int `json:"versionsPerPolicy"`
	Tags              int `json:"tags"` // per user, role or policy

	PolicyCharacters      int `json:"policyCharacters"`      // of a managed policy
	UserPolicyCharacters  int `json:"userPolicyCharacters"`  // of all inline policies of a user together
	GroupPolicyCharacters int `json:"groupPolicyCharacters"` // of all inline policies of a group together
	RolePolicyCharacters  int `json:"rolePolicyCharacters"`  // of all inline policies of a role together
	TrustPolicyCharacters int `json:"trustPolicyCharacters"`

	ClientIDsPerProvider   int `json:"clientIDsPerProvider"`
	ThumbprintsPerProvider int `json:"thumbprintsPerProvider"`
}

// AWSQuotas returns the quotas that IAM documents:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html.
func AWSQuotas() *Quotas {
	return &Quotas{
		Users: 5000, Groups: 300, Roles: 1000, Policies: 1500, OIDCProviders: 100,
		AccessKeysPerUser: 2, GroupsPerUser: 10, PoliciesPerUser: 10, PoliciesPerGroup: 10, PoliciesPerRole: 10,
		VersionsPerPolicy: 5, Tags: 50,
		PolicyCharacters: 6144, UserPolicyCharacters: 2048, GroupPolicyCharacters: 5120, RolePolicyCharacters: 10240,
		TrustPolicyCharacters: 2048,
		ClientIDsPerProvider:  100, ThumbprintsPerProvider: 5,
	}
}

// Limit makes other quotas hold than AWS's.
func (d *Draft) Limit(q *Quotas) { d.quotas = q }

// exceeded is the refusal to go beyond a quota, in the words that IAM has for most of them.
func exceeded(quota string, limit int) error {
	return refuse(LimitExceeded, "Cannot exceed quota for %s: %d", quota, limit)
}
