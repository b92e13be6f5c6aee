package org

import "strings"

// ARN returns the ARN of the organization.
func (o *Organization) ARN() string { return o.arn("organization") }

// RootARN returns the ARN of the root.
func (o *Organization) RootARN() string { return o.arn("root", string(o.root.ID)) }

// UnitARN returns the ARN of an organizational unit.
func (o *Organization) UnitARN(id OUID) string { return o.arn("ou", string(id)) }

// AccountARN returns the ARN of an account as a part of the organization. It
// begins with the management account's id, as all ARNs of the organization do.
func (o *Organization) AccountARN(id AccountID) string { return o.arn("account", string(id)) }

// ResourcePolicyARN returns the ARN of the resource-based delegation policy.
func (o *Organization) ResourcePolicyARN(id ResourcePolicyID) string {
	return o.arn("resourcepolicy", string(id))
}

// PolicyARN returns the ARN of a policy. One that AWS manages belongs to no
// organization.
func (o *Organization) PolicyARN(p *Policy) string {
	of := strings.ToLower(string(p.Type))
	if p.AWSManaged {
		return "arn:" + o.settings.Partition + ":organizations::aws:policy/" + of + "/" + string(p.ID)
	}
	return o.arn("policy", of, string(p.ID))
}

// PoliciesARN stands for all policies of a type that the organization has or may
// get. It is what creating one is authorized on, so that a statement of the
// resource policy about the policies of a type covers it, as in AWS's examples:
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs-policy-delegate-examples.html.
func (o *Organization) PoliciesARN(t PolicyType) string {
	return o.arn("policy", strings.ToLower(string(t)), "*")
}

// TransferARN returns the ARN of a responsibility transfer, as the organization sees
// it: each side has one of its own.
func (o *Organization) TransferARN(id TransferID, direction TransferDirection) string {
	return o.arn("transfer", TransferOfBilling, string(direction), string(id))
}

// TargetARN returns the ARN of what policies are attached to.
func (o *Organization) TargetARN(id TargetID) string {
	switch {
	case id.IsAccount():
		return o.AccountARN(AccountID(id))
	case id.IsOU():
		return o.UnitARN(OUID(id))
	}
	return o.arn("root", string(id))
}

// ResourceARN returns the ARN of what an id names by its form, whether or not it
// exists. The ARN of a policy tells its type, which only an existing one has.
func (o *Organization) ResourceARN(id ResourceID) string {
	switch {
	case strings.HasPrefix(string(id), "p-"):
		if policy, ok := o.policy(PolicyID(id)); ok {
			return o.PolicyARN(policy)
		}
		return o.arn("policy", "*", string(id))
	case strings.HasPrefix(string(id), "h-"):
		if handshake, ok := o.handshakes.Get(string(id)); ok {
			return o.HandshakeARN(handshake)
		}
		return o.arn("handshake", "*", string(id))
	case strings.HasPrefix(string(id), "rt-"):
		if transfer, ok := o.transfers.Get(string(id)); ok {
			return o.TransferARN(transfer.ID, transfer.Direction)
		}
		return o.TransferARN(TransferID(id), "*")
	case strings.HasPrefix(string(id), "rp-"):
		return o.ResourcePolicyARN(ResourcePolicyID(id))
	}
	return o.TargetARN(TargetID(id))
}

// Resource is what a call is about, as policies see it.
type Resource struct {
	ARN        string
	Tags       Tags
	PolicyType PolicyType        // of a policy, else ""
	Direction  TransferDirection // of a responsibility transfer, else ""
	Paths      []string          // the place of an account that another service is asked about
}

// Resource returns what an id names by its form, as [Organization.ResourceARN]
// does. What does not exist has no tags.
func (o *Organization) Resource(id ResourceID) Resource {
	r := Resource{ARN: o.ResourceARN(id)}
	named := o.resource(id)
	if named == nil {
		return r
	}
	r.Tags = named.tagged()
	switch named := named.(type) {
	case *Policy:
		r.PolicyType = named.Type
	case *ResponsibilityTransfer:
		r.Direction = named.Direction
	}
	return r
}

// arn returns the ARN of a part of the organization.
func (o *Organization) arn(resource string, ids ...string) string {
	var room [128]byte // most are shorter: one allocation
	b := append(room[:0], "arn:"...)
	b = append(b, o.settings.Partition...)
	b = append(b, ":organizations::"...)
	b = append(b, o.settings.ManagementAccount...)
	b = append(append(b, ':'), resource...)
	b = append(append(b, '/'), o.settings.ID...)
	for _, id := range ids {
		b = append(append(b, '/'), id...)
	}
	return string(b)
}
