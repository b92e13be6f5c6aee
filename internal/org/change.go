package org

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
)

// Change is the new content of one entity: what a rule changed, what the
// database stores and what another server applies.
type Change struct {
	Kind string
	ID   string // unique among the entities of its kind
	Doc  []byte // JSON; nil when the entity is gone
}

// An entity is a part of an organization that is stored as one document. put
// and remove keep every order of the state in step with it.
type entity interface {
	kind() string
	id() string
	put(*Organization)
	remove(*Organization)
}

// decoded returns an empty entity of a kind.
func decoded(kind string) (entity, error) {
	switch kind {
	case kindSettings:
		return new(Settings), nil
	case kindRoot:
		return new(Root), nil
	case kindUnit:
		return new(OrganizationalUnit), nil
	case kindAccount:
		return new(Account), nil
	case kindCreation:
		return new(Creation), nil
	case kindHandshake:
		return new(Handshake), nil
	case kindPolicy:
		return new(Policy), nil
	case kindAttachment:
		return new(Attachment), nil
	case kindDetachment:
		return new(Detachment), nil
	case kindService:
		return new(ServiceAccess), nil
	case kindDelegation:
		return new(Delegation), nil
	case kindResourcePolicy:
		return new(ResourcePolicy), nil
	case kindPublication:
		return new(Publication), nil
	case kindTransfer:
		return new(ResponsibilityTransfer), nil
	}
	return nil, fmt.Errorf("org: unknown kind of entity %q", kind)
}

// The kinds of entities. They are stored: their names never change.
const (
	kindSettings       = "settings"
	kindRoot           = "root"
	kindUnit           = "ou"
	kindAccount        = "account"
	kindCreation       = "creation"
	kindHandshake      = "handshake"
	kindPolicy         = "policy"
	kindAttachment     = "attachment"
	kindDetachment     = "detachment"
	kindService        = "service"
	kindDelegation     = "delegation"
	kindResourcePolicy = "resource-policy"
	kindPublication    = "publication"
	kindTransfer       = "responsibility-transfer"
)

// Load returns the organization that the changes describe. A document that
// cannot be read is an error.
func Load(changes iter.Seq2[Change, error]) (*Organization, error) {
	o := empty()
	for change, err := range changes {
		if err != nil {
			return nil, err
		}
		if err := o.apply(change); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// Apply returns the organization as it is after the changes; o stays as it is.
func (o *Organization) Apply(changes []Change) (*Organization, error) {
	next := o.copy()
	for _, change := range changes {
		if err := next.apply(change); err != nil {
			return nil, err
		}
	}
	return next, nil
}

func (o *Organization) apply(change Change) error {
	old := o.find(change.Kind, change.ID)
	if change.Doc == nil {
		o.replace(old, nil)
		return nil
	}
	e, err := decoded(change.Kind)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(change.Doc, e); err != nil {
		return fmt.Errorf("org: %s %s: %w", change.Kind, change.ID, err)
	}
	o.replace(old, e)
	return nil
}

// find returns the present entity of a kind and id, or nil.
func (o *Organization) find(kind, id string) entity {
	switch kind {
	case kindSettings:
		return present(o.settings, o.settings != nil)
	case kindRoot:
		return present(o.root, o.root != nil)
	case kindResourcePolicy:
		return present(o.resourcePolicy, o.resourcePolicy != nil)
	case kindUnit:
		return present(o.units.Get(id))
	case kindAccount:
		return present(o.accounts.Get(id))
	case kindCreation:
		return present(o.creations.Get(id))
	case kindHandshake:
		return present(o.handshakes.Get(id))
	case kindPolicy:
		return present(o.policies.Get(id))
	case kindAttachment:
		return present(o.attachments.Get(id))
	case kindDetachment:
		return present(o.detachments.Get(id))
	case kindService:
		return present(o.services.Get(id))
	case kindDelegation:
		return present(o.delegations.Get(id))
	case kindPublication:
		return present(o.publications.Get(id))
	case kindTransfer:
		return present(o.transfers.Get(id))
	}
	return nil
}

func present(e entity, ok bool) entity {
	if !ok {
		return nil
	}
	return e
}

func (s *Settings) kind() string           { return kindSettings }
func (s *Settings) id() string             { return string(s.ID) }
func (s *Settings) put(o *Organization)    { o.settings = s }
func (s *Settings) remove(o *Organization) { o.settings = nil }

// key joins the parts of an ordered key. Parts never hold a NUL, so that a
// prefix of parts is a prefix of keys.
func key(parts ...string) string { return strings.Join(parts, "\x00") }

// at returns a time as a key that orders as the time does.
func at(t time.Time) string {
	var micros [8]byte
	binary.BigEndian.PutUint64(micros[:], uint64(t.UnixMicro()))
	return hex.EncodeToString(micros[:])
}
