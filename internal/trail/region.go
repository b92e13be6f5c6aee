package trail

import (
	"strings"

	"github.com/espalier-cloud/espalier/internal/identity"
)

// region returns the region in which the call is recorded: a global service has
// one per partition, wherever it is called from.
func (c *Call) region() string {
	switch c.Source {
	case "organizations.amazonaws.com", "iam.amazonaws.com", "account.amazonaws.com":
		return globalRegion(c.partition())
	}
	return c.Region
}

// partition returns the partition of the caller.
func (c *Call) partition() identity.Partition {
	if c.Caller == nil {
		return identity.PartitionAWS
	}
	partition, _, _ := strings.Cut(strings.TrimPrefix(c.Caller.ARN, "arn:"), ":")
	return identity.Partition(partition)
}

// globalRegion returns the region of a partition in which its global services
// are recorded.
func globalRegion(p identity.Partition) string {
	switch p {
	case identity.PartitionChina:
		return "cn-northwest-1"
	case identity.PartitionGovCloud:
		return "us-gov-west-1"
	case identity.PartitionAWS:
	}
	return "us-east-1"
}
