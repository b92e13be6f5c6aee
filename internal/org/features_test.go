package org

import (
	"fmt"
	"testing"
	"time"
)

func TestEnableAllFeaturesRefuses(t *testing.T) {
	_, err := founded(t).EnableAllFeatures()
	refused(t, err, HandshakeConstraintViolation, "ORGANIZATION_ALREADY_HAS_ALL_FEATURES")
	d := billing(t)
	d.rules.MigrationAccounts = 1
	invited(d, "333333333333")
	_, err = d.EnableAllFeatures()
	refused(t, err, ConstraintViolation, "ALL_FEATURES_MIGRATION_ORGANIZATION_SIZE_LIMIT_EXCEEDED")
	must(t, d.RemoveAccount("333333333333"))
	_, err = d.EnableAllFeatures()
	must(t, err)
	_, err = d.EnableAllFeatures()
	refused(t, err, HandshakeConstraintViolation, "ORGANIZATION_IS_ALREADY_PENDING_ALL_FEATURES_MIGRATION")
	later(d, 90*24*time.Hour)
	_, err = d.EnableAllFeatures()
	must(t, err)
}

// TestWhoIsAsked: invited members, and created ones who have lost the role.
func TestWhoIsAsked(t *testing.T) {
	d := billing(t)
	invited(d, "300000000000")
	grown(t, d, "400000000000")
	grown(t, d, "400000000001")
	parent, err := d.EnableAllFeatures()
	must(t, err)
	later(d, time.Second)
	invited(d, "300000000001") // was told of it
	for more := true; more; {
		_, more = d.TidyHandshakes(1, func(id AccountID) bool { return id == "400000000001" })
	}
	asked := map[string]Action{}
	for _, h := range values(d.Handshakes(HandshakeFilter{Parent: parent.ID}, d.now, "")) {
		asked[h.Recipient.ID] = h.Action
	}
	if want := map[string]Action{"300000000000": ActionApproveAllFeatures, "400000000001": ActionAddServiceLinkedRole}; fmt.Sprint(asked) != fmt.Sprint(want) {
		t.Errorf("asked are %v, want %v", asked, want)
	}
}

// TestWhatHoldsAMigrationUp: members who have not answered, and members who refused.
func TestWhatHoldsAMigrationUp(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*testing.T, *Draft, *Handshake)
		state  HandshakeState
	}{
		"nobody has answered":    {func(*testing.T, *Draft, *Handshake) {}, HandshakeRequested},
		"the member has left":    {func(t *testing.T, d *Draft, _ *Handshake) { must(t, d.Leave("333333333333")) }, HandshakeOpen},
		"the member has refused": {decline, HandshakeRequested},
		"the member has refused and a month has passed": {func(t *testing.T, d *Draft, parent *Handshake) {
			decline(t, d, parent)
			later(d, 60*24*time.Hour)
			tidy(d)
			d.openMigration()
		}, HandshakeRequested},
		"the member has refused and left": {func(t *testing.T, d *Draft, parent *Handshake) {
			decline(t, d, parent)
			must(t, d.Leave("333333333333"))
		}, HandshakeOpen},
		"the member has refused, left and come again": {func(t *testing.T, d *Draft, parent *Handshake) {
			decline(t, d, parent)
			must(t, d.Leave("333333333333"))
			later(d, time.Second)
			invited(d, "333333333333")
			d.openMigration()
		}, HandshakeOpen},
	} {
		t.Run(name, func(t *testing.T) {
			d, parent := aMigration()(t)
			c.change(t, d, parent)
			now, err := d.Handshake(parent.ID, d.now)
			must(t, err)
			if now.State != c.state {
				t.Errorf("the migration is %s, want %s", now.State, c.state)
			}
		})
	}
}

func decline(t *testing.T, d *Draft, parent *Handshake) {
	_, err := d.DeclineHandshake(childOf(d, parent).ID, member("333333333333"))
	must(t, err)
}

// TestLeavingAfterTheMigration: what expired stays so.
func TestLeavingAfterTheMigration(t *testing.T) {
	d, parent := aMigration()(t)
	child := childOf(d, parent)
	later(d, 90*24*time.Hour)
	must(t, d.Leave("333333333333"))
	now, err := d.Handshake(child.ID, d.now)
	must(t, err)
	if now.State != HandshakeExpired {
		t.Errorf("it is %s", now.State)
	}
}
