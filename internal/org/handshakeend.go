package org

import "time"

// HandshakeFor returns a handshake that a recipient wants to accept or decline.
// Only the management account may end the migration to all features by accepting
// its handshake. It returns HandshakeNotFound, AccessDenied for the sender,
// HandshakeAlreadyInState and InvalidHandshakeTransition.
func (d *Draft) HandshakeFor(id HandshakeID, by Facts, next HandshakeState) (*Handshake, error) {
	h, err := d.Handshake(id, d.now)
	if err != nil {
		return nil, err
	}
	finalizes := h.Action == ActionEnableAllFeatures && next == HandshakeAccepted
	switch sends := by.ID == d.settings.ManagementAccount; {
	case d.Addresses(h, &by), sends && finalizes:
	case sends:
		return nil, refuse(AccessDenied)
	default:
		return nil, refuse(HandshakeNotFound)
	}
	if finalizes && h.State == HandshakeRequested {
		return nil, refuse(InvalidHandshakeTransition) // members have not agreed yet
	}
	return h, mayBecome(h, next)
}

// mayBecome refuses to end a handshake that has ended.
func mayBecome(h *Handshake, next HandshakeState) error {
	switch {
	case h.State == next:
		return refuse(HandshakeAlreadyInState)
	case h.State.Ended():
		return refuse(InvalidHandshakeTransition)
	}
	return nil
}

// AcceptHandshake agrees to what the organization asks for. An invitation makes
// the account a member, below the root and with the tags of the invitation; one
// that is a member elsewhere has left before, in the same commit. What a migration
// asks its members for may be the last that it waits for; the service-linked role
// is for the caller to make. The management account ends the migration. It returns
// what [Draft.HandshakeFor] does, and for invitations HandshakeConstraintViolation
// ALREADY_IN_AN_ORGANIZATION, ORGANIZATION_FROM_DIFFERENT_SELLER_OF_RECORD,
// ORGANIZATION_MEMBERSHIP_CHANGE_RATE_LIMIT_EXCEEDED, PAYMENT_INSTRUMENT_REQUIRED,
// MANAGEMENT_ACCOUNT_EMAIL_NOT_VERIFIED and ACCOUNT_NUMBER_LIMIT_EXCEEDED. The sender is the management account.
func (d *Draft) AcceptHandshake(id HandshakeID, by, sender Facts) (*Handshake, error) {
	h, err := d.HandshakeFor(id, by, HandshakeAccepted)
	if err != nil {
		return nil, err
	}
	switch h.Action {
	case ActionInvite:
		err = d.join(h, &by, &sender)
	case ActionEnableAllFeatures:
		d.finalize()
	case ActionApproveAllFeatures, ActionAddServiceLinkedRole, ActionTransferResponsibility:
	}
	if err != nil {
		return nil, err
	}
	h = d.end(h, HandshakeAccepted, d.now)
	d.openMigration()
	return h, nil
}

// DeclineHandshake refuses what the organization asks for: see HandshakeFor.
func (d *Draft) DeclineHandshake(id HandshakeID, by Facts) (*Handshake, error) {
	h, err := d.HandshakeFor(id, by, HandshakeDeclined)
	if err != nil {
		return nil, err
	}
	return d.end(h, HandshakeDeclined, d.now), nil
}

// CancelHandshake takes back what the organization asked for. A migration that is
// cancelled takes with it what its members were asked for, and the invitations
// that offer its features; [Draft.TidyHandshakes] sees to those. It returns
// HandshakeNotFound, AccessDenied for the recipient and for members, TooManyRequests
// while background work is busy with the beginning of a migration,
// HandshakeAlreadyInState, and InvalidHandshakeTransition, also for what members
// are asked for in a migration: it is cancelled as a whole.
func (d *Draft) CancelHandshake(id HandshakeID, by Facts) (*Handshake, error) {
	h, err := d.Handshake(id, d.now)
	if err != nil {
		return nil, err
	}
	switch standing := d.Standing(by.ID); {
	case standing == Management:
	case standing == Member, d.Addresses(h, &by):
		return nil, refuse(AccessDenied)
	default:
		return nil, refuse(HandshakeNotFound)
	}
	if err := mayBecome(h, HandshakeCanceled); err != nil {
		return nil, err
	}
	if h.Parent != "" {
		return nil, refuse(InvalidHandshakeTransition)
	}
	if h.Action == ActionEnableAllFeatures && d.withdrawsInvitations() {
		return nil, tooMany(RequestInProgress)
	}
	return d.end(h, HandshakeCanceled, d.now), nil
}

// end brings a handshake into its last state.
func (d *Draft) end(h *Handshake, state HandshakeState, at time.Time) *Handshake {
	next := *h
	next.State, next.Ended = state, at
	d.put(&next)
	return &next
}

// HandshakesDue returns when something becomes of a handshake by itself, and
// whether there are handshakes.
func (o *Organization) HandshakesDue() (time.Time, bool) {
	_, h, ok := o.handshakesByDue.Min()
	if !ok {
		return time.Time{}, false
	}
	return h.due(), true
}

// TidyHandshakes writes down what became of handshakes by the course of time or
// of a migration, and asks members for what a migration needs of them: no more
// than limit of them at once. It returns the handshakes that are forgotten from
// now on, and whether there is more to do. lacksRole tells whether a created
// member has lost the role of AWS Organizations.
func (d *Draft) TidyHandshakes(limit int, lacksRole func(AccountID) bool) (forgotten []*Handshake, more bool) {
	work := &chores{limit: limit}
	for _, group := range d.pointless() {
		for h := range work.some(walk(d.handshakesByState, key(group, string(HandshakeOpen), ""), "")) {
			work.todo = append(work.todo, h)
		}
		d.settle(work)
	}
	for h := range work.some(walk(d.handshakesByDue, "", "")) {
		if h.due().After(d.now) {
			break
		}
		work.todo = append(work.todo, h)
	}
	d.settle(work)
	d.askMembers(work, lacksRole)
	return work.forgotten, work.limit == 0
}

// settle ends or forgets handshakes that are due or have no sense any more.
func (d *Draft) settle(work *chores) {
	for _, h := range work.todo {
		end := d.present(h, d.now)
		if end.due().After(d.now) {
			d.end(h, end.State, end.Ended)
			continue
		}
		if t := d.TransferOf(h); t != nil && t.Accepted.IsZero() {
			d.drop(t)
		}
		d.drop(h)
		work.forgotten = append(work.forgotten, h)
	}
	work.todo = nil
}

// pointless returns the groups whose open handshakes have no sense any more: the
// children of migrations that were given up, and invitations that offer other
// features than the organization has to offer now.
func (d *Draft) pointless() []string {
	var groups []string
	for _, state := range []HandshakeState{HandshakeCanceled, HandshakeExpired} {
		for _, parent := range walk(d.handshakesByState, key(string(ActionEnableAllFeatures), string(state), ""), "") {
			groups = append(groups, string(parent.ID))
		}
	}
	for _, features := range []FeatureSet{AllFeatures, ConsolidatedBilling} {
		if features != d.offered(d.now) {
			groups = append(groups, invitationsOffering(features))
		}
	}
	return groups
}

// chores is a bounded piece of background work.
type chores struct {
	limit     int // how much more may be done at once
	todo      []*Handshake
	forgotten []*Handshake
}

// some yields elements of a list as long as more may be done.
func (c *chores) some(list func(func(Cursor, *Handshake) bool)) func(func(*Handshake) bool) {
	return func(yield func(*Handshake) bool) {
		list(func(_ Cursor, h *Handshake) bool {
			if c.limit == 0 {
				return false
			}
			if !yield(h) {
				return false
			}
			c.limit--
			return true
		})
	}
}
