// Package registry holds organizations and accounts in memory. Readers take the
// current state and never wait. Writers queue up per organization or account;
// what one batch of them changes is written in one database transaction, and
// only then becomes visible and is answered.
package registry

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/store"
)

// Config is what a registry works with.
type Config struct {
	Store *store.Store
	Clock func() time.Time
	Rand  io.Reader // crypto/rand.Reader outside of tests
	Rules *org.Rules
	// Quotas bound what an account can hold; nil stands for AWS's.
	Quotas *identity.Quotas
	// MaxEntities bounds how many documents of organizations and accounts stay
	// in memory; 0 means a default of four million.
	MaxEntities int64
	// Scheduled is called after a commit that scheduled jobs. It must not block.
	Scheduled func()
	// Announced is called after a commit that recorded events. Where it is set, the
	// commit announces them to receivers. It must not block.
	Announced func()
}

// Registry is the organizations and accounts of one database. It is safe for
// concurrent use.
type Registry struct {
	Config
	memory  *memory
	commits sync.RWMutex // held for reading from a commit until its states are visible
	keys    sync.Map     // access key id → aggregate id
}

// New returns a registry over a database.
func New(cfg Config) *Registry {
	if cfg.MaxEntities == 0 {
		cfg.MaxEntities = 4_000_000
	}
	if cfg.Scheduled == nil {
		cfg.Scheduled = func() {}
	}
	return &Registry{Config: cfg, memory: newMemory(cfg.MaxEntities)}
}

var (
	// ErrNotFound says that there is no such organization or account.
	ErrNotFound = errors.New("registry: no such organization or account")
	// ErrConcurrentModification says that other servers changed the same
	// organization or account again and again. The call may be tried again.
	ErrConcurrentModification = errors.New("registry: too many conflicting changes")
)

// Organization returns the present state of an organization, or ErrNotFound. It
// sees every change that was answered before, by any server.
func (r *Registry) Organization(ctx context.Context, id org.ID) (*org.Organization, error) {
	s, err := r.present(ctx, OrganizationKey(id))
	if err != nil {
		return nil, err
	}
	return s.organization, nil
}

// Account returns the present state of an account, or ErrNotFound. It sees
// every change that was answered before, by any server.
func (r *Registry) Account(ctx context.Context, id identity.AccountID) (*identity.Account, error) {
	s, err := r.present(ctx, AccountKey(id))
	if err != nil {
		return nil, err
	}
	return s.account, nil
}

func (r *Registry) present(ctx context.Context, key Key) (*snapshot, error) {
	snapshots, err := r.fresh(ctx, key)
	if err != nil {
		return nil, err
	}
	if snapshots[0].version == 0 {
		return nil, ErrNotFound
	}
	return snapshots[0], nil
}

// Accounts lists the ids of all accounts, in their order, from behind one.
func (r *Registry) Accounts(ctx context.Context, after identity.AccountID, limit int) ([]identity.AccountID, error) {
	ids, err := r.Store.Aggregates(ctx, kindAccount, store.AggregateID(after), limit)
	accounts := make([]identity.AccountID, len(ids))
	for i, id := range ids {
		accounts[i] = identity.AccountID(id)
	}
	return accounts, err
}

// AccessKeyOwner returns what an access key belongs to: an account, or another
// aggregate that has claimed it. Whether the key is still good is told by the
// owner's state.
func (r *Registry) AccessKeyOwner(ctx context.Context, accessKeyID string) (owner store.AggregateID, ok bool, err error) {
	if id, cached := r.keys.Load(accessKeyID); cached {
		return id.(store.AggregateID), true, nil
	}
	found, ok, err := r.Store.Claim(ctx, SpaceAccessKey, accessKeyID)
	if err != nil || !ok {
		return "", false, err
	}
	// Only keys that exist are remembered: what a stranger sends takes no memory.
	r.keys.Store(accessKeyID, store.AggregateID(found))
	return store.AggregateID(found), true, nil
}

// Forget drops everything from memory, for when the database was replaced under
// the registry. No write may be under way.
func (r *Registry) Forget() {
	r.memory.clear()
	r.keys.Clear()
}
