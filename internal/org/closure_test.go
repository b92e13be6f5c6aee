package org

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

func TestCloseAccountRefusals(t *testing.T) {
	const id = AccountID("222222222222")
	for _, c := range []struct {
		name    string
		prepare func(*testing.T, *Draft)
		id      AccountID
		kind    Kind
		reason  Reason
	}{
		{"unknown", nil, "999999999999", AccountNotFound, ""},
		{"management account", nil, management.ID, ConstraintViolation, "CANNOT_CLOSE_MANAGEMENT_ACCOUNT"},
		{"closing", func(t *testing.T, d *Draft) { must(t, d.CloseAccount(id)) }, id, Conflict, ""},
		{"closed", func(t *testing.T, d *Draft) { must(t, d.CloseAccount(id)); must(t, d.FinishClosing(id)) }, id, AccountAlreadyClosed, ""},
		{"three closing", func(t *testing.T, d *Draft) {
			for i := range 3 {
				must(t, d.CloseAccount(invited(d, AccountID(fmt.Sprintf("33333333333%d", i))).ID))
			}
		}, id, ConstraintViolation, "CLOSE_ACCOUNT_REQUESTS_LIMIT_EXCEEDED"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := founded(t)
			invited(d, id)
			if c.prepare != nil {
				c.prepare(t, d)
			}
			refused(t, d.CloseAccount(c.id), c.kind, c.reason)
		})
	}
}

func TestCloseAccountNeedsAllFeatures(t *testing.T) {
	d := billing(t)
	grown(t, d, "222222222222")
	refused(t, d.CloseAccount("222222222222"), ConstraintViolation, "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE")
}

func TestCloseAccountInGovCloud(t *testing.T) {
	rules := AWSRules()
	rules.Partition = PartitionGovCloud
	d := foundedBy(t, rules)
	refused(t, d.CloseAccount(invited(d, "222222222222").ID), UnsupportedAPIEndpoint, "")
}

func TestCloseAccountQuota(t *testing.T) {
	rules := AWSRules()
	members := 0
	rules.ClosuresPerMonth = func(n int) int { members = n; return 2 }
	d := foundedBy(t, rules)
	for i := range 4 {
		invited(d, AccountID(fmt.Sprintf("22222222222%d", i)))
	}
	must(t, d.CloseAccount("222222222220"))
	must(t, d.FinishClosing("222222222220"))
	later(d, 10*24*time.Hour)
	must(t, d.CloseAccount("222222222221"))
	refused(t, d.CloseAccount("222222222222"), ConstraintViolation, "CLOSE_ACCOUNT_QUOTA_EXCEEDED")
	if members != 5 {
		t.Errorf("the quota was asked for %d accounts", members)
	}
	later(d, 20*24*time.Hour+time.Microsecond)
	must(t, d.CloseAccount("222222222222"))
	refused(t, d.CloseAccount("222222222223"), ConstraintViolation, "CLOSE_ACCOUNT_QUOTA_EXCEEDED")
}

func TestClosing(t *testing.T) {
	const id = AccountID("222222222222")
	d := founded(t)
	invited(d, id)
	state := func(want AccountState, status string) {
		t.Helper()
		account, err := d.Account(id)
		must(t, err)
		if account.State != want || account.State.Status() != status {
			t.Errorf("state %s, status %s, want %s, %s", account.State, account.State.Status(), want, status)
		}
	}
	refused(t, d.FinishClosing(id), Conflict, "")
	refused(t, d.Reinstate(id), Conflict, "")
	refused(t, d.FailClosing(id), Conflict, "")
	refused(t, d.Purge(id), Conflict, "")
	state(Active, "ACTIVE")

	must(t, d.CloseAccount(id))
	state(PendingClosure, "PENDING_CLOSURE")
	refused(t, d.Purge(id), Conflict, "")
	must(t, d.FailClosing(id))
	state(Active, "ACTIVE")
	if d.closures.Len() != 0 {
		t.Error("a reinstated account counts as closed")
	}

	must(t, d.CloseAccount(id))
	must(t, d.FinishClosing(id))
	state(Closed, "SUSPENDED")
	refused(t, d.FinishClosing(id), Conflict, "")
	refused(t, d.FailClosing(id), Conflict, "")
	must(t, d.Reinstate(id))
	state(Active, "ACTIVE")

	must(t, d.CloseAccount(id))
	must(t, d.FinishClosing(id))
	later(d, 90*24*time.Hour-time.Microsecond)
	refused(t, d.Purge(id), Conflict, "")
	d.put(&Delegation{Account: id, Principal: "config.amazonaws.com", Enabled: d.now})
	later(d, time.Microsecond)
	must(t, d.Purge(id))
	_, err := d.Account(id)
	refused(t, err, AccountNotFound, "")
	if d.closures.Len() != 0 || d.delegations.Len() != 0 {
		t.Error("a purged account left something")
	}
}

// An account that is closed with its pair was not closing before, and is purged as others are.
func TestCloseWithPair(t *testing.T) {
	d := founded(t)
	refused(t, d.CloseWithPair(management.ID), Conflict, "")
	must(t, d.CloseWithPair(invited(d, "222222222222").ID))
	if due, some := d.NextPurge(); !some || !due.Equal(d.now.Add(d.rules.ClosedRetention)) {
		t.Errorf("it is purged %v (%v)", due, some)
	}
}

func TestClosingUnknownAccount(t *testing.T) {
	d := founded(t)
	refused(t, d.FinishClosing("999999999999"), AccountNotFound, "")
	refused(t, d.Reinstate("999999999999"), AccountNotFound, "")
	refused(t, d.FailClosing("999999999999"), AccountNotFound, "")
	refused(t, d.Purge("999999999999"), AccountNotFound, "")
}

func TestStatusOfState(t *testing.T) {
	for state, want := range map[AccountState]string{
		PendingActivation: "ACTIVE", Active: "ACTIVE", Suspended: "SUSPENDED", PendingClosure: "PENDING_CLOSURE", Closed: "SUSPENDED",
		"NEW": "NEW",
	} {
		if got := state.Status(); got != want {
			t.Errorf("%s: %s, want %s", state, got, want)
		}
	}
}

// TestPurgeDue: accounts are due in the order in which they were closed, however long
// their closing took, and none before its time.
func TestPurgeDue(t *testing.T) {
	d := founded(t)
	d.rules.Accounts, d.rules.ConcurrentClosures = 100, 100
	if due, some := d.NextPurge(); some {
		t.Errorf("something is due %v", due)
	}
	ids := []AccountID{"333333333331", "333333333332", "333333333333", "333333333334"}
	for _, id := range ids {
		invited(d, id)
		must(t, d.CloseAccount(id))
	}
	slices.Reverse(ids) // those asked for last are closed first
	first := d.now.Add(time.Hour)
	for _, id := range ids {
		later(d, time.Hour)
		must(t, d.FinishClosing(id))
	}
	if due, some := d.NextPurge(); !some || !due.Equal(first.Add(d.rules.ClosedRetention)) {
		t.Errorf("due is %v, %v", due, some)
	}
	purged := func(want ...AccountID) {
		t.Helper()
		var got []AccountID
		for account := range d.PurgeDue(d.rules, d.now) {
			got = append(got, account.ID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("due are %v, want %v", got, want)
		}
		for _, id := range got {
			must(t, d.Purge(id))
		}
	}
	later(d, d.rules.ClosedRetention-3*time.Hour-time.Microsecond)
	purged()
	later(d, time.Microsecond)
	purged(ids[0])
	must(t, d.Reinstate(ids[1]))
	later(d, 100*time.Hour)
	purged(ids[2], ids[3])
	if _, some := d.NextPurge(); some || d.accounts.Len() != 2 || d.closed.Len() != 0 {
		t.Errorf("%d accounts are left", d.accounts.Len())
	}
}
