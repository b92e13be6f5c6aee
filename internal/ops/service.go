package ops

import (
	"context"

	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
)

// EnableAWSServiceAccess lets a service act in the organization.
func (o *Organizations) EnableAWSServiceAccess(ctx context.Context, by Caller, in *organizations.EnableAWSServiceAccessInput) (*organizations.EnableAWSServiceAccessOutput, error) {
	return write(ctx, &o.Core, by, func(_ *registry.Tx, d *org.Draft) (*organizations.EnableAWSServiceAccessOutput, error) {
		return &organizations.EnableAWSServiceAccessOutput{}, d.EnableService(org.ServicePrincipal(in.ServicePrincipal))
	})
}

// DisableAWSServiceAccess ends what EnableAWSServiceAccess began.
func (o *Organizations) DisableAWSServiceAccess(ctx context.Context, by Caller, in *organizations.DisableAWSServiceAccessInput) (*organizations.DisableAWSServiceAccessOutput, error) {
	return write(ctx, &o.Core, by, func(_ *registry.Tx, d *org.Draft) (*organizations.DisableAWSServiceAccessOutput, error) {
		return &organizations.DisableAWSServiceAccessOutput{}, d.DisableService(org.ServicePrincipal(in.ServicePrincipal))
	})
}

// ListAWSServiceAccessForOrganization lists the services that may act in the
// organization.
func (o *Organizations) ListAWSServiceAccessForOrganization(_ context.Context, by Caller, in *organizations.ListAWSServiceAccessForOrganizationInput) (*organizations.ListAWSServiceAccessForOrganizationOutput, error) {
	p, err := o.page(by, in.MaxResults, in.NextToken)
	if err != nil {
		return nil, err
	}
	services, err := by.View.Organization.Services(p.after)
	if err != nil {
		return nil, err
	}
	shown, next := collect(p, services, func(s *org.ServiceAccess) organizations.EnabledServicePrincipal {
		return organizations.EnabledServicePrincipal{ServicePrincipal: new(string(s.Principal)), DateEnabled: s.Enabled}
	})
	return &organizations.ListAWSServiceAccessForOrganizationOutput{EnabledServicePrincipals: shown, NextToken: next}, nil
}
