package ops

import (
	"context"

	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
)

// CreateAccount begins to create a member account.
func (o *Organizations) CreateAccount(ctx context.Context, by Caller, in *organizations.CreateAccountInput) (*organizations.CreateAccountOutput, error) {
	wanted := org.NewAccount{Email: in.Email, Name: in.AccountName, Tags: tagsOf(in.Tags)}
	if in.RoleName != nil {
		wanted.RoleName = *in.RoleName
	}
	wanted.Lacks = lacksOf(by.View.Account.Profile()) // only the management account comes here
	fault := o.fault(by)
	return write(ctx, &o.Core, by, func(tx *registry.Tx, d *org.Draft) (*organizations.CreateAccountOutput, error) {
		creation, err := d.CreateAccount(wanted)
		if err != nil {
			return nil, err
		}
		if err := o.enforceTags(by, typeAccount, in.Tags); err != nil {
			return nil, err
		}
		if err := o.scheduleCreation(tx, d, creation, fault()); err != nil {
			return nil, err
		}
		return &organizations.CreateAccountOutput{CreateAccountStatus: new(showCreation(creation))}, nil
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
	if c.FailureReason != "" {
		shown.FailureReason = new(organizations.CreateAccountFailureReason(c.FailureReason))
	}
	return shown
}
