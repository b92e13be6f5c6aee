package org

import "time"

// outboundTransfers is how many organizations may pay for one at a time:
// https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/orgs_transfer_billing-quotas.html.
const outboundTransfers = 1

// TransferInvitation is what InviteOrganizationToTransferResponsibility is asked for.
type TransferInvitation struct {
	Recipient Party     // an account or an e-mail address: the management account of the source
	Name      string    // of the transfer
	Notes     string    // for the recipient
	Start     time.Time // of the transfer
	Tags      Tags      // of the transfer
	Inviter   Facts     // the management account
	Invitee   *Facts    // the account of the recipient, nil when there is none
	// Source is the organization of that account, nil when there is none.
	Source *Organization
}

// InviteToTransferResponsibility asks another organization to let this one pay its
// bills. It returns ConstraintViolation ORGANIZATION_NOT_IN_ALL_FEATURES_MODE,
// MAX_TAG_LIMIT_EXCEEDED, ACCOUNT_NOT_ACTIVE_FOR_TRANSFER_RESPONSIBILITY,
// UNSUPPORTED_PRICING, UNMET_BILLING_PREREQUISITE and the quotas
// RESPONSIBILITY_TRANSFER_MAX_INBOUND_QUOTA_VIOLATION, …_MAX_LEVEL_VIOLATION and
// …_MAX_TRANSFERS_QUOTA_VIOLATION; InvalidInput INVALID_PARTY_TYPE_TARGET,
// INVALID_PATTERN:TARGET_ID, INVALID_EMAIL_ADDRESS_TARGET, INVALID_START_DATE and the
// START_DATE_… reasons, and those for the tags; DuplicateHandshake; and
// HandshakeConstraintViolation SOURCE_AND_TARGET_CANNOT_MATCH,
// TARGET_ACCOUNT_VALIDATION_FAILURE, ORGANIZATION_FROM_DIFFERENT_SELLER_OF_RECORD,
// UNUSED_PREPAYMENT_BALANCE, PAST_DUE_INVOICE, LEGACY_PERMISSIONS_STILL_IN_USE,
// RESPONSIBILITY_TRANSFER_ALREADY_EXISTS and HANDSHAKE_RATE_LIMIT_EXCEEDED.
func (d *Draft) InviteToTransferResponsibility(in TransferInvitation, find Organizations) (*Handshake, error) {
	if err := d.requireAllFeatures(); err != nil {
		return nil, err
	}
	if err := checkTarget(in.Recipient); err != nil {
		return nil, err
	}
	tags, err := d.newTags(in.Tags)
	if err != nil {
		return nil, err
	}
	start := in.Start.UTC()
	if err := d.checkStart(start); err != nil {
		return nil, err
	}
	if err := d.maySource(in.Invitee, in.Source, in.Inviter, start); err != nil {
		return nil, err
	}
	if err := d.mayAskToTransfer(in.Invitee.ID, start); err != nil {
		return nil, err
	}
	if err := d.mayChain(in.Source, start, find); err != nil {
		return nil, err
	}
	t := &ResponsibilityTransfer{
		ID: TransferID("rt-" + random(d.rand, lowerAlnum, 8)), Direction: Inbound, Name: in.Name, Requested: d.now, Start: start, Tags: tags,
		Target: Participant{d.settings.ID, in.Inviter.ID, in.Inviter.Email}, Handshake: d.newHandshakeID(),
	}
	if in.Recipient.Type == PartyAccount {
		t.Source.Account = in.Invitee.ID
	} else {
		t.Source.Email = in.Recipient.ID
	}
	h := &Handshake{
		ID: t.Handshake, Action: ActionTransferResponsibility, State: HandshakeRequested, Requested: d.now, Expires: lastAcceptance(start),
		Recipient: in.Recipient, Source: in.Invitee.ID, Transfer: t.ID, Notes: in.Notes,
	}
	d.put(h)
	d.put(t)
	return h, nil
}

// lastAcceptance is when an invitation to a transfer expires: with the last second of
// the second day before it starts, so that a whole day is left.
func lastAcceptance(start time.Time) time.Time { return start.Add(-24*time.Hour - time.Second) }

// monthOf returns the first moment of the month of a time, in UTC.
func monthOf(t time.Time) time.Time {
	t = t.UTC()
	return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
}

// checkStart refuses a start that is not the first moment of the next month, if that
// can still be accepted in time, or of the month after it.
func (d *Draft) checkStart(start time.Time) error {
	next := monthOf(d.now).AddDate(0, 1, 0)
	switch {
	case start.Day() != 1:
		return invalid("START_DATE_NOT_BEGINNING_OF_MONTH")
	case !start.Equal(monthOf(start)):
		return invalid("START_DATE_NOT_BEGINNING_OF_DAY")
	case start.Before(next), !d.now.Before(lastAcceptance(start)):
		return invalid("START_DATE_TOO_EARLY")
	case start.After(next.AddDate(0, 1, 0)):
		return invalid("START_DATE_TOO_LATE")
	}
	return nil
}

// maySource refuses an organization that cannot let this one pay its bills.
func (d *Draft) maySource(account *Facts, source *Organization, inviter Facts, start time.Time) error {
	switch {
	case account != nil && account.ID == d.settings.ManagementAccount:
		return violateHandshake("SOURCE_AND_TARGET_CANNOT_MATCH")
	case account == nil, source.Standing(account.ID) != Management:
		return violateHandshake("TARGET_ACCOUNT_VALIDATION_FAILURE")
	}
	if err := mayTransfer(source, account, &inviter); err != nil {
		return err
	}
	for _, t := range source.unended(Outbound, start) {
		if !t.End.IsZero() {
			return invalid("INVALID_START_DATE") // it is still paid for by somebody else
		}
	}
	return d.isTransferred(source, start)
}

// mayTransfer refuses a source, and two management accounts, that do not meet what
// AWS asks for.
func mayTransfer(source *Organization, account, inviter *Facts) error {
	if err := source.requireAllFeatures(); err != nil {
		return err
	}
	if !account.buysLike(inviter) {
		return violateHandshake("ORGANIZATION_FROM_DIFFERENT_SELLER_OF_RECORD")
	}
	for _, party := range []*Facts{inviter, account} {
		if party.State != Active {
			return violate("ACCOUNT_NOT_ACTIVE_FOR_TRANSFER_RESPONSIBILITY")
		}
		if reason := party.Lacks.forTransferring(); reason != "" {
			return violate(reason)
		}
		if reason := party.Lacks.forTransferHandshakes(); reason != "" {
			return violateHandshake(reason)
		}
	}
	return nil
}

// isTransferred refuses a second transfer between two organizations, be it in the
// other direction.
func (d *Draft) isTransferred(source *Organization, start time.Time) error {
	if d.pays(source, start) || source.pays(d.Organization, start) {
		return violateHandshake("RESPONSIBILITY_TRANSFER_ALREADY_EXISTS")
	}
	return nil
}

// pays tells whether an organization pays for another one after a time.
func (o *Organization) pays(source *Organization, from time.Time) bool {
	for _, t := range source.unended(Outbound, from) {
		if t.Target.Organization == o.settings.ID {
			return true
		}
	}
	return false
}

// mayAskToTransfer refuses a second invitation of an account, and more invitations
// and transfers than are allowed.
func (d *Draft) mayAskToTransfer(account AccountID, start time.Time) error {
	n := 0
	for h := range d.askedToTransfer(d.now) {
		if h.Source == account {
			return refuse(DuplicateHandshake)
		}
		n++
	}
	if d.invitedLately() {
		return violateHandshake("HANDSHAKE_RATE_LIMIT_EXCEEDED")
	}
	for range d.unended(Inbound, start) {
		n++
	}
	if n >= d.rules.InboundTransfers {
		return violate("RESPONSIBILITY_TRANSFER_MAX_INBOUND_QUOTA_VIOLATION")
	}
	return nil
}

// AcceptTransfer agrees, for the organization source, that this one pays its bills
// from the start of the transfer on. Both change. It returns what
// [Draft.HandshakeFor] does, AccessDenied for who is not the management account of
// source, and what InviteToTransferResponsibility finds wrong with the two
// organizations, except for their dates and the invitations that were sent; and
// ConstraintViolation RESPONSIBILITY_TRANSFER_MAX_OUTBOUND_QUOTA_VIOLATION.
func (d *Draft) AcceptTransfer(id HandshakeID, source *Draft, by, inviter Facts, find Organizations) (*Handshake, error) {
	h, err := d.HandshakeFor(id, by, HandshakeAccepted)
	if err != nil {
		return nil, err
	}
	if source.Standing(by.ID) != Management {
		return nil, refuse(AccessDenied)
	}
	t := *d.TransferOf(h)
	if err := d.mayAcceptTransfer(&t, source.Organization, by, inviter, find); err != nil {
		return nil, err
	}
	t.Accepted, t.Source = d.now, Participant{source.settings.ID, by.ID, by.Email}
	d.put(&t)
	other := t
	other.Direction, other.Name, other.Tags = Outbound, "", nil
	source.put(&other)
	return d.end(h, HandshakeAccepted, d.now), nil
}

// mayAcceptTransfer refuses a transfer by two organizations that may not agree to it
// any more.
func (d *Draft) mayAcceptTransfer(t *ResponsibilityTransfer, source *Organization, by, inviter Facts, find Organizations) error {
	if err := mayTransfer(source, &by, &inviter); err != nil {
		return err
	}
	if err := d.isTransferred(source, t.Start); err != nil {
		return err
	}
	n := 0
	for range source.unended(Outbound, t.Start) {
		n++
	}
	if n >= outboundTransfers {
		return violate("RESPONSIBILITY_TRANSFER_MAX_OUTBOUND_QUOTA_VIOLATION")
	}
	return d.mayChain(source, t.Start, find)
}
