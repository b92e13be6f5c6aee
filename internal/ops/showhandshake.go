package ops

import (
	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/org"
)

// showHandshake shows a handshake that an organization sent as the API does.
func showHandshake(o *org.Organization, h *org.Handshake) organizations.Handshake {
	return organizations.Handshake{
		Id: new(string(h.ID)), Arn: new(o.HandshakeARN(h)), Action: new(organizations.ActionType(h.Action)), State: new(organizations.HandshakeState(h.State)),
		RequestedTimestamp: h.Requested, ExpirationTimestamp: h.Expires, Parties: partiesOf(o, h), Resources: resourcesOf(o, h),
	}
}

// partiesOf returns the organization and, but for the migration itself, whom it
// asks.
func partiesOf(o *org.Organization, h *org.Handshake) []organizations.HandshakeParty {
	parties := []organizations.HandshakeParty{{Id: string(o.Settings().ID), Type: organizations.HandshakePartyTypeOrganization}}
	if h.Recipient.ID != "" {
		parties = append(parties, organizations.HandshakeParty{Id: h.Recipient.ID, Type: organizations.HandshakePartyType(h.Recipient.Type)})
	}
	return parties
}

// resourcesOf returns what a handshake is about. Only invitations say who
// sends them and what is offered: their recipient may not look that up.
func resourcesOf(o *org.Organization, h *org.Handshake) []organizations.HandshakeResource {
	var all []organizations.HandshakeResource
	if h.Parent != "" {
		all = append(all, handshakeResource(organizations.HandshakeResourceTypeParentHandshake, string(h.Parent)))
	}
	sender := handshakeResource(organizations.HandshakeResourceTypeOrganization, string(o.Settings().ID))
	if h.Action == org.ActionInvite {
		owner := o.ManagementAccount()
		sender.Resources = []organizations.HandshakeResource{
			handshakeResource(organizations.HandshakeResourceTypeMasterEmail, owner.Email),
			handshakeResource(organizations.HandshakeResourceTypeMasterName, owner.Name),
			handshakeResource(organizations.HandshakeResourceTypeOrganizationFeatureSet, string(h.FeatureSet)),
		}
	}
	if t := o.TransferOf(h); t != nil {
		all = append(all, transferResources(o, t)...)
	} else {
		all = append(all, sender)
	}
	if h.Recipient.ID != "" {
		all = append(all, handshakeResource(organizations.HandshakeResourceType(h.Recipient.Type), h.Recipient.ID))
	}
	if h.Notes != "" {
		all = append(all, handshakeResource(organizations.HandshakeResourceTypeNotes, h.Notes))
	}
	return all
}

func handshakeResource(of organizations.HandshakeResourceType, value string) organizations.HandshakeResource {
	return organizations.HandshakeResource{Type: &of, Value: &value}
}
