package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/ops"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
	"github.com/espalier-cloud/espalier/internal/store"
)

// databaseFlags say where the data is.
type databaseFlags struct {
	DataDir       string `help:"Directory of the database, the master key and the credentials (default: ./espalier-data; with --dev, memory)." type:"path" placeholder:"DIR"`
	DatabaseURL   string `help:"PostgreSQL database to use instead of SQLite in the data directory." placeholder:"postgres://…"`
	MasterKeyFile string `help:"File of the master key that seals secrets (default: master.key in the data directory). The variable ESPALIER_MASTER_KEY takes its place." type:"path" placeholder:"FILE"`
	Partition     string `help:"Partition of accounts and ARNs: ${enum}." enum:"aws,aws-cn,aws-us-gov" default:"aws"`
}

const defaultDataDir = "espalier-data"

// directory is the data directory.
func (f databaseFlags) directory() string {
	if f.DataDir == "" {
		return defaultDataDir
	}
	return f.DataDir
}

func (f databaseFlags) masterKeyPath() string {
	if f.MasterKeyFile == "" {
		return filepath.Join(f.directory(), masterKeyFile)
	}
	return f.MasterKeyFile
}

func (f databaseFlags) storeConfig() store.Config {
	if f.DatabaseURL != "" {
		return store.Config{DatabaseURL: f.DatabaseURL}
	}
	return store.Config{SQLitePath: filepath.Join(f.directory(), databaseFile)}
}

// database is an open database and what is needed to work with it.
type database struct {
	store   *store.Store
	key     masterKey
	keyring *identity.Keyring
}

// open opens the database in its directory, which it makes, and finds or makes the master key.
func (f databaseFlags) open(ctx context.Context) (*database, error) {
	if err := ensureDirectory(f.directory()); err != nil {
		return nil, err
	}
	return openDatabase(ctx, f.storeConfig(), func(databaseIsNew bool) (masterKey, error) {
		return loadMasterKey(f.masterKeyPath(), databaseIsNew)
	})
}

// withCore opens the database for operations of a command itself, for when no server runs.
func (f databaseFlags) withCore(ctx context.Context, do func(ops.Core) error) (err error) {
	db, err := f.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.store.Close()) }()
	rules := org.AWSRules()
	rules.Partition = f.Partition
	return do(db.core(rules, time.Now, nil))
}

// openInMemory opens a database that lasts as long as the process.
func openInMemory(ctx context.Context) (*database, error) {
	return openDatabase(ctx, store.Config{SQLitePath: ":memory:"}, func(bool) (masterKey, error) { return developmentKey(), nil })
}

func openDatabase(ctx context.Context, cfg store.Config, loadKey func(databaseIsNew bool) (masterKey, error)) (*database, error) {
	s, err := store.Open(ctx, cfg)
	if err != nil {
		return nil, err
	}
	db := &database{store: s}
	if err := db.unlock(ctx, loadKey); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return db, nil
}

// unlock loads the master key and sees to it that it is the right one.
func (db *database) unlock(ctx context.Context, loadKey func(databaseIsNew bool) (masterKey, error)) error {
	databaseIsNew, err := isNew(ctx, db.store)
	if err != nil {
		return err
	}
	if db.key, err = loadKey(databaseIsNew); err != nil {
		return err
	}
	if db.keyring, err = identity.NewKeyring(db.key); err != nil {
		return err
	}
	return checkMasterKey(ctx, db.store, db.keyring)
}

// core returns what operations on the database need. Scheduled is called when there are new background jobs; it may be nil.
func (db *database) core(rules *org.Rules, clock func() time.Time, scheduled func()) ops.Core {
	return ops.Core{
		Registry:  registry.New(registry.Config{Store: db.store, Clock: clock, Rand: rand.Reader, Rules: rules, Scheduled: scheduled}),
		Keyring:   db.keyring,
		Effective: org.NewEffectivePolicies(),
		Clock:     clock,
	}
}

// firstAccountKey is where the database keeps the id of the account that was made at the first start.
const firstAccountKey = "first-account"

// ensureFirstAccount makes an account in a new database and returns its id. Servers that start together make one.
func (db *database) ensureFirstAccount(ctx context.Context, accounts *ops.Accounts, name, email string) (identity.AccountID, error) {
	fresh, err := identity.NewAccountID(rand.Reader)
	if err != nil {
		return "", err
	}
	stored, err := db.store.InitMeta(ctx, firstAccountKey, []byte(fresh))
	if err != nil {
		return "", err
	}
	id := identity.AccountID(stored)
	if email == "" {
		email = fmt.Sprintf("root@%s.example.com", id)
	}
	return id, accounts.Ensure(ctx, id, name, email)
}

// rootKey returns an active access key of an account's root user, or false when it has none.
func (db *database) rootKey(account *identity.Account) (credentials, bool, error) {
	for key := range account.AccessKeys() {
		if key.Principal != identity.RootPrincipal || key.Status != identity.KeyActive {
			continue
		}
		secret, err := db.keyring.Open(identity.SecretID(key.ID), key.Sealed)
		if err != nil {
			return credentials{}, false, fmt.Errorf("access key %s: %w", key.ID, err)
		}
		return credentials{AccountID: string(account.ID()), AccessKeyID: string(key.ID), SecretAccessKey: string(secret)}, true, nil
	}
	return credentials{}, false, nil
}
