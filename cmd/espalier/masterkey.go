package main

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/store"
)

// masterKeyVariable is the environment variable that holds a master key. It is no flag: other users of the machine
// see the arguments of a process.
const masterKeyVariable = "ESPALIER_MASTER_KEY"

// masterKey is the key that seals the secrets in a database.
type masterKey []byte

// loadMasterKey returns the master key from the environment or from a file. Where there is neither it makes one and
// writes the file, unless the database was made with another key already.
func loadMasterKey(path string, databaseIsNew bool) (masterKey, error) {
	if text := os.Getenv(masterKeyVariable); text != "" {
		return parseMasterKey(masterKeyVariable, text)
	}
	text, err := os.ReadFile(path) //nolint:gosec // the operator names the file
	switch {
	case errors.Is(err, fs.ErrNotExist) && databaseIsNew:
		return createMasterKey(path)
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("the master key of this database is missing: restore %s or set %s", path, masterKeyVariable)
	case err != nil:
		return nil, fmt.Errorf("master key: %w", err)
	}
	if err := requirePrivate(path); err != nil {
		return nil, fmt.Errorf("master key: %w", err)
	}
	return parseMasterKey(path, string(text))
}

func parseMasterKey(source, text string) (masterKey, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil || len(key) != identity.MasterKeySize {
		return nil, fmt.Errorf("master key: %s does not hold %d bytes in base64", source, identity.MasterKeySize)
	}
	return key, nil
}

func createMasterKey(path string) (masterKey, error) {
	key := newMasterKey()
	if err := writePrivate(path, []byte(base64.StdEncoding.EncodeToString(key)+"\n")); err != nil {
		return nil, fmt.Errorf("master key: %w", err)
	}
	return key, nil
}

func newMasterKey() masterKey {
	key := make(masterKey, identity.MasterKeySize)
	rand.Read(key) // never fails
	return key
}

// developmentKey returns the master key of databases in memory. It is the same everywhere, so that a saved state can be
// brought back by another process; nothing that it seals is worth a secret.
func developmentKey() masterKey {
	key := sha256.Sum256([]byte("espalier serve --dev"))
	return key[:]
}

// derive returns a key for another purpose, from which the master key cannot be found out.
func (k masterKey) derive(purpose string) []byte {
	h := hmac.New(sha256.New, k)
	h.Write([]byte("espalier " + purpose))
	return h.Sum(nil)
}

// The probe is a known text that is sealed in the database, by which a wrong master key is told at the start and not
// when the first secret does not open.
const (
	probeKey  = "master-key-probe"
	probeText = "espalier"
)

// isNew tells whether no master key was used with the database yet.
func isNew(ctx context.Context, s *store.Store) (bool, error) {
	_, found, err := s.Meta(ctx, probeKey)
	return !found, err
}

// checkMasterKey returns an error when the database was made with another master key.
func checkMasterKey(ctx context.Context, s *store.Store, keyring *identity.Keyring) error {
	sealed, err := keyring.Seal(probeKey, []byte(probeText), rand.Reader)
	if err != nil {
		return err
	}
	if sealed, err = s.InitMeta(ctx, probeKey, sealed); err != nil {
		return err
	}
	if _, err := keyring.Open(probeKey, sealed); err != nil {
		return errors.New("this is not the master key with which the database was made")
	}
	return nil
}
