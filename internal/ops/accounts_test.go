package ops_test

import (
	"errors"
	"testing"

	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/ops"
	"github.com/espalier-cloud/espalier/internal/registry"
	"github.com/espalier-cloud/espalier/internal/store"
)

func TestStandaloneAccount(t *testing.T) {
	w := newWorld(t)
	id, key, err := w.accounts.Create(t.Context(), "Somebody", "Some.Body@example.com")
	if err != nil {
		t.Fatal(err)
	}
	account, err := w.registry.Account(t.Context(), id)
	if err != nil || account.Profile().Email != "Some.Body@example.com" || account.Profile().Name != "Somebody" || account.Organization() != "" || account.State() != identity.Active {
		t.Errorf("the account is %+v (%v)", account.Profile(), err)
	}
	if owner, ok, err := w.registry.AccessKeyOwner(t.Context(), string(key.AccessKeyID)); owner != store.AggregateID(id) || !ok || err != nil {
		t.Errorf("the key belongs to %q (%v, %v)", owner, ok, err)
	}
	stored, ok := account.AccessKey(key.AccessKeyID)
	if !ok || len(key.Secret.Reveal()) != 40 {
		t.Fatalf("the key is %+v", stored)
	}
	if secret, err := w.keyring.Open(identity.SecretID(key.AccessKeyID), stored.Sealed); err != nil || string(secret) != key.Secret.Reveal() {
		t.Errorf("the sealed secret is another one (%v)", err)
	}
	for _, email := range []string{"Some.Body@example.com", "some.body@EXAMPLE.com"} {
		if _, _, err := w.accounts.Create(t.Context(), "Other", email); !errors.Is(err, ops.ErrEmailTaken) {
			t.Errorf("a taken address: %v", err)
		}
	}
	for name, email := range map[string]string{"": "x@example.com", "Name": "none"} {
		var refused *identity.Error
		if _, _, err := w.accounts.Create(t.Context(), name, email); !errors.As(err, &refused) || refused.Kind != identity.ValidationError {
			t.Errorf("an account %q with %q: %v", name, email, err)
		}
	}
}

func TestEnsureAccount(t *testing.T) {
	w := newWorld(t)
	const id = "000000000000"
	for range 2 {
		if err := w.accounts.Ensure(t.Context(), id, "test", "root@000000000000.example.com"); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.accounts.Ensure(t.Context(), "111111111111", "test", "root@000000000000.example.com"); !errors.Is(err, ops.ErrEmailTaken) {
		t.Errorf("a taken address: %v", err)
	}
	if _, err := w.registry.Account(t.Context(), "111111111111"); !errors.Is(err, registry.ErrNotFound) {
		t.Errorf("the account that could not be made: %v", err)
	}
	w.store.Close()
	w.boot()
	if err := w.accounts.Ensure(t.Context(), id, "test", "a@example.com"); err == nil {
		t.Error("without a database the account is there")
	}
}

// Whoever is faster makes the account; the others find it.
func TestEnsureAccountAtOnce(t *testing.T) {
	w := newWorld(t)
	failed := make(chan error)
	for range 8 {
		go func() {
			failed <- w.accounts.Ensure(t.Context(), "000000000000", "test", "root@000000000000.example.com")
		}()
	}
	for range 8 {
		if err := <-failed; err != nil {
			t.Error(err)
		}
	}
}
