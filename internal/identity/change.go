package identity

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"iter"

	"github.com/tidwall/btree"
)

// The kinds of entity that an account is stored as. They are written to databases: never rename one.
const (
	KindAccount   = "account"
	KindRole      = "role"
	KindAccessKey = "access-key"
)

// Change is the new state of one entity of an account.
type Change struct {
	Kind string // one of the Kind constants
	ID   string // unique among the entities of the kind
	Doc  []byte // JSON, or nil when the entity was deleted
}

// ErrNoAccount is returned by [Load] for changes among which the account itself is not.
var ErrNoAccount = errors.New("identity: the account's own entity is missing")

// Load builds an account from its entities, in any order. It stops at the first error of the sequence and returns it;
// it also fails on an unknown kind, on a document that cannot be read, and with [ErrNoAccount].
func Load(changes iter.Seq2[Change, error]) (*Account, error) {
	s := emptyState()
	for c, err := range changes {
		if err != nil {
			return nil, err
		}
		if err := s.apply(c); err != nil {
			return nil, err
		}
	}
	if s.ID() == "" {
		return nil, ErrNoAccount
	}
	return &Account{state: s}, nil
}

// Apply returns the account after the changes, which a [Draft] of it made elsewhere. The account itself stays as it is.
// It fails as [Load] does.
func (a *Account) Apply(changes []Change) (*Account, error) {
	s := a.branch()
	for _, c := range changes {
		if err := s.apply(c); err != nil {
			return nil, err
		}
	}
	return &Account{state: s}, nil
}

func (s *state) apply(c Change) error {
	var err error
	switch c.Kind {
	case KindAccount:
		p := new(Profile)
		err = json.Unmarshal(c.Doc, p)
		s.profile = p
	case KindRole:
		err = put(s.roles, c.ID, c.Doc)
	case KindAccessKey:
		err = put(s.keys, AccessKeyID(c.ID), c.Doc)
	default:
		return fmt.Errorf("identity: unknown kind of entity %q", c.Kind)
	}
	if err != nil {
		return fmt.Errorf("identity: %s %q: %w", c.Kind, c.ID, err)
	}
	return nil
}

// put sets an entity from its document, or deletes it when there is none.
func put[K cmp.Ordered, V any](m *btree.Map[K, *V], id K, doc []byte) error {
	if doc == nil {
		m.Delete(id)
		return nil
	}
	v := new(V)
	if err := json.Unmarshal(doc, v); err != nil {
		return err
	}
	m.Set(id, v)
	return nil
}

// change returns the present state of an entity.
func (s *state) change(e entity) Change {
	var v any
	found := true
	switch e.kind {
	case KindAccount:
		v = s.profile
	case KindRole:
		v, found = s.roles.Get(e.id)
	case KindAccessKey:
		v, found = s.keys.Get(AccessKeyID(e.id))
	}
	if !found {
		return Change{Kind: e.kind, ID: e.id}
	}
	doc, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("identity: %s %q: %v", e.kind, e.id, err)) // strings, numbers and times of our own: never
	}
	return Change{Kind: e.kind, ID: e.id, Doc: doc}
}
