package org

import (
	"iter"
	"strings"
	"time"
)

// Action is what a handshake is about.
type Action string

// The actions of the model.
const (
	ActionInvite                 Action = "INVITE"
	ActionEnableAllFeatures      Action = "ENABLE_ALL_FEATURES"
	ActionApproveAllFeatures     Action = "APPROVE_ALL_FEATURES"
	ActionAddServiceLinkedRole   Action = "ADD_ORGANIZATIONS_SERVICE_LINKED_ROLE"
	ActionTransferResponsibility Action = "TRANSFER_RESPONSIBILITY"
	invitationPeriod                    = 15 * 24 * time.Hour
	migrationPeriod                     = 90 * 24 * time.Hour
	handshakeRetention                  = 30 * 24 * time.Hour // how long a handshake is shown after its end
	invitationWindow                    = 24 * time.Hour      // over which AWS counts invitations
	leastInvitations                    = 20                  // that every organization may send within it
)

// HandshakeState is how far a handshake has come.
type HandshakeState string

// The states of the model.
const (
	HandshakeRequested HandshakeState = "REQUESTED"
	HandshakeOpen      HandshakeState = "OPEN"
	HandshakeCanceled  HandshakeState = "CANCELED"
	HandshakeAccepted  HandshakeState = "ACCEPTED"
	HandshakeDeclined  HandshakeState = "DECLINED"
	HandshakeExpired   HandshakeState = "EXPIRED"
)

// Ended tells whether the state is one that is never left.
func (s HandshakeState) Ended() bool { return s != HandshakeRequested && s != HandshakeOpen }

// PartyType says what a party of a handshake is.
type PartyType string

// The party types of the model.
const (
	PartyAccount      PartyType = "ACCOUNT"
	PartyOrganization PartyType = "ORGANIZATION"
	PartyEmail        PartyType = "EMAIL"
)

// Party is one side of a handshake.
type Party struct {
	Type PartyType `json:"type"`
	ID   string    `json:"id"`
}

// key returns the party as the index of recipients has it: e-mail addresses are
// compared without regard to case.
func (p Party) key() string { return key(string(p.Type), strings.ToLower(p.ID)) }

// Handshake is an agreement that the organization asks for. Its sender is the
// management account.
type Handshake struct {
	ID         HandshakeID    `json:"id"`
	Action     Action         `json:"action"`
	State      HandshakeState `json:"state"`
	Requested  time.Time      `json:"requested"`
	Expires    time.Time      `json:"expires"`
	Ended      time.Time      `json:"ended,omitzero"`       // when it came into its last state
	Parent     HandshakeID    `json:"parent,omitempty"`     // of the migration that it belongs to
	Recipient  Party          `json:"recipient,omitzero"`   // none for ENABLE_ALL_FEATURES
	FeatureSet FeatureSet     `json:"featureSet,omitempty"` // what an invitation offers
	Notes      string         `json:"notes,omitempty"`      // for the recipient of an invitation
	Transfer   TransferID     `json:"transfer,omitempty"`   // TRANSFER_RESPONSIBILITY: what it leads to
	Source     AccountID      `json:"source,omitempty"`     // TRANSFER_RESPONSIBILITY: the account of the recipient
	Tags       Tags           `json:"tags,omitempty"`       // given to the account that joins
	Asked      Cursor         `json:"asked,omitempty"`      // ENABLE_ALL_FEATURES: the last account that was looked at
	AskedAll   bool           `json:"askedAll,omitempty"`   // ENABLE_ALL_FEATURES: whether that was the last one
}

func (h *Handshake) kind() string { return kindHandshake }
func (h *Handshake) id() string   { return string(h.ID) }

func (h *Handshake) put(o *Organization) {
	o.handshakes.Set(string(h.ID), h)
	o.handshakesByAction.Set(key(string(h.Action), h.place()), h)
	o.handshakesByState.Set(key(h.group(), string(h.State), h.place()), h)
	o.handshakesByDue.Set(key(at(h.due()), string(h.ID)), h)
	if h.Recipient.ID != "" {
		o.handshakesByRecipient.Set(key(h.Recipient.key(), h.place()), h)
	}
}

func (h *Handshake) remove(o *Organization) {
	o.handshakes.Delete(string(h.ID))
	o.handshakesByAction.Delete(key(string(h.Action), h.place()))
	o.handshakesByState.Delete(key(h.group(), string(h.State), h.place()))
	o.handshakesByDue.Delete(key(at(h.due()), string(h.ID)))
	if h.Recipient.ID != "" {
		o.handshakesByRecipient.Delete(key(h.Recipient.key(), h.place()))
	}
}

// place is the place of a handshake in lists.
func (h *Handshake) place() string { return key(at(h.Requested), string(h.ID)) }

// group is what handshakes are counted by: invitations by what they offer, the
// children of a migration by their parent.
func (h *Handshake) group() string {
	switch {
	case h.Parent != "":
		return string(h.Parent)
	case h.Action == ActionInvite:
		return invitationsOffering(h.FeatureSet)
	}
	return string(h.Action)
}

// invitationsOffering is the group of the invitations that offer a feature set.
func invitationsOffering(f FeatureSet) string { return string(ActionInvite) + "/" + string(f) }

// due is when something becomes of the handshake by itself: it expires, or is
// forgotten. A member's refusal is remembered as long as the migration, which it
// holds up.
func (h *Handshake) due() time.Time {
	forgotten := h.Ended.Add(handshakeRetention)
	if !h.State.Ended() || h.State == HandshakeDeclined && h.Parent != "" && h.Expires.After(forgotten) {
		return h.Expires
	}
	return forgotten
}

// present returns a handshake as it is at a time. One may have expired, or lost
// its sense by the beginning or the end of a migration, and the document not say
// so yet: a background job sees to that.
func (o *Organization) present(h *Handshake, now time.Time) *Handshake {
	if h.State.Ended() {
		return h
	}
	state, ended := HandshakeCanceled, now
	switch {
	case !now.Before(h.Expires):
		state, ended = HandshakeExpired, h.Expires
	case h.Parent != "" && !o.running(h.Parent, now):
	case h.Action == ActionInvite && h.FeatureSet != o.offered(now):
	default:
		return h
	}
	next := *h
	next.State, next.Ended = state, ended
	return &next
}

// shown returns a handshake as it is at a time, and whether it is still shown.
func (o *Organization) shown(h *Handshake, now time.Time) (*Handshake, bool) {
	h = o.present(h, now)
	return h, !h.State.Ended() || now.Before(h.due())
}

// Handshake returns a handshake that the organization sent, as it is at a time.
// It returns HandshakeNotFound, also thirty days after the handshake's end.
func (o *Organization) Handshake(id HandshakeID, now time.Time) (*Handshake, error) {
	if h, ok := o.handshakes.Get(string(id)); ok {
		if h, ok = o.shown(h, now); ok {
			return h, nil
		}
	}
	return nil, refuse(HandshakeNotFound)
}

// HandshakeFilter selects handshakes; the zero value selects all of them.
type HandshakeFilter struct {
	Action Action      // or ""
	Parent HandshakeID // or "": there is no Action then
}

// Handshakes lists the handshakes that the organization sent, as they are at a
// time and in the order in which they were, from behind the cursor.
func (o *Organization) Handshakes(filter HandshakeFilter, now time.Time, after Cursor) iter.Seq2[Cursor, *Handshake] {
	var sent iter.Seq2[Cursor, *Handshake]
	switch {
	case filter.Parent != "":
		var prefixes []string
		for _, state := range []HandshakeState{HandshakeOpen, HandshakeCanceled, HandshakeAccepted, HandshakeDeclined, HandshakeExpired} {
			prefixes = append(prefixes, key(string(filter.Parent), string(state), ""))
		}
		sent = walkAll(o.handshakesByState, prefixes, after)
	case filter.Action != "":
		sent = walk(o.handshakesByAction, key(string(filter.Action), ""), after)
	default:
		var prefixes []string
		for _, action := range []Action{ActionInvite, ActionEnableAllFeatures, ActionApproveAllFeatures, ActionAddServiceLinkedRole, ActionTransferResponsibility} {
			prefixes = append(prefixes, key(string(action), ""))
		}
		sent = walkAll(o.handshakesByAction, prefixes, after)
	}
	return o.allShown(sent, now)
}

// HandshakesTo lists what the organization asks one of its members for, from
// behind the cursor.
func (o *Organization) HandshakesTo(member AccountID, filter HandshakeFilter, now time.Time, after Cursor) iter.Seq2[Cursor, *Handshake] {
	to := Party{PartyAccount, string(member)}
	received := o.allShown(walk(o.handshakesByRecipient, key(to.key(), ""), after), now)
	return func(yield func(Cursor, *Handshake) bool) {
		for cursor, h := range received {
			if h.Parent != "" && filter.selects(h) && !yield(cursor, h) {
				return
			}
		}
	}
}

// selects tells whether a handshake is selected.
func (f HandshakeFilter) selects(h *Handshake) bool {
	return (f.Action == "" || f.Action == h.Action) && (f.Parent == "" || f.Parent == h.Parent)
}

// Selects tells whether handshakes of an action that belong to no migration are
// selected.
func (f HandshakeFilter) Selects(action Action) bool {
	return f.Parent == "" && (f.Action == "" || f.Action == action)
}

// allShown lists what is still shown of a list, as it is at a time.
func (o *Organization) allShown(list iter.Seq2[Cursor, *Handshake], now time.Time) iter.Seq2[Cursor, *Handshake] {
	return func(yield func(Cursor, *Handshake) bool) {
		for cursor, h := range list {
			if h, ok := o.shown(h, now); ok && !yield(cursor, h) {
				return
			}
		}
	}
}

// Addresses tells whether an account is the recipient of a handshake that the
// organization sent. Each partition has e-mail addresses of its own.
func (o *Organization) Addresses(h *Handshake, to *Facts) bool {
	if h.Source != "" {
		return h.Source == to.ID
	}
	switch h.Recipient.Type {
	case PartyAccount:
		return h.Recipient.ID == string(to.ID)
	case PartyEmail:
		return o.settings.Partition == to.Partition && strings.EqualFold(h.Recipient.ID, to.Email)
	case PartyOrganization:
	}
	return false
}

// HandshakeARN returns the ARN of a handshake that the organization sent.
func (o *Organization) HandshakeARN(h *Handshake) string {
	return o.arn("handshake", strings.ToLower(string(h.Action)), string(h.ID))
}
