package org

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// universe is two organizations, four accounts and a clock.
type universe struct {
	rules         *Rules
	now           time.Time
	organizations [2]*Draft
	of            map[AccountID]int              // the organization of an account, -1 for none
	ends          map[HandshakeID]HandshakeState // how the handshakes that have ended did
	withdrawn     map[TransferID]time.Time       // the ends of the transfers that were withdrawn
	founded       int                            // organizations so far
}

var wanderers = []AccountID{"700000000000", "700000000001", "700000000002", "700000000003"}

// TestTwoOrganizations: whatever two organizations and four accounts do, and
// however time passes, an account is in at most one organization, slots and quotas are
// never lost nor exceeded, both sides of a transfer agree, nobody is paid for twice, and
// nothing expires early or twice.
func TestTwoOrganizations(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		u := newUniverse(t)
		groups := []map[string]func(*rapid.T){u.membershipActions(), u.lifeActions(), u.transferActions()}
		if only := rapid.IntRange(0, len(groups)).Draw(t, "only"); only > 0 {
			groups = groups[only-1 : only]
		}
		actions := u.handshakeActions()
		for _, group := range groups {
			maps.Copy(actions, group)
		}
		actions[""] = u.check
		t.Repeat(actions)
	})
}

func newUniverse(t *rapid.T) *universe {
	rules := AWSRules()
	rules.Accounts, rules.WaitPeriod, rules.ClosedRetention = 4, 2*24*time.Hour, 50*24*time.Hour
	rules.InboundTransfers, rules.TransferLevels = rapid.IntRange(0, 2).Draw(t, "inbound"), rapid.IntRange(1, 2).Draw(t, "levels")
	u := &universe{
		rules: rules, now: day0, of: map[AccountID]int{}, ends: map[HandshakeID]HandshakeState{},
		withdrawn: map[TransferID]time.Time{},
	}
	features := rapid.SampledFrom([]FeatureSet{AllFeatures, AllFeatures, ConsolidatedBilling})
	for i := range u.organizations {
		u.organizations[i] = NewDraft(rules, day0, rand.NewChaCha8([32]byte{byte(i)}))
		u.found(t, i, features.Draw(t, "features"))
	}
	for _, id := range wanderers {
		u.of[id] = -1
	}
	return u
}

// found makes an organization of its owner, who may have had others.
func (u *universe) found(t *rapid.T, i int, features FeatureSet) {
	u.founded++
	owner := Owner{ID: AccountID(fmt.Sprintf("60000000000%d", i)), Name: "N", Email: fmt.Sprintf("owner%d@example.com", i)}
	if err := u.organizations[i].CreateOrganization(ID(fmt.Sprintf("o-%010d", u.founded)), features, owner); err != nil {
		t.Fatal(err)
	}
}

// at returns a fork of an organization at the present, and its owner.
func (u *universe) at(t *rapid.T, name string) (int, *Draft, Facts) {
	i := rapid.IntRange(0, 1).Draw(t, name)
	d := u.organizations[i].Fork(u.now)
	return i, d, factsOfOwner(d)
}

// try runs a rule on a fork of one of the organizations, and keeps it if the rule did
// not refuse.
func (u *universe) try(rule func(*rapid.T, *Draft, Facts) error) func(*rapid.T) {
	return func(t *rapid.T) {
		i, d, owner := u.at(t, "organization")
		if rule(t, d, owner) == nil {
			u.organizations[i] = d
		}
	}
}

func wanderer(t *rapid.T) Facts { return member(rapid.SampledFrom(wanderers).Draw(t, "account")) }

func anyHandshake(t *rapid.T, d *Draft) HandshakeID {
	return HandshakeID(rapid.SampledFrom(append(d.handshakes.Keys(), "h-0")).Draw(t, "handshake"))
}

func noRoleLacks(AccountID) bool { return false }

// handshakeActions are what all kinds of handshakes have in common, and what ends them
// all.
func (u *universe) handshakeActions() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"time passes": func(t *rapid.T) {
			u.now = u.now.Add(time.Duration(rapid.IntRange(1, 40).Draw(t, "days")) * 24 * time.Hour)
		},
		"a moment passes": func(*rapid.T) { u.now = u.now.Add(time.Hour) },
		"decline": u.try(func(t *rapid.T, d *Draft, _ Facts) error {
			by := wanderer(t)
			if rapid.Bool().Draw(t, "owner") {
				by = factsOfOwner(u.organizations[rapid.IntRange(0, 1).Draw(t, "by")])
			}
			_, err := d.DeclineHandshake(anyHandshake(t, d), by)
			return err
		}),
		"cancel": u.try(func(t *rapid.T, d *Draft, owner Facts) error {
			_, err := d.CancelHandshake(anyHandshake(t, d), owner)
			return err
		}),
		"delete organization": func(t *rapid.T) {
			i, d, _ := u.at(t, "which")
			if d.DeleteOrganization() == nil {
				u.organizations[i] = d
				u.found(t, i, AllFeatures)
			}
		},
		"background work": u.try(func(t *rapid.T, d *Draft, _ Facts) error {
			d.TidyHandshakes(rapid.IntRange(1, 3).Draw(t, "limit"), noRoleLacks)
			return nil
		}),
	}
}

// membershipActions let accounts come and go, and organizations get all features.
func (u *universe) membershipActions() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"invite": u.try(func(t *rapid.T, d *Draft, owner Facts) error {
			who := wanderer(t)
			_, err := d.InviteAccount(Invitation{Target: Party{PartyEmail, who.Email}, Inviter: owner, Invitee: &who})
			return err
		}),
		"accept": u.accept,
		"leave": func(t *rapid.T) {
			who := wanderer(t)
			if i := u.of[who.ID]; i >= 0 {
				d := u.organizations[i].Fork(u.now)
				if d.Leave(who.ID) == nil {
					u.organizations[i], u.of[who.ID] = d, -1
				}
			}
		},
		"migrate": u.try(func(_ *rapid.T, d *Draft, _ Facts) error {
			_, err := d.EnableAllFeatures()
			d.TidyHandshakes(2, noRoleLacks)
			return err
		}),
		"finalize": u.try(func(t *rapid.T, d *Draft, owner Facts) error {
			_, err := d.AcceptHandshake(anyHandshake(t, d), owner, owner)
			return err
		}),
	}
}

// accept lets an account agree to what it is asked, and leave its organization for it.
func (u *universe) accept(t *rapid.T) {
	i, d, owner := u.at(t, "of")
	who, id := wanderer(t), anyHandshake(t, d)
	before, err := d.HandshakeFor(id, who, HandshakeAccepted)
	if err != nil {
		return
	}
	if !u.now.Before(before.Expires) {
		t.Fatalf("%+v can be accepted after its end", before)
	}
	old := u.of[who.ID]
	var left *Draft
	if before.Action == ActionInvite && old >= 0 && old != i {
		left = u.organizations[old].Fork(u.now)
		if left.Leave(who.ID) != nil {
			return
		}
	}
	if _, err := d.AcceptHandshake(id, who, owner); err != nil {
		return
	}
	if u.organizations[i] = d; left != nil {
		u.organizations[old] = left
	}
	u.of[who.ID] = i
}

// lifeActions create and close accounts.
func (u *universe) lifeActions() map[string]func(*rapid.T) {
	account := func(rule func(*Draft, AccountID) error) func(*rapid.T) {
		return u.try(func(t *rapid.T, d *Draft, _ Facts) error { return rule(d, wanderer(t).ID) })
	}
	return map[string]func(*rapid.T){
		"create": func(t *rapid.T) {
			i, d, _ := u.at(t, "in")
			who := wanderer(t)
			if u.of[who.ID] >= 0 {
				return
			}
			creation, err := d.CreateAccount(NewAccount{Email: who.Email, Name: who.Name})
			if err != nil {
				return
			}
			if _, err := d.FinishCreation(creation.ID, who.ID, ""); err != nil {
				t.Fatal(err)
			}
			u.organizations[i], u.of[who.ID] = d, i
		},
		"suspend":        account(func(d *Draft, id AccountID) error { return d.SetState(id, Suspended) }),
		"close":          account((*Draft).CloseAccount),
		"finish closing": account((*Draft).FinishClosing),
		"reinstate":      account((*Draft).Reinstate),
		"purge": func(t *rapid.T) {
			who := wanderer(t)
			if i := u.of[who.ID]; i >= 0 {
				d := u.organizations[i].Fork(u.now)
				if d.Purge(who.ID) == nil {
					u.organizations[i], u.of[who.ID] = d, -1
				}
			}
		},
	}
}

// find finds organizations that exist.
func (u *universe) find(id ID) (*Organization, error) {
	for _, d := range u.organizations {
		if d.settings.ID == id {
			return d.Organization, nil
		}
	}
	return nil, errNowhere
}

// transferActions transfer responsibility in both directions.
func (u *universe) transferActions() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"offer": u.try(func(t *rapid.T, d *Draft, _ Facts) error {
			in := offer(d, u.organizations[rapid.IntRange(0, 1).Draw(t, "source")])
			in.Start = monthOf(u.now).AddDate(0, rapid.IntRange(1, 2).Draw(t, "months"), 0)
			_, err := d.InviteToTransferResponsibility(in, u.find)
			if errors.Is(err, errNowhere) {
				t.Fatal(err)
			}
			return err
		}),
		"agree": func(t *rapid.T) {
			i, target, owner := u.at(t, "of")
			source := u.organizations[1-i].Fork(u.now)
			h, err := target.AcceptTransfer(anyTransfer(t, target), source, factsOfOwner(source), owner, u.find)
			if err != nil {
				return
			}
			if !u.now.Before(h.Expires) {
				t.Fatalf("%+v was accepted after its end", h)
			}
			u.organizations[i], u.organizations[1-i] = target, source
		},
		"withdraw": func(t *rapid.T) {
			i, d, _ := u.at(t, "by")
			other := u.organizations[1-i].Fork(u.now)
			end := time.Time{}
			if rapid.Bool().Draw(t, "later") {
				end = monthOf(u.now).AddDate(0, 2, 0).Add(-time.Second)
			}
			id := TransferID(rapid.SampledFrom(append(d.transfers.Keys(), "rt-0")).Draw(t, "transfer"))
			transfer, err := d.WithdrawTransfer(id, end, func(ID) (*Draft, error) { return other, nil })
			if err != nil {
				return
			}
			if _, twice := u.withdrawn[id]; twice || transfer.End.Before(u.now) {
				t.Fatalf("%+v was withdrawn", transfer)
			}
			u.withdrawn[id] = transfer.End
			u.organizations[i], u.organizations[1-i] = d, other
		},
	}
}

// anyTransfer is mostly an invitation that is still open.
func anyTransfer(t *rapid.T, d *Draft) HandshakeID {
	for h := range d.askedToTransfer(d.now) {
		if rapid.Bool().Draw(t, "this one") {
			return h.ID
		}
	}
	return anyHandshake(t, d)
}

func (u *universe) check(t *rapid.T) {
	for _, id := range wanderers {
		for i, d := range u.organizations {
			if (d.Standing(id) == Member) != (u.of[id] == i) {
				t.Fatalf("%s is in organization %d, and stands %d in %d", id, u.of[id], d.Standing(id), i)
			}
		}
	}
	for i, d := range u.organizations {
		checkHandshakes(t, d.Organization, u.now)
		u.checkEnds(t, d)
		u.checkSlots(t, d)
		u.checkTransfers(t, d, u.organizations[1-i])
		settled := d.Fork(u.now)
		tidy(settled)
		for _, h := range values(walk(settled.handshakes, "", "")) {
			if present := settled.present(h, u.now); present.State != h.State {
				t.Fatalf("after all work, %+v is %s", h, present.State)
			}
		}
		if again := settled.Fork(u.now); len(tidy(again)) != 0 || len(again.Changes()) != len(settled.Changes()) {
			t.Fatal("the work was not done")
		}
	}
}

// checkEnds: a handshake ends once, and expires when it says. An invitation that a
// migration took back counts as expired when its time has come before anybody wrote
// that down.
func (u *universe) checkEnds(t *rapid.T, d *Draft) {
	for _, written := range values(walk(d.handshakes, "", "")) {
		h := d.present(written, u.now)
		late := !written.State.Ended() && h.State == HandshakeExpired
		if before, ended := u.ends[h.ID]; ended && before != h.State && (before != HandshakeCanceled || !late) {
			t.Fatalf("%+v was %s", h, before)
		}
		if h.State.Ended() {
			u.ends[h.ID] = h.State
		}
		if h.State == HandshakeExpired && (!h.Ended.Equal(h.Expires) || h.Expires.After(u.now)) {
			t.Fatalf("%+v expired at another time", h)
		}
	}
}

// checkSlots: accounts and open invitations take the places of the quota, and nothing
// else does.
func (u *universe) checkSlots(t *rapid.T, d *Draft) {
	open := 0
	for _, h := range values(walk(d.handshakes, "", "")) {
		if h.Action == ActionInvite && d.present(h, u.now).State == HandshakeOpen {
			open++
		}
	}
	if d.slots(u.now) != d.accounts.Len()+open || d.slots(u.now) > d.rules.Accounts {
		t.Fatalf("%d slots for %d accounts and %d invitations", d.slots(u.now), d.accounts.Len(), open)
	}
	endless := 0
	for range d.askedToTransfer(u.now) {
		endless++
	}
	for _, transfer := range d.unended(Inbound, u.now) {
		if transfer.End.IsZero() {
			endless++
		}
	}
	if endless > u.rules.InboundTransfers {
		t.Fatalf("%d transfers and invitations, %d are allowed", endless, u.rules.InboundTransfers)
	}
}

// checkTransfers: both sides have the same transfer, nobody's bills are paid by two at
// once, and no two pay for each other.
func (u *universe) checkTransfers(t *rapid.T, d, other *Draft) {
	all := values(walk(d.transfers, "", ""))
	for i, one := range all {
		if one.Direction == Outbound && one.Accepted.IsZero() {
			t.Fatalf("the source has %+v before it agreed", one)
		}
		if !one.Accepted.IsZero() && one.other().Organization == other.settings.ID {
			theirs, ok := other.transfers.Get(string(one.ID))
			if !ok || theirs.Direction == one.Direction || theirs.Source != one.Source || theirs.Target != one.Target || !theirs.Start.Equal(one.Start) || !theirs.End.Equal(one.End) {
				t.Fatalf("one side has %+v, the other %+v", one, theirs)
			}
		}
		if end, withdrawn := u.withdrawn[one.ID]; withdrawn != !one.End.IsZero() || !one.End.Equal(end) {
			t.Fatalf("%+v was withdrawn to %s", one, end)
		}
		if one.Accepted.IsZero() {
			continue
		}
		if _, err := u.find(one.other().Organization); err != nil && (one.End.IsZero() || one.End.After(u.now)) {
			t.Fatalf("the other side of %+v is gone", one)
		}
		for _, two := range all[i+1:] {
			clash := one.Direction == Outbound && two.Direction == Outbound || one.Direction != two.Direction && one.other().Organization == two.other().Organization
			if clash && !two.Accepted.IsZero() && overlap(one, two) {
				t.Fatalf("at the same time: %+v and %+v", one, two)
			}
		}
	}
}

// overlap tells whether two transfers are ever in force at once.
func overlap(a, b *ResponsibilityTransfer) bool {
	ends := func(t *ResponsibilityTransfer) time.Time {
		if t.End.IsZero() {
			return t.Start.AddDate(1000, 0, 0)
		}
		return t.End
	}
	return a.Start.Before(ends(b)) && b.Start.Before(ends(a)) && a.Start.Before(ends(a)) && b.Start.Before(ends(b))
}
