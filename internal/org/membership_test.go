package org

import (
	"testing"
	"time"
)

func TestMoveAccount(t *testing.T) {
	d := founded(t)
	root := ParentID(d.root.ID)
	a, b := unit(t, d, root, "A"), unit(t, d, root, "B")
	grown(t, d, "222222222222")
	for _, c := range []struct {
		name     string
		id       AccountID
		from, to ParentID
		kind     Kind
	}{
		{"unknown account", "999999999999", root, a, AccountNotFound},
		{"unknown account before unknown source", "999999999999", "ou-xxxx-xxxxxxxx", a, AccountNotFound},
		{"unknown source", "222222222222", "ou-xxxx-xxxxxxxx", a, SourceParentNotFound},
		{"other root as source", "222222222222", "r-xxxx", a, SourceParentNotFound},
		{"unknown destination", "222222222222", root, "ou-xxxx-xxxxxxxx", DestinationParentNotFound},
		{"other root as destination", "222222222222", root, "r-xxxx", DestinationParentNotFound},
		{"not below the source", "222222222222", b, a, AccountNotFound},
		{"not below the source, which is the destination", "222222222222", b, b, AccountNotFound},
		{"already there", "222222222222", root, root, DuplicateAccount},
	} {
		t.Run(c.name, func(t *testing.T) { refused(t, d.MoveAccount(c.id, c.from, c.to), c.kind, "") })
	}

	for _, id := range []AccountID{"222222222222", management.ID} {
		must(t, d.MoveAccount(id, root, a))
		must(t, d.MoveAccount(id, a, b))
		if parent, err := d.Parent(ChildID(id)); err != nil || parent != b {
			t.Errorf("parent of %s: %v %v", id, parent, err)
		}
	}
	for parent, want := range map[ParentID]int{root: 0, a: 0, b: 2} {
		accounts, err := d.AccountsForParent(parent, "")
		must(t, err)
		if got := len(values(accounts)); got != want {
			t.Errorf("%d accounts below %s, want %d", got, parent, want)
		}
	}
}

func TestMoveClosedAccount(t *testing.T) {
	d := founded(t)
	a := unit(t, d, ParentID(d.root.ID), "A")
	grown(t, d, "222222222222")
	must(t, d.CloseAccount("222222222222"))
	must(t, d.FinishClosing("222222222222"))
	must(t, d.MoveAccount("222222222222", ParentID(d.root.ID), a))
}

func TestRemoveAccount(t *testing.T) {
	for _, c := range []struct {
		name    string
		prepare func(*testing.T, *Draft)
		id      AccountID
		kind    Kind
		reason  Reason
	}{
		{"unknown", nil, "999999999999", AccountNotFound, ""},
		{"management account", nil, management.ID, MasterCannotLeaveOrganization, ""},
		{"created less than four days ago", func(t *testing.T, d *Draft) { later(d, 4*24*time.Hour-time.Microsecond) }, "222222222222", ConstraintViolation, "WAIT_PERIOD_ACTIVE"},
		{"closing", func(t *testing.T, d *Draft) { must(t, d.CloseAccount("333333333333")) }, "333333333333", ConstraintViolation, "ACCOUNT_CANNOT_LEAVE_ORGANIZATION"},
		{"closed", func(t *testing.T, d *Draft) {
			must(t, d.CloseAccount("333333333333"))
			must(t, d.FinishClosing("333333333333"))
		}, "333333333333", ConstraintViolation, "ACCOUNT_CANNOT_LEAVE_ORGANIZATION"},
		{"delegated administrator", func(t *testing.T, d *Draft) {
			d.put(&Delegation{Account: "333333333333", Principal: "config.amazonaws.com", Enabled: d.now})
		}, "333333333333", ConstraintViolation, "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := founded(t)
			grown(t, d, "222222222222")
			invited(d, "333333333333")
			if c.prepare != nil {
				c.prepare(t, d)
			}
			refused(t, d.RemoveAccount(c.id), c.kind, c.reason)
			refused(t, d.Leave(c.id), c.kind, c.reason)
		})
	}
}

func TestRemovedAccountLeavesNothing(t *testing.T) {
	d := founded(t)
	grown(t, d, "222222222222")
	invited(d, "333333333333")
	must(t, d.Leave("333333333333"))
	later(d, 4*24*time.Hour)
	must(t, d.RemoveAccount("222222222222"))
	for _, id := range []AccountID{"222222222222", "333333333333"} {
		_, err := d.Account(id)
		refused(t, err, AccountNotFound, "")
		_, err = d.Parent(ChildID(id))
		refused(t, err, ChildNotFound, "")
		if d.Standing(id) != Outside {
			t.Errorf("%s stands %d", id, d.Standing(id))
		}
	}
	if got := values(d.Accounts("")); len(got) != 1 || d.accountsByParent.Len() != 1 {
		t.Errorf("%d accounts are listed", len(got))
	}
}

// TestLeavingNeeds: what an account lacks keeps it from standing alone, if it is
// something that AWS asks for.
func TestLeavingNeeds(t *testing.T) {
	want := map[Requirement]Reason{
		PaymentMethod: "MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED", SupportedPaymentMethod: "INVALID_PAYMENT_INSTRUMENT",
		PhoneVerification: "ACCOUNT_CANNOT_LEAVE_WITHOUT_PHONE_VERIFICATION", Agreement: "ACCOUNT_CANNOT_LEAVE_WITHOUT_EULA",
	}
	for _, lack := range Requirements() {
		d := founded(t)
		invited(d, "333333333333")
		err := d.RemoveAccount("333333333333", lack)
		if reason := want[lack]; reason != "" {
			refused(t, err, ConstraintViolation, reason)
		} else {
			must(t, err)
		}
	}
	d := founded(t)
	invited(d, "333333333333")
	refused(t, d.Leave("333333333333", Agreement, PaymentMethod), ConstraintViolation, "MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED")
}
