package identity

import "time"

// KeyStatus tells whether an access key is accepted.
type KeyStatus string

// The states of an access key.
const (
	KeyActive   KeyStatus = "Active"
	KeyInactive KeyStatus = "Inactive"
)

// RootPrincipal is the principal of the root user's access keys. No user can have this name: it contains a slash.
const RootPrincipal = "/root"

// MaxAccessKeys is IAM's quota of access keys per user.
const MaxAccessKeys = 2

// AccessKey is a long-term access key.
type AccessKey struct {
	ID        AccessKeyID `json:"id"`
	Principal string      `json:"principal"` // RootPrincipal or the name of a user
	Sealed    []byte      `json:"sealed"`    // the secret, sealed under SecretID
	Status    KeyStatus   `json:"status"`
	Created   time.Time   `json:"created"`
}

// SecretID is the record id under which the secret of an access key is sealed.
func SecretID(id AccessKeyID) string { return "access-key/" + string(id) }

// CreateRootAccessKey gives the root user another access key and returns it with its secret, which is
// shown this one time and kept only sealed. It refuses a third key as LimitExceeded.
func (d *Draft) CreateRootAccessKey(k *Keyring) (*AccessKey, Secret, error) {
	if d.keysOf(RootPrincipal) >= MaxAccessKeys {
		return nil, Secret{}, refuse(LimitExceeded, "Cannot exceed quota for AccessKeysPerUser: %d", MaxAccessKeys)
	}
	id, err := uniqueID(d.rand, prefixAccessKey, 16)
	if err != nil {
		return nil, Secret{}, err
	}
	secret, err := NewSecretAccessKey(d.rand)
	if err != nil {
		return nil, Secret{}, err
	}
	keyID := AccessKeyID(id)
	sealed, err := k.Seal(SecretID(keyID), []byte(secret.Reveal()), d.rand)
	if err != nil {
		return nil, Secret{}, err
	}
	key := &AccessKey{ID: keyID, Principal: RootPrincipal, Sealed: sealed, Status: KeyActive, Created: d.now}
	d.setAccessKey(key)
	return key, secret, nil
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
	if _, ok := d.keys.Delete(id); !ok {
		return noSuchAccessKey(id)
	}
	d.touch(KindAccessKey, string(id))
	return nil
}

func (d *Draft) setAccessKey(k *AccessKey) {
	d.keys.Set(k.ID, k)
	d.touch(KindAccessKey, string(k.ID))
}

func (s *state) keysOf(principal string) int {
	n := 0
	for k := range s.AccessKeys() {
		if k.Principal == principal {
			n++
		}
	}
	return n
}

func noSuchAccessKey(id AccessKeyID) *Error {
	return refuse(NoSuchEntity, "The Access Key with id %s cannot be found.", id)
}
