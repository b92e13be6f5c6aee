package trail

import "github.com/espalier-cloud/espalier/internal/identity"

// region returns the region in which the call is recorded: a global service has
// one per partition, wherever it is called from.
func (c *Call) region() string {
	switch c.Source {
	case "organizations.amazonaws.com", iamSource, "account.amazonaws.com":
		return c.partition().GlobalRegion()
	}
	if c.Region == "" { // nobody signed the call
		return c.partition().GlobalRegion()
	}
	return c.Region
}

// partition returns the partition of the caller.
func (c *Call) partition() identity.Partition {
	if c.Caller == nil {
		return identity.PartitionAWS
	}
	return identity.PartitionOf(c.Caller.ARN)
}
