package org

import (
	"iter"
	"time"
)

// closureWindow is the time over which AWS counts closed accounts.
const closureWindow = 30 * 24 * time.Hour

// CloseAccount begins to close a member account: FinishClosing ends it. It
// returns UnsupportedAPIEndpoint, AccountNotFound, Conflict while the account is
// closing, AccountAlreadyClosed, and ConstraintViolation
// ORGANIZATION_NOT_IN_ALL_FEATURES_MODE, CANNOT_CLOSE_MANAGEMENT_ACCOUNT,
// CLOSE_ACCOUNT_REQUESTS_LIMIT_EXCEEDED and CLOSE_ACCOUNT_QUOTA_EXCEEDED.
func (d *Draft) CloseAccount(id AccountID) error {
	if err := d.requireAccountVending(); err != nil {
		return err
	}
	account, err := d.Account(id)
	if err != nil {
		return err
	}
	if err := d.mayClose(account); err != nil {
		return err
	}
	closing := *account
	closing.State, closing.CloseAsked = PendingClosure, d.now
	d.put(&closing)
	return nil
}

// mayClose refuses to close an account.
func (d *Draft) mayClose(account *Account) error {
	if err := d.requireAllFeatures(); err != nil {
		return err
	}
	switch {
	case account.ID == d.settings.ManagementAccount:
		return violate("CANNOT_CLOSE_MANAGEMENT_ACCOUNT")
	case account.State == PendingClosure:
		return refuse(Conflict)
	case account.State == Closed:
		return refuse(AccountAlreadyClosed)
	case d.closing() >= d.rules.ConcurrentClosures:
		return violate("CLOSE_ACCOUNT_REQUESTS_LIMIT_EXCEEDED")
	case d.closedRecently() >= d.rules.ClosuresPerMonth(d.accounts.Len()):
		return violate("CLOSE_ACCOUNT_QUOTA_EXCEEDED")
	}
	return nil
}

// closing counts the accounts that are being closed.
func (d *Draft) closing() int { return count(d.closures, key(string(PendingClosure), ""), "") }

// closedRecently counts the accounts whose closing was asked for within the
// window. The quota bounds the count.
func (d *Draft) closedRecently() int {
	start := Cursor(at(d.now.Add(-closureWindow)))
	return count(d.closures, key(string(PendingClosure), ""), start) + count(d.closures, key(string(Closed), ""), start)
}

// FinishClosing closes an account whose closing was begun. It stays listed, with
// its attachments, tags and delegations, until it is purged. It returns
// AccountNotFound, and Conflict when the account is not closing.
func (d *Draft) FinishClosing(id AccountID) error {
	account, err := d.Account(id)
	if err != nil {
		return err
	}
	if account.State != PendingClosure {
		return refuse(Conflict)
	}
	closed := *account
	closed.State, closed.ClosedAt = Closed, d.now
	d.put(&closed)
	return nil
}

// CloseWithPair closes a member account in AWS GovCloud (US) whose pair in the partition
// aws is closed. It stays listed until it is purged. It returns AccountNotFound, and
// Conflict for the management account and for an account that is closed.
func (d *Draft) CloseWithPair(id AccountID) error {
	account, err := d.Account(id)
	if err != nil {
		return err
	}
	if id == d.settings.ManagementAccount || account.State == Closed {
		return refuse(Conflict)
	}
	closed := *account
	closed.State, closed.CloseAsked, closed.ClosedAt = Closed, d.now, d.now
	d.put(&closed)
	return nil
}

// FailClosing makes an account active again that is closing. It returns
// AccountNotFound, and Conflict when the account is not closing.
func (d *Draft) FailClosing(id AccountID) error {
	account, err := d.Account(id)
	if err != nil {
		return err
	}
	if account.State != PendingClosure {
		return refuse(Conflict)
	}
	return d.Reinstate(id)
}

// Reinstate makes an account active again that is closed or closing, as AWS
// Support does within the retention period. It returns AccountNotFound, and
// Conflict when the account is neither or the period is over.
func (d *Draft) Reinstate(id AccountID) error {
	account, err := d.Account(id)
	if err != nil {
		return err
	}
	if account.State != PendingClosure && account.State != Closed || d.rules.over(account, d.now) {
		return refuse(Conflict)
	}
	active := *account
	active.State, active.CloseAsked, active.ClosedAt = Active, time.Time{}, time.Time{}
	d.put(&active)
	return nil
}

// over tells whether the retention period of a closed account is over.
func (r *Rules) over(account *Account, now time.Time) bool {
	return account.State == Closed && !now.Before(account.ClosedAt.Add(r.ClosedRetention))
}

// Purge removes a closed account for good, with what the organization keeps
// about it, when the retention period is over. It returns AccountNotFound, and
// Conflict when the account is not closed or was closed too short a time ago.
func (d *Draft) Purge(id AccountID) error {
	account, err := d.Account(id)
	if err != nil {
		return err
	}
	if !d.rules.over(account, d.now) {
		return refuse(Conflict)
	}
	d.dropDelegations(account.ID)
	d.dropAccount(account)
	return nil
}

// PurgeDue lists the closed accounts whose retention period is over at a time, those
// first that were closed first.
func (o *Organization) PurgeDue(rules *Rules, now time.Time) iter.Seq[*Account] {
	return func(yield func(*Account) bool) {
		o.closed.Scan(func(_ string, a *Account) bool { return rules.over(a, now) && yield(a) })
	}
}

// NextPurge returns when the retention period of a closed account is over next, and
// whether there is a closed account.
func (d *Draft) NextPurge() (time.Time, bool) {
	_, account, some := d.closed.Min()
	if !some {
		return time.Time{}, false
	}
	return account.ClosedAt.Add(d.rules.ClosedRetention), true
}
