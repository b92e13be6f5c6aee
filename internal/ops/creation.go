package ops

import (
	"context"

	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
)

// CreateAccount begins to create a member account.
func (o *Organizations) CreateAccount(ctx context.Context, by Caller, in *organizations.CreateAccountInput) (*organizations.CreateAccountOutput, error) {
	wanted := org.NewAccount{Email: in.Email, Name: in.AccountName, RoleName: given(in.RoleName), Tags: tagsOf(in.Tags)}
	return beginCreation(ctx, o, by, wanted, in.Tags, func(status *organizations.CreateAccountStatus) *organizations.CreateAccountOutput {
		return &organizations.CreateAccountOutput{CreateAccountStatus: status}
	})
}

// CreateGovCloudAccount begins to create an account and its pair in AWS GovCloud
// (US), which joins no organization.
func (o *Organizations) CreateGovCloudAccount(ctx context.Context, by Caller, in *organizations.CreateGovCloudAccountInput) (*organizations.CreateGovCloudAccountOutput, error) {
	wanted := org.NewAccount{Email: in.Email, Name: in.AccountName, RoleName: given(in.RoleName), Tags: tagsOf(in.Tags), Pair: true}
	return beginCreation(ctx, o, by, wanted, in.Tags, func(status *organizations.CreateAccountStatus) *organizations.CreateGovCloudAccountOutput {
		return &organizations.CreateGovCloudAccountOutput{CreateAccountStatus: status}
	})
}

// beginCreation begins to create the account that the management account wants.
func beginCreation[Out any](ctx context.Context, o *Organizations, by Caller, wanted org.NewAccount, tags []organizations.Tag, show func(*organizations.CreateAccountStatus) *Out) (*Out, error) {
	wanted.Lacks = lacksOf(by.View.Account.Profile()) // only the management account comes here
	wanted.Manager = org.AccountID(by.View.Account.Paired())
	fault := o.fault(by)
	return write(ctx, &o.Core, by, func(tx *registry.Tx, d *org.Draft) (*Out, error) {
		creation, err := d.CreateAccount(wanted)
		if err != nil {
			return nil, err
		}
		if err := o.enforceTags(by, typeAccount, tags); err != nil {
			return nil, err
		}
		if err := o.scheduleCreation(tx, d, creation, fault()); err != nil {
			return nil, err
		}
		return show(new(showCreation(creation))), nil
	})
}

// DescribeCreateAccountStatus shows how a request to create an account stands.
func (o *Organizations) DescribeCreateAccountStatus(_ context.Context, by Caller, in *organizations.DescribeCreateAccountStatusInput) (*organizations.DescribeCreateAccountStatusOutput, error) {
	creation, err := by.View.Organization.Creation(org.CreationID(in.CreateAccountRequestId))
	if err != nil {
		return nil, err
	}
	return &organizations.DescribeCreateAccountStatusOutput{CreateAccountStatus: new(showCreation(creation))}, nil
}

// ListCreateAccountStatus lists the requests to create an account.
func (o *Organizations) ListCreateAccountStatus(_ context.Context, by Caller, in *organizations.ListCreateAccountStatusInput) (*organizations.ListCreateAccountStatusOutput, error) {
	states := make([]org.CreationState, len(in.States))
	filters := make([]string, len(in.States))
	for i, s := range in.States {
		states[i], filters[i] = org.CreationState(s), string(s)
	}
	p, err := o.page(by, in.MaxResults, in.NextToken, filters...)
	if err != nil {
		return nil, err
	}
	creations, err := by.View.Organization.Creations(states, p.after)
	if err != nil {
		return nil, err
	}
	shown, next := collect(p, creations, showCreation)
	return &organizations.ListCreateAccountStatusOutput{CreateAccountStatuses: shown, NextToken: next}, nil
}

func showCreation(c *org.Creation) organizations.CreateAccountStatus {
	shown := organizations.CreateAccountStatus{
		Id: new(string(c.ID)), AccountName: new(c.AccountName), State: new(organizations.CreateAccountState(c.State)),
		RequestedTimestamp: c.Requested, CompletedTimestamp: c.Completed,
	}
	if c.Account != "" {
		shown.AccountId = new(string(c.Account))
	}
	if c.GovCloud != "" {
		shown.GovCloudAccountId = new(string(c.GovCloud))
	}
	if c.FailureReason != "" {
		shown.FailureReason = new(organizations.CreateAccountFailureReason(c.FailureReason))
	}
	return shown
}
