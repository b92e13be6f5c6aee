package ops

import (
	"context"
	"errors"
	"fmt"

	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
)

// CreateOrganization makes the caller's account the management account of a new
// organization.
func (o *Organizations) CreateOrganization(ctx context.Context, by Caller, in *organizations.CreateOrganizationInput) (*organizations.CreateOrganizationOutput, error) {
	features := org.AllFeatures
	if in.FeatureSet != nil {
		features = org.FeatureSet(*in.FeatureSet)
	}
	return commit(ctx, &o.Core, by, registry.AccountKey(by.Account), func(tx *registry.Tx) (*organizations.CreateOrganizationOutput, error) {
		account, err := tx.Account(by.Account)
		if err != nil {
			return nil, err
		}
		id := org.NewID(tx.Rand)
		if err := account.JoinOrganization(identity.OrganizationID(id)); err != nil {
			return nil, org.Refuse(org.AlreadyInOrganization, "", err)
		}
		facts := factsOf(account.Profile())
		d := org.NewDraft(tx.Rules, tx.Now, tx.Rand)
		if err := d.CreateOrganization(id, features, org.Owner{ID: facts.ID, Partition: facts.Partition, Name: facts.Name, Email: facts.Email, State: facts.State, Lacks: facts.Lacks}); err != nil {
			return nil, err
		}
		if features == org.AllFeatures {
			if err := o.requireOrganizationsRole(by, account); err != nil {
				return nil, err
			}
		}
		if _, err := account.EnsureOrganizationsRole(); err != nil {
			return nil, fmt.Errorf("service-linked role: %w", err)
		}
		tx.NewOrganization(d)
		return &organizations.CreateOrganizationOutput{Organization: showOrganization(d.Organization)}, tellJoined(tx, d, account.ID())
	})
}

// DescribeOrganization shows the caller's organization.
func (o *Organizations) DescribeOrganization(_ context.Context, by Caller, _ *organizations.DescribeOrganizationInput) (*organizations.DescribeOrganizationOutput, error) {
	return &organizations.DescribeOrganizationOutput{Organization: showOrganization(by.View.Organization)}, nil
}

// DeleteOrganization removes the organization and makes its management account
// standalone. The queue is that of the account, whose trail keeps the event.
func (o *Organizations) DeleteOrganization(ctx context.Context, by Caller, _ *organizations.DeleteOrganizationInput) (*organizations.DeleteOrganizationOutput, error) {
	id := org.ID(by.View.Account.Organization())
	return commit(ctx, &o.Core, by, registry.AccountKey(by.Account), func(tx *registry.Tx) (*organizations.DeleteOrganizationOutput, error) {
		d, err := draft(tx, by)
		if err != nil {
			return nil, err
		}
		if err := forgetHandshakes(tx, d); err != nil {
			return nil, err
		}
		if err := d.DeleteOrganization(); err != nil {
			return nil, err
		}
		account, err := tx.Account(by.Account)
		if err != nil {
			return nil, err
		}
		return &organizations.DeleteOrganizationOutput{}, errors.Join(account.LeaveOrganization(), tx.DeleteOrganization(id))
	})
}

func showOrganization(o *org.Organization) *organizations.Organization {
	settings, owner := o.Settings(), o.ManagementAccount()
	return &organizations.Organization{
		Id: new(string(settings.ID)), Arn: new(o.ARN()), FeatureSet: new(organizations.OrganizationFeatureSet(settings.FeatureSet)),
		MasterAccountId: new(string(owner.ID)), MasterAccountArn: new(o.AccountARN(owner.ID)), MasterAccountEmail: new(owner.Email),
		AvailablePolicyTypes: showPolicyTypes(o.AvailablePolicyTypes()),
	}
}

func showPolicyTypes(states []org.PolicyState) []organizations.PolicyTypeSummary {
	shown := make([]organizations.PolicyTypeSummary, len(states))
	for i, s := range states {
		shown[i] = organizations.PolicyTypeSummary{Type: new(organizations.PolicyType(s.Type)), Status: new(organizations.PolicyTypeStatus(s.Status))}
	}
	return shown
}
