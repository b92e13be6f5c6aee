package ops

import (
	"context"
	"slices"

	"github.com/espalier-cloud/espalier/internal/api/iam"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
)

// iamService is the service principal of IAM.
const iamService org.ServicePrincipal = "iam.amazonaws.com"

// ListOrganizationsFeatures lists the features of IAM that are on for the
// caller's organization.
func (i *IAM) ListOrganizationsFeatures(ctx context.Context, by Caller, _ *iam.ListOrganizationsFeaturesInput) (*iam.ListOrganizationsFeaturesOutput, error) {
	if err := centralizes(by); err != nil {
		return nil, err
	}
	settings := by.View.Organization.Settings()
	management, err := i.Registry.Account(ctx, identity.AccountID(settings.ManagementAccount))
	if err != nil {
		return nil, err
	}
	return &iam.ListOrganizationsFeaturesOutput{OrganizationId: new(string(settings.ID)), EnabledFeatures: showFeatures(management.Profile())}, nil
}

// EnableOrganizationsRootCredentialsManagement lets the management account
// manage the credentials of the members' root users.
func (i *IAM) EnableOrganizationsRootCredentialsManagement(ctx context.Context, by Caller, _ *iam.EnableOrganizationsRootCredentialsManagementInput) (*iam.EnableOrganizationsRootCredentialsManagementOutput, error) {
	return setFeature(ctx, i, by, identity.RootCredentialsManagement, true, func(id *string, features []iam.FeatureType) *iam.EnableOrganizationsRootCredentialsManagementOutput {
		return &iam.EnableOrganizationsRootCredentialsManagementOutput{OrganizationId: id, EnabledFeatures: features}
	})
}

// DisableOrganizationsRootCredentialsManagement ends what
// EnableOrganizationsRootCredentialsManagement began.
func (i *IAM) DisableOrganizationsRootCredentialsManagement(ctx context.Context, by Caller, _ *iam.DisableOrganizationsRootCredentialsManagementInput) (*iam.DisableOrganizationsRootCredentialsManagementOutput, error) {
	return setFeature(ctx, i, by, identity.RootCredentialsManagement, false, func(id *string, features []iam.FeatureType) *iam.DisableOrganizationsRootCredentialsManagementOutput {
		return &iam.DisableOrganizationsRootCredentialsManagementOutput{OrganizationId: id, EnabledFeatures: features}
	})
}

// EnableOrganizationsRootSessions lets the management account begin sessions of
// the members' root users.
func (i *IAM) EnableOrganizationsRootSessions(ctx context.Context, by Caller, _ *iam.EnableOrganizationsRootSessionsInput) (*iam.EnableOrganizationsRootSessionsOutput, error) {
	return setFeature(ctx, i, by, identity.RootSessions, true, func(id *string, features []iam.FeatureType) *iam.EnableOrganizationsRootSessionsOutput {
		return &iam.EnableOrganizationsRootSessionsOutput{OrganizationId: id, EnabledFeatures: features}
	})
}

// DisableOrganizationsRootSessions ends what EnableOrganizationsRootSessions
// began.
func (i *IAM) DisableOrganizationsRootSessions(ctx context.Context, by Caller, _ *iam.DisableOrganizationsRootSessionsInput) (*iam.DisableOrganizationsRootSessionsOutput, error) {
	return setFeature(ctx, i, by, identity.RootSessions, false, func(id *string, features []iam.FeatureType) *iam.DisableOrganizationsRootSessionsOutput {
		return &iam.DisableOrganizationsRootSessionsOutput{OrganizationId: id, EnabledFeatures: features}
	})
}

// setFeature turns a feature on or off for the caller's organization. Only the
// management account turns features on.
func setFeature[Out any](ctx context.Context, i *IAM, by Caller, f identity.Feature, on bool, show func(*string, []iam.FeatureType) *Out) (*Out, error) {
	if err := centralizes(by); err != nil {
		return nil, err
	}
	settings := by.View.Organization.Settings()
	if on && string(settings.ManagementAccount) != string(by.Account) {
		return nil, &iam.CallerIsNotManagementAccountException{
			Message: "Only the management account of the organization can do this.",
		}
	}
	return change(ctx, i, by, func(tx *registry.Tx, _ *identity.Draft) (*Out, error) {
		management, err := tx.Account(identity.AccountID(settings.ManagementAccount))
		if err != nil {
			return nil, err
		}
		management.SetFeature(f, on)
		return show(new(string(settings.ID)), showFeatures(management.Profile())), nil
	})
}

// centralizes refuses a caller who does not manage the access of root users for
// an organization.
func centralizes(by Caller) error {
	o := by.View.Organization
	if o == nil {
		return &iam.OrganizationNotFoundException{Message: "Your account is not a member of an organization."}
	}
	if !administers(o, org.AccountID(by.Account), iamService) {
		return &iam.AccountNotManagementOrDelegatedAdministratorException{
			Message: "Your account is neither the management account of the organization nor its delegated administrator for centralized root access.",
		}
	}
	if o.Settings().FeatureSet != org.AllFeatures {
		return &iam.OrganizationNotInAllFeaturesModeException{
			Message: "Your organization does not have all features enabled.",
		}
	}
	if !trusts(o, iamService) {
		return &iam.ServiceAccessNotEnabledException{
			Message: "Trusted access for IAM is not enabled in your organization.",
		}
	}
	return nil
}

// administers tells whether an account is the management account or a delegated
// administrator of a service.
func administers(o *org.Organization, account org.AccountID, service org.ServicePrincipal) bool {
	if o.Standing(account) == org.Management {
		return true
	}
	services, err := o.DelegatedServices(account, "")
	if err != nil {
		return false
	}
	for _, delegation := range services {
		if delegation.Principal == service {
			return true
		}
	}
	return false
}

// trusts tells whether a service has trusted access in an organization.
func trusts(o *org.Organization, service org.ServicePrincipal) bool {
	services, err := o.Services("")
	if err != nil {
		return false
	}
	for _, access := range services {
		if access.Principal == service {
			return true
		}
	}
	return false
}

func showFeatures(management identity.Profile) []iam.FeatureType {
	shown := []iam.FeatureType{}
	for _, f := range management.Features {
		shown = append(shown, iam.FeatureType(f))
	}
	return slices.Clip(shown)
}
