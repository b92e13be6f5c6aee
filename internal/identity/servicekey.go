package identity

import (
	"io"
	"slices"
	"time"
)

// ServiceKeys are the access keys with which a service calls in its own name, outside of any account. They never
// change: the rules return others.
type ServiceKeys struct {
	Service string      `json:"service"` // principal
	Keys    []AccessKey `json:"keys"`    // in the order in which they were made
}

// Create returns the keys with another one, which is told with its secret. That is shown this one time and kept only
// sealed. It refuses as LimitExceeded a key too many: a service has as many as AWS gives a user, so that it can change them.
func (s ServiceKeys) Create(k *Keyring, now time.Time, rand io.Reader) (ServiceKeys, *AccessKey, Secret, error) {
	if limit := AWSQuotas().AccessKeysPerUser; len(s.Keys) >= limit {
		return s, nil, Secret{}, exceeded("AccessKeysPerService", limit)
	}
	key, secret, err := newAccessKey(s.Service, k, stamp(now), rand)
	if err != nil {
		return s, nil, Secret{}, err
	}
	s.Keys = append(slices.Clip(s.Keys), *key)
	return s, key, secret, nil
}

// Delete returns the keys without one. It refuses an unknown one as NoSuchEntity.
func (s ServiceKeys) Delete(id AccessKeyID) (ServiceKeys, error) {
	i := s.index(id)
	if i < 0 {
		return s, noSuchAccessKey(id)
	}
	s.Keys = slices.Delete(slices.Clone(s.Keys), i, i+1)
	return s, nil
}

// Key returns the key of that id.
func (s ServiceKeys) Key(id AccessKeyID) (AccessKey, bool) {
	if i := s.index(id); i >= 0 {
		return s.Keys[i], true
	}
	return AccessKey{}, false
}

func (s ServiceKeys) index(id AccessKeyID) int {
	return slices.IndexFunc(s.Keys, func(k AccessKey) bool { return k.ID == id })
}

// ServiceCaller returns the service that an access key speaks for. It belongs to no account: its principal is all that
// there is to say of it.
func ServiceCaller(service string, key AccessKeyID) Caller {
	return Caller{Type: Service, ARN: service, UserID: service, AccessKeyID: key}
}
