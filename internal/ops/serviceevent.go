package ops

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
	"github.com/espalier-cloud/espalier/internal/trail"
)

// serviceEvent records what the service did in an organization on its own account: in
// the trail of the management account, among the events of the organization.
func serviceEvent(tx *registry.Tx, d *org.Draft, name string, details map[string]any) error {
	event, err := organizationEvent(tx, d, name, details)
	if err != nil {
		return err
	}
	return tx.RecordIn(d.Settings().ID, event)
}

// sharedEvents records what the service did on its own account in the trails of all
// accounts that it concerns. The records share an id.
func sharedEvents(tx *registry.Tx, p identity.Partition, name string, details map[string]any, accounts []org.AccountID) error {
	shared, err := newEventID(tx)
	if err != nil {
		return err
	}
	for _, account := range accounts {
		event, err := newServiceEvent(tx, p, identity.OrganizationsService, name, identity.AccountID(account), details)
		if err != nil {
			return err
		}
		event.SharedID = shared
		if err := tx.Record(event); err != nil {
			return err
		}
	}
	return nil
}

// organizationEvent returns the event of something that the service did on its own
// account in an organization. Its management account is told of it.
func organizationEvent(tx *registry.Tx, d *org.Draft, name string, details map[string]any) (trail.Event, error) {
	settings := d.Settings()
	return newServiceEvent(tx, identity.Partition(settings.Partition), identity.OrganizationsService, name, identity.AccountID(settings.ManagementAccount), details)
}

// newServiceEvent returns the event of something that a service, named by its
// source, did on its own account in an account of a partition.
func newServiceEvent(tx *registry.Tx, p identity.Partition, source, name string, account identity.AccountID, details map[string]any) (trail.Event, error) {
	doc, err := json.Marshal(details)
	if err != nil {
		return trail.Event{}, fmt.Errorf("event %s: %w", name, err)
	}
	id, err := newEventID(tx)
	if err != nil {
		return trail.Event{}, err
	}
	return trail.ServiceEventOf(id, source, name, tx.Now, account, p, doc), nil
}

func newEventID(tx *registry.Tx) (string, error) {
	var random [16]byte
	if _, err := io.ReadFull(tx.Rand, random[:]); err != nil {
		return "", fmt.Errorf("event id: %w", err)
	}
	return trail.NewID(random), nil
}
