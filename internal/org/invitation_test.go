package org

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestInviteAccountRefuses(t *testing.T) {
	lacking := func(l ...Requirement) Facts { f := host; f.Lacks = l; return f }
	elsewhere, insider := guest, member("333333333333")
	elsewhere.Seller = "aws-india"
	for name, c := range map[string]struct {
		change func(*Draft, *Invitation)
		kind   Kind
		reason Reason
	}{
		"an organization":           {func(_ *Draft, in *Invitation) { in.Target = Party{PartyOrganization, "o-1"} }, InvalidInput, "INVALID_PARTY_TYPE_TARGET"},
		"nothing known":             {func(_ *Draft, in *Invitation) { in.Target = Party{"ROLE", "r"} }, InvalidInput, "INVALID_PARTY_TYPE_TARGET"},
		"a short id":                {func(_ *Draft, in *Invitation) { in.Target.ID = "1234" }, InvalidInput, "INVALID_PATTERN:TARGET_ID"},
		"an id of letters":          {func(_ *Draft, in *Invitation) { in.Target.ID = "12345678901x" }, InvalidInput, "INVALID_PATTERN:TARGET_ID"},
		"a bad address":             {func(_ *Draft, in *Invitation) { in.Target = Party{PartyEmail, "x"} }, InvalidInput, "INVALID_EMAIL_ADDRESS_TARGET"},
		"a tag twice":               {func(_ *Draft, in *Invitation) { in.Tags = Tags{{"a", "1"}, {"a", "2"}} }, InvalidInput, "DUPLICATE_TAG_KEY"},
		"a new organization":        {func(d *Draft, _ *Invitation) { d.settings.FinalizingUntil = d.now.Add(time.Hour) }, FinalizingOrganization, ""},
		"without a payment method":  {func(_ *Draft, in *Invitation) { in.Inviter = lacking(PaymentMethod) }, ConstraintViolation, "MASTER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED"},
		"without an address":        {func(_ *Draft, in *Invitation) { in.Inviter = lacking(ContactInformation) }, ConstraintViolation, "MASTER_ACCOUNT_MISSING_CONTACT_INFO"},
		"with an unverified e-mail": {func(_ *Draft, in *Invitation) { in.Inviter = lacking(VerifiedEmail) }, AccountOwnerNotVerified, ""},
		"a member":                  {func(_ *Draft, in *Invitation) { in.Invitee = &insider }, HandshakeConstraintViolation, "ALREADY_IN_AN_ORGANIZATION"},
		"itself":                    {func(_ *Draft, in *Invitation) { in.Invitee = &host }, HandshakeConstraintViolation, "ALREADY_IN_AN_ORGANIZATION"},
		"who buys elsewhere":        {func(_ *Draft, in *Invitation) { in.Invitee = &elsewhere }, HandshakeConstraintViolation, "ORGANIZATION_FROM_DIFFERENT_SELLER_OF_RECORD"},
		"again":                     {func(d *Draft, in *Invitation) { _, _ = d.InviteAccount(*in) }, DuplicateHandshake, ""},
		"again, by another address": {func(d *Draft, in *Invitation) {
			_, _ = d.InviteAccount(*in)
			in.Target = Party{PartyEmail, "GUEST@example.com"}
		}, DuplicateHandshake, ""},
		"again, nobody":             {func(d *Draft, in *Invitation) { in.Invitee = nil; _, _ = d.InviteAccount(*in) }, DuplicateHandshake, ""},
		"more than there is room":   {func(d *Draft, _ *Invitation) { d.rules.Accounts = 2 }, HandshakeConstraintViolation, "ACCOUNT_NUMBER_LIMIT_EXCEEDED"},
		"while the features change": {func(d *Draft, _ *Invitation) { migrating(d); d.rules.NoInvitesInMigration = true }, HandshakeConstraintViolation, "INVITE_DISABLED_DURING_ENABLE_ALL_FEATURES"},
		"more than a day allows": {func(d *Draft, _ *Invitation) {
			d.rules.Accounts = 3
			for i := range 20 {
				h, _ := d.InviteAccount(Invitation{Target: Party{PartyAccount, fmt.Sprintf("5%011d", i)}, Inviter: host})
				_, _ = d.CancelHandshake(h.ID, host)
			}
		}, HandshakeConstraintViolation, "HANDSHAKE_RATE_LIMIT_EXCEEDED"},
	} {
		t.Run(name, func(t *testing.T) {
			d := founded(t)
			invited(d, insider.ID)
			in := toGuest()
			c.change(d, &in)
			_, err := d.InviteAccount(in)
			refused(t, err, c.kind, c.reason)
		})
	}
}

// migrating takes a draft back to consolidated billing and on its way again.
func migrating(d *Draft) {
	settings := *d.settings
	settings.FeatureSet = ConsolidatedBilling
	d.put(&settings)
	_, _ = d.EnableAllFeatures()
}

// TestInvitationsOfADay: accepted ones do not count, and neither do those of
// yesterday.
func TestInvitationsOfADay(t *testing.T) {
	d := founded(t)
	d.rules.Accounts = 3
	for range 25 {
		h := invite(t, d)
		_, err := d.AcceptHandshake(h.ID, guest, host)
		must(t, err)
		must(t, d.RemoveAccount(guest.ID))
	}
	for range 20 {
		_, err := d.CancelHandshake(invite(t, d).ID, host)
		must(t, err)
	}
	_, err := d.InviteAccount(toGuest())
	refused(t, err, HandshakeConstraintViolation, "HANDSHAKE_RATE_LIMIT_EXCEEDED")
	later(d, 24*time.Hour+time.Microsecond)
	invite(t, d)
}

func TestAcceptInvitationRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		change func(d *Draft, by, inviter *Facts)
		reason Reason
	}{
		"a member":                 {func(d *Draft, _, _ *Facts) { invited(d, guest.ID) }, "ALREADY_IN_AN_ORGANIZATION"},
		"who buys elsewhere":       {func(_ *Draft, by, _ *Facts) { by.Seller = "aws-india" }, "ORGANIZATION_FROM_DIFFERENT_SELLER_OF_RECORD"},
		"without a payment method": {func(_ *Draft, by, _ *Facts) { by.Lacks = Lacks{PaymentMethod} }, "PAYMENT_INSTRUMENT_REQUIRED"},
		"who just moved": {func(d *Draft, by, _ *Facts) {
			by.Moved = d.now.Add(time.Microsecond - time.Hour)
			d.rules.MembershipPeriod = time.Hour
		}, "ORGANIZATION_MEMBERSHIP_CHANGE_RATE_LIMIT_EXCEEDED"},
		"of an unverified sender": {func(_ *Draft, _, inviter *Facts) { inviter.Lacks = Lacks{VerifiedEmail} }, "MANAGEMENT_ACCOUNT_EMAIL_NOT_VERIFIED"},
		"without room":            {func(d *Draft, _, _ *Facts) { d.rules.Accounts = 1 }, "ACCOUNT_NUMBER_LIMIT_EXCEEDED"},
	} {
		t.Run(name, func(t *testing.T) {
			d := founded(t)
			h := invite(t, d)
			by, inviter := guest, host
			c.change(d, &by, &inviter)
			_, err := d.AcceptHandshake(h.ID, by, inviter)
			refused(t, err, HandshakeConstraintViolation, c.reason)
		})
	}
}

func TestRequirementsHaveNames(t *testing.T) {
	for _, r := range Requirements() {
		if strings.ToLower(string(r)) != string(r) || r == "" {
			t.Errorf("requirement %q", r)
		}
	}
}

// TestInvitationsHoldSlotsUntilTheyExpire: to the microsecond, whether or not somebody has written it down.
func TestInvitationsHoldSlotsUntilTheyExpire(t *testing.T) {
	d := founded(t)
	d.rules.Accounts = 2
	invite(t, d)
	other := Invitation{Target: Party{PartyAccount, "555555555555"}, Inviter: host}
	later(d, 15*24*time.Hour-time.Microsecond)
	_, err := d.InviteAccount(other)
	refused(t, err, HandshakeConstraintViolation, "ACCOUNT_NUMBER_LIMIT_EXCEEDED")
	later(d, time.Microsecond)
	_, err = d.InviteAccount(other)
	must(t, err)
}
