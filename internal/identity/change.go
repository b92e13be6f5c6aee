package identity

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"

	jsonv2 "github.com/go-json-experiment/json"
)

// The kinds of entity that an account is stored as. They are written to databases: never rename one.
const (
	KindAccount      = "account"
	KindUser         = "user"
	KindGroup        = "group"
	KindRole         = "role"
	KindPolicy       = "policy"
	KindAccessKey    = "access-key"
	KindOIDCProvider = "oidc-provider"
	KindDeletionTask = "deletion-task"
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
	if len(changes) == 0 {
		return a, nil
	}
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
		err = jsonv2.Unmarshal(c.Doc, p)
		s.profile = p
	case KindUser:
		err = put(s, s.users, c)
	case KindGroup:
		err = put(s, s.groups, c)
	case KindRole:
		err = put(s, s.roles, c)
	case KindPolicy:
		err = put(s, s.policies, c)
	case KindAccessKey:
		err = put(s, s.keys, c)
	case KindOIDCProvider:
		err = put(s, s.providers, c)
	case KindDeletionTask:
		err = put(s, s.tasks, c)
	default:
		return fmt.Errorf("identity: unknown kind of entity %q", c.Kind)
	}
	if err != nil {
		return fmt.Errorf("identity: %s %q: %w", c.Kind, c.ID, err)
	}
	return nil
}

// entityPointer is what the tables of entities of type E hold.
type entityPointer[E any] interface {
	*E
	linked
}

// put sets an entity from its document, or deletes it when there is none.
func put[E any, V entityPointer[E]](s *state, t *table[V], c Change) error {
	if c.Doc == nil {
		removeFrom(s, t, c.ID)
		return nil
	}
	v := V(new(E))
	if err := jsonv2.Unmarshal(c.Doc, v); err != nil {
		return err
	}
	setIn(s, t, c.ID, v)
	return nil
}

// changeOf returns the present state of an entity.
func (s *state) changeOf(e entity) Change {
	v, found := s.lookUp(e)
	if !found {
		return Change{Kind: e.kind, ID: e.id}
	}
	doc, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("identity: %s %q: %v", e.kind, e.id, err)) // strings, numbers and times of our own: never
	}
	return Change{Kind: e.kind, ID: e.id, Doc: doc}
}

func (s *state) lookUp(e entity) (v any, found bool) {
	switch e.kind {
	case KindAccount:
		return s.profile, true
	case KindUser:
		return s.users.Get(e.id)
	case KindGroup:
		return s.groups.Get(e.id)
	case KindRole:
		return s.roles.Get(e.id)
	case KindPolicy:
		return s.policies.Get(e.id)
	case KindAccessKey:
		return s.keys.Get(e.id)
	case KindOIDCProvider:
		return s.providers.Get(e.id)
	case KindDeletionTask:
		return s.tasks.Get(e.id)
	}
	return nil, false
}
