package identity

// Quotas bound what an account can hold. Sizes are in characters, white space apart.
type Quotas struct {
	Users             int
	Groups            int
	Roles             int // service-linked ones apart
	Policies          int // of the account's own
	OIDCProviders     int
	AccessKeysPerUser int
	GroupsPerUser     int
	PoliciesPerUser   int // attached ones, as in the next two
	PoliciesPerGroup  int
	PoliciesPerRole   int
	VersionsPerPolicy int
	Tags              int // per user, role or policy

	PolicyCharacters      int // of a managed policy
	UserPolicyCharacters  int // of all inline policies of a user together
	GroupPolicyCharacters int // of all inline policies of a group together
	RolePolicyCharacters  int // of all inline policies of a role together
	TrustPolicyCharacters int

	ClientIDsPerProvider   int
	ThumbprintsPerProvider int
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
