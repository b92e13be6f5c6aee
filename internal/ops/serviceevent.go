package ops

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/registry"
	"github.com/espalier-cloud/espalier/internal/trail"
)

// newServiceEvent returns the event of something that a service, named by its
// source, did on its own account in an account.
func newServiceEvent(tx *registry.Tx, source, name string, account identity.AccountID, details map[string]any) (trail.Event, error) {
	doc, err := json.Marshal(details)
	if err != nil {
		return trail.Event{}, fmt.Errorf("event %s: %w", name, err)
	}
	id, err := newEventID(tx)
	if err != nil {
		return trail.Event{}, err
	}
	return trail.ServiceEventOf(id, source, name, tx.Now, account, identity.Partition(tx.Rules.Partition), doc), nil
}

func newEventID(tx *registry.Tx) (string, error) {
	var random [16]byte
	if _, err := io.ReadFull(tx.Rand, random[:]); err != nil {
		return "", fmt.Errorf("event id: %w", err)
	}
	return trail.NewID(random), nil
}
