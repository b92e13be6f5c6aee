package ops

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/registry"
	"github.com/espalier-cloud/espalier/internal/store"
)

// Keys makes, lists, deletes and finds long-term access keys: those of root users
// and users, which their accounts hold, and those of services.
type Keys struct {
	Core
	services singles[identity.ServiceKeys]
}

// KeyHolder is whom an access key speaks for: a service, a user of an account, or
// without either the account's root user.
type KeyHolder struct {
	Account identity.AccountID `json:"accountId,omitzero"`
	User    string             `json:"userName,omitzero"`
	Service string             `json:"service,omitzero"` // principal
}

// KeySummary is a line of a list of access keys.
type KeySummary struct {
	AccessKeyID identity.AccessKeyID `json:"accessKeyId"`
	KeyHolder
	Status   identity.KeyStatus `json:"status"`
	Created  time.Time          `json:"created"`
	LastUsed time.Time          `json:"lastUsed,omitzero"` // zero when never, and for services
}

// IssuedKey is a new access key with its secret, to be shown once.
type IssuedKey struct {
	KeySummary
	SecretAccessKey string `json:"secretAccessKey"`
}

// KeyList is a list of access keys.
type KeyList struct {
	Keys []KeySummary `json:"keys"`
}

var (
	// ErrNoKey says that there is no such access key.
	ErrNoKey = errors.New("there is no such access key")
	// ErrNoHolder refuses to make a key for nobody, or for two.
	ErrNoHolder = errors.New("an access key is for an account, perhaps for a user of it, or for a service")
)

// Create gives a holder another access key. It returns ErrNoHolder,
// registry.ErrNotFound where there is no such account, and *identity.Error for a
// user or a service that does not exist and for a key too many: everybody has at
// most two.
func (k *Keys) Create(ctx context.Context, holder KeyHolder) (IssuedKey, error) {
	var key *identity.AccessKey
	var secret identity.Secret
	var err error
	switch {
	case (holder.Service == "") == (holder.Account == "") || holder.Service != "" && holder.User != "":
		return IssuedKey{}, ErrNoHolder
	case holder.Service != "":
		key, secret, err = k.createForService(ctx, holder.Service)
	default:
		key, secret, err = k.createInAccount(ctx, holder)
	}
	if err != nil {
		return IssuedKey{}, err
	}
	return IssuedKey{summaryOf(key, holder), secret.Reveal()}, nil
}

func (k *Keys) createInAccount(ctx context.Context, holder KeyHolder) (key *identity.AccessKey, secret identity.Secret, err error) {
	principal := holder.User
	if principal == "" {
		principal = identity.RootPrincipal
	}
	err = k.write(ctx, holder.Account, "CreateAccessKey", func(tx *registry.Tx, d *identity.Draft) (*identity.AccessKey, error) {
		if key, secret, err = d.CreateAccessKey(principal, k.Keyring); err != nil {
			return nil, err
		}
		return key, tx.Claim(registry.SpaceAccessKey, string(key.ID), string(holder.Account))
	})
	return key, secret, err
}

// write changes the access keys of an account, of which the account's trail tells.
func (k *Keys) write(ctx context.Context, account identity.AccountID, operation string, change func(*registry.Tx, *identity.Draft) (*identity.AccessKey, error)) error {
	return k.Registry.Write(ctx, registry.AccountKey(account), operation, func(tx *registry.Tx) error {
		d, err := tx.Account(account)
		if err != nil {
			return err
		}
		key, err := change(tx, d)
		if err != nil {
			return err
		}
		details := map[string]any{"accessKeyId": key.ID}
		if user := keyUser(key); user != nil {
			details["userName"] = *user
		}
		event, err := newServiceEvent(tx, d.Partition(), "iam.amazonaws.com", operation, account, details)
		if err != nil {
			return err
		}
		return tx.Record(event)
	})
}

// OfAccount lists the access keys of an account. It returns registry.ErrNotFound.
func (k *Keys) OfAccount(ctx context.Context, id string) (KeyList, error) {
	account, err := k.Registry.Account(ctx, identity.AccountID(id))
	if err != nil {
		return KeyList{}, err
	}
	list := KeyList{Keys: []KeySummary{}}
	for key := range account.AccessKeys() {
		list.Keys = append(list.Keys, summaryOf(key, KeyHolder{Account: account.ID(), User: given(keyUser(key))}))
	}
	return list, nil
}

func summaryOf(key *identity.AccessKey, holder KeyHolder) KeySummary {
	summary := KeySummary{AccessKeyID: key.ID, KeyHolder: holder, Status: key.Status, Created: key.Created}
	if key.LastUsed != nil {
		summary.LastUsed = key.LastUsed.At
	}
	return summary
}

// Delete deletes an access key, for all servers at once. It returns ErrNoKey.
func (k *Keys) Delete(ctx context.Context, keyID string) error {
	id := identity.AccessKeyID(keyID)
	owner, err := k.owner(ctx, id)
	if err != nil {
		return err
	}
	if service, ok := strings.CutPrefix(string(owner), serviceOwner); ok {
		return k.deleteOfService(ctx, service, id)
	}
	return k.write(ctx, identity.AccountID(owner), "DeleteAccessKey", func(tx *registry.Tx, d *identity.Draft) (*identity.AccessKey, error) {
		key, ok := d.AccessKey(id)
		if !ok {
			return nil, ErrNoKey
		}
		tx.Release(registry.SpaceAccessKey, string(id), string(owner))
		return key, d.DeleteAccessKey(id)
	})
}

// Find returns an access key and whom it speaks for. It returns ErrNoKey, also for
// the keys of accounts that cannot be used.
func (k *Keys) Find(ctx context.Context, id identity.AccessKeyID) (identity.AccessKey, identity.Caller, error) {
	owner, err := k.owner(ctx, id)
	if err != nil {
		return identity.AccessKey{}, identity.Caller{}, err
	}
	if service, ok := strings.CutPrefix(string(owner), serviceOwner); ok {
		key, err := k.findOfService(ctx, service, id)
		return key, identity.ServiceCaller(service, id), err
	}
	account, err := k.Registry.Account(ctx, identity.AccountID(owner))
	if err != nil {
		return identity.AccessKey{}, identity.Caller{}, err
	}
	key, ok := account.AccessKey(id)
	if !ok || !account.State().Usable() {
		return identity.AccessKey{}, identity.Caller{}, ErrNoKey
	}
	return *key, account.Caller(key), nil
}

// Forget drops everything from memory, for when the database was replaced.
func (k *Keys) Forget() { k.services.known.Clear() }

// owner returns what an access key is claimed for: an account or a service.
func (k *Keys) owner(ctx context.Context, id identity.AccessKeyID) (store.AggregateID, error) {
	owner, ok, err := k.Registry.AccessKeyOwner(ctx, string(id))
	if err == nil && !ok {
		err = ErrNoKey
	}
	return owner, err
}
