package org

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestInviteToTransferResponsibility(t *testing.T) {
	n := newNeighbours()
	target, source := n.found(t, 1), n.found(t, 2)
	in := offer(target, source)
	in.Recipient, in.Tags = Party{PartyEmail, "Owner2@example.com"}, Tags{{"team", "finance"}}
	h, err := target.InviteToTransferResponsibility(in, n.find)
	must(t, err)
	if h.Action != ActionTransferResponsibility || h.State != HandshakeRequested || h.Recipient != in.Recipient || h.Source != owner(2).ID || h.Notes != in.Notes {
		t.Errorf("handshake: %+v", h)
	}
	if want := time.Date(2026, 3, 30, 23, 59, 59, 0, time.UTC); !h.Expires.Equal(want) {
		t.Errorf("it expires at %s, want %s", h.Expires, want)
	}
	transfer, err := target.ResponsibilityTransfer(h.Transfer, target.now)
	must(t, err)
	if transfer.Direction != Inbound || transfer.Name != "Bills" || !transfer.Start.Equal(april) || transfer.Handshake != h.ID ||
		transfer.Source != (Participant{Email: "Owner2@example.com"}) || transfer.Target != (Participant{target.settings.ID, owner(1).ID, owner(1).Email}) {
		t.Errorf("transfer: %+v", transfer)
	}
	if got := target.TransferStatus(transfer, target.now); got != "REQUESTED" {
		t.Errorf("its status is %s", got)
	}
	if want := fmt.Sprintf("arn:aws:organizations::%s:transfer/%s/billing/inbound/%s", owner(1).ID, target.settings.ID, transfer.ID); target.ResourceARN(ResourceID(transfer.ID)) != want {
		t.Errorf("ARN %s, want %s", target.ResourceARN(ResourceID(transfer.ID)), want)
	}
	if got := source.ResourceARN(ResourceID(transfer.ID)); !strings.HasSuffix(got, "/billing/*/"+string(transfer.ID)) || source.transfers.Len() != 0 {
		t.Errorf("before it agrees, the source has %s", got)
	}
	tags, err := target.TagsOf(ResourceID(transfer.ID), "")
	must(t, err)
	if got := values(tags); len(got) != 1 || got[0] != in.Tags[0] {
		t.Errorf("tags: %v", got)
	}
}

// TestTransferStart: the reasons come in the order day, time, too early, too late.
func TestTransferStart(t *testing.T) {
	date := func(text string) time.Time {
		at, err := time.Parse(time.RFC3339Nano, text)
		must(t, err)
		return at
	}
	for _, c := range []struct {
		now, start string
		reason     Reason
	}{
		{"2026-03-01T12:00:00Z", "2026-04-01T00:00:00Z", ""},
		{"2026-03-01T12:00:00Z", "2026-05-01T00:00:00Z", ""},
		{"2026-03-01T12:00:00Z", "2026-04-01T02:00:00+02:00", ""},
		{"2026-12-31T23:59:59Z", "2027-02-01T00:00:00Z", ""},
		{"2026-03-30T23:59:58.999Z", "2026-04-01T00:00:00Z", ""},
		{"2026-03-30T23:59:59Z", "2026-04-01T00:00:00Z", "START_DATE_TOO_EARLY"},
		{"2026-03-01T12:00:00Z", "2026-03-01T00:00:00Z", "START_DATE_TOO_EARLY"},
		{"2026-03-01T12:00:00Z", "1970-01-01T00:00:00Z", "START_DATE_TOO_EARLY"},
		{"2026-03-31T23:59:59Z", "2026-06-01T00:00:00Z", "START_DATE_TOO_LATE"},
		{"2026-03-01T12:00:00Z", "9999-01-01T00:00:00Z", "START_DATE_TOO_LATE"},
		{"2026-03-01T12:00:00Z", "2026-04-02T00:00:00Z", "START_DATE_NOT_BEGINNING_OF_MONTH"},
		{"2026-03-01T12:00:00Z", "2026-04-02T01:00:00Z", "START_DATE_NOT_BEGINNING_OF_MONTH"},
		{"2026-03-01T12:00:00Z", "2026-04-01T00:00:00+02:00", "START_DATE_NOT_BEGINNING_OF_MONTH"},
		{"2026-03-01T12:00:00Z", "2026-04-01T00:00:00.001Z", "START_DATE_NOT_BEGINNING_OF_DAY"},
		{"2026-03-01T12:00:00Z", "2020-04-01T23:00:00Z", "START_DATE_NOT_BEGINNING_OF_DAY"},
	} {
		n := newNeighbours()
		target, source := n.found(t, 1), n.found(t, 2)
		n.until(date(c.now))
		in := offer(target, source)
		in.Start = date(c.start)
		h, err := target.InviteToTransferResponsibility(in, n.find)
		if c.reason != "" {
			refused(t, err, InvalidInput, c.reason)
			continue
		}
		must(t, err)
		if !h.Expires.After(target.now) || !h.Expires.Before(in.Start.AddDate(0, 0, -1)) {
			t.Errorf("on %s an invitation to %s expires at %s", c.now, c.start, h.Expires)
		}
	}
}

// unfit are the reasons for which two management accounts may not transfer
// responsibility, by what is the matter with one of them.
func unfit() map[Reason]func(*Facts) {
	lacking := func(l Requirement) func(*Facts) { return func(f *Facts) { f.Lacks = Lacks{l} } }
	return map[Reason]func(*Facts){
		"ACCOUNT_NOT_ACTIVE_FOR_TRANSFER_RESPONSIBILITY": func(f *Facts) { f.State = Suspended },
		"UNSUPPORTED_PRICING":                            lacking(TransferablePricing),
		"UNMET_BILLING_PREREQUISITE":                     lacking(BillingPrerequisites),
		"UNUSED_PREPAYMENT_BALANCE":                      lacking(SettledPrepayments),
		"PAST_DUE_INVOICE":                               lacking(SettledInvoices),
		"LEGACY_PERMISSIONS_STILL_IN_USE":                lacking(BillingPermissions),
		"ORGANIZATION_FROM_DIFFERENT_SELLER_OF_RECORD":   func(f *Facts) { f.Seller = "aws-india" },
	}
}

// kindOf is the kind of the reasons that have several.
func kindOf(reason Reason) Kind {
	switch reason {
	case "UNUSED_PREPAYMENT_BALANCE", "PAST_DUE_INVOICE", "LEGACY_PERMISSIONS_STILL_IN_USE", "ORGANIZATION_FROM_DIFFERENT_SELLER_OF_RECORD":
		return HandshakeConstraintViolation
	}
	return ConstraintViolation
}

func TestInviteToTransferResponsibilityRefuses(t *testing.T) {
	type world struct {
		*neighbours
		target, source *Draft
	}
	type refusal struct {
		change func(*testing.T, *world, *TransferInvitation)
		kind   Kind
		reason Reason
	}
	input := func(change func(*TransferInvitation)) func(*testing.T, *world, *TransferInvitation) {
		return func(_ *testing.T, _ *world, in *TransferInvitation) { change(in) }
	}
	cases := map[string]refusal{
		"by an organization with consolidated billing": {func(_ *testing.T, w *world, _ *TransferInvitation) { billOnly(w.target) }, ConstraintViolation, "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE"},
		"of an organization with consolidated billing": {func(_ *testing.T, w *world, _ *TransferInvitation) { billOnly(w.source) }, ConstraintViolation, "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE"},
		"to an organization":                           {input(func(in *TransferInvitation) { in.Recipient = Party{PartyOrganization, "o-1234567890"} }), InvalidInput, "INVALID_PARTY_TYPE_TARGET"},
		"to half an id":                                {input(func(in *TransferInvitation) { in.Recipient.ID = "123" }), InvalidInput, "INVALID_PATTERN:TARGET_ID"},
		"to no address":                                {input(func(in *TransferInvitation) { in.Recipient = Party{PartyEmail, "x"} }), InvalidInput, "INVALID_EMAIL_ADDRESS_TARGET"},
		"with a tag twice":                             {input(func(in *TransferInvitation) { in.Tags = Tags{{"a", ""}, {"a", ""}} }), InvalidInput, "DUPLICATE_TAG_KEY"},
		"with too many tags":                           {func(_ *testing.T, w *world, in *TransferInvitation) { w.rules.Tags = 0; in.Tags = Tags{{"a", ""}} }, ConstraintViolation, "MAX_TAG_LIMIT_EXCEEDED"},
		"of itself":                                    {func(_ *testing.T, w *world, in *TransferInvitation) { *in = offer(w.target, w.target) }, HandshakeConstraintViolation, "SOURCE_AND_TARGET_CANNOT_MATCH"},
		"of nobody":                                    {input(func(in *TransferInvitation) { in.Invitee, in.Source = nil, nil }), HandshakeConstraintViolation, "TARGET_ACCOUNT_VALIDATION_FAILURE"},
		"of an account without organization":           {input(func(in *TransferInvitation) { in.Source = nil }), HandshakeConstraintViolation, "TARGET_ACCOUNT_VALIDATION_FAILURE"},
		"of a member": {func(_ *testing.T, w *world, in *TransferInvitation) {
			invited(w.source, "333333333333")
			in.Invitee = new(member("333333333333"))
		}, HandshakeConstraintViolation, "TARGET_ACCOUNT_VALIDATION_FAILURE"},
		"again": {func(t *testing.T, w *world, in *TransferInvitation) {
			w.invite(t, w.target, w.source)
			in.Recipient = Party{PartyEmail, in.Invitee.Email}
		}, DuplicateHandshake, ""},
		"of who agreed already": {func(t *testing.T, w *world, _ *TransferInvitation) { w.transfer(t, w.target, w.source) }, HandshakeConstraintViolation, "RESPONSIBILITY_TRANSFER_ALREADY_EXISTS"},
		"of who pays already":   {func(t *testing.T, w *world, _ *TransferInvitation) { w.transfer(t, w.source, w.target) }, HandshakeConstraintViolation, "RESPONSIBILITY_TRANSFER_ALREADY_EXISTS"},
		"of who is paid for until then": {func(t *testing.T, w *world, _ *TransferInvitation) {
			id := w.transfer(t, w.found(t, 3), w.source)
			_, err := w.source.WithdrawTransfer(id, time.Date(2026, 4, 30, 23, 59, 59, 0, time.UTC), w.draft)
			must(t, err)
		}, InvalidInput, "INVALID_START_DATE"},
		"without a quota": {func(_ *testing.T, w *world, _ *TransferInvitation) {
			w.rules.InboundTransfers = AWSRules().InboundTransfers
		}, ConstraintViolation, "RESPONSIBILITY_TRANSFER_MAX_INBOUND_QUOTA_VIOLATION"},
		"beyond the quota": {func(t *testing.T, w *world, _ *TransferInvitation) {
			w.rules.InboundTransfers = 2
			w.invite(t, w.target, w.found(t, 3))
			w.transfer(t, w.target, w.found(t, 4))
		}, ConstraintViolation, "RESPONSIBILITY_TRANSFER_MAX_INBOUND_QUOTA_VIOLATION"},
		"more than a day allows": {func(t *testing.T, w *world, _ *TransferInvitation) {
			w.rules.Accounts = 3
			for range 20 {
				_, err := w.target.CancelHandshake(w.invite(t, w.target, w.source).ID, factsOfOwner(w.target))
				must(t, err)
			}
		}, HandshakeConstraintViolation, "HANDSHAKE_RATE_LIMIT_EXCEEDED"},
	}
	for reason, spoil := range unfit() {
		cases["of somebody: "+string(reason)] = refusal{input(func(in *TransferInvitation) { spoil(in.Invitee) }), kindOf(reason), reason}
		cases["by somebody: "+string(reason)] = refusal{input(func(in *TransferInvitation) { spoil(&in.Inviter) }), kindOf(reason), reason}
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			n := newNeighbours()
			w := &world{n, n.found(t, 1), n.found(t, 2)}
			in := offer(w.target, w.source)
			c.change(t, w, &in)
			_, err := w.target.InviteToTransferResponsibility(in, n.find)
			refused(t, err, c.kind, c.reason)
		})
	}
}

// billOnly takes all features but consolidated billing from an organization.
func billOnly(d *Draft) {
	settings := *d.settings
	settings.FeatureSet = ConsolidatedBilling
	d.put(&settings)
}

// TestAcceptTransfer: both organizations have the transfer, each from its side.
func TestAcceptTransfer(t *testing.T) {
	n := newNeighbours()
	target, source := n.found(t, 1), n.found(t, 2)
	in := offer(target, source)
	in.Recipient, in.Tags = Party{PartyEmail, owner(2).Email}, Tags{{"team", "finance"}}
	h, err := target.InviteToTransferResponsibility(in, n.find)
	must(t, err)
	n.later(time.Hour)
	must(t, n.accept(target, source, h))
	ours, err := target.ResponsibilityTransfer(h.Transfer, target.now)
	must(t, err)
	theirs, err := source.ResponsibilityTransfer(h.Transfer, source.now)
	must(t, err)
	if ours.Source != (Participant{source.settings.ID, owner(2).ID, owner(2).Email}) || ours.Name != "Bills" || len(ours.Tags) != 1 || !ours.Accepted.Equal(target.now) {
		t.Errorf("the target has %+v", ours)
	}
	want := *ours
	want.Direction, want.Name, want.Tags = Outbound, "", nil
	if fmt.Sprint(want) != fmt.Sprint(*theirs) {
		t.Errorf("the source has %+v, want %+v", theirs, want)
	}
	if got := source.ResourceARN(ResourceID(theirs.ID)); !strings.HasSuffix(got, string(source.settings.ID)+"/billing/outbound/"+string(theirs.ID)) {
		t.Errorf("ARN %s", got)
	}
	for d, direction := range map[*Draft]TransferDirection{target: Inbound, source: Outbound} {
		if d.TransferStatus(ours, d.now) != TransferAccepted || d.Resource(ResourceID(h.Transfer)).Direction != direction || len(values(d.ResponsibilityTransfers(direction, d.now, ""))) != 1 {
			t.Errorf("%s: %v", direction, values(d.ResponsibilityTransfers(direction, d.now, "")))
		}
	}
	n.later(100 * 24 * time.Hour)
	tidy(target)
	if _, err := target.Handshake(h.ID, target.now); err == nil {
		t.Error("the handshake is remembered")
	}
	if target.TransferOf(h) == nil || target.TransferStatus(ours, target.now) != TransferAccepted {
		t.Error("the transfer is forgotten")
	}
}

func TestAcceptTransferRefuses(t *testing.T) {
	for reason, spoil := range unfit() {
		for _, which := range []string{"source", "target"} {
			n := newNeighbours()
			target, source := n.found(t, 1), n.found(t, 2)
			h := n.invite(t, target, source)
			by, inviter := factsOfOwner(source), factsOfOwner(target)
			if which == "source" {
				spoil(&by)
			} else {
				spoil(&inviter)
			}
			_, err := target.AcceptTransfer(h.ID, source, by, inviter, n.find)
			refused(t, err, kindOf(reason), reason)
		}
	}
	n := newNeighbours()
	target, source, third := n.found(t, 1), n.found(t, 2), n.found(t, 3)
	h, other := n.invite(t, target, source), n.invite(t, third, source)
	_, err := target.AcceptTransfer(h.ID, third, factsOfOwner(third), factsOfOwner(target), n.find)
	refused(t, err, HandshakeNotFound, "")
	_, err = target.AcceptTransfer(h.ID, source, factsOfOwner(target), factsOfOwner(target), n.find)
	refused(t, err, AccessDenied, "")
	_, err = target.AcceptTransfer(h.ID, third, factsOfOwner(source), factsOfOwner(target), n.find)
	refused(t, err, AccessDenied, "") // whose account is not its management account
	must(t, n.accept(third, source, other))
	refused(t, n.accept(target, source, h), ConstraintViolation, "RESPONSIBILITY_TRANSFER_MAX_OUTBOUND_QUOTA_VIOLATION")

	_, err = source.WithdrawTransfer(other.Transfer, time.Time{}, n.draft)
	must(t, err) // it ends before the other one starts
	billOnly(source)
	refused(t, n.accept(target, source, h), ConstraintViolation, "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE")
	source.settings.FeatureSet = AllFeatures
	crossing := n.invite(t, source, target)
	must(t, n.accept(target, source, h))
	refused(t, n.accept(source, target, crossing), HandshakeConstraintViolation, "RESPONSIBILITY_TRANSFER_ALREADY_EXISTS")
}
