package org

import (
	"strings"
	"time"
)

// Invitation is what InviteAccountToOrganization is asked for.
type Invitation struct {
	Target  Party // an account or an e-mail address
	Notes   string
	Tags    Tags
	Inviter Facts  // the management account
	Invitee *Facts // the account of the target, nil when there is none
}

// InviteAccount invites an account to become a member: standalone, or a member of
// another organization, which it then leaves. While the invitation is open it
// takes the place of an account. It returns InvalidInput
// INVALID_PARTY_TYPE_TARGET, INVALID_PATTERN:TARGET_ID,
// INVALID_EMAIL_ADDRESS_TARGET and those for the tags, FinalizingOrganization,
// AccountOwnerNotVerified, DuplicateHandshake, ConstraintViolation
// MAX_TAG_LIMIT_EXCEEDED, MASTER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED and
// MASTER_ACCOUNT_MISSING_CONTACT_INFO, and HandshakeConstraintViolation
// INVITE_DISABLED_DURING_ENABLE_ALL_FEATURES, ALREADY_IN_AN_ORGANIZATION,
// ORGANIZATION_FROM_DIFFERENT_SELLER_OF_RECORD, HANDSHAKE_RATE_LIMIT_EXCEEDED and
// ACCOUNT_NUMBER_LIMIT_EXCEEDED.
func (d *Draft) InviteAccount(in Invitation) (*Handshake, error) {
	if err := checkTarget(in.Target); err != nil {
		return nil, err
	}
	tags, err := d.newTags(in.Tags)
	if err != nil {
		return nil, err
	}
	for _, check := range []func(*Invitation) error{d.mayInvite, d.mayBeInvited, d.isInvited, d.hasRoom} {
		if err := check(&in); err != nil {
			return nil, err
		}
	}
	h := &Handshake{
		ID: d.newHandshakeID(), Action: ActionInvite, State: HandshakeOpen, Requested: d.now, Expires: d.now.Add(invitationPeriod),
		Recipient: in.Target, FeatureSet: d.offered(d.now), Notes: in.Notes, Tags: tags,
	}
	d.put(h)
	return h, nil
}

// checkTarget refuses what cannot be invited by its form.
func checkTarget(target Party) error {
	switch target.Type {
	case PartyAccount:
		if len(target.ID) != 12 || strings.Trim(target.ID, "0123456789") != "" {
			return invalidParameter("INVALID_PATTERN", "TARGET_ID")
		}
		return nil
	case PartyEmail:
		if !validEmail(target.ID) {
			return invalid("INVALID_EMAIL_ADDRESS_TARGET")
		}
		return nil
	case PartyOrganization:
	}
	return invalid("INVALID_PARTY_TYPE_TARGET")
}

// mayInvite refuses invitations by an organization that is not ready for them.
func (d *Draft) mayInvite(in *Invitation) error {
	switch reason := in.Inviter.Lacks.forManaging(); {
	case d.now.Before(d.settings.FinalizingUntil):
		return refuse(FinalizingOrganization)
	case reason != "":
		return violate(reason)
	case in.Inviter.Lacks.has(VerifiedEmail):
		return refuse(AccountOwnerNotVerified)
	case d.rules.NoInvitesInMigration && d.migration(d.now) != nil:
		return violateHandshake("INVITE_DISABLED_DURING_ENABLE_ALL_FEATURES")
	}
	return nil
}

// mayBeInvited refuses an account that cannot become a member.
func (d *Draft) mayBeInvited(in *Invitation) error {
	if in.Invitee == nil {
		return nil
	}
	return d.mayJoin(in.Invitee, &in.Inviter)
}

// mayJoin refuses an account that is a member or buys elsewhere.
func (d *Draft) mayJoin(invitee, inviter *Facts) error {
	if d.Standing(invitee.ID) != Outside {
		return violateHandshake("ALREADY_IN_AN_ORGANIZATION")
	}
	if !invitee.buysLike(inviter) {
		return violateHandshake("ORGANIZATION_FROM_DIFFERENT_SELLER_OF_RECORD")
	}
	return nil
}

// isInvited refuses a second invitation of an account, be it once by its id and
// once by its address.
func (d *Draft) isInvited(in *Invitation) error {
	targets := []Party{in.Target}
	if in.Invitee != nil {
		targets = []Party{{PartyAccount, string(in.Invitee.ID)}, {PartyEmail, in.Invitee.Email}}
	}
	for _, target := range targets {
		for _, h := range walk(d.handshakesByRecipient, key(target.key(), ""), "") {
			if h.Action == ActionInvite && !d.present(h, d.now).State.Ended() {
				return refuse(DuplicateHandshake)
			}
		}
	}
	return nil
}

// hasRoom refuses more invitations than a day or the organization allows.
func (d *Draft) hasRoom(*Invitation) error {
	if d.invitedLately() {
		return violateHandshake("HANDSHAKE_RATE_LIMIT_EXCEEDED")
	}
	if d.slots(d.now) >= d.rules.Accounts {
		return violateHandshake("ACCOUNT_NUMBER_LIMIT_EXCEEDED")
	}
	return nil
}

// invitedLately tells whether the organization sent as many invitations within a day
// as it may. Those that were accepted do not count.
func (d *Draft) invitedLately() bool {
	after := Cursor(at(d.now.Add(-invitationWindow)))
	n := 0
	for _, group := range []string{invitationsOffering(AllFeatures), invitationsOffering(ConsolidatedBilling), string(ActionTransferResponsibility)} {
		for _, state := range []HandshakeState{HandshakeRequested, HandshakeOpen, HandshakeCanceled, HandshakeDeclined, HandshakeExpired} {
			n += count(d.handshakesByState, key(group, string(state), ""), after)
		}
	}
	return n >= max(leastInvitations, d.rules.Accounts)
}

// slots counts what the quota of accounts is about at a time: accounts, closed or not,
// those that are being created, and open invitations, but not those that have expired or
// offer what the organization does not offer now, whether or not their documents say so.
func (o *Organization) slots(now time.Time) int {
	expired := Cursor(at(now.Add(time.Microsecond - invitationPeriod))) // those that were sent before it
	return o.accounts.Len() + count(o.creationsByState, key(string(CreationInProgress), ""), "") +
		count(o.handshakesByState, key(invitationsOffering(o.offered(now)), string(HandshakeOpen), ""), expired)
}

// join makes an account a member, below the root and with the tags of the
// invitation.
func (d *Draft) join(h *Handshake, by, inviter *Facts) error {
	if err := d.mayJoin(by, inviter); err != nil {
		return err
	}
	switch {
	case d.now.Before(by.Moved.Add(d.rules.MembershipPeriod)):
		return violateHandshake("ORGANIZATION_MEMBERSHIP_CHANGE_RATE_LIMIT_EXCEEDED")
	case by.Lacks.has(PaymentMethod):
		return violateHandshake("PAYMENT_INSTRUMENT_REQUIRED")
	case inviter.Lacks.has(VerifiedEmail):
		return violateHandshake("MANAGEMENT_ACCOUNT_EMAIL_NOT_VERIFIED")
	case d.accounts.Len() >= d.rules.Accounts:
		return violateHandshake("ACCOUNT_NUMBER_LIMIT_EXCEEDED")
	}
	d.put(&Account{
		ID: by.ID, Parent: ParentID(d.root.ID), Name: by.Name, Email: by.Email,
		State: by.State, JoinedMethod: Invited, Joined: d.now, Tags: h.Tags,
	})
	return nil
}

func (d *Draft) newHandshakeID() HandshakeID {
	return HandshakeID("h-" + random(d.rand, hexDigits, 32))
}
