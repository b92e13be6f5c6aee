package org

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// April is the first month in which a transfer can start that is asked for on day0.
var april = time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)

// neighbours are organizations that transfer responsibility to one another.
type neighbours struct {
	rules *Rules
	of    map[ID]*Draft
}

func newNeighbours() *neighbours {
	rules := AWSRules()
	rules.InboundTransfers, rules.TransferLevels = 3, 2
	return &neighbours{rules, map[ID]*Draft{}}
}

// found makes the organization of an account whose id ends in n.
func (n *neighbours) found(t testing.TB, number int) *Draft {
	t.Helper()
	d := NewDraft(n.rules, day0, rand.NewChaCha8([32]byte{byte(number)}))
	owner := owner(number)
	must(t, d.CreateOrganization(ID(fmt.Sprintf("o-%010d", number)), AllFeatures, Owner{ID: owner.ID, Name: owner.Name, Email: owner.Email}))
	n.of[d.settings.ID] = d
	return d
}

// owner is the management account of the organization with a number.
func owner(number int) Facts {
	return Facts{ID: AccountID(fmt.Sprintf("1%011d", number)), Name: "Owner", Email: fmt.Sprintf("owner%d@example.com", number), State: Active}
}

func (n *neighbours) find(id ID) (*Organization, error) {
	if d, ok := n.of[id]; ok {
		return d.Organization, nil
	}
	return nil, errNowhere
}

func (n *neighbours) draft(id ID) (*Draft, error) {
	if d, ok := n.of[id]; ok {
		return d, nil
	}
	return nil, errNowhere
}

var errNowhere = fmt.Errorf("there is no such organization")

// factsOfOwner returns what is known of the management account of an organization.
func factsOfOwner(d *Draft) Facts {
	account := d.ManagementAccount()
	return Facts{ID: account.ID, Name: account.Name, Email: account.Email, State: account.State}
}

// offer is an invitation of one organization by another one.
func offer(target, source *Draft) TransferInvitation {
	invitee := factsOfOwner(source)
	return TransferInvitation{
		Recipient: Party{PartyAccount, string(invitee.ID)}, Name: "Bills", Notes: "Let us pay", Start: april,
		Inviter: factsOfOwner(target), Invitee: &invitee, Source: source.Organization,
	}
}

func (n *neighbours) invite(t testing.TB, target, source *Draft) *Handshake {
	t.Helper()
	h, err := target.InviteToTransferResponsibility(offer(target, source), n.find)
	must(t, err)
	return h
}

func (n *neighbours) accept(target, source *Draft, h *Handshake) error {
	_, err := target.AcceptTransfer(h.ID, source, factsOfOwner(source), factsOfOwner(target), n.find)
	return err
}

// transfer lets one organization pay the bills of another one.
func (n *neighbours) transfer(t testing.TB, target, source *Draft) TransferID {
	t.Helper()
	h := n.invite(t, target, source)
	must(t, n.accept(target, source, h))
	return h.Transfer
}

// later lets time pass for all of them.
func (n *neighbours) later(d time.Duration) {
	for _, draft := range n.of {
		later(draft, d)
	}
}

// until lets time pass to a moment.
func (n *neighbours) until(at time.Time) {
	for _, draft := range n.of {
		draft.now = at
	}
}
