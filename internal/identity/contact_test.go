package identity

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func gardener() ContactInformation {
	return ContactInformation{
		FullName: "A Gardener", AddressLine1: "1 Orchard Lane", City: "Reading", StateOrRegion: "Berkshire", PostalCode: "RG1", CountryCode: "GB", PhoneNumber: "+44 1",
	}
}

func TestContactInformation(t *testing.T) {
	d := newDraft(t)
	_, err := d.ContactInformation()
	wantRefusal(t, err, NoSuchEntity, "No contact information of the account was found.")
	must(t, d.SetContactInformation(gardener()))
	loaded, err := Load(sequence(d.Changes()))
	must(t, err)
	got, err := loaded.ContactInformation()
	must(t, err)
	if diff := cmp.Diff(gardener(), got); diff != "" {
		t.Error(diff)
	}
}

func TestSetContactInformationRefuses(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*ContactInformation)
		field  string // "" when it is fine
	}{
		"a country in small letters":  {func(c *ContactInformation) { c.CountryCode = "gb" }, ""},
		"no country":                  {func(c *ContactInformation) { c.CountryCode = "" }, "contactInformation.countryCode"},
		"a country of digits":         {func(c *ContactInformation) { c.CountryCode = "44" }, "contactInformation.countryCode"},
		"a name of a country":         {func(c *ContactInformation) { c.CountryCode = "GBR" }, "contactInformation.countryCode"},
		"no state where there is one": {func(c *ContactInformation) { c.StateOrRegion = "" }, "contactInformation.stateOrRegion"},
		"no state where there is none": {func(c *ContactInformation) {
			c.StateOrRegion, c.CountryCode = "", "NL"
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			d, c := newDraft(t), gardener()
			tt.change(&c)
			err := d.SetContactInformation(c)
			if tt.field == "" {
				must(t, err)
				return
			}
			wantRefusal(t, err, ValidationError, "")
			if refused, _ := errors.AsType[*Error](err); refused.Field != tt.field {
				t.Errorf("the fault is in %q", refused.Field)
			}
			if _, err := d.ContactInformation(); err == nil {
				t.Error("what was refused is kept")
			}
		})
	}
}

// TestContactInformationIsARequirement: what the operator says is missing and what the account tells are one thing.
func TestContactInformationIsARequirement(t *testing.T) {
	d := newDraft(t)
	d.SetCircumstances(Circumstances{Lacks: []string{"payment-method", LackOfContactInformation}})
	before := d.Account()
	must(t, d.SetContactInformation(gardener()))
	if diff := cmp.Diff([]string{"payment-method"}, d.Profile().Circumstances.Lacks); diff != "" {
		t.Error(diff)
	}
	if lacks := before.Profile().Circumstances.Lacks; len(lacks) != 2 || lacks[1] != LackOfContactInformation {
		t.Errorf("the account of before lacks %q", lacks)
	}
	d.SetCircumstances(Circumstances{Lacks: []string{LackOfContactInformation}})
	_, err := d.ContactInformation()
	wantRefusal(t, err, NoSuchEntity, "")
}

func TestAlternateContacts(t *testing.T) {
	const missing = "No contact of the inputted alternate contact type found."
	d := newDraft(t)
	_, err := d.AlternateContact("BILLING")
	wantRefusal(t, err, NoSuchEntity, missing)
	wantRefusal(t, d.DeleteAlternateContact("BILLING"), NoSuchEntity, missing)
	for _, c := range []AlternateContact{{Type: "BILLING", Name: "B"}, {Type: "SECURITY", Name: "S"}, {Type: "BILLING", Name: "Bee"}} {
		d.SetAlternateContact(c)
	}
	before := d.Account()
	must(t, d.DeleteAlternateContact("SECURITY"))
	for _, tt := range []struct {
		in interface {
			AlternateContact(AlternateContactType) (AlternateContact, error)
		}
		of   AlternateContactType
		want string
	}{{before, "BILLING", "Bee"}, {before, "SECURITY", "S"}, {d, "BILLING", "Bee"}, {d, "SECURITY", ""}, {d, "OPERATIONS", ""}} {
		if c, err := tt.in.AlternateContact(tt.of); c.Name != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("%s: %+v, %v", tt.of, c, err)
		}
	}
}
