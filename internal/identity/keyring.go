package identity

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
)

// MasterKeySize is the length of a master key in bytes: AES-256.
const MasterKeySize = 32

// ErrSealBroken is returned by [Keyring.Open] for bytes that no key of the ring sealed under that id.
var ErrSealBroken = errors.New("identity: the seal is broken, or made with another master key or for another record")

// A sealed text is: format, key id, nonce, ciphertext and tag.
const (
	sealFormat  = 1
	keyIDSize   = 4
	nonceSize   = 12
	sealedAfter = 1 + keyIDSize + nonceSize
	tagSize     = 16
)

// SealOverhead is how many bytes longer a sealed text is.
const SealOverhead = sealedAfter + tagSize

type keyID [keyIDSize]byte

// Keyring seals secrets for storage with AES-256-GCM under a master key. The id of the record that a secret belongs to
// is authenticated with it, so that sealed bytes cannot be moved to another record. Each seal names its key: after a
// rotation the ring opens what the retired keys sealed, and seals with the new one. A Keyring prints as "[redacted]".
type Keyring struct {
	primary keyID
	aead    map[keyID]cipher.AEAD
}

// NewKeyring returns a ring that seals with primary and opens with primary and the retired keys.
// It fails when a key is not [MasterKeySize] bytes long.
func NewKeyring(primary []byte, retired ...[]byte) (*Keyring, error) {
	k := &Keyring{aead: make(map[keyID]cipher.AEAD, 1+len(retired))}
	for _, key := range append([][]byte{primary}, retired...) {
		if len(key) != MasterKeySize {
			return nil, fmt.Errorf("identity: a master key is %d bytes long, not %d", MasterKeySize, len(key))
		}
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, fmt.Errorf("identity: master key: %w", err)
		}
		aead, err := cipher.NewGCM(block)
		if err != nil {
			return nil, fmt.Errorf("identity: master key: %w", err)
		}
		k.aead[idOfKey(key)] = aead
	}
	k.primary = idOfKey(primary)
	return k, nil
}

// Seal encrypts plaintext for the record id. It fails only when rand does.
func (k *Keyring) Seal(id string, plaintext []byte, rand io.Reader) ([]byte, error) {
	sealed := make([]byte, sealedAfter, len(plaintext)+SealOverhead)
	sealed[0] = sealFormat
	copy(sealed[1:], k.primary[:])
	nonce := sealed[1+keyIDSize:]
	if _, err := io.ReadFull(rand, nonce); err != nil {
		return nil, fmt.Errorf("identity: random nonce: %w", err)
	}
	return k.aead[k.primary].Seal(sealed, nonce, plaintext, []byte(id)), nil
}

// Open decrypts what Seal made for the record id. It returns [ErrSealBroken] for anything else.
func (k *Keyring) Open(id string, sealed []byte) ([]byte, error) {
	if len(sealed) < sealedAfter || sealed[0] != sealFormat {
		return nil, ErrSealBroken
	}
	aead, ok := k.aead[keyID(sealed[1:1+keyIDSize])]
	if !ok {
		return nil, ErrSealBroken
	}
	plaintext, err := aead.Open(nil, sealed[1+keyIDSize:sealedAfter], sealed[sealedAfter:], []byte(id))
	if err != nil {
		return nil, ErrSealBroken
	}
	return plaintext, nil
}

// Format writes "[redacted]" whatever the verb.
func (k *Keyring) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// LogValue logs "[redacted]".
func (k *Keyring) LogValue() slog.Value { return slog.StringValue(redacted) }

// idOfKey names a key without telling anything about it: a few bytes of a hash of 256 random bits.
func idOfKey(key []byte) keyID {
	sum := sha256.Sum256(append([]byte("espalier master key id\x00"), key...))
	return keyID(sum[:keyIDSize])
}
