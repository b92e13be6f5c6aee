package ops

import (
	"context"

	"github.com/espalier-cloud/espalier/effective"
	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/policy"
)

// DescribeEffectivePolicy shows what applies to an account of one type of
// management policy. Everybody may ask for the own account.
func (o *Organizations) DescribeEffectivePolicy(_ context.Context, by Caller, in *organizations.DescribeEffectivePolicyInput) (*organizations.DescribeEffectivePolicyOutput, error) {
	target := org.TargetID(by.Account)
	if in.TargetId != nil {
		target = org.TargetID(*in.TargetId)
	}
	if target != org.TargetID(by.Account) {
		if err := by.mayDescribe(target); err != nil {
			return nil, err
		}
	}
	found, err := o.Effective.Of(by.View.Organization, target, org.PolicyType(in.PolicyType))
	if err != nil {
		return nil, err
	}
	return &organizations.DescribeEffectivePolicyOutput{EffectivePolicy: &organizations.EffectivePolicy{
		PolicyContent: &found.Content, LastUpdatedTimestamp: found.Updated, PolicyType: &in.PolicyType, TargetId: new(string(target)),
	}}, nil
}

// mayDescribe refuses to show effective policies of other accounts to members to
// whom nothing is delegated.
func (c *Caller) mayDescribe(target org.TargetID) error {
	call := c.ToOrganization(policy.NewAction("organizations:DescribeEffectivePolicy"), c.View.Organization.Resource(org.ResourceID(target)))
	return c.View.Organization.Admits(org.ManagementOrDelegate, call)
}

// ListAccountsWithInvalidEffectivePolicy lists the accounts whose policies of a
// type come to something that is not valid.
func (o *Organizations) ListAccountsWithInvalidEffectivePolicy(_ context.Context, by Caller, in *organizations.ListAccountsWithInvalidEffectivePolicyInput) (*organizations.ListAccountsWithInvalidEffectivePolicyOutput, error) {
	p, err := o.page(by, in.MaxResults, in.NextToken, string(in.PolicyType))
	if err != nil {
		return nil, err
	}
	accounts, err := by.View.Organization.AccountsWithInvalidEffectivePolicy(org.PolicyType(in.PolicyType), p.after)
	if err != nil {
		return nil, err
	}
	shown, next := collect(p, accounts, func(a *org.Account) organizations.Account {
		return showAccount(by.View.Organization, a)
	})
	return &organizations.ListAccountsWithInvalidEffectivePolicyOutput{Accounts: shown, PolicyType: &in.PolicyType, NextToken: next}, nil
}

// ListEffectivePolicyValidationErrors lists what is wrong with what an account's
// policies come to.
func (o *Organizations) ListEffectivePolicyValidationErrors(_ context.Context, by Caller, in *organizations.ListEffectivePolicyValidationErrorsInput) (*organizations.ListEffectivePolicyValidationErrorsOutput, error) {
	p, err := o.page(by, in.MaxResults, in.NextToken, in.AccountId, string(in.PolicyType))
	if err != nil {
		return nil, err
	}
	found, err := o.Effective.Validate(by.View.Organization, org.AccountID(in.AccountId), org.PolicyType(in.PolicyType))
	if err != nil {
		return nil, err
	}
	out := &organizations.ListEffectivePolicyValidationErrorsOutput{AccountId: &in.AccountId, PolicyType: &in.PolicyType, EvaluationTimestamp: found.Evaluated}
	if found.Path != "" {
		out.Path = &found.Path
	}
	out.EffectivePolicyValidationErrors, out.NextToken = collect(p, numbered(found.Errors)(string(p.after)), showValidationError)
	return out, nil
}

func showValidationError(e effective.ValidationError) organizations.EffectivePolicyValidationError {
	return organizations.EffectivePolicyValidationError{
		ErrorCode: new(string(e.Code)), ErrorMessage: &e.Message, PathToError: &e.Path, ContributingPolicies: e.ContributingPolicies,
	}
}
