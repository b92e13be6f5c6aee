package ops

import (
	"context"
	"errors"

	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
	"github.com/espalier-cloud/espalier/policy"
)

// DescribeHandshake shows a handshake to its parties: the account that it is
// addressed to, and those who may look at what the sending organization does.
func (o *Organizations) DescribeHandshake(ctx context.Context, by Caller, in *organizations.DescribeHandshakeInput) (*organizations.DescribeHandshakeOutput, error) {
	id := org.HandshakeID(in.HandshakeId)
	sender, err := o.sender(ctx, by, id)
	if err != nil {
		return nil, err
	}
	from, err := o.Registry.Organization(ctx, sender)
	if errors.Is(err, registry.ErrNotFound) {
		return nil, org.Refuse(org.HandshakeNotFound, "", err)
	}
	if err != nil {
		return nil, err
	}
	h, err := from.Handshake(id, o.Clock())
	if err != nil {
		return nil, err
	}
	if !from.Addresses(h, new(factsOf(by.View.Account.Profile()))) && !looksAround(by, from, h) {
		return nil, org.Refuse(org.HandshakeNotFound, "", nil)
	}
	return &organizations.DescribeHandshakeOutput{Handshake: new(showHandshake(from, h))}, nil
}

// looksAround tells whether a caller may see what the organization that sent a
// handshake does.
func looksAround(by Caller, from *org.Organization, h *org.Handshake) bool {
	call := by.ToOrganization(policy.NewAction("organizations:DescribeHandshake"), from.Resource(org.ResourceID(h.ID)))
	return from.Admits(org.ManagementOrDelegate, call) == nil
}

// AcceptHandshake agrees to what an organization asks the caller's account for.
// The event stays in the trail of the account. The organization, the account and
// the organization that it leaves change in one commit.
func (o *Organizations) AcceptHandshake(ctx context.Context, by Caller, in *organizations.AcceptHandshakeInput) (*organizations.AcceptHandshakeOutput, error) {
	id := org.HandshakeID(in.HandshakeId)
	out, err := answer(ctx, o, by, id, func(tx *registry.Tx, d *org.Draft, account *identity.Draft) (*org.Handshake, error) {
		return o.accept(tx, d, account, by, id)
	}, func(h *organizations.Handshake) *organizations.AcceptHandshakeOutput {
		return &organizations.AcceptHandshakeOutput{Handshake: h}
	})
	if errors.Is(err, registry.ErrNotFound) && o.sent(by, id) {
		return nil, org.Refuse(org.NotInUse, "", err) // its organization was deleted meanwhile
	}
	return out, err
}

// DeclineHandshake refuses what an organization asks the caller's account for. The
// event stays in the trail of the account.
func (o *Organizations) DeclineHandshake(ctx context.Context, by Caller, in *organizations.DeclineHandshakeInput) (*organizations.DeclineHandshakeOutput, error) {
	id := org.HandshakeID(in.HandshakeId)
	return answer(ctx, o, by, id, func(_ *registry.Tx, d *org.Draft, account *identity.Draft) (*org.Handshake, error) {
		return d.DeclineHandshake(id, factsOf(account.Profile()))
	}, func(h *organizations.Handshake) *organizations.DeclineHandshakeOutput {
		return &organizations.DeclineHandshakeOutput{Handshake: h}
	})
}

// CancelHandshake takes back what the caller's organization asks for.
func (o *Organizations) CancelHandshake(ctx context.Context, by Caller, in *organizations.CancelHandshakeInput) (*organizations.CancelHandshakeOutput, error) {
	id := org.HandshakeID(in.HandshakeId)
	return answer(ctx, o, by, id, func(_ *registry.Tx, d *org.Draft, account *identity.Draft) (*org.Handshake, error) {
		return d.CancelHandshake(id, factsOf(account.Profile()))
	}, func(h *organizations.Handshake) *organizations.CancelHandshakeOutput {
		return &organizations.CancelHandshakeOutput{Handshake: h}
	})
}

// answer changes a handshake, for the caller's account and at the queue of the
// organization that sent it.
func answer[Out any](ctx context.Context, o *Organizations, by Caller, id org.HandshakeID,
	change func(*registry.Tx, *org.Draft, *identity.Draft) (*org.Handshake, error), show func(*organizations.Handshake) *Out,
) (*Out, error) {
	sender, err := o.sender(ctx, by, id)
	if err != nil {
		return nil, err
	}
	return commit(ctx, &o.Core, by, registry.OrganizationKey(sender), func(tx *registry.Tx) (*Out, error) {
		d, err := tx.Organization(sender)
		if errors.Is(err, registry.ErrNotFound) {
			return nil, org.Refuse(org.HandshakeNotFound, "", err)
		}
		if err != nil {
			return nil, err
		}
		account, err := tx.Account(by.Account)
		if err != nil {
			return nil, err
		}
		h, err := change(tx, d, account)
		if err != nil {
			return nil, err
		}
		return show(new(showHandshake(d.Organization, h))), errors.Join(settleHandshakes(tx, d), o.settle(tx, d))
	})
}

// sender returns the organization that sent a handshake: the caller's own, or one
// that invited somebody. It returns HandshakeNotFound.
func (o *Organizations) sender(ctx context.Context, by Caller, id org.HandshakeID) (org.ID, error) {
	if o.sent(by, id) {
		return by.View.Organization.Settings().ID, nil
	}
	owner, found, err := o.Registry.Store.Claim(ctx, registry.SpaceHandshake, string(id))
	if err == nil && !found {
		err = org.Refuse(org.HandshakeNotFound, "", nil)
	}
	return org.ID(owner), err
}

// sent tells whether the caller's organization sent a handshake.
func (o *Organizations) sent(by Caller, id org.HandshakeID) bool {
	if by.View.Organization == nil {
		return false
	}
	_, err := by.View.Organization.Handshake(id, o.Clock())
	return err == nil
}

// accept agrees to a handshake, and sees to what follows from it for the account.
func (o *Organizations) accept(tx *registry.Tx, d *org.Draft, account *identity.Draft, by Caller, id org.HandshakeID) (*org.Handshake, error) {
	facts := factsOf(account.Profile())
	h, err := d.HandshakeFor(id, facts, org.HandshakeAccepted)
	if err != nil {
		return nil, err
	}
	if h.Action == org.ActionTransferResponsibility {
		return o.acceptTransfer(tx, d, account, by, h)
	}
	if h.Action == org.ActionInvite {
		if err := o.leaveFor(tx, d, account, by); err != nil {
			return nil, err
		}
	}
	if h.FeatureSet != org.ConsolidatedBilling {
		if err := o.requireOrganizationsRole(by, account); err != nil {
			return nil, err
		}
	}
	management, err := managementOf(tx, d.Organization)
	if err != nil {
		return nil, err
	}
	if h, err = d.AcceptHandshake(id, facts, management); err != nil {
		return nil, err
	}
	if h.Action == org.ActionInvite {
		if err := account.JoinOrganization(identity.OrganizationID(d.Settings().ID)); err != nil {
			return nil, err
		}
		if err := tellJoined(tx, d, account.ID()); err != nil {
			return nil, err
		}
	}
	_, err = account.EnsureOrganizationsRole()
	return h, err
}

// leaveFor takes an account out of the organization that it leaves for another
// one.
func (o *Organizations) leaveFor(tx *registry.Tx, d *org.Draft, account *identity.Draft, by Caller) error {
	old := org.ID(account.Organization())
	if old == "" || old == d.Settings().ID {
		return nil // the rules tell a member that it is one
	}
	if !o.permits(by, actionLeaveOrganization, "*") {
		return org.Refuse(org.AccessDenied, "", nil)
	}
	left, err := tx.Organization(old)
	if err != nil {
		return err
	}
	if err := left.Leave(org.AccountID(account.ID()), lacksOf(account.Profile())...); err != nil {
		return err
	}
	return errors.Join(leave(tx, left, account.ID(), departureLeft), settleHandshakes(tx, left))
}
