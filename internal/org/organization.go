// Package org is one organization as a state machine: its tree of accounts and
// organizational units, its policies, delegations and trusted services, and
// the rules of AWS Organizations for changing them.
//
// An [Organization] never changes, so that any number of readers may use it
// while the next one is made. A [Draft] is a private copy on which rules work;
// what it changed is a list of documents that can be stored, sent to another
// server and applied there. The package does no I/O: time and randomness reach
// it as arguments.
package org

import (
	"sync"
	"time"

	"github.com/tidwall/btree"
)

// FeatureSet says what an organization can do.
type FeatureSet string

// The feature sets of the model.
const (
	AllFeatures         FeatureSet = "ALL"
	ConsolidatedBilling FeatureSet = "CONSOLIDATED_BILLING"
)

// Settings are the facts of an organization as a whole.
type Settings struct {
	ID                ID         `json:"id"`
	Partition         string     `json:"partition"` // aws, aws-cn or aws-us-gov
	ManagementAccount AccountID  `json:"managementAccount"`
	FeatureSet        FeatureSet `json:"featureSet"`
	Created           time.Time  `json:"created"`
	FinalizingUntil   time.Time  `json:"finalizingUntil,omitzero"` // until then no account can be added
}

// An index is an ordered map that is copied in constant time.
type index[V any] = btree.Map[string, V]

// Organization is the state of one organization at one moment. It is safe for
// any number of readers; nothing in it may be modified.
type Organization struct {
	copying sync.Mutex // taking a copy marks the original, so two copies must not be taken at once

	settings       *Settings
	root           *Root
	resourcePolicy *ResourcePolicy
	controls       *Controls
	state
}

// state holds the maps of an organization: the primary ones by id, and beside
// each the orders in which lists walk it. A list is ordered by creation, so its
// keys begin with the time.
type state struct {
	units           *index[*OrganizationalUnit] // OUID
	unitsByParent   *index[*OrganizationalUnit] // parent, created, id
	unitsByCreation *index[*OrganizationalUnit] // created, id
	unitNames       *index[OUID]                // parent, name

	accounts         *index[*Account] // AccountID
	accountsByJoin   *index[*Account] // joined, id
	accountsByParent *index[*Account] // parent, joined, id
	closures         *index[*Account] // state, time of the close request, id
	closed           *index[*Account] // when they were closed, id

	creations        *index[*Creation] // CreationID
	creationsByState *index[*Creation] // state, requested, id

	handshakes            *index[*Handshake] // HandshakeID
	handshakesByAction    *index[*Handshake] // action, requested, id
	handshakesByState     *index[*Handshake] // group, state, requested, id
	handshakesByRecipient *index[*Handshake] // type of the recipient, recipient, requested, id
	handshakesByDue       *index[*Handshake] // when something becomes of it, id

	transfers            *index[*ResponsibilityTransfer] // TransferID
	transfersByDirection *index[*ResponsibilityTransfer] // direction, requested, id
	transfersByEnd       *index[*ResponsibilityTransfer] // direction, end, id: those that were accepted

	policies       *index[*Policy]  // PolicyID
	policiesByType *index[*Policy]  // type, created, id
	policyNames    *index[PolicyID] // type, name
	policyCounts   *index[int]      // type

	attachments         *index[*Attachment] // type, target, policy
	attachmentsByTarget *index[*Attachment] // target, type, order, policy
	attachmentsByPolicy *index[*Attachment] // policy, attached, target
	detachments         *index[*Detachment] // type, target

	publications *index[*Publication] // type, target
	kept         *index[*Publication] // those that keep a document: type, target

	services             *index[*ServiceAccess] // principal
	delegations          *index[*Delegation]    // account, principal
	delegationsByService *index[*Delegation]    // principal, enabled, account
}

func newState() state {
	return state{
		units: new(index[*OrganizationalUnit]), unitsByParent: new(index[*OrganizationalUnit]), unitsByCreation: new(index[*OrganizationalUnit]), unitNames: new(index[OUID]),
		accounts: new(index[*Account]), accountsByJoin: new(index[*Account]), accountsByParent: new(index[*Account]), closures: new(index[*Account]), closed: new(index[*Account]),
		creations: new(index[*Creation]), creationsByState: new(index[*Creation]),
		handshakes: new(index[*Handshake]), handshakesByAction: new(index[*Handshake]), handshakesByState: new(index[*Handshake]),
		handshakesByRecipient: new(index[*Handshake]), handshakesByDue: new(index[*Handshake]),
		transfers: new(index[*ResponsibilityTransfer]), transfersByDirection: new(index[*ResponsibilityTransfer]), transfersByEnd: new(index[*ResponsibilityTransfer]),
		policies: new(index[*Policy]), policiesByType: new(index[*Policy]), policyNames: new(index[PolicyID]), policyCounts: new(index[int]),
		attachments: new(index[*Attachment]), attachmentsByTarget: new(index[*Attachment]), attachmentsByPolicy: new(index[*Attachment]), detachments: new(index[*Detachment]),
		publications: new(index[*Publication]), kept: new(index[*Publication]),
		services: new(index[*ServiceAccess]), delegations: new(index[*Delegation]), delegationsByService: new(index[*Delegation]),
	}
}

func (s *state) copy() state {
	return state{
		units: s.units.Copy(), unitsByParent: s.unitsByParent.Copy(), unitsByCreation: s.unitsByCreation.Copy(), unitNames: s.unitNames.Copy(),
		accounts: s.accounts.Copy(), accountsByJoin: s.accountsByJoin.Copy(), accountsByParent: s.accountsByParent.Copy(), closures: s.closures.Copy(), closed: s.closed.Copy(),
		creations: s.creations.Copy(), creationsByState: s.creationsByState.Copy(),
		handshakes: s.handshakes.Copy(), handshakesByAction: s.handshakesByAction.Copy(), handshakesByState: s.handshakesByState.Copy(),
		handshakesByRecipient: s.handshakesByRecipient.Copy(), handshakesByDue: s.handshakesByDue.Copy(),
		transfers: s.transfers.Copy(), transfersByDirection: s.transfersByDirection.Copy(), transfersByEnd: s.transfersByEnd.Copy(),
		policies: s.policies.Copy(), policiesByType: s.policiesByType.Copy(), policyNames: s.policyNames.Copy(), policyCounts: s.policyCounts.Copy(),
		attachments: s.attachments.Copy(), attachmentsByTarget: s.attachmentsByTarget.Copy(), attachmentsByPolicy: s.attachmentsByPolicy.Copy(), detachments: s.detachments.Copy(),
		publications: s.publications.Copy(), kept: s.kept.Copy(),
		services: s.services.Copy(), delegations: s.delegations.Copy(), delegationsByService: s.delegationsByService.Copy(),
	}
}

func empty() *Organization {
	return &Organization{controls: new(Controls), state: newState()}
}

// copy returns an organization that can be changed without changing o.
func (o *Organization) copy() *Organization {
	o.copying.Lock()
	defer o.copying.Unlock()
	return &Organization{settings: o.settings, root: o.root, resourcePolicy: o.resourcePolicy, controls: o.controls, state: o.state.copy()}
}

// replace puts an entity in the place of another one of its kind and id, either of
// which may be nil for none. Nothing outlives the settings: an organization is deleted
// by dropping them.
func (o *Organization) replace(old, next entity) {
	if old != nil {
		old.remove(o)
	}
	switch {
	case next != nil:
		next.put(o)
	case old != nil && old.kind() == kindSettings:
		o.root, o.resourcePolicy, o.state = nil, nil, newState()
	}
	if changesControls(old, next) {
		o.controls = new(Controls)
	}
}

// Settings returns the facts of the organization as a whole.
func (o *Organization) Settings() Settings { return *o.settings }

// Exists tells whether there is an organization: it is false before its first
// change is applied and after the last one deleted it.
func (o *Organization) Exists() bool { return o.settings != nil }

// Len returns how many documents the organization consists of.
func (o *Organization) Len() int {
	single := 0
	for _, present := range []bool{o.settings != nil, o.root != nil, o.resourcePolicy != nil} {
		if present {
			single++
		}
	}
	return single + o.units.Len() + o.accounts.Len() + o.creations.Len() + o.handshakes.Len() + o.transfers.Len() + o.policies.Len() +
		o.attachments.Len() + o.detachments.Len() + o.publications.Len() + o.services.Len() + o.delegations.Len()
}

// ManagementAccount returns the account that owns the organization.
func (o *Organization) ManagementAccount() *Account {
	account, _ := o.accounts.Get(string(o.settings.ManagementAccount))
	return account
}

// requireAllFeatures refuses what consolidated billing does not offer.
func (o *Organization) requireAllFeatures() error {
	if o.settings.FeatureSet != AllFeatures {
		return violate("ORGANIZATION_NOT_IN_ALL_FEATURES_MODE")
	}
	return nil
}
