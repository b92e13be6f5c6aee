package ops

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
)

// transfer is a responsibility transfer as an organization sees it.
type transfer struct {
	*org.ResponsibilityTransfer
	status org.TransferStatus
	own    bool // the organization has a document of it: it sent the invitation, or accepted it
}

// place is the place of a transfer in the list of outbound ones: that of its handshake
// in an inbox.
func (t *transfer) place() org.Cursor { return inboxCursor(t.Requested, t.Handshake) }

func ownTransfer(o *org.Organization, t *org.ResponsibilityTransfer, now time.Time) *transfer {
	return &transfer{t, o.TransferStatus(t, now), true}
}

// transfer returns a transfer as the caller's organization sees it: one of its own, one
// that it was asked for, or one between others whose bills it pays. It returns
// ResponsibilityTransferNotFound.
func (o *Organizations) transfer(ctx context.Context, by Caller, id org.TransferID) (*transfer, error) {
	own, now := by.View.Organization, o.Clock()
	if t, err := own.ResponsibilityTransfer(id, now); err == nil {
		return ownTransfer(own, t, now), nil
	}
	outbound, err := o.outbound(ctx, by, "")
	if err != nil {
		return nil, err
	}
	for _, t := range outbound {
		if t.ID == id {
			return t, nil
		}
	}
	t, err := own.InheritedTransfer(id, now, o.Registry.Rules.TransferLevels, func(id org.ID) (*org.Organization, error) {
		return o.Registry.Organization(ctx, id)
	})
	if err != nil {
		return nil, err
	}
	return &transfer{t, own.TransferStatus(t, now), false}, nil
}

// transferToChange returns a transfer that the caller wants to change.
func (o *Organizations) transferToChange(ctx context.Context, by Caller, id org.TransferID) (*transfer, error) {
	if err := by.View.Organization.MayTransferResponsibility(); err != nil {
		return nil, err
	}
	return o.transfer(ctx, by, id)
}

// outbound returns the outbound transfers of the caller's organization from behind a
// place: those that it agreed to, and those that it was asked for. One that it agrees
// to at this moment is still among the latter.
func (o *Organizations) outbound(ctx context.Context, by Caller, after org.Cursor) ([]*transfer, error) {
	own, now := by.View.Organization, o.Clock()
	var all []*transfer
	for _, t := range own.ResponsibilityTransfers(org.Outbound, now, "") {
		if shown := ownTransfer(own, t, now); shown.place() > after {
			all = append(all, shown)
		}
	}
	asked, err := o.invitations(ctx, by, transfersAskedOf(org.AccountID(by.Account)), after, 0, now)
	if err != nil {
		return nil, err
	}
	for _, r := range asked {
		t := *r.from.TransferOf(r.Handshake)
		if own.Resource(org.ResourceID(t.ID)).Direction != "" {
			continue // see above
		}
		if r.State == org.HandshakeAccepted && t.Source.Organization != own.Settings().ID {
			continue // by another organization that the account had before
		}
		t.Direction, t.Name, t.Tags = org.Outbound, "", nil
		all = append(all, &transfer{&t, r.from.TransferStatus(&t, now), false})
	}
	return all, nil
}

// transferSource returns the facts about an account and its organization, nil for what
// there is not.
func transferSource(tx *registry.Tx, id identity.AccountID) (*org.Facts, *org.Organization, error) {
	facts, err := invitee(tx, id)
	if err != nil || facts == nil {
		return nil, nil, err
	}
	account, err := tx.Account(id)
	if err != nil || account.Organization() == "" {
		return facts, nil, err
	}
	source, err := organizationsOf(tx)(org.ID(account.Organization()))
	return facts, source, err
}

// organizationsOf finds organizations as a write sees them.
func organizationsOf(tx *registry.Tx) org.Organizations {
	return func(id org.ID) (*org.Organization, error) {
		d, err := tx.Organization(id)
		if err != nil {
			return nil, err
		}
		return d.Organization, nil
	}
}

// acceptTransfer agrees to a responsibility transfer for the organization of an
// account. Both organizations change.
func (o *Organizations) acceptTransfer(tx *registry.Tx, d *org.Draft, account *identity.Draft, by Caller, h *org.Handshake) (*org.Handshake, error) {
	source, err := tx.Organization(org.ID(account.Organization()))
	if errors.Is(err, registry.ErrNotFound) {
		return nil, org.Refuse(org.NotInUse, "", err)
	}
	if err != nil {
		return nil, err
	}
	inviter, err := managementOf(tx, d.Organization)
	if err != nil {
		return nil, err
	}
	h, err = d.AcceptTransfer(h.ID, source, factsOf(account.Profile()), inviter, organizationsOf(tx))
	if err != nil {
		return nil, err
	}
	accepted := ownTransfer(d.Organization, d.TransferOf(h), tx.Now)
	return h, o.tellTransfer(tx, "ResponsibilityTransferAccepted", accepted, by)
}

// tellTransfer records what became of a transfer in the trails of all whom it concerns:
// its two sides, who pays for them, and whom they pay for.
func (o *Organizations) tellTransfer(tx *registry.Tx, name string, t *transfer, by Caller) error {
	find := organizationsOf(tx)
	source, err := find(t.Source.Organization)
	if err != nil {
		return err
	}
	target, err := find(t.Target.Organization)
	if err != nil {
		return err
	}
	chain, err := org.ChainOf(source, target, tx.Now, tx.Rules.TransferLevels+1, find)
	if err != nil {
		return err
	}
	payers := append([]org.AccountID{t.Source.Account, t.Target.Account}, chain.Above...)
	details := map[string]any{
		"id": t.ID, "transferChain": payers, "type": organizations.ResponsibilityTransferTypeBilling, "status": t.status,
		"source": map[string]any{"managementAccountId": t.Source.Account}, "target": map[string]any{"managementAccountId": t.Target.Account},
		"requester": by.Account, "startTimestamp": t.Start.UnixMilli(),
	}
	if !t.End.IsZero() {
		details["endTimestamp"] = t.End.UnixMilli()
	}
	return sharedEvents(tx, identity.Partition(source.Settings().Partition), name, details, slices.Concat(payers, chain.Below))
}
