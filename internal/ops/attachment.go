package ops

import (
	"context"

	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
)

// AttachPolicy attaches a policy to a root, a unit or an account.
func (o *Organizations) AttachPolicy(ctx context.Context, by Caller, in *organizations.AttachPolicyInput) (*organizations.AttachPolicyOutput, error) {
	return write(ctx, &o.Core, by, func(_ *registry.Tx, d *org.Draft) (*organizations.AttachPolicyOutput, error) {
		return &organizations.AttachPolicyOutput{}, d.AttachPolicy(org.PolicyID(in.PolicyId), org.TargetID(in.TargetId))
	})
}

// DetachPolicy takes a policy off a root, a unit or an account.
func (o *Organizations) DetachPolicy(ctx context.Context, by Caller, in *organizations.DetachPolicyInput) (*organizations.DetachPolicyOutput, error) {
	return write(ctx, &o.Core, by, func(_ *registry.Tx, d *org.Draft) (*organizations.DetachPolicyOutput, error) {
		return &organizations.DetachPolicyOutput{}, d.DetachPolicy(org.PolicyID(in.PolicyId), org.TargetID(in.TargetId))
	})
}

// ListPoliciesForTarget lists the policies of a type that are attached to a
// target directly.
func (o *Organizations) ListPoliciesForTarget(_ context.Context, by Caller, in *organizations.ListPoliciesForTargetInput) (*organizations.ListPoliciesForTargetOutput, error) {
	p, err := o.page(by, in.MaxResults, in.NextToken, in.TargetId, string(in.Filter))
	if err != nil {
		return nil, err
	}
	policies, err := by.View.Organization.PoliciesForTarget(org.TargetID(in.TargetId), org.PolicyType(in.Filter), p.after)
	if err != nil {
		return nil, err
	}
	shown, next := collect(p, policies, func(p *org.Policy) organizations.PolicySummary {
		return showPolicySummary(by.View.Organization, p)
	})
	return &organizations.ListPoliciesForTargetOutput{Policies: shown, NextToken: next}, nil
}

// ListTargetsForPolicy lists what a policy is attached to.
func (o *Organizations) ListTargetsForPolicy(_ context.Context, by Caller, in *organizations.ListTargetsForPolicyInput) (*organizations.ListTargetsForPolicyOutput, error) {
	p, err := o.page(by, in.MaxResults, in.NextToken, in.PolicyId)
	if err != nil {
		return nil, err
	}
	targets, err := by.View.Organization.TargetsForPolicy(org.PolicyID(in.PolicyId), p.after)
	if err != nil {
		return nil, err
	}
	shown, next := collect(p, targets, func(t org.TargetSummary) organizations.PolicyTargetSummary {
		return organizations.PolicyTargetSummary{
			TargetId: new(string(t.ID)), Arn: new(t.ARN), Name: new(t.Name), Type: new(organizations.TargetType(t.Type)),
		}
	})
	return &organizations.ListTargetsForPolicyOutput{Targets: shown, NextToken: next}, nil
}
