package ops

import (
	"context"
	"errors"
	"fmt"

	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
	"github.com/espalier-cloud/espalier/internal/store"
)

// The keys of a service are an aggregate of their own, so that they are revoked
// for all servers at once.
const kindServiceKeys store.Kind = "service-keys"

// serviceOwner begins what the keys of a service are claimed for.
const serviceOwner = "service/"

func serviceID(service string) store.AggregateID { return store.AggregateID(serviceOwner + service) }

func (k *Keys) createForService(ctx context.Context, service string) (*identity.AccessKey, identity.Secret, error) {
	if err := k.checkService(service); err != nil {
		return nil, identity.Secret{}, err
	}
	for {
		held, err := k.ofService(ctx, service)
		if err != nil {
			return nil, identity.Secret{}, err
		}
		keys, key, secret, err := held.doc.Create(k.Keyring, k.Clock(), k.Registry.Rand)
		if err != nil {
			return nil, identity.Secret{}, err
		}
		held.doc = keys
		err = k.save(ctx, held, "CreateServiceKey", store.Batch{Claims: keyClaims(held.id, key.ID)})
		if !errors.Is(err, store.ErrConflict) { // somebody else made one meanwhile
			return key, secret, err
		}
	}
}

// checkService refuses a service of which nothing is known: a key for it could be
// used for nothing.
func (k *Keys) checkService(service string) error {
	if err := identity.CheckServicePrincipal(service); err != nil {
		return err
	}
	_, trustable := k.Registry.Rules.Services.Service(org.ServicePrincipal(service))
	if _, err := k.ServiceRoles.Role(service); err != nil && !trustable {
		return &identity.Error{Kind: identity.InvalidInput, Message: fmt.Sprintf("No service has the principal %s. The configuration can name more services.", service)}
	}
	return nil
}

// OfService lists the access keys of a service, or of all services when it is
// empty.
func (k *Keys) OfService(ctx context.Context, service string) (KeyList, error) {
	ids := []store.AggregateID{serviceID(service)}
	if service == "" {
		var err error
		if ids, err = k.Registry.Store.Aggregates(ctx, kindServiceKeys, "", maxServices); err != nil {
			return KeyList{}, err
		}
	}
	list := KeyList{Keys: []KeySummary{}}
	for _, id := range ids {
		held, err := k.services.find(ctx, k.Registry.Store, id)
		if err != nil {
			return KeyList{}, err
		}
		for i := range held.doc.Keys {
			list.Keys = append(list.Keys, summaryOf(&held.doc.Keys[i], KeyHolder{Service: held.doc.Service}))
		}
	}
	return list, nil
}

// maxServices is more than there are services.
const maxServices = 10_000

func (k *Keys) deleteOfService(ctx context.Context, service string, id identity.AccessKeyID) error {
	for {
		held, err := k.ofService(ctx, service)
		if err != nil {
			return err
		}
		if held.doc, err = held.doc.Delete(id); err != nil {
			return ErrNoKey
		}
		err = k.save(ctx, held, "DeleteServiceKey", store.Batch{Releases: keyClaims(held.id, id)})
		if !errors.Is(err, store.ErrConflict) {
			return err
		}
	}
}

func (k *Keys) findOfService(ctx context.Context, service string, id identity.AccessKeyID) (identity.AccessKey, error) {
	held, err := k.ofService(ctx, service)
	if err != nil {
		return identity.AccessKey{}, err
	}
	key, ok := held.doc.Key(id)
	if !ok {
		return key, ErrNoKey
	}
	return key, nil
}

// ofService returns the access keys of a service, none when it never had one.
func (k *Keys) ofService(ctx context.Context, service string) (single[identity.ServiceKeys], error) {
	held, err := k.services.find(ctx, k.Registry.Store, serviceID(service))
	held.doc.Service = service
	return held, err
}

func (k *Keys) save(ctx context.Context, next single[identity.ServiceKeys], operation string, claims store.Batch) error {
	return k.services.save(ctx, k.Registry.Store, next, store.Advance{Kind: kindServiceKeys, At: k.Clock(), Operation: operation}, claims)
}

func keyClaims(owner store.AggregateID, id identity.AccessKeyID) []store.Claim {
	return []store.Claim{{Space: registry.SpaceAccessKey, Value: string(id), Owner: string(owner)}}
}
