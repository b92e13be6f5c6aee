package policy

// Kind is what a document is for. It decides the document's grammar, and names the policy type in
// decisions and in access-denied messages.
type Kind int

// The kinds of documents.
const (
	// ServiceControlPolicy limits the principals of member accounts.
	ServiceControlPolicy Kind = iota + 1
	// ResourceControlPolicy limits access to the resources of member accounts.
	ResourceControlPolicy
	// EndpointPolicy limits what passes through a VPC endpoint.
	EndpointPolicy
	// PermissionsBoundary limits what identity policies can grant to a user or role.
	PermissionsBoundary
	// SessionPolicy limits one session of a role or federated user.
	SessionPolicy
	// IdentityPolicy is attached to a user, group or role.
	IdentityPolicy
	// ResourcePolicy is attached to a resource, and names principals.
	ResourcePolicy
	// TrustPolicy is the resource policy of a role: who may assume it.
	TrustPolicy
	// DelegationPolicy is the resource policy of an organization: what members may do in it.
	DelegationPolicy
)

var kindNames = [...]string{
	ServiceControlPolicy:  "service control policy",
	ResourceControlPolicy: "resource control policy",
	EndpointPolicy:        "VPC endpoint policy",
	PermissionsBoundary:   "permissions boundary",
	SessionPolicy:         "session policy",
	IdentityPolicy:        "identity-based policy",
	ResourcePolicy:        "resource-based policy",
	TrustPolicy:           "role trust policy",
	DelegationPolicy:      "resource-based delegation policy",
}

// String returns the name of the kind in running text, such as "service control policy".
func (k Kind) String() string {
	if k <= 0 || int(k) >= len(kindNames) {
		return "policy"
	}
	return kindNames[k]
}
