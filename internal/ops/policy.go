package ops

import (
	"context"

	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
)

// CreatePolicy adds a policy that is attached to nothing yet.
func (o *Organizations) CreatePolicy(ctx context.Context, by Caller, in *organizations.CreatePolicyInput) (*organizations.CreatePolicyOutput, error) {
	return write(ctx, &o.Core, by, func(_ *registry.Tx, d *org.Draft) (*organizations.CreatePolicyOutput, error) {
		policy, err := d.CreatePolicy(org.PolicyType(in.Type), in.Name, *in.Description, in.Content, tagsOf(in.Tags))
		if err != nil {
			return nil, err
		}
		return &organizations.CreatePolicyOutput{Policy: showPolicy(d.Organization, policy)}, o.enforceTags(by, typePolicy, in.Tags)
	})
}

// UpdatePolicy changes the name, description or content of a policy. Of name and
// description the answer shows only what was given, as AWS's does.
func (o *Organizations) UpdatePolicy(ctx context.Context, by Caller, in *organizations.UpdatePolicyInput) (*organizations.UpdatePolicyOutput, error) {
	return write(ctx, &o.Core, by, func(_ *registry.Tx, d *org.Draft) (*organizations.UpdatePolicyOutput, error) {
		policy, err := d.UpdatePolicy(org.PolicyID(in.PolicyId), in.Name, in.Description, in.Content)
		if err != nil {
			return nil, err
		}
		shown := showPolicy(d.Organization, policy)
		shown.PolicySummary.Name, shown.PolicySummary.Description = in.Name, in.Description
		return &organizations.UpdatePolicyOutput{Policy: shown}, nil
	})
}

// DeletePolicy removes a policy that is attached to nothing.
func (o *Organizations) DeletePolicy(ctx context.Context, by Caller, in *organizations.DeletePolicyInput) (*organizations.DeletePolicyOutput, error) {
	return write(ctx, &o.Core, by, func(_ *registry.Tx, d *org.Draft) (*organizations.DeletePolicyOutput, error) {
		return &organizations.DeletePolicyOutput{}, d.DeletePolicy(org.PolicyID(in.PolicyId))
	})
}

// DescribePolicy shows a policy with its content.
func (o *Organizations) DescribePolicy(_ context.Context, by Caller, in *organizations.DescribePolicyInput) (*organizations.DescribePolicyOutput, error) {
	policy, err := by.View.Organization.Policy(org.PolicyID(in.PolicyId))
	if err != nil {
		return nil, err
	}
	return &organizations.DescribePolicyOutput{Policy: showPolicy(by.View.Organization, policy)}, nil
}

// ListPolicies lists the policies of a type.
func (o *Organizations) ListPolicies(_ context.Context, by Caller, in *organizations.ListPoliciesInput) (*organizations.ListPoliciesOutput, error) {
	p, err := o.page(by, in.MaxResults, in.NextToken, string(in.Filter))
	if err != nil {
		return nil, err
	}
	shown, next := collect(p, by.View.Organization.Policies(org.PolicyType(in.Filter), p.after), func(p *org.Policy) organizations.PolicySummary {
		return showPolicySummary(by.View.Organization, p)
	})
	return &organizations.ListPoliciesOutput{Policies: shown, NextToken: next}, nil
}

func showPolicy(o *org.Organization, p *org.Policy) *organizations.Policy {
	return &organizations.Policy{PolicySummary: new(showPolicySummary(o, p)), Content: new(p.Content)}
}

func showPolicySummary(o *org.Organization, p *org.Policy) organizations.PolicySummary {
	return organizations.PolicySummary{
		Id: new(string(p.ID)), Arn: new(o.PolicyARN(p)), Name: new(p.Name), Description: new(p.Description),
		Type: new(organizations.PolicyType(p.Type)), AwsManaged: new(p.AWSManaged),
	}
}
