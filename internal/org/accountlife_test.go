package org

import (
	"testing"
	"time"
)

// TestAccountLife: every state of an account meets every event of its life, and becomes
// what the event says or stays as it was.
func TestAccountLife(t *testing.T) {
	const id = AccountID("222222222222")
	type outcome struct {
		kind   Kind
		reason Reason
	}
	var (
		ok       = outcome{}
		gone     = outcome{AccountNotFound, ""}
		conflict = outcome{Conflict, ""}
		cannot   = func(reason Reason) outcome { return outcome{ConstraintViolation, reason} }
		stays    = cannot("ACCOUNT_CANNOT_LEAVE_ORGANIZATION")
		waits    = cannot("WAIT_PERIOD_ACTIVE")
		inactive = cannot("CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR")
		already  = outcome{AccountAlreadyClosed, ""}
	)
	events := []struct {
		name    string
		happens func(*Draft, AccountID) error
		becomes AccountState // "" for gone
	}{
		{"is closed", (*Draft).CloseAccount, PendingClosure},
		{"has been closed", (*Draft).FinishClosing, Closed},
		{"is reinstated", (*Draft).Reinstate, Active},
		{"is purged", (*Draft).Purge, ""},
		{"leaves", func(d *Draft, id AccountID) error { return d.Leave(id) }, ""},
		{"is suspended", func(d *Draft, id AccountID) error { return d.SetState(id, Suspended) }, Suspended},
		{"is activated", func(d *Draft, id AccountID) error { return d.SetState(id, Active) }, Active},
		{"is registered", func(d *Draft, id AccountID) error {
			return d.RegisterDelegatedAdministrator(id, "config.amazonaws.com")
		}, Active},
		{"is closed with its pair", (*Draft).CloseWithPair, Closed},
	}
	closed := func(t *testing.T, d *Draft) {
		must(t, d.CloseAccount(invited(d, id).ID))
		must(t, d.FinishClosing(id))
	}
	for _, c := range []struct {
		name string
		make func(*testing.T, *Draft)
		want [9]outcome
	}{
		{"never heard of", func(*testing.T, *Draft) {}, [9]outcome{gone, gone, gone, gone, gone, gone, gone, gone, gone}},
		{"asked for", func(t *testing.T, d *Draft) {
			_, err := d.CreateAccount(NewAccount{Email: "new@example.com", Name: "New"})
			must(t, err)
		}, [9]outcome{gone, gone, gone, gone, gone, gone, gone, gone, gone}},
		{"created", func(t *testing.T, d *Draft) { grown(t, d, id) }, [9]outcome{ok, conflict, conflict, conflict, waits, ok, ok, ok, ok}},
		{"created four days ago", func(t *testing.T, d *Draft) { grown(t, d, id); later(d, 4*24*time.Hour) },
			[9]outcome{ok, conflict, conflict, conflict, ok, ok, ok, ok, ok}},
		{"invited", func(_ *testing.T, d *Draft) { invited(d, id) }, [9]outcome{ok, conflict, conflict, conflict, ok, ok, ok, ok, ok}},
		{"waiting for its activation", func(t *testing.T, d *Draft) { must(t, d.SetState(invited(d, id).ID, PendingActivation)) },
			[9]outcome{ok, conflict, conflict, conflict, stays, ok, ok, inactive, ok}},
		{"suspended", func(t *testing.T, d *Draft) { must(t, d.SetState(invited(d, id).ID, Suspended)) },
			[9]outcome{ok, conflict, conflict, conflict, stays, ok, ok, inactive, ok}},
		{"closing", func(t *testing.T, d *Draft) { must(t, d.CloseAccount(invited(d, id).ID)) },
			[9]outcome{conflict, ok, ok, conflict, stays, conflict, conflict, inactive, ok}},
		{"closed", closed, [9]outcome{already, conflict, ok, conflict, stays, conflict, conflict, inactive, conflict}},
		{"closed almost ninety days ago", func(t *testing.T, d *Draft) { closed(t, d); later(d, 90*24*time.Hour-time.Microsecond) },
			[9]outcome{already, conflict, ok, conflict, stays, conflict, conflict, inactive, conflict}},
		{"closed ninety days ago", func(t *testing.T, d *Draft) { closed(t, d); later(d, 90*24*time.Hour) },
			[9]outcome{already, conflict, conflict, ok, stays, conflict, conflict, inactive, conflict}},
		{"closed and reinstated", func(t *testing.T, d *Draft) { closed(t, d); must(t, d.Reinstate(id)) },
			[9]outcome{ok, conflict, conflict, conflict, ok, ok, ok, ok, ok}},
		{"purged", func(t *testing.T, d *Draft) { closed(t, d); later(d, 90*24*time.Hour); must(t, d.Purge(id)) },
			[9]outcome{gone, gone, gone, gone, gone, gone, gone, gone, gone}},
		{"gone", func(t *testing.T, d *Draft) { must(t, d.Leave(invited(d, id).ID)) }, [9]outcome{gone, gone, gone, gone, gone, gone, gone, gone, gone}},
		{"a delegated administrator", func(t *testing.T, d *Draft) {
			must(t, d.RegisterDelegatedAdministrator(invited(d, id).ID, "config.amazonaws.com"))
		}, [9]outcome{ok, conflict, conflict, conflict, cannot("CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG"), ok, ok, {AccountAlreadyRegistered, ""}, ok}},
	} {
		for i, event := range events {
			t.Run(c.name+" "+event.name, func(t *testing.T) {
				d := founded(t)
				must(t, d.EnableService("config.amazonaws.com"))
				c.make(t, d)
				before, _ := d.accounts.Get(string(id))
				err := event.happens(d, id)
				after, _ := d.accounts.Get(string(id))
				switch want := c.want[i]; {
				case want != ok:
					refused(t, err, want.kind, want.reason)
					if before != after {
						t.Errorf("it was %+v and is %+v", before, after)
					}
				case err != nil:
					t.Error(err)
				case event.becomes == "" && after != nil, event.name != "is registered" && event.becomes != "" && after.State != event.becomes:
					t.Errorf("it is %+v", after)
				}
			})
		}
	}
}

// TestManagementAccountLife: nothing of a member's life happens to who owns the
// organization.
func TestManagementAccountLife(t *testing.T) {
	d := founded(t)
	must(t, d.EnableService("config.amazonaws.com"))
	id := management.ID
	refused(t, d.CloseAccount(id), ConstraintViolation, "CANNOT_CLOSE_MANAGEMENT_ACCOUNT")
	refused(t, d.FinishClosing(id), Conflict, "")
	refused(t, d.Reinstate(id), Conflict, "")
	refused(t, d.Purge(id), Conflict, "")
	refused(t, d.Leave(id), MasterCannotLeaveOrganization, "")
	refused(t, d.RegisterDelegatedAdministrator(id, "config.amazonaws.com"), ConstraintViolation, "CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR")
}
