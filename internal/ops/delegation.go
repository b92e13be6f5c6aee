package ops

import (
	"context"

	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
)

// RegisterDelegatedAdministrator lets a member account administer a service.
func (o *Organizations) RegisterDelegatedAdministrator(ctx context.Context, by Caller, in *organizations.RegisterDelegatedAdministratorInput) (*organizations.RegisterDelegatedAdministratorOutput, error) {
	return write(ctx, &o.Core, by, func(_ *registry.Tx, d *org.Draft) (*organizations.RegisterDelegatedAdministratorOutput, error) {
		return &organizations.RegisterDelegatedAdministratorOutput{}, d.RegisterDelegatedAdministrator(org.AccountID(in.AccountId), org.ServicePrincipal(in.ServicePrincipal))
	})
}

// DeregisterDelegatedAdministrator ends what RegisterDelegatedAdministrator
// began.
func (o *Organizations) DeregisterDelegatedAdministrator(ctx context.Context, by Caller, in *organizations.DeregisterDelegatedAdministratorInput) (*organizations.DeregisterDelegatedAdministratorOutput, error) {
	return write(ctx, &o.Core, by, func(_ *registry.Tx, d *org.Draft) (*organizations.DeregisterDelegatedAdministratorOutput, error) {
		return &organizations.DeregisterDelegatedAdministratorOutput{}, d.DeregisterDelegatedAdministrator(org.AccountID(in.AccountId), org.ServicePrincipal(in.ServicePrincipal))
	})
}

// ListDelegatedAdministrators lists the delegated administrators of a service,
// or of all.
func (o *Organizations) ListDelegatedAdministrators(_ context.Context, by Caller, in *organizations.ListDelegatedAdministratorsInput) (*organizations.ListDelegatedAdministratorsOutput, error) {
	principal := org.ServicePrincipal("")
	if in.ServicePrincipal != nil {
		principal = org.ServicePrincipal(*in.ServicePrincipal)
	}
	p, err := o.page(by, in.MaxResults, in.NextToken, string(principal))
	if err != nil {
		return nil, err
	}
	administrators, err := by.View.Organization.DelegatedAdministrators(o.Registry.Rules.Services, principal, p.after)
	if err != nil {
		return nil, err
	}
	shown, next := collect(p, administrators, func(a org.DelegatedAdministrator) organizations.DelegatedAdministrator {
		return showDelegatedAdministrator(by.View.Organization, a)
	})
	return &organizations.ListDelegatedAdministratorsOutput{DelegatedAdministrators: shown, NextToken: next}, nil
}

// ListDelegatedServicesForAccount lists the services that an account
// administers.
func (o *Organizations) ListDelegatedServicesForAccount(_ context.Context, by Caller, in *organizations.ListDelegatedServicesForAccountInput) (*organizations.ListDelegatedServicesForAccountOutput, error) {
	p, err := o.page(by, in.MaxResults, in.NextToken, in.AccountId)
	if err != nil {
		return nil, err
	}
	services, err := by.View.Organization.DelegatedServices(org.AccountID(in.AccountId), p.after)
	if err != nil {
		return nil, err
	}
	shown, next := collect(p, services, func(d *org.Delegation) organizations.DelegatedService {
		return organizations.DelegatedService{ServicePrincipal: new(string(d.Principal)), DelegationEnabledDate: d.Enabled}
	})
	return &organizations.ListDelegatedServicesForAccountOutput{DelegatedServices: shown, NextToken: next}, nil
}

func showDelegatedAdministrator(o *org.Organization, d org.DelegatedAdministrator) organizations.DelegatedAdministrator {
	a := showAccount(o, d.Account)
	return organizations.DelegatedAdministrator{
		Id: a.Id, Arn: a.Arn, Email: a.Email, Name: a.Name, Status: a.Status, State: a.State,
		JoinedMethod: a.JoinedMethod, JoinedTimestamp: a.JoinedTimestamp, DelegationEnabledDate: d.Enabled,
	}
}
