package org

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
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

// universe is two organizations, four accounts and a clock.
type universe struct {
	now           time.Time
	organizations [2]*Draft
	of            map[AccountID]int // the organization of an account, -1 for none
}

var wanderers = []AccountID{"700000000000", "700000000001", "700000000002", "700000000003"}

// TestTwoOrganizations: whatever two organizations and four accounts do, and
// however time passes, an account is in at most one organization, slots are never
// lost and nothing expires early or twice.
func TestTwoOrganizations(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rules := AWSRules()
		rules.Accounts, rules.WaitPeriod = 4, 0
		u := &universe{now: day0, of: map[AccountID]int{}}
		features := rapid.SampledFrom([]FeatureSet{AllFeatures, ConsolidatedBilling})
		for i := range u.organizations {
			u.organizations[i] = NewDraft(rules, day0, seeded())
			owner := Owner{ID: AccountID(fmt.Sprintf("60000000000%d", i)), Name: "N", Email: "o@example.com"}
			if err := u.organizations[i].CreateOrganization(ID(fmt.Sprintf("o-organizatio%d", i)), features.Draw(t, "features"), owner); err != nil {
				t.Fatal(err)
			}
		}
		for _, id := range wanderers {
			u.of[id] = -1
		}
		actions := u.actions()
		actions[""] = u.check
		t.Repeat(actions)
	})
}

// at returns a fork of an organization at the present, and its owner.
func (u *universe) at(t *rapid.T, name string) (int, *Draft, Facts) {
	i := rapid.IntRange(0, 1).Draw(t, name)
	d := u.organizations[i].Fork(u.now)
	return i, d, Facts{ID: d.settings.ManagementAccount, State: Active}
}

func (u *universe) actions() map[string]func(*rapid.T) {
	wanderer := func(t *rapid.T) Facts { return member(rapid.SampledFrom(wanderers).Draw(t, "account")) }
	handshake := func(t *rapid.T, d *Draft) HandshakeID {
		return HandshakeID(rapid.SampledFrom(append(d.handshakes.Keys(), "h-0")).Draw(t, "handshake"))
	}
	return map[string]func(*rapid.T){
		"time passes": func(t *rapid.T) {
			u.now = u.now.Add(time.Duration(rapid.IntRange(1, 40).Draw(t, "days")) * 24 * time.Hour)
		},
		"invite": func(t *rapid.T) {
			i, d, owner := u.at(t, "by")
			who := wanderer(t)
			if _, err := d.InviteAccount(Invitation{Target: Party{PartyEmail, who.Email}, Inviter: owner, Invitee: &who}); err == nil {
				u.organizations[i] = d
			}
		},
		"accept": func(t *rapid.T) {
			i, d, owner := u.at(t, "of")
			who, id := wanderer(t), handshake(t, d)
			before, err := d.HandshakeFor(id, who, HandshakeAccepted)
			if err != nil {
				return
			}
			if !u.now.Before(before.Expires) {
				t.Fatalf("%+v can be accepted after its end", before)
			}
			old := u.of[who.ID]
			var left *Draft
			if before.Action == ActionInvite && old >= 0 && old != i {
				left = u.organizations[old].Fork(u.now)
				if left.Leave(who.ID) != nil {
					return
				}
			}
			if _, err := d.AcceptHandshake(id, who, owner); err != nil {
				return
			}
			if u.organizations[i] = d; left != nil {
				u.organizations[old] = left
			}
			u.of[who.ID] = i
		},
		"decline": func(t *rapid.T) {
			i, d, _ := u.at(t, "of")
			if _, err := d.DeclineHandshake(handshake(t, d), wanderer(t)); err == nil {
				u.organizations[i] = d
			}
		},
		"cancel": func(t *rapid.T) {
			i, d, owner := u.at(t, "by")
			if _, err := d.CancelHandshake(handshake(t, d), owner); err == nil {
				u.organizations[i] = d
			}
		},
		"leave": func(t *rapid.T) {
			who := wanderer(t)
			if i := u.of[who.ID]; i >= 0 {
				d := u.organizations[i].Fork(u.now)
				if d.Leave(who.ID) == nil {
					u.organizations[i], u.of[who.ID] = d, -1
				}
			}
		},
		"migrate": func(t *rapid.T) {
			i, d, _ := u.at(t, "by")
			if _, err := d.EnableAllFeatures(); err == nil {
				d.TidyHandshakes(2, func(AccountID) bool { return false })
				u.organizations[i] = d
			}
		},
		"finalize": func(t *rapid.T) {
			i, d, owner := u.at(t, "by")
			if parent := d.migration(u.now); parent != nil {
				if _, err := d.AcceptHandshake(parent.ID, owner, owner); err == nil {
					u.organizations[i] = d
				}
			}
		},
		"background work": func(t *rapid.T) {
			i, d, _ := u.at(t, "of")
			d.TidyHandshakes(rapid.IntRange(1, 3).Draw(t, "limit"), func(AccountID) bool { return false })
			u.organizations[i] = d
		},
	}
}

func (u *universe) check(t *rapid.T) {
	for _, id := range wanderers {
		for i, d := range u.organizations {
			if (d.Standing(id) == Member) != (u.of[id] == i) {
				t.Fatalf("%s is in organization %d, and stands %d in %d", id, u.of[id], d.Standing(id), i)
			}
		}
	}
	for _, d := range u.organizations {
		checkHandshakes(t, d.Organization, u.now)
		open := 0
		for _, h := range values(walk(d.handshakes, "", "")) {
			if h.Action == ActionInvite && h.State == HandshakeOpen {
				open++
			}
			if h.State == HandshakeExpired && !h.Ended.Equal(h.Expires) {
				t.Fatalf("%+v expired at another time", h)
			}
		}
		if d.slots() != d.accounts.Len()+open || d.slots() > d.rules.Accounts {
			t.Fatalf("%d slots for %d accounts and %d invitations", d.slots(), d.accounts.Len(), open)
		}
		settled := d.Fork(u.now)
		tidy(settled)
		for _, h := range values(walk(settled.handshakes, "", "")) {
			if present := settled.present(h, u.now); present.State != h.State {
				t.Fatalf("after all work, %+v is %s", h, present.State)
			}
		}
		if again := settled.Fork(u.now); len(tidy(again)) != 0 || len(again.Changes()) != len(settled.Changes()) {
			t.Fatal("the work was not done")
		}
	}
}

func TestRequirementsHaveNames(t *testing.T) {
	for _, r := range Requirements() {
		if strings.ToLower(string(r)) != string(r) || r == "" {
			t.Errorf("requirement %q", r)
		}
	}
}
