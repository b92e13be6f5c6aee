package main

import (
	"bytes"
	"context"
	"errors"
	"io"

	"github.com/espalier-cloud/espalier/internal/authn"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/ops"
	"github.com/espalier-cloud/espalier/internal/registry"
)

// The access key that tools for local AWS endpoints are configured with, and its account.
const (
	testKey     = "test"
	testAccount = "000000000000"
)

// accountOfTestKey returns the account whose root user an access key id of a test suite is.
func accountOfTestKey(id identity.AccessKeyID) (identity.AccountID, bool) {
	if id == testKey {
		return testAccount, true
	}
	return identity.AccountID(id), identity.IsAccountID(string(id))
}

// isTestKey tells the access key ids that are taken at their word.
func isTestKey(id identity.AccessKeyID) bool {
	_, ok := accountOfTestKey(id)
	return ok
}

// lookupTestKey finds the keys of test suites, whose accounts it makes on first use, and all others with next.
func lookupTestKey(accounts *ops.Accounts, next func(context.Context, identity.AccessKeyID) (authn.Credential, error)) func(context.Context, identity.AccessKeyID) (authn.Credential, error) {
	return func(ctx context.Context, id identity.AccessKeyID) (authn.Credential, error) {
		accountID, ok := accountOfTestKey(id)
		if !ok {
			return next(ctx, id)
		}
		if err := accounts.Ensure(ctx, accountID, "account-"+string(accountID), "root@"+string(accountID)+".example.com"); err != nil {
			return authn.Credential{}, err
		}
		account, err := accounts.Registry.Account(ctx, accountID)
		if err != nil {
			return authn.Credential{}, err
		}
		if !account.State().Usable() {
			return authn.Credential{}, authn.ErrUnknownKey
		}
		key := identity.AccessKey{ID: id, Principal: identity.RootPrincipal, Status: identity.KeyActive}
		return authn.Credential{Key: key, Caller: account.Caller(&key)}, nil
	}
}

// state is what a test suite resets, saves and brings back.
type state struct {
	site     *site
	registry *registry.Registry
}

// Reset empties the database.
func (s *state) Reset(ctx context.Context) error {
	if err := s.site.db.store.Reset(ctx); err != nil {
		return err
	}
	return s.replaced(ctx)
}

// Export writes the database.
func (s *state) Export(ctx context.Context, w io.Writer) error { return s.site.db.store.Export(ctx, w) }

// Import replaces the database, unless it was saved by a server with another master key: its secrets could not be read.
func (s *state) Import(ctx context.Context, r io.Reader) error {
	var before bytes.Buffer
	if err := s.Export(ctx, &before); err != nil {
		return err
	}
	if err := s.site.db.store.Import(ctx, r); err != nil {
		return err
	}
	err := s.replaced(ctx)
	if err != nil {
		err = errors.Join(err, s.site.db.store.Import(ctx, &before), s.replaced(ctx))
	}
	return err
}

// replaced drops what memory knows of the state before.
func (s *state) replaced(ctx context.Context) error {
	s.registry.Forget()
	s.site.bearers.Forget()
	s.site.keys.Forget()
	defer s.site.runner.Wake()
	return checkMasterKey(ctx, s.site.db.store, s.site.db.keyring)
}
