package org

import "time"

// RenameTransfer changes what the target of a transfer calls it. It returns
// ResponsibilityTransferNotFound, InvalidInput
// UNSUPPORTED_ACTION_IN_RESPONSIBILITY_TRANSFER for the source, and
// ConstraintViolation TRANSFER_RESPONSIBILITY_UPDATE_NOT_ALLOWED for an invitation that came to nothing.
func (d *Draft) RenameTransfer(id TransferID, name string) (*ResponsibilityTransfer, error) {
	t, err := d.ResponsibilityTransfer(id, d.now)
	if err != nil {
		return nil, err
	}
	if t.Direction == Outbound {
		return nil, invalid("UNSUPPORTED_ACTION_IN_RESPONSIBILITY_TRANSFER")
	}
	if status := d.TransferStatus(t, d.now); t.Accepted.IsZero() && status != TransferStatus(HandshakeRequested) {
		return nil, violate("TRANSFER_RESPONSIBILITY_UPDATE_NOT_ALLOWED")
	}
	renamed := *t
	renamed.Name = name
	d.put(&renamed)
	return &renamed, nil
}

// WithdrawTransfer ends a transfer for both of its sides, with the month that end
// lies in, or with the present one when end is zero. Nobody can take that back, but
// there may be another transfer from then on. It returns
// ResponsibilityTransferNotFound, ResponsibilityTransferAlreadyInStatus,
// InvalidResponsibilityTransferTransition for what was not accepted, and InvalidInput
// END_DATE_NOT_END_OF_MONTH, END_DATE_TOO_EARLY and, for a month after the next one,
// INVALID_END_DATE.
func (d *Draft) WithdrawTransfer(id TransferID, end time.Time, other func(ID) (*Draft, error)) (*ResponsibilityTransfer, error) {
	t, err := d.ResponsibilityTransfer(id, d.now)
	switch {
	case err != nil:
		return nil, err
	case !t.End.IsZero():
		return nil, refuse(ResponsibilityTransferAlreadyInStatus)
	case t.Accepted.IsZero():
		return nil, refuse(InvalidResponsibilityTransferTransition)
	}
	if end, err = d.lastMoment(end); err != nil {
		return nil, err
	}
	otherSide, err := other(t.other().Organization)
	if err != nil {
		return nil, err
	}
	theirs, err := otherSide.ResponsibilityTransfer(id, d.now)
	if err != nil {
		return nil, err
	}
	mine, yours := *t, *theirs
	mine.End, yours.End = end, end
	d.put(&mine)
	otherSide.put(&yours)
	return &mine, nil
}

// other is the side of a transfer that is not the organization's own.
func (t *ResponsibilityTransfer) other() Participant {
	if t.Direction == Inbound {
		return t.Source
	}
	return t.Target
}

// lastMoment returns the last millisecond of the month with which a transfer is to
// end. Many clients send whole seconds, so that any moment of the month's last second
// means the same.
func (d *Draft) lastMoment(end time.Time) (time.Time, error) {
	const moment = time.Millisecond
	next := monthOf(d.now).AddDate(0, 1, 0)
	if end.IsZero() {
		return next.Add(-moment), nil
	}
	following := monthOf(end).AddDate(0, 1, 0)
	switch {
	case following.Sub(end) > time.Second:
		return time.Time{}, invalid("END_DATE_NOT_END_OF_MONTH")
	case following.Before(next):
		return time.Time{}, invalid("END_DATE_TOO_EARLY")
	case following.After(next.AddDate(0, 1, 0)):
		return time.Time{}, invalid("INVALID_END_DATE")
	}
	return following.Add(-moment), nil
}
