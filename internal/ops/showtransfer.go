package ops

import (
	"time"

	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/org"
)

// showTransfer shows a responsibility transfer to one of its sides, or to who inherits
// it.
func showTransfer(o *org.Organization, t *transfer) organizations.ResponsibilityTransfer {
	return organizations.ResponsibilityTransfer{
		Arn: new(o.TransferARN(t.ID, t.Direction)), Id: new(string(t.ID)), Name: ifSaid(t.Name),
		Type: new(organizations.ResponsibilityTransferTypeBilling), Status: new(organizations.ResponsibilityTransferStatus(t.status)),
		Source: showParticipant(t.Source), Target: showParticipant(t.Target),
		StartTimestamp: t.Start, EndTimestamp: t.End, ActiveHandshakeId: new(string(t.Handshake)),
	}
}

func showParticipant(p org.Participant) *organizations.TransferParticipant {
	return &organizations.TransferParticipant{ManagementAccountId: ifSaid(string(p.Account)), ManagementAccountEmail: ifSaid(p.Email)}
}

// ifSaid leaves out what is empty.
func ifSaid(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// transferResources returns what an invitation to transfer responsibility is about. Its
// recipient may look up neither the transfer's name nor who sends it.
func transferResources(o *org.Organization, t *org.ResponsibilityTransfer) []organizations.HandshakeResource {
	owner := o.ManagementAccount()
	return []organizations.HandshakeResource{
		handshakeResource(organizations.HandshakeResourceTypeTransferType, string(organizations.ResponsibilityTransferTypeBilling)),
		handshakeResource(organizations.HandshakeResourceTypeTransferStartTimestamp, t.Start.Format(time.RFC3339)),
		handshakeResource(organizations.HandshakeResourceTypeResponsibilityTransfer, string(t.ID)),
		handshakeResource(organizations.HandshakeResourceTypeManagementAccount, string(owner.ID)),
		handshakeResource(organizations.HandshakeResourceTypeManagementEmail, owner.Email),
		handshakeResource(organizations.HandshakeResourceTypeManagementName, owner.Name),
	}
}
