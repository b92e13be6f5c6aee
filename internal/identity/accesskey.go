package identity

import (
	"io"
	"iter"
	"time"
)

// KeyStatus tells whether an access key is accepted.
type KeyStatus string

// The states of an access key.
const (
	KeyActive   KeyStatus = "Active"
	KeyInactive KeyStatus = "Inactive"
)

// RootPrincipal is the principal of the root user's access keys. No user can have this name: it contains a slash.
const RootPrincipal = "/root"

// AccessKey is a long-term access key.
type AccessKey struct {
	ID        AccessKeyID `json:"id"`
	Principal string      `json:"principal"` // RootPrincipal, the name of a user, or the principal of a service
	Sealed    []byte      `json:"sealed"`    // the secret, sealed under SecretID
	Status    KeyStatus   `json:"status"`
	Created   time.Time   `json:"created"`
	LastUsed  *Access     `json:"lastUsed,omitzero"` // nil for never
}

func (k *AccessKey) links(key string) []link {
	return []link{{owns, nameKey(k.Principal), KindAccessKey, key}}
}

// SecretID is the record id under which the secret of an access key is sealed.
func SecretID(id AccessKeyID) string { return "access-key/" + string(id) }

// CreateRootAccessKey is [Draft.CreateAccessKey] for the root user.
func (d *Draft) CreateRootAccessKey(k *Keyring) (*AccessKey, Secret, error) {
	return d.CreateAccessKey(RootPrincipal, k)
}

// CreateAccessKey gives a user, or the root user for [RootPrincipal], another access key and returns it with its secret,
// which is shown this one time and kept only sealed. It refuses an unknown user as NoSuchEntity and a key too many as
// LimitExceeded.
func (d *Draft) CreateAccessKey(principal string, k *Keyring) (*AccessKey, Secret, error) {
	principal, err := d.principal(principal)
	if err != nil {
		return nil, Secret{}, err
	}
	if limit := d.quotas.AccessKeysPerUser; d.referrerCount(owns, nameKey(principal)) >= limit {
		return nil, Secret{}, exceeded("AccessKeysPerUser", limit)
	}
	key, secret, err := newAccessKey(principal, k, d.now, d.rand)
	if err != nil {
		return nil, Secret{}, err
	}
	d.setAccessKey(key)
	return key, secret, nil
}

// newAccessKey makes an access key for a principal. It fails only when rand does.
func newAccessKey(principal string, k *Keyring, now time.Time, rand io.Reader) (*AccessKey, Secret, error) {
	id, err := uniqueID(rand, prefixAccessKey, 16)
	if err != nil {
		return nil, Secret{}, err
	}
	secret, err := NewSecretAccessKey(rand)
	if err != nil {
		return nil, Secret{}, err
	}
	keyID := AccessKeyID(id)
	sealed, err := k.Seal(SecretID(keyID), []byte(secret.Reveal()), rand)
	if err != nil {
		return nil, Secret{}, err
	}
	return &AccessKey{ID: keyID, Principal: principal, Sealed: sealed, Status: KeyActive, Created: now}, secret, nil
}

// SetAccessKeyStatus activates or deactivates an access key. It refuses an unknown one as NoSuchEntity, and a status
// that is none as InvalidInput.
func (d *Draft) SetAccessKeyStatus(id AccessKeyID, status KeyStatus) error {
	if status != KeyActive && status != KeyInactive {
		return refuse(InvalidInput, "The status of an access key is Active or Inactive.")
	}
	key, ok := d.AccessKey(id)
	if !ok {
		return noSuchAccessKey(id)
	}
	changed := *key
	changed.Status = status
	d.setAccessKey(&changed)
	return nil
}

// DeleteAccessKey deletes an access key. It refuses an unknown one as NoSuchEntity.
func (d *Draft) DeleteAccessKey(id AccessKeyID) error {
	if _, ok := d.AccessKey(id); !ok {
		return noSuchAccessKey(id)
	}
	removeFrom(&d.state, d.keys, string(id))
	d.touch(KindAccessKey, string(id))
	return nil
}

// AccessKey returns the long-term access key of that id.
func (s *state) AccessKey(id AccessKeyID) (*AccessKey, bool) { return s.keys.Get(string(id)) }

// AccessKeys yields the long-term access keys in the order of their ids.
func (s *state) AccessKeys() iter.Seq[*AccessKey] { return walk(s.keys, "") }

// AccessKeysOf yields the access keys of a user, or of the root user for [RootPrincipal], in the order of their ids.
func (s *state) AccessKeysOf(principal string) iter.Seq[*AccessKey] {
	return func(yield func(*AccessKey) bool) {
		for l := range s.referrers(owns, nameKey(principal), KindAccessKey, "") {
			if k, ok := s.keys.Get(l.from); ok && !yield(k) {
				return
			}
		}
	}
}

// AccessKeyOf returns an access key of a user, or of the root user for [RootPrincipal]. It refuses an unknown user as
// NoSuchEntity, and a key that is not his too.
func (s *state) AccessKeyOf(principal string, id AccessKeyID) (*AccessKey, error) {
	principal, err := s.principal(principal)
	if err != nil {
		return nil, err
	}
	k, ok := s.AccessKey(id)
	if !ok || k.Principal != principal {
		return nil, noSuchAccessKey(id)
	}
	return k, nil
}

// Caller returns the principal that a long-term access key of the account speaks for.
func (s *state) Caller(k *AccessKey) Caller {
	by := Caller{Account: s.ID(), AccessKeyID: k.ID, Organization: s.Organization()}
	if k.Principal == RootPrincipal {
		by.Type, by.ARN, by.UserID = Root, RootARN(s.Partition(), s.ID()), string(s.ID())
		return by
	}
	by.Type = IAMUser // whatever happens, never the root user
	if u, ok := s.User(k.Principal); ok {
		by.ARN, by.UserID = s.UserARN(u), string(u.ID)
	}
	return by
}

// principal returns a user's name as it is written.
func (s *state) principal(name string) (string, error) {
	if name == RootPrincipal {
		return name, nil
	}
	u, ok := s.User(name)
	if !ok {
		return "", UserNamed(name).missing()
	}
	return u.Name, nil
}

func (d *Draft) setAccessKey(k *AccessKey) {
	setIn(&d.state, d.keys, string(k.ID), k)
	d.touch(KindAccessKey, string(k.ID))
}

func noSuchAccessKey(id AccessKeyID) *Error {
	return refuse(NoSuchEntity, "The Access Key with id %s cannot be found.", id)
}
