// Package ops has one method for every API operation: it maps the input to the
// domain, applies the rule, and maps the result to the output. The table in
// table.go says who may call which operation.
package ops

import (
	"context"
	"errors"
	"time"

	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/provisioner"
	"github.com/espalier-cloud/espalier/internal/registry"
	"github.com/espalier-cloud/espalier/internal/trail"
	"github.com/espalier-cloud/espalier/policy"
)

// Caller is who calls and what he sees: one view of his account and of its
// organization serves the decision and the answer.
type Caller struct {
	identity.Caller
	View *registry.View
	Call *trail.Call
	// Context holds the condition keys of the call: its circumstances, and what its input says.
	Context *policy.Context
	// Forwarder is for operations that have others do their work.
	Forwarder
}

// organization is the queue of the caller's organization.
func (c *Caller) organization() registry.Key {
	return registry.OrganizationKey(org.ID(c.View.Account.Organization()))
}

// Core is what the operations of all services share.
type Core struct {
	Registry *registry.Registry
	Keyring  *identity.Keyring
	Clock    func() time.Time
	Delays   Delays
	Fault    func(operation string) Fault // nil outside of tests
	// Provisioner makes and removes what accounts stand for; nil where that is nothing but what Espalier records.
	Provisioner *provisioner.Provisioner
	// Decide asks the policies about a request of a caller about a resource, each of an account with its
	// organization or nil. What finds the policies decides about calls, and stands above the operations;
	// so does ServiceControl.
	Decide func(r *policy.Request, by *identity.Caller, account *identity.Account, of *org.Organization, owner *identity.Account, ownedIn *org.Organization) policy.Decision
	// ServiceControl returns the service control policies above an account, level by level.
	ServiceControl func(*org.Organization, org.AccountID) *policy.Path
	ServiceRoles   *identity.ServiceRoles // nil for AWS's
	Effective      *org.EffectivePolicies
}

// Delays are how long background work waits, so that clients meet the states in
// between. The zero value works everything off at once.
type Delays struct {
	CreateAccount time.Duration
	CloseAccount  time.Duration
	PolicyType    time.Duration
	// EffectivePolicy is how long after a change effective policies are published.
	EffectivePolicy time.Duration
	RegionOpt       time.Duration // of enabling and disabling a region
}

// write applies a change to the caller's organization, records its event in the
// same commit, and returns what the change returns. An organization that was
// deleted since the caller was admitted is NotInUse.
func write[Out any](ctx context.Context, core *Core, by Caller, change func(*registry.Tx, *org.Draft) (*Out, error)) (*Out, error) {
	return commit(ctx, core, by, by.organization(), func(tx *registry.Tx) (*Out, error) {
		d, err := draft(tx, by)
		if err != nil {
			return nil, err
		}
		out, err := change(tx, d)
		if err != nil {
			return nil, err
		}
		return out, core.settle(tx, d)
	})
}

// draft returns the caller's organization to work on, or NotInUse.
func draft(tx *registry.Tx, by Caller) (*org.Draft, error) {
	d, err := tx.Organization(org.ID(by.View.Account.Organization()))
	if errors.Is(err, registry.ErrNotFound) {
		return nil, org.Refuse(org.NotInUse, "", err)
	}
	return d, err
}

// commit applies a change at a queue and records its event in the same commit.
func commit[Out any](ctx context.Context, core *Core, by Caller, key registry.Key, change func(*registry.Tx) (*Out, error)) (*Out, error) {
	var out *Out
	err := core.Registry.Write(ctx, key, by.Call.Name, func(tx *registry.Tx) (err error) {
		if out, err = change(tx); err != nil {
			return err
		}
		return tx.Record(by.Call.Event(out))
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
