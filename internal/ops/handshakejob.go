package ops

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
	"github.com/espalier-cloud/espalier/internal/store"
)

// handshakesAtOnce is how many handshakes, or members of a migration, one commit
// looks after.
const handshakesAtOnce = 200

// settleHandshakes does what is due about the handshakes of an organization, and
// arranges for the next time.
func settleHandshakes(tx *registry.Tx, d *org.Draft) error {
	if !d.Exists() {
		return nil
	}
	var failed error
	forgotten, more := d.TidyHandshakes(handshakesAtOnce, func(id org.AccountID) bool {
		account, err := tx.Account(identity.AccountID(id))
		if err != nil {
			failed = fmt.Errorf("account %s: %w", id, err)
			return false
		}
		return !hasOrganizationsRole(account)
	})
	if failed != nil {
		return failed
	}
	for _, h := range forgotten {
		releaseClaims(tx, d.Settings().ID, h)
	}
	t := task{}
	if !more {
		due, some := d.HandshakesDue()
		if !some {
			return nil
		}
		t.Delay = max(0, due.Sub(tx.Now))
	}
	return schedule(tx, d, jobHandshakes, "", t)
}

// releaseClaims gives up what an invitation was found by.
func releaseClaims(tx *registry.Tx, sender org.ID, h *org.Handshake) {
	if h.Action != org.ActionInvite && h.Action != org.ActionTransferResponsibility {
		return
	}
	for _, c := range claimsOf(sender, h) {
		tx.Release(c.Space, c.Value, c.Owner)
	}
}

// tidyHandshakes lets handshakes expire and forgets old ones, and goes on with a
// migration.
func (o *Organizations) tidyHandshakes(ctx context.Context, job store.Job) error {
	return o.work(ctx, job, func(tx *registry.Tx, d *org.Draft, _ task) error { return settleHandshakes(tx, d) })
}

// leftover is what is left of the invitations of a deleted organization: where
// they were found.
type leftover struct {
	Places []string `json:"places"`
}

// forgetHandshakes gives up, with an organization that is deleted, what its
// invitations were found by. Those that are too many for one commit are left to
// background work; nobody sees them any more.
func forgetHandshakes(tx *registry.Tx, d *org.Draft) error {
	tx.Finish(jobID(d, jobHandshakes, ""))
	var places []string
	n := 0
	for _, action := range []org.Action{org.ActionInvite, org.ActionTransferResponsibility} {
		for _, h := range d.Handshakes(org.HandshakeFilter{Action: action}, tx.Now, "") {
			if n++; n <= handshakesAtOnce {
				releaseClaims(tx, d.Settings().ID, h)
				continue
			}
			places = append(places, placeOf(h))
		}
	}
	for some := range slices.Chunk(places, handshakesAtOnce) {
		payload, err := json.Marshal(leftover{some})
		if err != nil {
			return fmt.Errorf("leftover: %w", err)
		}
		id := d.Settings().ID
		tx.Schedule(store.Job{
			ID: jobID(d, jobLeftover, some[0]), Kind: jobLeftover, Aggregate: store.AggregateID(id), Due: tx.Now, Payload: payload,
		})
	}
	return nil
}

// clearLeftover gives up what the invitations of a deleted organization were found
// by.
func (o *Organizations) clearLeftover(ctx context.Context, job store.Job) error {
	var left leftover
	if err := json.Unmarshal(job.Payload, &left); err != nil {
		return fmt.Errorf("job %s: %w", job.ID, err)
	}
	batch := store.Batch{DoneJobs: []string{job.ID}}
	for _, place := range left.Places {
		_, at, _ := strings.Cut(place, " ")
		batch.Releases = append(batch.Releases,
			store.Claim{Space: registry.SpaceInvitation, Value: place, Owner: string(job.Aggregate)},
			store.Claim{Space: registry.SpaceHandshake, Value: string(handshakeAt(org.Cursor(at))), Owner: string(job.Aggregate)})
	}
	return o.Registry.Store.Commit(ctx, batch)
}
