package ops

import (
	"context"
	"errors"

	"github.com/espalier-cloud/espalier/internal/api/account"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
)

// GetAccountInformation shows what an account is called and how old it is.
func (a *AccountManagement) GetAccountInformation(ctx context.Context, by Caller, in *account.GetAccountInformationInput) (*account.GetAccountInformationOutput, error) {
	of, err := a.read(ctx, by, in.AccountId)
	if err != nil {
		return nil, err
	}
	p := of.Profile()
	return &account.GetAccountInformationOutput{
		AccountId: new(string(p.ID)), AccountName: &p.Name, AccountCreatedDate: p.Created, AccountState: new(account.AccountState(p.State)),
	}, nil
}

// PutAccountName gives an account another name. Its organization shows it from then
// on.
func (a *AccountManagement) PutAccountName(ctx context.Context, by Caller, in *account.PutAccountNameInput) (*account.PutAccountNameOutput, error) {
	return manage(ctx, a, by, in.AccountId, func(tx *registry.Tx, d *identity.Draft) (*account.PutAccountNameOutput, error) {
		if err := d.Rename(in.AccountName); err != nil {
			return nil, err
		}
		return &account.PutAccountNameOutput{}, tellOrganization(tx, d)
	})
}

// tellOrganization lets the organization of an account show its name and e-mail
// address.
func tellOrganization(tx *registry.Tx, account *identity.Draft) error {
	if account.Organization() == "" {
		return nil
	}
	d, err := tx.Organization(org.ID(account.Organization()))
	if err != nil {
		return err
	}
	p := account.Profile()
	return d.RenameAccount(org.AccountID(p.ID), p.Name, p.Email)
}

// GetGovCloudAccountInformation shows which account in AWS GovCloud (US) an account
// is paired with.
func (a *AccountManagement) GetGovCloudAccountInformation(ctx context.Context, by Caller, in *account.GetGovCloudAccountInformationInput) (*account.GetGovCloudAccountInformationOutput, error) {
	standard, err := a.read(ctx, by, in.StandardAccountId)
	if err != nil {
		return nil, err
	}
	if standard.Paired() == "" || standard.Partition() != identity.PartitionAWS {
		return nil, &account.ResourceNotFoundException{Message: "The account is not linked to an account in AWS GovCloud (US)."}
	}
	govCloud, err := a.Registry.Account(ctx, standard.Paired())
	if errors.Is(err, registry.ErrNotFound) {
		return nil, &account.ResourceUnavailableException{Message: "The account in AWS GovCloud (US) is not available."}
	}
	if err != nil {
		return nil, err
	}
	return &account.GetGovCloudAccountInformationOutput{
		GovCloudAccountId: string(govCloud.ID()), AccountState: account.AwsAccountState(govCloud.State()),
	}, nil
}
