package ops

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
	"github.com/espalier-cloud/espalier/internal/store"
)

// InviteAccountToOrganization invites an account to become a member. Whether there
// is an account of that id or e-mail address yet does not matter.
func (o *Organizations) InviteAccountToOrganization(ctx context.Context, by Caller, in *organizations.InviteAccountToOrganizationInput) (*organizations.InviteAccountToOrganizationOutput, error) {
	target := org.Party{Type: org.PartyType(in.Target.Type), ID: in.Target.Id}
	account, err := o.accountOf(ctx, target, by.View.Account.Partition())
	if err != nil {
		return nil, err
	}
	return write(ctx, &o.Core, by, func(tx *registry.Tx, d *org.Draft) (*organizations.InviteAccountToOrganizationOutput, error) {
		invitation := org.Invitation{Target: target, Tags: tagsOf(in.Tags), Inviter: factsOf(by.View.Account.Profile())}
		if in.Notes != nil {
			invitation.Notes = *in.Notes
		}
		var err error
		if invitation.Invitee, err = invitee(tx, account); err != nil {
			return nil, err
		}
		h, err := d.InviteAccount(invitation)
		if err != nil {
			return nil, err
		}
		return &organizations.InviteAccountToOrganizationOutput{Handshake: new(showHandshake(d.Organization, h))},
			errors.Join(o.enforceTags(by, typeAccount, in.Tags), send(tx, d, h))
	})
}

// send puts a new invitation where its recipient finds it.
func send(tx *registry.Tx, d *org.Draft, h *org.Handshake) error {
	for _, c := range claimsOf(d.Settings().ID, h) {
		if err := tx.Claim(c.Space, c.Value, c.Owner); err != nil {
			return err
		}
	}
	return settleHandshakes(tx, d)
}

// accountOf returns the id that the account of a target has, or would have. One that
// is invited by its e-mail address is looked for in a partition.
func (o *Organizations) accountOf(ctx context.Context, target org.Party, in identity.Partition) (identity.AccountID, error) {
	switch target.Type {
	case org.PartyAccount:
		return identity.AccountID(target.ID), nil
	case org.PartyEmail:
		owner, _, err := o.Registry.Store.Claim(ctx, emailSpace(in), strings.ToLower(target.ID))
		return identity.AccountID(owner), err
	case org.PartyOrganization:
	}
	return "", nil
}

// invitee returns the facts about an account, or nil when there is none.
func invitee(tx *registry.Tx, id identity.AccountID) (*org.Facts, error) {
	if !identity.IsAccountID(string(id)) {
		return nil, nil
	}
	account, err := tx.Account(id)
	if errors.Is(err, registry.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return new(factsOf(account.Profile())), nil
}

// claimsOf returns the claims by which an invitation is found by those who do not
// know the organization that sent it: by its id, and in the inbox of its
// recipient.
func claimsOf(sender org.ID, h *org.Handshake) []store.Claim {
	return []store.Claim{
		{Space: registry.SpaceHandshake, Value: string(h.ID), Owner: string(sender)},
		{Space: registry.SpaceInvitation, Value: placeOf(h), Owner: string(sender)},
	}
}

// placeOf is the claim of an invitation in the inbox of its recipient.
func placeOf(h *org.Handshake) string {
	inbox := h.Recipient.ID
	if h.Action == org.ActionTransferResponsibility {
		inbox = transfersAskedOf(h.Source)
	}
	return inboxOf(inbox) + string(inboxCursor(h.Requested, h.ID))
}

// inboxOf begins the claims of what an account id or an e-mail address received.
// Neither has a space.
func inboxOf(recipient string) string { return strings.ToLower(recipient) + " " }

// transfersAskedOf is the inbox of a management account for invitations to transfer
// responsibility. It is one of its own, because invitations to become a member are not
// for management accounts. No e-mail address is like it.
func transfersAskedOf(account org.AccountID) string { return "transfers:" + string(account) }

// inboxCursor is the place of a handshake in the inbox of its recipient.
func inboxCursor(requested time.Time, id org.HandshakeID) org.Cursor {
	return org.Cursor(fmt.Sprintf("%016x %s", uint64(requested.UnixMicro()), id))
}

// handshakeAt returns the handshake at a place in an inbox.
func handshakeAt(c org.Cursor) org.HandshakeID {
	_, id, _ := strings.Cut(string(c), " ")
	return org.HandshakeID(id)
}

// received is a handshake in an inbox.
type received struct {
	at   org.Cursor
	from *org.Organization
	*org.Handshake
}

// inboxPage is how many claims of an inbox are read at once.
const inboxPage = 50

// invitations returns up to limit invitations in an inbox of the caller's account that
// are still shown, or all of them where limit is 0, from behind a place. Those of
// organizations that are gone are left out, and those for the account in another
// partition that has the same e-mail address.
func (o *Organizations) invitations(ctx context.Context, by Caller, recipient string, after org.Cursor, limit int, now time.Time) ([]received, error) {
	inbox, to := inboxOf(recipient), factsOf(by.View.Account.Profile())
	var found []received
	for {
		claims, err := o.Registry.Store.Claims(ctx, registry.SpaceInvitation, inbox+string(after), inboxPage)
		if err != nil {
			return nil, err
		}
		for _, c := range claims {
			place, here := strings.CutPrefix(c.Value, inbox)
			if !here {
				return found, nil
			}
			after = org.Cursor(place)
			from, err := o.Registry.Organization(ctx, org.ID(c.Owner))
			if errors.Is(err, registry.ErrNotFound) {
				continue
			}
			if err != nil {
				return nil, err
			}
			if h, err := from.Handshake(handshakeAt(after), now); err == nil && from.Addresses(h, &to) {
				found = append(found, received{after, from, h})
			}
			if limit > 0 && len(found) == limit {
				return found, nil
			}
		}
		if len(claims) < inboxPage {
			return found, nil
		}
	}
}
