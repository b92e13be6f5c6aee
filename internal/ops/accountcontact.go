package ops

import (
	"context"

	"github.com/espalier-cloud/espalier/internal/api/account"
	"github.com/espalier-cloud/espalier/internal/identity"
)

// GetContactInformation shows the primary contact of an account.
func (a *AccountManagement) GetContactInformation(ctx context.Context, by Caller, in *account.GetContactInformationInput) (*account.GetContactInformationOutput, error) {
	of, err := a.read(ctx, by, in.AccountId)
	if err != nil {
		return nil, err
	}
	c, err := of.ContactInformation()
	if err != nil {
		return nil, accountException(err)
	}
	return &account.GetContactInformationOutput{ContactInformation: &account.ContactInformation{
		FullName: c.FullName, AddressLine1: c.AddressLine1, AddressLine2: optional(c.AddressLine2), AddressLine3: optional(c.AddressLine3),
		City: c.City, StateOrRegion: optional(c.StateOrRegion), DistrictOrCounty: optional(c.DistrictOrCounty), PostalCode: c.PostalCode,
		CountryCode: c.CountryCode, PhoneNumber: c.PhoneNumber, CompanyName: optional(c.CompanyName), WebsiteUrl: optional(c.WebsiteURL),
	}}, nil
}

// PutContactInformation replaces the primary contact of an account.
func (a *AccountManagement) PutContactInformation(ctx context.Context, by Caller, in *account.PutContactInformationInput) (*account.PutContactInformationOutput, error) {
	c := in.ContactInformation
	return alter[account.PutContactInformationOutput](ctx, a, by, in.AccountId, func(d *identity.Draft) error {
		return d.SetContactInformation(identity.ContactInformation{
			FullName: c.FullName, AddressLine1: c.AddressLine1, AddressLine2: given(c.AddressLine2), AddressLine3: given(c.AddressLine3),
			City: c.City, StateOrRegion: given(c.StateOrRegion), DistrictOrCounty: given(c.DistrictOrCounty), PostalCode: c.PostalCode,
			CountryCode: c.CountryCode, PhoneNumber: c.PhoneNumber, CompanyName: given(c.CompanyName), WebsiteURL: given(c.WebsiteUrl),
		})
	})
}

// GetAlternateContact shows one of the alternate contacts of an account.
func (a *AccountManagement) GetAlternateContact(ctx context.Context, by Caller, in *account.GetAlternateContactInput) (*account.GetAlternateContactOutput, error) {
	of, err := a.read(ctx, by, in.AccountId)
	if err != nil {
		return nil, err
	}
	c, err := of.AlternateContact(identity.AlternateContactType(in.AlternateContactType))
	if err != nil {
		return nil, accountException(err)
	}
	return &account.GetAlternateContactOutput{AlternateContact: &account.AlternateContact{
		Name: &c.Name, Title: &c.Title, EmailAddress: &c.EmailAddress, PhoneNumber: &c.PhoneNumber,
		AlternateContactType: new(account.AlternateContactType(c.Type)),
	}}, nil
}

// PutAlternateContact replaces one of the alternate contacts of an account.
func (a *AccountManagement) PutAlternateContact(ctx context.Context, by Caller, in *account.PutAlternateContactInput) (*account.PutAlternateContactOutput, error) {
	return alter[account.PutAlternateContactOutput](ctx, a, by, in.AccountId, func(d *identity.Draft) error {
		d.SetAlternateContact(identity.AlternateContact{
			Type: identity.AlternateContactType(in.AlternateContactType),
			Name: in.Name, Title: in.Title, EmailAddress: in.EmailAddress, PhoneNumber: in.PhoneNumber,
		})
		return nil
	})
}

// DeleteAlternateContact removes one of the alternate contacts of an account.
func (a *AccountManagement) DeleteAlternateContact(ctx context.Context, by Caller, in *account.DeleteAlternateContactInput) (*account.DeleteAlternateContactOutput, error) {
	return alter[account.DeleteAlternateContactOutput](ctx, a, by, in.AccountId, func(d *identity.Draft) error {
		return d.DeleteAlternateContact(identity.AlternateContactType(in.AlternateContactType))
	})
}
