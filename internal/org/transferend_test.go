package org

import (
	"errors"
	"testing"
	"time"
)

// TestTransferTransitions: every status meets every event, of the handshake and of the
// transfer.
func TestTransferTransitions(t *testing.T) {
	const shut, same = InvalidHandshakeTransition, HandshakeAlreadyInState
	const unfinished, withdrawn = InvalidResponsibilityTransferTransition, ResponsibilityTransferAlreadyInStatus
	events := []func(*neighbours, *Draft, *Draft, *Handshake) error{
		func(n *neighbours, target, source *Draft, h *Handshake) error { return n.accept(target, source, h) },
		func(_ *neighbours, target, source *Draft, h *Handshake) error {
			_, err := target.DeclineHandshake(h.ID, factsOfOwner(source))
			return err
		},
		func(_ *neighbours, target, _ *Draft, h *Handshake) error {
			_, err := target.CancelHandshake(h.ID, factsOfOwner(target))
			return err
		},
		func(n *neighbours, target, _ *Draft, h *Handshake) error { return withdraw(n, target, h.Transfer) },
		func(n *neighbours, _, source *Draft, h *Handshake) error { return withdraw(n, source, h.Transfer) },
		func(_ *neighbours, target, _ *Draft, h *Handshake) error {
			_, err := target.RenameTransfer(h.Transfer, "Other bills")
			return err
		},
		func(_ *neighbours, _, source *Draft, h *Handshake) error {
			_, err := source.RenameTransfer(h.Transfer, "Our bills")
			return err
		},
	}
	play := func(indexes ...int) func(*neighbours, *Draft, *Draft, *Handshake) error {
		return func(n *neighbours, target, source *Draft, h *Handshake) error {
			for _, i := range indexes {
				if err := events[i](n, target, source, h); err != nil {
					return err
				}
			}
			return nil
		}
	}
	expire := func(tidied bool) func(*neighbours, *Draft, *Draft, *Handshake) error {
		return func(n *neighbours, target, _ *Draft, h *Handshake) error {
			n.until(h.Expires)
			if tidied {
				tidy(target)
			}
			return nil
		}
	}
	const none, input, denied = ResponsibilityTransferNotFound, InvalidInput, ConstraintViolation
	for _, c := range []struct {
		name   string
		before func(*neighbours, *Draft, *Draft, *Handshake) error
		status TransferStatus
		kinds  [7]Kind // of the refusals; Internal for none
	}{
		{"requested", play(), "REQUESTED", [7]Kind{Internal, Internal, Internal, unfinished, none, Internal, none}},
		{"accepted", play(0), TransferAccepted, [7]Kind{same, shut, shut, Internal, Internal, Internal, input}},
		{"declined", play(1), "DECLINED", [7]Kind{shut, same, shut, unfinished, none, denied, none}},
		{"cancelled", play(2), "CANCELED", [7]Kind{shut, shut, same, unfinished, none, denied, none}},
		{"expired", expire(false), "EXPIRED", [7]Kind{shut, shut, shut, unfinished, none, denied, none}},
		{"written down as expired", expire(true), "EXPIRED", [7]Kind{shut, shut, shut, unfinished, none, denied, none}},
		{"withdrawn by the target", play(0, 3), TransferWithdrawn, [7]Kind{same, shut, shut, withdrawn, withdrawn, Internal, input}},
		{"withdrawn by the source", play(0, 4), TransferWithdrawn, [7]Kind{same, shut, shut, withdrawn, withdrawn, Internal, input}},
	} {
		for i, event := range events {
			n := newNeighbours()
			target, source := n.found(t, 1), n.found(t, 2)
			h := n.invite(t, target, source)
			must(t, c.before(n, target, source, h))
			transfer, err := target.ResponsibilityTransfer(h.Transfer, target.now)
			must(t, err)
			if got := target.TransferStatus(transfer, target.now); got != c.status {
				t.Fatalf("%s: the status is %s", c.name, got)
			}
			err = event(n, target, source, h)
			switch reason := (map[Kind]Reason{input: "UNSUPPORTED_ACTION_IN_RESPONSIBILITY_TRANSFER", denied: "TRANSFER_RESPONSIBILITY_UPDATE_NOT_ALLOWED"}); {
			case c.kinds[i] != Internal:
				refused(t, err, c.kinds[i], reason[c.kinds[i]])
			case err != nil:
				t.Errorf("%s, event %d: %v", c.name, i, err)
			}
		}
	}
}

// TestTransferEnd: the reasons come in the order end of the month, too early, too late.
func TestTransferEnd(t *testing.T) {
	date := func(text string) (at time.Time) {
		if text != "" {
			var err error
			at, err = time.Parse(time.RFC3339Nano, text)
			must(t, err)
		}
		return at
	}
	for _, c := range []struct {
		now, end, want string
		reason         Reason
	}{
		{"2026-04-15T00:00:00Z", "", "2026-04-30T23:59:59.999Z", ""},
		{"2026-03-15T00:00:00Z", "", "2026-03-31T23:59:59.999Z", ""}, // before it has started
		{"2026-04-15T00:00:00Z", "2026-04-30T23:59:59.999Z", "2026-04-30T23:59:59.999Z", ""},
		{"2026-04-15T00:00:00Z", "2026-04-30T23:59:59Z", "2026-04-30T23:59:59.999Z", ""},
		{"2026-04-15T00:00:00Z", "2026-05-01T01:59:59+02:00", "2026-04-30T23:59:59.999Z", ""},
		{"2026-04-15T00:00:00Z", "2026-05-31T23:59:59.5Z", "2026-05-31T23:59:59.999Z", ""},
		{"2028-01-15T00:00:00Z", "2028-02-29T23:59:59Z", "2028-02-29T23:59:59.999Z", ""},
		{"2026-12-31T23:59:59.999Z", "2027-01-31T23:59:59Z", "2027-01-31T23:59:59.999Z", ""},
		{"2026-04-15T00:00:00Z", "2026-04-30T23:59:58.999Z", "", "END_DATE_NOT_END_OF_MONTH"},
		{"2026-04-15T00:00:00Z", "2026-05-01T00:00:00Z", "", "END_DATE_NOT_END_OF_MONTH"},
		{"2026-04-15T00:00:00Z", "2020-01-01T00:00:00Z", "", "END_DATE_NOT_END_OF_MONTH"},
		{"2026-04-15T00:00:00Z", "2026-03-31T23:59:59.999Z", "", "END_DATE_TOO_EARLY"},
		{"2026-04-15T00:00:00Z", "2026-06-30T23:59:59.999Z", "", "INVALID_END_DATE"},
		{"2026-04-15T00:00:00Z", "9999-12-31T23:59:59.999Z", "", "INVALID_END_DATE"},
	} {
		n := newNeighbours()
		target, source := n.found(t, 1), n.found(t, 2)
		id := n.transfer(t, target, source)
		n.until(date(c.now))
		ours, err := target.WithdrawTransfer(id, date(c.end), n.draft)
		if c.reason != "" {
			refused(t, err, InvalidInput, c.reason)
			continue
		}
		must(t, err)
		theirs, err := source.ResponsibilityTransfer(id, source.now)
		must(t, err)
		if want := date(c.want); !ours.End.Equal(want) || !theirs.End.Equal(want) || target.TransferStatus(ours, target.now) != TransferWithdrawn {
			t.Errorf("on %s until %s: it ends at %s and %s", c.now, c.end, ours.End, theirs.End)
		}
	}
}

// TestTransferQuotasAreReturned: by whatever ends an invitation or a transfer, and for
// what starts after the end.
func TestTransferQuotasAreReturned(t *testing.T) {
	for name, end := range map[string]func(*neighbours, *Draft, *Draft, *Handshake) error{
		"declined": func(_ *neighbours, target, source *Draft, h *Handshake) error {
			_, err := target.DeclineHandshake(h.ID, factsOfOwner(source))
			return err
		},
		"cancelled": func(_ *neighbours, target, _ *Draft, h *Handshake) error {
			_, err := target.CancelHandshake(h.ID, factsOfOwner(target))
			return err
		},
		"expired": func(n *neighbours, _, _ *Draft, h *Handshake) error { n.until(h.Expires); return nil },
		"withdrawn": func(n *neighbours, target, source *Draft, h *Handshake) error {
			if err := n.accept(target, source, h); err != nil {
				return err
			}
			return withdraw(n, source, h.Transfer)
		},
	} {
		n := newNeighbours()
		n.rules.InboundTransfers = 1
		target, source := n.found(t, 1), n.found(t, 2)
		h := n.invite(t, target, source)
		next := offer(target, n.found(t, 3))
		_, err := target.InviteToTransferResponsibility(next, n.find)
		refused(t, err, ConstraintViolation, "RESPONSIBILITY_TRANSFER_MAX_INBOUND_QUOTA_VIOLATION")
		must(t, end(n, target, source, h))
		next.Start = april.AddDate(0, 1, 0)
		if _, err := target.InviteToTransferResponsibility(next, n.find); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}

	n := newNeighbours()
	target, source, other := n.found(t, 1), n.found(t, 2), n.found(t, 3)
	id := n.transfer(t, target, source)
	_, err := target.WithdrawTransfer(id, time.Date(2026, 4, 30, 23, 59, 59, 0, time.UTC), n.draft)
	must(t, err)
	in := offer(other, source)
	in.Start = april.AddDate(0, 1, 0)
	h, err := other.InviteToTransferResponsibility(in, n.find)
	must(t, err)
	must(t, n.accept(other, source, h)) // one month is paid by the one, the next by the other
	again := offer(target, source)
	again.Start = in.Start
	h, err = target.InviteToTransferResponsibility(again, n.find)
	must(t, err)
	refused(t, n.accept(target, source, h), ConstraintViolation, "RESPONSIBILITY_TRANSFER_MAX_OUTBOUND_QUOTA_VIOLATION")
}

// TestTransferInvitationsAreForgotten: what came to nothing is, thirty days later; what
// was agreed to is not.
func TestTransferInvitationsAreForgotten(t *testing.T) {
	n := newNeighbours()
	target, source := n.found(t, 1), n.found(t, 2)
	kept := n.transfer(t, target, source)
	h := n.invite(t, target, n.found(t, 3))
	n.until(h.Expires.Add(30*24*time.Hour - time.Microsecond))
	tidy(target)
	_, err := target.ResponsibilityTransfer(h.Transfer, target.now)
	must(t, err)
	n.later(time.Microsecond)
	_, err = target.ResponsibilityTransfer(h.Transfer, target.now)
	refused(t, err, ResponsibilityTransferNotFound, "")
	if listed := values(target.ResponsibilityTransfers(Inbound, target.now, "")); len(listed) != 1 || listed[0].ID != kept {
		t.Errorf("listed: %v", listed)
	}
	tidy(target)
	if target.transfers.Len() != 1 || target.handshakes.Len() != 0 {
		t.Errorf("%d transfers and %d handshakes are kept", target.transfers.Len(), target.handshakes.Len())
	}
}

// TestDeletionWaitsForTransfers: on both sides until they end.
func TestDeletionWaitsForTransfers(t *testing.T) {
	const busy = "ACTIVE_RESPONSIBILITY_TRANSFER_PROCESS"
	n := newNeighbours()
	target, source := n.found(t, 1), n.found(t, 2)
	h := n.invite(t, target, source)
	refused(t, target.Fork(target.now).DeleteOrganization(), ConstraintViolation, busy)
	must(t, source.Fork(source.now).DeleteOrganization())
	must(t, n.accept(target, source, h))
	n.until(april)
	for _, d := range n.of {
		refused(t, d.Fork(d.now).DeleteOrganization(), ConstraintViolation, busy)
	}
	must(t, withdraw(n, target, h.Transfer))
	for _, d := range n.of {
		refused(t, d.Fork(d.now).DeleteOrganization(), ConstraintViolation, busy)
	}
	n.until(april.AddDate(0, 1, 0))
	for _, d := range n.of {
		must(t, d.Fork(d.now).DeleteOrganization())
	}

	target, source = n.found(t, 3), n.found(t, 4)
	_, err := target.DeclineHandshake(n.invite(t, target, source).ID, factsOfOwner(source))
	must(t, err)
	must(t, target.DeleteOrganization())
}

// TestWithdrawalNeedsBothSides: nothing changes where the other organization cannot be
// changed.
func TestWithdrawalNeedsBothSides(t *testing.T) {
	n := newNeighbours()
	target, source := n.found(t, 1), n.found(t, 2)
	id := n.transfer(t, target, source)
	fork := target.Fork(target.now)
	if _, err := fork.WithdrawTransfer(id, time.Time{}, func(ID) (*Draft, error) { return nil, errNowhere }); !errors.Is(err, errNowhere) {
		t.Errorf("without the other side: %v", err)
	}
	if _, err := fork.WithdrawTransfer(id, time.Time{}, func(ID) (*Draft, error) { return n.found(t, 3), nil }); err == nil {
		t.Error("the other side knows nothing of it")
	}
	if len(fork.Changes()) != len(target.Changes()) {
		t.Error("something changed")
	}
}
