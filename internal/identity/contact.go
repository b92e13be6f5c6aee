package identity

import (
	"slices"
	"strings"
)

// ContactInformation is where the owner of an account is found: its primary contact. Full name, first address line,
// city, postal code, country code and phone number are never empty.
type ContactInformation struct {
	FullName         string `json:"fullName"`
	AddressLine1     string `json:"addressLine1"`
	AddressLine2     string `json:"addressLine2,omitzero"`
	AddressLine3     string `json:"addressLine3,omitzero"`
	City             string `json:"city"`
	StateOrRegion    string `json:"stateOrRegion,omitzero"`
	DistrictOrCounty string `json:"districtOrCounty,omitzero"`
	PostalCode       string `json:"postalCode"`
	CountryCode      string `json:"countryCode"` // ISO 3166-1, two capital letters
	PhoneNumber      string `json:"phoneNumber"`
	CompanyName      string `json:"companyName,omitzero"`
	WebsiteURL       string `json:"websiteUrl,omitzero"`
}

// AlternateContactType says what an alternate contact is written to about, as the model spells it.
type AlternateContactType string

// AlternateContact is somebody who gets the messages of one type beside the root user.
type AlternateContact struct {
	Type         AlternateContactType `json:"type"`
	Name         string               `json:"name"`
	Title        string               `json:"title"`
	EmailAddress string               `json:"emailAddress"`
	PhoneNumber  string               `json:"phoneNumber"`
}

// countriesWithStates are those in which an address needs a state or region:
// https://docs.aws.amazon.com/accounts/latest/reference/API_ContactInformation.html.
const countriesWithStates = "US CA GB DE JP IN BR"

// SetContactInformation says where the owner of the account is found, in place of what was known. An account that lacked
// contact information does not any more. It refuses a country code that is not two letters, and an address without the
// state where the country has some, as ValidationError.
func (d *Draft) SetContactInformation(c ContactInformation) error {
	c.CountryCode = strings.ToUpper(c.CountryCode)
	if len(c.CountryCode) != 2 || strings.Trim(c.CountryCode, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return refuseField("contactInformation.countryCode", "The country code must be the two letters of ISO 3166-1.")
	}
	if c.StateOrRegion == "" && slices.Contains(strings.Fields(countriesWithStates), c.CountryCode) {
		return refuseField("contactInformation.stateOrRegion", "An address in %s needs a state or region.", c.CountryCode)
	}
	p := d.Profile()
	p.Contact = &c
	p.Circumstances.Lacks = slices.DeleteFunc(slices.Clone(p.Circumstances.Lacks), func(lack string) bool { return lack == LackOfContactInformation })
	d.setProfile(p)
	return nil
}

// ContactInformation returns where the owner of the account is found. It refuses, as NoSuchEntity, while nobody has said
// so.
func (s *state) ContactInformation() (ContactInformation, error) {
	if c := s.profile.Contact; c != nil {
		return *c, nil
	}
	return ContactInformation{}, refuse(NoSuchEntity, "No contact information of the account was found.")
}

// SetAlternateContact says who gets the messages of a type, in place of who did.
func (d *Draft) SetAlternateContact(c AlternateContact) {
	p := d.Profile()
	p.AlternateContacts = append(slices.DeleteFunc(slices.Clone(p.AlternateContacts), ofType(c.Type)), c)
	d.setProfile(p)
}

// DeleteAlternateContact says that nobody but the root user gets the messages of a type. It refuses a type of which
// there is no contact as NoSuchEntity.
func (d *Draft) DeleteAlternateContact(t AlternateContactType) error {
	if _, err := d.AlternateContact(t); err != nil {
		return err
	}
	p := d.Profile()
	p.AlternateContacts = slices.DeleteFunc(slices.Clone(p.AlternateContacts), ofType(t))
	d.setProfile(p)
	return nil
}

// AlternateContact returns who gets the messages of a type. It refuses a type of which there is no contact as
// NoSuchEntity.
func (s *state) AlternateContact(t AlternateContactType) (AlternateContact, error) {
	if i := slices.IndexFunc(s.profile.AlternateContacts, ofType(t)); i >= 0 {
		return s.profile.AlternateContacts[i], nil
	}
	return AlternateContact{}, refuse(NoSuchEntity, "No contact of the inputted alternate contact type found.")
}

func ofType(t AlternateContactType) func(AlternateContact) bool {
	return func(c AlternateContact) bool { return c.Type == t }
}
