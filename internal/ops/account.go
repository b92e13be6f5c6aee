package ops

import (
	"context"

	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
)

// DescribeAccount shows an account of the organization.
func (o *Organizations) DescribeAccount(_ context.Context, by Caller, in *organizations.DescribeAccountInput) (*organizations.DescribeAccountOutput, error) {
	account, err := by.View.Organization.Account(org.AccountID(in.AccountId))
	if err != nil {
		return nil, err
	}
	return &organizations.DescribeAccountOutput{Account: new(showAccount(by.View.Organization, account))}, nil
}

// ListAccounts lists all accounts of the organization.
func (o *Organizations) ListAccounts(_ context.Context, by Caller, in *organizations.ListAccountsInput) (*organizations.ListAccountsOutput, error) {
	p, err := o.page(by, in.MaxResults, in.NextToken)
	if err != nil {
		return nil, err
	}
	shown, next := collect(p, by.View.Organization.Accounts(p.after), func(a *org.Account) organizations.Account {
		return showAccount(by.View.Organization, a)
	})
	return &organizations.ListAccountsOutput{Accounts: shown, NextToken: next}, nil
}

// ListAccountsForParent lists the accounts directly below a parent.
func (o *Organizations) ListAccountsForParent(_ context.Context, by Caller, in *organizations.ListAccountsForParentInput) (*organizations.ListAccountsForParentOutput, error) {
	p, err := o.page(by, in.MaxResults, in.NextToken, in.ParentId)
	if err != nil {
		return nil, err
	}
	accounts, err := by.View.Organization.AccountsForParent(org.ParentID(in.ParentId), p.after)
	if err != nil {
		return nil, err
	}
	shown, next := collect(p, accounts, func(a *org.Account) organizations.Account {
		return showAccount(by.View.Organization, a)
	})
	return &organizations.ListAccountsForParentOutput{Accounts: shown, NextToken: next}, nil
}

// RemoveAccountFromOrganization makes a member account standalone.
func (o *Organizations) RemoveAccountFromOrganization(ctx context.Context, by Caller, in *organizations.RemoveAccountFromOrganizationInput) (*organizations.RemoveAccountFromOrganizationOutput, error) {
	return write(ctx, &o.Core, by, func(tx *registry.Tx, d *org.Draft) (*organizations.RemoveAccountFromOrganizationOutput, error) {
		return &organizations.RemoveAccountFromOrganizationOutput{}, remove(tx, d, identity.AccountID(in.AccountId), departureRemoved)
	})
}

// LeaveOrganization makes the caller's account standalone. The event stays in
// the trail of the account.
func (o *Organizations) LeaveOrganization(ctx context.Context, by Caller, _ *organizations.LeaveOrganizationInput) (*organizations.LeaveOrganizationOutput, error) {
	return write(ctx, &o.Core, by, func(tx *registry.Tx, d *org.Draft) (*organizations.LeaveOrganizationOutput, error) {
		return &organizations.LeaveOrganizationOutput{}, remove(tx, d, by.Account, departureLeft)
	})
}

// CloseAccount begins to close a member account, and its pair in AWS GovCloud (US)
// with it.
func (o *Organizations) CloseAccount(ctx context.Context, by Caller, in *organizations.CloseAccountInput) (*organizations.CloseAccountOutput, error) {
	fault := o.fault(by)
	return write(ctx, &o.Core, by, func(tx *registry.Tx, d *org.Draft) (*organizations.CloseAccountOutput, error) {
		if err := d.CloseAccount(org.AccountID(in.AccountId)); err != nil {
			return nil, err
		}
		if err := mayCloseWithPair(tx, identity.AccountID(in.AccountId)); err != nil {
			return nil, err
		}
		return &organizations.CloseAccountOutput{}, o.scheduleClosing(tx, d, org.AccountID(in.AccountId), fault())
	})
}

// showAccount shows an account as the API does. A page has twenty of them: the
// answer points into the account, which never changes, and what is made for the
// answer is made at once.
func showAccount(o *org.Organization, a *org.Account) organizations.Account {
	made := &struct {
		arn    string
		status organizations.AccountStatus
		paths  [1]string
	}{o.AccountARN(a.ID), organizations.AccountStatus(a.State.Status()), [1]string{o.AccountPath(a)}}
	return organizations.Account{
		Id: (*string)(&a.ID), Arn: &made.arn, Email: &a.Email, Name: &a.Name,
		Status: &made.status, State: (*organizations.AccountState)(&a.State), Paths: made.paths[:],
		JoinedMethod: (*organizations.AccountJoinedMethod)(&a.JoinedMethod), JoinedTimestamp: a.Joined,
	}
}
