package identity

import "slices"

// Circumstances are facts about an account that no API tells and that an operator sets: what AWS finds out at a
// sign-up page, from a bank or by telephone.
type Circumstances struct {
	Lacks  []string `json:"lacks,omitzero"`  // requirements that the account does not meet, as package org calls them
	Seller string   `json:"seller,omitzero"` // of record: the AWS company that the account buys from, empty for the usual one
}

// LackOfContactInformation is the requirement that [Draft.SetContactInformation] meets, as package org calls it.
const LackOfContactInformation = "contact-information"

// SetCircumstances says what is known of an account. Which requirements there are is for the caller to see to. Of an
// account that lacks contact information none is known any more.
func (d *Draft) SetCircumstances(c Circumstances) {
	c.Lacks = slices.Clone(c.Lacks)
	p := d.Profile()
	if slices.Contains(c.Lacks, LackOfContactInformation) {
		p.Contact = nil
	}
	p.Circumstances = c
	d.setProfile(p)
}

// SetState makes the account active, suspended or waiting for its activation. It refuses other states as
// ValidationError, and a closed account as AccountClosed: closing it is another matter.
func (d *Draft) SetState(state State) error {
	p := d.Profile()
	switch {
	case p.State == Closed:
		return refuse(AccountClosed, "The provided account is already closed.")
	case state != Active && state != Suspended && state != PendingActivation:
		return refuse(ValidationError, "An account can be made %s, %s or %s.", Active, Suspended, PendingActivation)
	}
	p.State = state
	d.setProfile(p)
	return nil
}

// Usable tells whether credentials of an account in the state are accepted: those of an account whose sign-up is not
// completed are.
func (s State) Usable() bool { return s == Active || s == PendingActivation }
