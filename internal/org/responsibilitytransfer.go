package org

import (
	"iter"
	"time"
)

// TransferOfBilling is the only type of responsibility transfers, as ARNs and
// condition keys spell it: the target pays the bills of the source.
const TransferOfBilling = "billing"

// TransferDirection is the side on which an organization takes part in a
// responsibility transfer, as ARNs and condition keys spell it.
type TransferDirection string

// The directions: the target of a transfer calls it inbound, its source outbound.
const (
	Inbound  TransferDirection = "inbound"
	Outbound TransferDirection = "outbound"
)

// TransferStatus is how far a responsibility transfer has come.
type TransferStatus string

// The statuses of the model that are not those of the invitation.
const (
	TransferAccepted  TransferStatus = "ACCEPTED"
	TransferWithdrawn TransferStatus = "WITHDRAWN"
)

// Participant is one side of a responsibility transfer. Until the source accepts,
// nothing is known of it but what the invitation says.
type Participant struct {
	Organization ID        `json:"organization,omitempty"`
	Account      AccountID `json:"account,omitempty"` // the management account
	Email        string    `json:"email,omitempty"`   // of the management account
}

// ResponsibilityTransfer is the arrangement that one organization, the target, pays
// the bills of another one, the source. The target has a document of it from the
// invitation on, the source from the acceptance on.
type ResponsibilityTransfer struct {
	ID        TransferID        `json:"id"`
	Direction TransferDirection `json:"direction"`
	Name      string            `json:"name,omitempty"` // that the target gave it; the source is not told
	Source    Participant       `json:"source"`
	Target    Participant       `json:"target"`
	Requested time.Time         `json:"requested"`
	Start     time.Time         `json:"start"`
	End       time.Time         `json:"end,omitzero"`      // when it was withdrawn: its last moment
	Accepted  time.Time         `json:"accepted,omitzero"` // before, it is as the handshake is
	Handshake HandshakeID       `json:"handshake"`
	Tags      Tags              `json:"tags,omitempty"`
}

func (t *ResponsibilityTransfer) kind() string { return kindTransfer }
func (t *ResponsibilityTransfer) id() string   { return string(t.ID) }

func (t *ResponsibilityTransfer) put(o *Organization) {
	o.transfers.Set(string(t.ID), t)
	o.transfersByDirection.Set(key(string(t.Direction), t.place()), t)
	if !t.Accepted.IsZero() {
		o.transfersByEnd.Set(t.period(), t)
	}
}

func (t *ResponsibilityTransfer) remove(o *Organization) {
	o.transfers.Delete(string(t.ID))
	o.transfersByDirection.Delete(key(string(t.Direction), t.place()))
	o.transfersByEnd.Delete(t.period())
}

// place is the place of a transfer in lists.
func (t *ResponsibilityTransfer) place() string { return key(at(t.Requested), string(t.ID)) }

// period orders transfers by their ends. One that was not withdrawn has none, which
// comes after all others.
func (t *ResponsibilityTransfer) period() string {
	end := "never"
	if !t.End.IsZero() {
		end = at(t.End)
	}
	return key(string(t.Direction), end, string(t.ID))
}

// TransferStatus returns how far a transfer of the organization has come at a time:
// as far as its invitation, until that is accepted.
func (o *Organization) TransferStatus(t *ResponsibilityTransfer, now time.Time) TransferStatus {
	switch {
	case !t.End.IsZero():
		return TransferWithdrawn
	case !t.Accepted.IsZero():
		return TransferAccepted
	}
	h, _ := o.handshakes.Get(string(t.Handshake))
	return TransferStatus(o.present(h, now).State)
}

// shownTransfer tells whether a transfer is still shown at a time: invitations that
// were not accepted are forgotten, transfers are not.
func (o *Organization) shownTransfer(t *ResponsibilityTransfer, now time.Time) bool {
	if !t.Accepted.IsZero() {
		return true
	}
	h, _ := o.handshakes.Get(string(t.Handshake))
	_, shown := o.shown(h, now)
	return shown
}

// MayTransferResponsibility returns ConstraintViolation
// ORGANIZATION_NOT_IN_ALL_FEATURES_MODE for an organization that has no
// responsibility transfers.
func (o *Organization) MayTransferResponsibility() error { return o.requireAllFeatures() }

// ResponsibilityTransfer returns a transfer in which the organization takes part. It
// returns ResponsibilityTransferNotFound.
func (o *Organization) ResponsibilityTransfer(id TransferID, now time.Time) (*ResponsibilityTransfer, error) {
	if t, ok := o.transfers.Get(string(id)); ok && o.shownTransfer(t, now) {
		return t, nil
	}
	return nil, refuse(ResponsibilityTransferNotFound)
}

// ResponsibilityTransfers lists the transfers in one direction in the order in which
// they were asked for, from behind the cursor.
func (o *Organization) ResponsibilityTransfers(direction TransferDirection, now time.Time, after Cursor) iter.Seq2[Cursor, *ResponsibilityTransfer] {
	return func(yield func(Cursor, *ResponsibilityTransfer) bool) {
		for cursor, t := range walk(o.transfersByDirection, key(string(direction), ""), after) {
			if o.shownTransfer(t, now) && !yield(cursor, t) {
				return
			}
		}
	}
}

// unended lists the accepted transfers in one direction that have not ended before a
// time.
func (o *Organization) unended(direction TransferDirection, from time.Time) iter.Seq2[Cursor, *ResponsibilityTransfer] {
	return walk(o.transfersByEnd, key(string(direction), ""), Cursor(at(from)))
}

// askedToTransfer lists the open invitations to transfer responsibility to the
// organization.
func (o *Organization) askedToTransfer(now time.Time) iter.Seq[*Handshake] {
	return func(yield func(*Handshake) bool) {
		for _, h := range walk(o.handshakesByState, key(string(ActionTransferResponsibility), string(HandshakeRequested), ""), "") {
			if !o.present(h, now).State.Ended() && !yield(h) {
				return
			}
		}
	}
}

// transfersResponsibility tells whether a transfer of the organization is pending or
// has not ended.
func (d *Draft) transfersResponsibility() bool {
	for range d.askedToTransfer(d.now) {
		return true
	}
	for _, direction := range []TransferDirection{Inbound, Outbound} {
		for range d.unended(direction, d.now) {
			return true
		}
	}
	return false
}

// TransferOf returns the transfer that a handshake of the organization is about.
func (o *Organization) TransferOf(h *Handshake) *ResponsibilityTransfer {
	t, _ := o.transfers.Get(string(h.Transfer))
	return t
}
