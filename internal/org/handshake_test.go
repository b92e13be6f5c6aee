package org

import (
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// guest is an account that stands outside of the tests' organizations.
var guest = Facts{ID: "444444444444", Name: "Guest", Email: "Guest@example.com", State: Active, Partition: "aws"}

// host is the management account of the tests' organizations.
var host = Facts{ID: management.ID, Name: management.Name, Email: management.Email, State: Active, Partition: "aws"}

// toGuest is an invitation of the guest.
func toGuest() Invitation {
	return Invitation{Target: Party{PartyAccount, string(guest.ID)}, Inviter: host, Invitee: &guest}
}

// invite invites the guest.
func invite(t testing.TB, d *Draft) *Handshake {
	t.Helper()
	h, err := d.InviteAccount(toGuest())
	must(t, err)
	return h
}

func member(id AccountID) Facts {
	return Facts{ID: id, Name: "Member", Email: "i" + string(id) + "@example.com", State: Active, Partition: "aws"}
}

// tidy does all background work on handshakes, and returns what is forgotten.
func tidy(d *Draft) []*Handshake {
	var all []*Handshake
	for {
		forgotten, more := d.TidyHandshakes(2, func(AccountID) bool { return false })
		if all = append(all, forgotten...); !more {
			return all
		}
	}
}

// TestHandshakeTransitions: every state meets every event, for each kind of
// handshake.
func TestHandshakeTransitions(t *testing.T) {
	const shut = InvalidHandshakeTransition
	accept := func(d *Draft, h *Handshake) error {
		_, err := d.AcceptHandshake(h.ID, recipient(h), host)
		return err
	}
	decline := func(d *Draft, h *Handshake) error {
		_, err := d.DeclineHandshake(h.ID, recipient(h))
		return err
	}
	cancel := func(d *Draft, h *Handshake) error { _, err := d.CancelHandshake(h.ID, host); return err }
	events := []func(*Draft, *Handshake) error{accept, decline, cancel}
	for _, c := range []struct {
		name  string
		make  func(*testing.T) (*Draft, *Handshake)
		state HandshakeState
		kinds [3]Kind // of the refusals to accept, decline and cancel; Internal for none
	}{
		{"open invitation", anInvitation(nil), HandshakeOpen, [3]Kind{}},
		{"accepted invitation", anInvitation(accept), HandshakeAccepted, [3]Kind{HandshakeAlreadyInState, shut, shut}},
		{"declined invitation", anInvitation(decline), HandshakeDeclined, [3]Kind{shut, HandshakeAlreadyInState, shut}},
		{"cancelled invitation", anInvitation(cancel), HandshakeCanceled, [3]Kind{shut, shut, HandshakeAlreadyInState}},
		{"expired invitation", anInvitation(after(15*24*time.Hour, false)), HandshakeExpired, [3]Kind{shut, shut, shut}},
		{"invitation that was written down as expired", anInvitation(after(15*24*time.Hour, true)), HandshakeExpired, [3]Kind{shut, shut, shut}},
		{"almost expired invitation", anInvitation(after(15*24*time.Hour-time.Microsecond, true)), HandshakeOpen, [3]Kind{}},
		{"requested migration", aMigration(nil), HandshakeRequested, [3]Kind{shut, AccessDenied, Internal}},
		{"open migration", aMigration(approved), HandshakeOpen, [3]Kind{Internal, AccessDenied, Internal}},
		{"accepted migration", aMigration(approved, accept), HandshakeAccepted, [3]Kind{HandshakeAlreadyInState, AccessDenied, shut}},
		{"cancelled migration", aMigration(cancel), HandshakeCanceled, [3]Kind{shut, AccessDenied, HandshakeAlreadyInState}},
		{"expired migration", aMigration(after(90*24*time.Hour, false)), HandshakeExpired, [3]Kind{shut, AccessDenied, shut}},
		{"open approval", anApproval(nil), HandshakeOpen, [3]Kind{Internal, Internal, shut}},
		{"accepted approval", anApproval(accept), HandshakeAccepted, [3]Kind{HandshakeAlreadyInState, shut, shut}},
		{"declined approval", anApproval(decline), HandshakeDeclined, [3]Kind{shut, HandshakeAlreadyInState, shut}},
		{"approval of a cancelled migration", anApproval(cancelled), HandshakeCanceled, [3]Kind{shut, shut, HandshakeAlreadyInState}},
		{"open request for the role", aRoleRequest(nil), HandshakeOpen, [3]Kind{Internal, Internal, shut}},
		{"accepted request for the role", aRoleRequest(accept), HandshakeAccepted, [3]Kind{HandshakeAlreadyInState, shut, shut}},
		{"declined request for the role", aRoleRequest(decline), HandshakeDeclined, [3]Kind{shut, HandshakeAlreadyInState, shut}},
		{"request for the role by a cancelled migration", aRoleRequest(cancelled), HandshakeCanceled, [3]Kind{shut, shut, HandshakeAlreadyInState}},
		{"request for the role of who has left", aRoleRequest(leaves), HandshakeCanceled, [3]Kind{shut, shut, HandshakeAlreadyInState}},
		{"expired request for the role", aRoleRequest(after(90*24*time.Hour, false)), HandshakeExpired, [3]Kind{shut, shut, shut}},
		{"approval of who has left", anApproval(leaves), HandshakeCanceled, [3]Kind{shut, shut, HandshakeAlreadyInState}},
		{"expired approval", anApproval(after(90*24*time.Hour, false)), HandshakeExpired, [3]Kind{shut, shut, shut}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for i, event := range events {
				d, h := c.make(t)
				if now, err := d.Handshake(h.ID, d.now); err != nil || now.State != c.state {
					t.Fatalf("the handshake is %+v (%v), want %s", now, err, c.state)
				}
				switch err := event(d, h); {
				case c.kinds[i] != Internal:
					refused(t, err, c.kinds[i], "")
				case err != nil:
					t.Errorf("event %d: %v", i, err)
				}
			}
		})
	}
}

// recipient is who may accept a handshake.
func recipient(h *Handshake) Facts {
	return map[Action]Facts{ActionInvite: guest, ActionEnableAllFeatures: host, ActionApproveAllFeatures: member("333333333333"), ActionAddServiceLinkedRole: member("333333333333")}[h.Action]
}

type step = func(*Draft, *Handshake) error

// after lets time pass, and the background work be done or not.
func after(period time.Duration, tidied bool) step {
	return func(d *Draft, _ *Handshake) error {
		later(d, period)
		if tidied {
			tidy(d)
		}
		return nil
	}
}

func play(t *testing.T, d *Draft, h *Handshake, steps []step) {
	t.Helper()
	for _, s := range steps {
		if s != nil {
			must(t, s(d, h))
		}
	}
}

func anInvitation(steps ...step) func(*testing.T) (*Draft, *Handshake) {
	return func(t *testing.T) (*Draft, *Handshake) {
		d := founded(t)
		h := invite(t, d)
		play(t, d, h, steps)
		return d, h
	}
}

// aMigration is one of an organization with an invited member.
func aMigration(steps ...step) func(*testing.T) (*Draft, *Handshake) {
	return func(t *testing.T) (*Draft, *Handshake) {
		d := billing(t)
		invited(d, "333333333333")
		h, err := d.EnableAllFeatures()
		must(t, err)
		tidy(d)
		play(t, d, h, steps)
		return d, h
	}
}

func anApproval(steps ...step) func(*testing.T) (*Draft, *Handshake) {
	return func(t *testing.T) (*Draft, *Handshake) {
		d, parent := aMigration()(t)
		h := childOf(d, parent)
		play(t, d, h, steps)
		return d, h
	}
}

// aRoleRequest is what a migration asks a created member for that has lost its role.
func aRoleRequest(steps ...step) func(*testing.T) (*Draft, *Handshake) {
	return func(t *testing.T) (*Draft, *Handshake) {
		d := billing(t)
		grown(t, d, "333333333333")
		later(d, 4*24*time.Hour)
		parent, err := d.EnableAllFeatures()
		must(t, err)
		d.TidyHandshakes(9, func(AccountID) bool { return true })
		h := childOf(d, parent)
		play(t, d, h, steps)
		return d, h
	}
}

func leaves(d *Draft, h *Handshake) error { return d.Leave(AccountID(h.Recipient.ID)) }

func childOf(d *Draft, parent *Handshake) *Handshake {
	return values(d.Handshakes(HandshakeFilter{Parent: parent.ID}, d.now, ""))[0]
}

func approved(d *Draft, parent *Handshake) error {
	_, err := d.AcceptHandshake(childOf(d, parent).ID, member("333333333333"), host)
	return err
}

func cancelled(d *Draft, h *Handshake) error {
	_, err := d.CancelHandshake(h.Parent, host)
	return err
}

// TestHandshakeParties: who is no party of a handshake learns nothing of it.
func TestHandshakeParties(t *testing.T) {
	d, h := anApproval()(t)
	invitation := invite(t, d)
	stranger, insider := Facts{ID: "999999999999", Email: "s@example.com"}, member("333333333333")
	invited(d, "555555555555")
	for _, c := range []struct {
		name            string
		id              HandshakeID
		by              Facts
		accepts, cancel Kind
	}{
		{"nothing by the host", "h-00000000", host, HandshakeNotFound, HandshakeNotFound},
		{"an invitation by a stranger", invitation.ID, stranger, HandshakeNotFound, HandshakeNotFound},
		{"an invitation by a member", invitation.ID, insider, HandshakeNotFound, AccessDenied},
		{"an invitation by its sender", invitation.ID, host, AccessDenied, Internal},
		{"an invitation by its recipient", invitation.ID, guest, Internal, AccessDenied},
		{"an approval by its sender", h.ID, host, AccessDenied, InvalidHandshakeTransition},
		{"an approval by another member", h.ID, member("555555555555"), HandshakeNotFound, AccessDenied},
		{"a migration by a member", h.Parent, insider, HandshakeNotFound, AccessDenied},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, next := range []HandshakeState{HandshakeAccepted, HandshakeDeclined} {
				if _, err := d.Fork(d.now).HandshakeFor(c.id, c.by, next); c.accepts != Internal {
					refused(t, err, c.accepts, "")
				} else {
					must(t, err)
				}
			}
			if _, err := d.Fork(d.now).CancelHandshake(c.id, c.by); c.cancel != Internal {
				refused(t, err, c.cancel, "")
			} else {
				must(t, err)
			}
		})
	}
}

// TestEmailsOfPartitions: the same address in another partition is that of another account.
func TestEmailsOfPartitions(t *testing.T) {
	d, in := founded(t), toGuest()
	in.Target = Party{PartyEmail, guest.Email}
	h, err := d.InviteAccount(in)
	must(t, err)
	other := Facts{ID: "999999999999", Email: guest.Email, Partition: PartitionGovCloud}
	_, err = d.HandshakeFor(h.ID, other, HandshakeAccepted)
	refused(t, err, HandshakeNotFound, "")
	if !d.Addresses(h, &guest) {
		t.Error("the guest is not the recipient")
	}
}

func TestHandshakesAreForgotten(t *testing.T) {
	d := founded(t)
	h := invite(t, d)
	later(d, 15*24*time.Hour)
	if forgotten := tidy(d); len(forgotten) != 0 {
		t.Errorf("forgotten: %v", forgotten)
	}
	later(d, 30*24*time.Hour-time.Microsecond)
	_, err := d.Handshake(h.ID, d.now)
	must(t, err)
	later(d, time.Microsecond)
	_, err = d.Handshake(h.ID, d.now)
	refused(t, err, HandshakeNotFound, "")
	if listed := values(d.Handshakes(HandshakeFilter{}, d.now, "")); len(listed) != 0 {
		t.Errorf("listed: %v", listed)
	}
	if forgotten := tidy(d); len(forgotten) != 1 || forgotten[0].ID != h.ID || d.handshakes.Len() != 0 {
		t.Errorf("forgotten: %v", forgotten)
	}
	if _, some := d.HandshakesDue(); some {
		t.Error("something is due")
	}
}

// TestHandshakeLists: each filter selects what it says, in the order in which it
// was sent.
func TestHandshakeLists(t *testing.T) {
	d, parent := aMigration()(t)
	invitation := invite(t, d)
	child := childOf(d, parent)
	for filter, want := range map[HandshakeFilter][]HandshakeID{
		{}:                                     {parent.ID, child.ID, invitation.ID},
		{Action: ActionInvite}:                 {invitation.ID},
		{Action: ActionEnableAllFeatures}:      {parent.ID},
		{Action: ActionApproveAllFeatures}:     {child.ID},
		{Action: ActionAddServiceLinkedRole}:   {},
		{Action: ActionTransferResponsibility}: {},
		{Parent: parent.ID}:                    {child.ID},
		{Parent: "h-00000000"}:                 {},
	} {
		got := []HandshakeID{}
		for _, h := range pages(1, func(after Cursor) iter.Seq2[Cursor, *Handshake] { return d.Handshakes(filter, d.now, after) }) {
			got = append(got, h.ID)
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%+v: %v, want %v", filter, got, want)
		}
	}
	for filter, want := range map[HandshakeFilter]int{{}: 1, {Action: ActionApproveAllFeatures}: 1, {Parent: parent.ID}: 1, {Action: ActionInvite}: 0, {Parent: "h-0"}: 0} {
		if got := values(d.HandshakesTo("333333333333", filter, d.now, "")); len(got) != want {
			t.Errorf("%+v to the member: %v", filter, got)
		}
		if got := values(d.HandshakesTo(guest.ID, filter, d.now, "")); len(got) != 0 {
			t.Errorf("%+v to the guest: %v", filter, got)
		}
		if got, want := filter.Selects(ActionInvite), filter.Parent == "" && filter.Action != ActionApproveAllFeatures; got != want {
			t.Errorf("%+v selects invitations: %v", filter, got)
		}
	}
	if got, want := d.ResourceARN(ResourceID(invitation.ID)), "arn:aws:organizations::111111111111:handshake/"+string(d.settings.ID)+"/invite/"+string(invitation.ID); got != want || !strings.HasSuffix(d.HandshakeARN(invitation), got[4:]) {
		t.Errorf("ARN %s, want %s", got, want)
	}
	if got, want := d.ResourceARN("h-00000000"), "arn:aws:organizations::111111111111:handshake/"+string(d.settings.ID)+"/*/h-00000000"; got != want {
		t.Errorf("ARN %s, want %s", got, want)
	}
}

// checkHandshakes: what is open can still become something, children have a
// parent and a member, and lists agree.
func checkHandshakes(t *rapid.T, o *Organization, now time.Time) {
	migrations := 0
	for _, h := range values(walk(o.handshakes, "", "")) {
		if h.State.Ended() == h.Ended.IsZero() || h.Ended.After(now) || h.Ended.After(h.Expires) {
			t.Fatalf("handshake: %+v", h)
		}
		present := o.present(h, now)
		if !present.State.Ended() && !now.Before(h.Expires) {
			t.Fatalf("%+v should have expired", h)
		}
		if h.Action == ActionEnableAllFeatures && !present.State.Ended() {
			migrations++
		}
		if h.Parent != "" && !present.State.Ended() && o.Standing(AccountID(h.Recipient.ID)) != Member {
			t.Fatalf("%+v waits for somebody who has left", h)
		}
	}
	if migrations > 1 || migrations == 1 && o.settings.FeatureSet == AllFeatures {
		t.Fatalf("%d migrations of an organization with the features %s", migrations, o.settings.FeatureSet)
	}
	shown := 0
	for _, h := range values(walk(o.handshakes, "", "")) {
		if _, ok := o.shown(h, now); ok {
			shown++
		}
	}
	if listed := values(o.Handshakes(HandshakeFilter{}, now, "")); len(listed) != shown {
		t.Fatalf("%d handshakes are listed, %d are shown", len(listed), shown)
	}
}

// handshakeRules send handshakes to few accounts, so that they meet.
func (m *machine) handshakeRules() map[string]func(*rapid.T, *Draft) error {
	facts := func(t *rapid.T) Facts {
		id := m.account(t)
		return member(id)
	}
	handshake := func(t *rapid.T) *Handshake {
		id := rapid.SampledFrom(append(m.current.handshakes.Keys(), "h-0")).Draw(t, "handshake")
		if h, ok := m.current.handshakes.Get(id); ok {
			return h
		}
		return &Handshake{ID: "h-0"}
	}
	to := func(h *Handshake) Facts {
		if h.Recipient.Type == PartyEmail {
			return member(AccountID(h.Recipient.ID[1:13]))
		}
		return member(AccountID(h.Recipient.ID))
	}
	return map[string]func(*rapid.T, *Draft) error{
		"invite": func(t *rapid.T, d *Draft) error {
			invitee := member(rapid.SampledFrom([]AccountID{"700000000000", "700000000001", "700000000002", management.ID}).Draw(t, "invitee"))
			target := rapid.SampledFrom([]Party{{PartyAccount, string(invitee.ID)}, {PartyEmail, invitee.Email}, {PartyOrganization, "o-1"}}).Draw(t, "target")
			_, err := d.InviteAccount(Invitation{Target: target, Tags: tagLists.Draw(t, "tags"), Inviter: host, Invitee: &invitee})
			return err
		},
		"accept": func(t *rapid.T, d *Draft) error {
			h := handshake(t)
			_, err := d.AcceptHandshake(h.ID, to(h), host)
			return err
		},
		"decline": func(t *rapid.T, d *Draft) error {
			h := handshake(t)
			_, err := d.DeclineHandshake(h.ID, to(h))
			return err
		},
		"cancel":   func(t *rapid.T, d *Draft) error { _, err := d.CancelHandshake(handshake(t).ID, host); return err },
		"meddle":   func(t *rapid.T, d *Draft) error { _, err := d.CancelHandshake(handshake(t).ID, facts(t)); return err },
		"migrate":  func(_ *rapid.T, d *Draft) error { _, err := d.EnableAllFeatures(); return err },
		"finalize": func(t *rapid.T, d *Draft) error { _, err := d.AcceptHandshake(handshake(t).ID, host, host); return err },
		"remove":   func(t *rapid.T, d *Draft) error { return d.RemoveAccount(m.account(t)) },
		"tidy": func(t *rapid.T, d *Draft) error {
			d.TidyHandshakes(rapid.IntRange(1, 4).Draw(t, "limit"), func(id AccountID) bool { return id[0]%2 == 0 })
			return nil
		},
	}
}
