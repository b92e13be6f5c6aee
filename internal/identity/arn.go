package identity

import "strings"

// Partition is a group of regions with accounts of its own: the second field of every ARN.
type Partition string

// The partitions that Espalier can be run as.
const (
	PartitionAWS      Partition = "aws"
	PartitionChina    Partition = "aws-cn"
	PartitionGovCloud Partition = "aws-us-gov"
)

// GlobalRegion returns the region of a partition to which the resources and the events of its global services count.
func (p Partition) GlobalRegion() string {
	switch p {
	case PartitionChina:
		return "cn-northwest-1"
	case PartitionGovCloud:
		return "us-gov-west-1"
	case PartitionAWS:
	}
	return "us-east-1"
}

// RootARN returns the ARN of an account's root user, which in a policy stands for the whole account.
func RootARN(p Partition, account AccountID) string {
	return iamARN(p, account, "root")
}

// RoleARN returns the ARN of a role; path begins and ends with a slash.
func RoleARN(p Partition, account AccountID, path, name string) string {
	return iamARN(p, account, "role"+path+name)
}

// UserARN returns the ARN of a user; path begins and ends with a slash.
func UserARN(p Partition, account AccountID, path, name string) string {
	return iamARN(p, account, "user"+path+name)
}

// GroupARN returns the ARN of a group; path begins and ends with a slash.
func GroupARN(p Partition, account AccountID, path, name string) string {
	return iamARN(p, account, "group"+path+name)
}

// PolicyARN returns the ARN of a managed policy of an account; path begins and ends with a slash.
func PolicyARN(p Partition, account AccountID, path, name string) string {
	return iamARN(p, account, "policy"+path+name)
}

// OIDCProviderARN returns the ARN of an OpenID Connect provider; url is without its scheme.
func OIDCProviderARN(p Partition, account AccountID, url string) string {
	return iamARN(p, account, "oidc-provider/"+url)
}

// AssumedRoleARN returns the ARN of a role session. It does not contain the role's path.
func AssumedRoleARN(p Partition, account AccountID, roleName, sessionName string) string {
	return "arn:" + string(p) + ":sts::" + string(account) + ":assumed-role/" + roleName + "/" + sessionName
}

// FederatedUserARN returns the ARN of a federated user.
func FederatedUserARN(p Partition, account AccountID, name string) string {
	return "arn:" + string(p) + ":sts::" + string(account) + ":federated-user/" + name
}

// ManagedPolicyARN returns the ARN of a policy that AWS manages; name includes its path, as in
// "aws-service-role/AWSOrganizationsServiceTrustPolicy".
func ManagedPolicyARN(p Partition, name string) string {
	return iamARN(p, "aws", "policy/"+name)
}

// AdministratorAccess returns the ARN of the managed policy that allows everything.
func AdministratorAccess(p Partition) string {
	return ManagedPolicyARN(p, "AdministratorAccess")
}

// NameOf returns the name of the user, role or policy that an ARN names: what follows its path.
func NameOf(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }

// PartitionOf returns the partition that an ARN names.
func PartitionOf(arn string) Partition {
	partition, _, _ := strings.Cut(strings.TrimPrefix(arn, "arn:"), ":")
	return Partition(partition)
}

// AccountOf returns the account that an ARN names, and false for what names none.
func AccountOf(arn string) (AccountID, bool) {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) != 6 || !IsAccountID(parts[4]) {
		return "", false
	}
	return AccountID(parts[4]), true
}

func iamARN(p Partition, account AccountID, resource string) string {
	return "arn:" + string(p) + ":iam::" + string(account) + ":" + resource
}
