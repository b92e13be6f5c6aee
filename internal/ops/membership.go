package ops

import (
	"errors"

	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
	"github.com/espalier-cloud/espalier/internal/trail"
)

// departure is how an account came to be outside of its organization, in the words of
// CloudTrail.
type departure string

const (
	departureLeft    departure = "LEFT"    // by itself, also for another organization
	departureRemoved departure = "REMOVED" // by the management account
	departureCleaned departure = "CLEANED" // purged after it was closed
)

// remove makes a member standalone.
func remove(tx *registry.Tx, d *org.Draft, id identity.AccountID, how departure) error {
	facts, err := invitee(tx, id)
	if err != nil {
		return err
	}
	var lacks org.Lacks
	if facts != nil {
		lacks = facts.Lacks
	}
	if err := d.RemoveAccount(org.AccountID(id), lacks...); err != nil {
		return err
	}
	return errors.Join(leave(tx, d, id, how), settleHandshakes(tx, d))
}

// leave ends the membership of an account that its organization has let go, and tells
// the management account of it.
func leave(tx *registry.Tx, d *org.Draft, id identity.AccountID, how departure) error {
	account, err := tx.Account(id)
	if err != nil {
		return err
	}
	if err := account.LeaveOrganization(); err != nil {
		return err
	}
	return serviceEvent(tx, d, "AccountDepartedOrganization", map[string]any{
		"accountId": id, "departureMethod": how, "departureTime": trail.Timestamp(tx.Now),
	})
}

// tellJoined tells the management account that an account has become a member, or is the
// management account.
func tellJoined(tx *registry.Tx, d *org.Draft, id identity.AccountID) error {
	member, err := d.Organization.Account(org.AccountID(id))
	if err != nil {
		return err
	}
	return serviceEvent(tx, d, "AccountJoinedOrganization", map[string]any{
		"accountId": id, "joinedMethod": member.JoinedMethod, "joinedTime": trail.Timestamp(member.Joined),
	})
}
