package ops

import (
	"context"
	"errors"

	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
)

// InviteOrganizationToTransferResponsibility asks another organization to let the
// caller's one pay its bills.
func (o *Organizations) InviteOrganizationToTransferResponsibility(ctx context.Context, by Caller, in *organizations.InviteOrganizationToTransferResponsibilityInput) (*organizations.InviteOrganizationToTransferResponsibilityOutput, error) {
	recipient := org.Party{Type: org.PartyType(in.Target.Type), ID: in.Target.Id}
	account, err := o.accountOf(ctx, recipient, by.View.Account.Partition())
	if err != nil {
		return nil, err
	}
	return write(ctx, &o.Core, by, func(tx *registry.Tx, d *org.Draft) (*organizations.InviteOrganizationToTransferResponsibilityOutput, error) {
		invitation := org.TransferInvitation{
			Recipient: recipient, Name: in.SourceName, Start: in.StartTimestamp, Tags: tagsOf(in.Tags), Inviter: factsOf(by.View.Account.Profile()),
		}
		if in.Notes != nil {
			invitation.Notes = *in.Notes
		}
		var err error
		if invitation.Invitee, invitation.Source, err = transferSource(tx, account); err != nil {
			return nil, err
		}
		h, err := d.InviteToTransferResponsibility(invitation, organizationsOf(tx))
		if err != nil {
			return nil, err
		}
		return &organizations.InviteOrganizationToTransferResponsibilityOutput{Handshake: new(showHandshake(d.Organization, h))},
			errors.Join(o.enforceTags(by, typeTransfer, in.Tags), send(tx, d, h))
	})
}

// DescribeResponsibilityTransfer shows a transfer to its two sides, and to those who
// pay for it by way of others.
func (o *Organizations) DescribeResponsibilityTransfer(ctx context.Context, by Caller, in *organizations.DescribeResponsibilityTransferInput) (*organizations.DescribeResponsibilityTransferOutput, error) {
	t, err := o.transfer(ctx, by, org.TransferID(in.Id))
	if err != nil {
		return nil, err
	}
	return &organizations.DescribeResponsibilityTransferOutput{ResponsibilityTransfer: new(showTransfer(by.View.Organization, t))}, nil
}

// ListInboundResponsibilityTransfers lists the organizations whose bills the caller's
// one pays or offers to pay. Those whose bills it pays by way of others are shown to
// who names them.
func (o *Organizations) ListInboundResponsibilityTransfers(ctx context.Context, by Caller, in *organizations.ListInboundResponsibilityTransfersInput) (*organizations.ListInboundResponsibilityTransfersOutput, error) {
	own, now := by.View.Organization, o.Clock()
	if err := own.MayTransferResponsibility(); err != nil {
		return nil, err
	}
	if in.Id != nil {
		t, err := o.transfer(ctx, by, org.TransferID(*in.Id))
		if err == nil && t.Direction != org.Inbound {
			err = org.Refuse(org.ResponsibilityTransferNotFound, "", nil)
		}
		if err != nil {
			return nil, err
		}
		return &organizations.ListInboundResponsibilityTransfersOutput{ResponsibilityTransfers: []organizations.ResponsibilityTransfer{showTransfer(own, t)}}, nil
	}
	p, err := o.page(by, in.MaxResults, in.NextToken)
	if err != nil {
		return nil, err
	}
	shown, next := collect(p, own.ResponsibilityTransfers(org.Inbound, now, p.after), func(t *org.ResponsibilityTransfer) organizations.ResponsibilityTransfer {
		return showTransfer(own, ownTransfer(own, t, now))
	})
	return &organizations.ListInboundResponsibilityTransfersOutput{ResponsibilityTransfers: shown, NextToken: next}, nil
}

// ListOutboundResponsibilityTransfers lists the organizations that pay the bills of
// the caller's one or offer to.
func (o *Organizations) ListOutboundResponsibilityTransfers(ctx context.Context, by Caller, in *organizations.ListOutboundResponsibilityTransfersInput) (*organizations.ListOutboundResponsibilityTransfersOutput, error) {
	if err := by.View.Organization.MayTransferResponsibility(); err != nil {
		return nil, err
	}
	p, err := o.page(by, in.MaxResults, in.NextToken)
	if err != nil {
		return nil, err
	}
	outbound, err := o.outbound(ctx, by, p.after)
	if err != nil {
		return nil, err
	}
	shown, next := collect(p, inOrder(outbound, (*transfer).place), func(t *transfer) organizations.ResponsibilityTransfer {
		return showTransfer(by.View.Organization, t)
	})
	return &organizations.ListOutboundResponsibilityTransfersOutput{ResponsibilityTransfers: shown, NextToken: next}, nil
}

// UpdateResponsibilityTransfer changes the name of a transfer. Where other servers
// are faster again and again it answers TooManyRequests, because its model does not
// list ConcurrentModificationException.
func (o *Organizations) UpdateResponsibilityTransfer(ctx context.Context, by Caller, in *organizations.UpdateResponsibilityTransferInput) (*organizations.UpdateResponsibilityTransferOutput, error) {
	id := org.TransferID(in.Id)
	switch t, err := o.transferToChange(ctx, by, id); {
	case err != nil:
		return nil, err
	case t.Direction == org.Outbound:
		return nil, org.Refuse(org.InvalidInput, "UNSUPPORTED_ACTION_IN_RESPONSIBILITY_TRANSFER", nil)
	case !t.own:
		return nil, org.Refuse(org.ConstraintViolation, "TRANSFER_RESPONSIBILITY_UPDATE_NOT_ALLOWED", nil)
	}
	out, err := write(ctx, &o.Core, by, func(tx *registry.Tx, d *org.Draft) (*organizations.UpdateResponsibilityTransferOutput, error) {
		t, err := d.RenameTransfer(id, in.Name)
		if err != nil {
			return nil, err
		}
		return &organizations.UpdateResponsibilityTransferOutput{ResponsibilityTransfer: new(showTransfer(d.Organization, ownTransfer(d.Organization, t, tx.Now)))}, nil
	})
	if errors.Is(err, registry.ErrConcurrentModification) {
		err = org.Refuse(org.TooManyRequests, org.RequestInProgress, err)
	}
	return out, err
}

// TerminateResponsibilityTransfer ends a transfer, for either of its sides. Both
// organizations change in one commit.
func (o *Organizations) TerminateResponsibilityTransfer(ctx context.Context, by Caller, in *organizations.TerminateResponsibilityTransferInput) (*organizations.TerminateResponsibilityTransferOutput, error) {
	id := org.TransferID(in.Id)
	switch t, err := o.transferToChange(ctx, by, id); {
	case err != nil:
		return nil, err
	case t.own:
	case t.Direction == org.Outbound: // it was not accepted
		return nil, org.Refuse(org.InvalidResponsibilityTransferTransition, "", nil)
	default:
		return nil, org.Refuse(org.ResponsibilityTransferNotFound, "", nil)
	}
	return write(ctx, &o.Core, by, func(tx *registry.Tx, d *org.Draft) (*organizations.TerminateResponsibilityTransferOutput, error) {
		t, err := d.WithdrawTransfer(id, in.EndTimestamp, tx.Organization)
		if err != nil {
			return nil, err
		}
		shown := ownTransfer(d.Organization, t, tx.Now)
		return &organizations.TerminateResponsibilityTransferOutput{ResponsibilityTransfer: new(showTransfer(d.Organization, shown))},
			o.tellTransfer(tx, "ResponsibilityTransferTerminated", shown, by)
	})
}
