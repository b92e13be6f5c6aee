package org

import "time"

// EnableAllFeatures begins the migration to all features: the handshake that it
// returns becomes open when all members agree, and the management account ends
// the migration by accepting it. [Draft.TidyHandshakes] asks the members and
// cancels the invitations that offer less. It returns ConstraintViolation
// ALL_FEATURES_MIGRATION_ORGANIZATION_SIZE_LIMIT_EXCEEDED, TooManyRequests while
// background work is busy with the end of another migration, and
// HandshakeConstraintViolation ORGANIZATION_ALREADY_HAS_ALL_FEATURES and
// ORGANIZATION_IS_ALREADY_PENDING_ALL_FEATURES_MIGRATION.
func (d *Draft) EnableAllFeatures() (*Handshake, error) {
	switch {
	case d.settings.FeatureSet == AllFeatures:
		return nil, violateHandshake("ORGANIZATION_ALREADY_HAS_ALL_FEATURES")
	case d.migration(d.now) != nil:
		return nil, violateHandshake("ORGANIZATION_IS_ALREADY_PENDING_ALL_FEATURES_MIGRATION")
	case d.accounts.Len() > d.rules.MigrationAccounts:
		return nil, violate("ALL_FEATURES_MIGRATION_ORGANIZATION_SIZE_LIMIT_EXCEEDED")
	case d.withdrawsInvitations():
		return nil, tooMany(RequestInProgress)
	}
	parent := &Handshake{
		ID: d.newHandshakeID(), Action: ActionEnableAllFeatures, State: HandshakeRequested,
		Requested: d.now, Expires: d.now.Add(migrationPeriod),
	}
	d.put(parent)
	return parent, nil
}

// migration returns the handshake of the migration that is under way at a time,
// or nil.
func (o *Organization) migration(now time.Time) *Handshake {
	for _, state := range []HandshakeState{HandshakeRequested, HandshakeOpen} {
		for _, parent := range walk(o.handshakesByState, key(string(ActionEnableAllFeatures), string(state), ""), "") {
			if now.Before(parent.Expires) {
				return parent
			}
		}
	}
	return nil
}

// running tells whether a migration is under way at a time.
func (o *Organization) running(parent HandshakeID, now time.Time) bool {
	h := o.migration(now)
	return h != nil && h.ID == parent
}

// offered returns the features that invitations offer at a time: those that the
// organization has, or is about to have.
func (o *Organization) offered(now time.Time) FeatureSet {
	if o.settings.FeatureSet == AllFeatures || o.migration(now) != nil {
		return AllFeatures
	}
	return ConsolidatedBilling
}

// withdrawsInvitations tells whether there are invitations that have lost their sense by
// the beginning or the end of a migration, and whose documents do not say so yet. Until
// they do, what is offered must not change again: they would make sense once more.
func (d *Draft) withdrawsInvitations() bool {
	for _, features := range []FeatureSet{AllFeatures, ConsolidatedBilling} {
		if features != d.offered(d.now) && occupied(d.handshakesByState, key(invitationsOffering(features), string(HandshakeOpen), "")) {
			return true
		}
	}
	return false
}

// askMembers asks members for what the migration needs of them: those who were
// invited must agree to it, those who were created and have lost the role of AWS
// Organizations must let it be made again.
func (d *Draft) askMembers(work *chores, lacksRole func(AccountID) bool) {
	parent := d.migration(d.now)
	if parent == nil || parent.State == HandshakeOpen || parent.AskedAll {
		return
	}
	next := *parent
	var asked []*Handshake
	for cursor, account := range d.Accounts(parent.Asked) {
		if work.limit == 0 {
			break
		}
		work.limit--
		next.Asked = cursor
		if action := d.asks(account, parent, lacksRole); action != "" {
			asked = append(asked, d.child(parent, account.ID, action))
		}
	}
	next.AskedAll = work.limit > 0
	for _, h := range asked {
		d.put(h)
	}
	d.put(&next)
	d.openMigration()
}

// asks returns what a migration asks an account for, or "". Who joins while it is
// under way was told of it in the invitation.
func (d *Draft) asks(account *Account, parent *Handshake, lacksRole func(AccountID) bool) Action {
	switch {
	case account.ID == d.settings.ManagementAccount, account.Joined.After(parent.Requested), account.State == Closed:
		return ""
	case account.JoinedMethod == Invited:
		return ActionApproveAllFeatures
	case lacksRole(account.ID):
		return ActionAddServiceLinkedRole
	}
	return ""
}

func (d *Draft) child(parent *Handshake, member AccountID, action Action) *Handshake {
	return &Handshake{
		ID: d.newHandshakeID(), Action: action, State: HandshakeOpen, Requested: d.now, Expires: parent.Expires,
		Parent: parent.ID, Recipient: Party{PartyAccount, string(member)},
	}
}

// finalize ends the migration, for good: the organization has all features.
func (d *Draft) finalize() {
	settings := *d.settings
	settings.FeatureSet = AllFeatures
	d.put(&settings)
}

// openMigration opens the handshake of the migration when nothing holds it up any
// more.
func (d *Draft) openMigration() {
	parent := d.migration(d.now)
	if parent == nil || parent.State == HandshakeOpen || !parent.AskedAll || d.heldUp(parent) {
		return
	}
	open := *parent
	open.State = HandshakeOpen
	d.put(&open)
}

// heldUp tells whether a member has yet to agree to a migration, or has refused
// to and is still the member that it was.
func (d *Draft) heldUp(parent *Handshake) bool {
	if occupied(d.handshakesByState, key(string(parent.ID), string(HandshakeOpen), "")) {
		return true
	}
	for _, h := range walk(d.handshakesByState, key(string(parent.ID), string(HandshakeDeclined), ""), "") {
		if account, member := d.accounts.Get(h.Recipient.ID); member && !account.Joined.After(h.Requested) {
			return true
		}
	}
	return false
}

// stopAsking cancels what a migration asks an account for that goes away, and
// opens the migration when it was the last one to be waited for.
func (d *Draft) stopAsking(account AccountID) {
	var open []*Handshake
	for _, h := range walk(d.handshakesByRecipient, key(Party{PartyAccount, string(account)}.key(), ""), "") {
		if h.Parent != "" && !h.State.Ended() {
			open = append(open, h)
		}
	}
	for _, h := range open {
		end := d.present(h, d.now)
		if !end.State.Ended() {
			end = &Handshake{State: HandshakeCanceled, Ended: d.now}
		}
		d.end(h, end.State, end.Ended)
	}
	d.openMigration()
}
