package ops

import (
	"context"

	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
)

// PutResourcePolicy creates or replaces the resource-based delegation policy.
func (o *Organizations) PutResourcePolicy(ctx context.Context, by Caller, in *organizations.PutResourcePolicyInput) (*organizations.PutResourcePolicyOutput, error) {
	return write(ctx, &o.Core, by, func(_ *registry.Tx, d *org.Draft) (*organizations.PutResourcePolicyOutput, error) {
		policy, err := d.PutResourcePolicy(in.Content, tagsOf(in.Tags))
		if err != nil {
			return nil, err
		}
		return &organizations.PutResourcePolicyOutput{ResourcePolicy: showResourcePolicy(d.Organization, policy)}, o.enforceTags(by, typeResourcePolicy, in.Tags)
	})
}

// DescribeResourcePolicy shows the resource-based delegation policy.
func (o *Organizations) DescribeResourcePolicy(_ context.Context, by Caller, _ *organizations.DescribeResourcePolicyInput) (*organizations.DescribeResourcePolicyOutput, error) {
	policy, err := by.View.Organization.ResourcePolicy()
	if err != nil {
		return nil, err
	}
	return &organizations.DescribeResourcePolicyOutput{ResourcePolicy: showResourcePolicy(by.View.Organization, policy)}, nil
}

// DeleteResourcePolicy removes the resource-based delegation policy.
func (o *Organizations) DeleteResourcePolicy(ctx context.Context, by Caller, _ *organizations.DeleteResourcePolicyInput) (*organizations.DeleteResourcePolicyOutput, error) {
	return write(ctx, &o.Core, by, func(_ *registry.Tx, d *org.Draft) (*organizations.DeleteResourcePolicyOutput, error) {
		return &organizations.DeleteResourcePolicyOutput{}, d.DeleteResourcePolicy()
	})
}

func showResourcePolicy(o *org.Organization, p *org.ResourcePolicy) *organizations.ResourcePolicy {
	return &organizations.ResourcePolicy{
		ResourcePolicySummary: &organizations.ResourcePolicySummary{Id: new(string(p.ID)), Arn: new(o.ResourcePolicyARN(p.ID))},
		Content:               new(p.Content),
	}
}
