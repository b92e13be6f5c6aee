package ops_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/espalier-cloud/espalier/internal/api/iam"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/ops"
	"github.com/espalier-cloud/espalier/internal/registry"
)

// keys returns the access keys of a world, as a server that has just started knows them.
func (w *world) keys() *ops.Keys {
	return &ops.Keys{Core: ops.Core{Registry: w.registry, Keyring: w.keyring, Clock: w.clock.Now, ServiceRoles: w.roles}}
}

// TestKeysSpeakForTheirHolders: each holder can have two keys, so that he can change them, and a deleted one is nobody's.
func TestKeysSpeakForTheirHolders(t *testing.T) {
	w := newWorld(t)
	root := w.standalone(t, "Somebody") // who has a key already
	w.do(t, root, &iam.CreateUserInput{UserName: "Ann"})
	for name, c := range map[string]struct {
		holder ops.KeyHolder
		had    int
		want   identity.Caller
	}{
		"the root user": {ops.KeyHolder{Account: root.Account}, 1, w.root(root.Account)},
		"a user":        {ops.KeyHolder{Account: root.Account, User: "ann"}, 0, identity.Caller{Account: root.Account, Type: identity.IAMUser, ARN: "arn:aws:iam::" + string(root.Account) + ":user/Ann"}},
		"a service":     {ops.KeyHolder{Service: "sso.amazonaws.com"}, 0, identity.Caller{Type: identity.Service, ARN: "sso.amazonaws.com", UserID: "sso.amazonaws.com"}},
	} {
		t.Run(name, func(t *testing.T) {
			keys := w.keys()
			var made []identity.AccessKeyID
			for range 2 - c.had {
				key, err := keys.Create(t.Context(), c.holder)
				if err != nil || len(key.SecretAccessKey) != 40 {
					t.Fatalf("a key: %v", err)
				}
				made = append(made, key.AccessKeyID)
				for _, server := range []*ops.Keys{keys, w.keys()} {
					found, by, err := server.Find(t.Context(), key.AccessKeyID)
					if err != nil || by.ARN != c.want.ARN || by.Type != c.want.Type || by.Account != c.want.Account || by.AccessKeyID != key.AccessKeyID {
						t.Errorf("the key speaks for %+v (%v)", by, err)
					}
					if opened, err := w.keyring.Open(identity.SecretID(key.AccessKeyID), found.Sealed); err != nil || string(opened) != key.SecretAccessKey {
						t.Errorf("the secret does not open: %v", err)
					}
				}
			}
			if _, err := keys.Create(t.Context(), c.holder); !isRefusal(err, identity.LimitExceeded) {
				t.Errorf("a third key: %v", err)
			}
			if err := keys.Delete(t.Context(), string(made[0])); err != nil {
				t.Fatal(err)
			}
			for _, server := range []*ops.Keys{keys, w.keys()} {
				if _, _, err := server.Find(t.Context(), made[0]); !errors.Is(err, ops.ErrNoKey) {
					t.Errorf("a deleted key is found: %v", err)
				}
			}
			if err := keys.Delete(t.Context(), string(made[0])); !errors.Is(err, ops.ErrNoKey) {
				t.Errorf("deleted again: %v", err)
			}
			if _, err := keys.Create(t.Context(), c.holder); err != nil {
				t.Errorf("in the place of the deleted one: %v", err)
			}
		})
	}
	w.checkKeyEvents(t, root)
}

// checkKeyEvents looks for what the account's owner is told of keys that the operator made.
func (w *world) checkKeyEvents(t *testing.T, root identity.Caller) {
	t.Helper()
	counts := map[string]int{}
	for _, e := range w.trail(t, root) {
		if e.EventSource == "iam.amazonaws.com" {
			counts[e.EventName]++
		}
		if strings.Contains(e.doc, "secret") {
			t.Errorf("an event tells a secret: %s", e.doc)
		}
	}
	if counts["CreateAccessKey"] != 5 || counts["DeleteAccessKey"] != 2 {
		t.Errorf("the trail tells of %v", counts)
	}
}

func TestKeysAreListed(t *testing.T) {
	w := newWorld(t)
	root := w.standalone(t, "Somebody")
	w.do(t, root, &iam.CreateUserInput{UserName: "Ann"})
	keys := w.keys()
	for _, holder := range []ops.KeyHolder{
		{Account: root.Account, User: "Ann"}, {Service: "sso.amazonaws.com"}, {Service: "config.amazonaws.com"}, {Service: "config.amazonaws.com"},
	} {
		if _, err := keys.Create(t.Context(), holder); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name string
		list func(*ops.Keys) (ops.KeyList, error)
		want string // holders
	}{
		{"an account", func(k *ops.Keys) (ops.KeyList, error) { return k.OfAccount(t.Context(), string(root.Account)) }, "[ Ann]"},
		{"a service", func(k *ops.Keys) (ops.KeyList, error) { return k.OfService(t.Context(), "config.amazonaws.com") }, "[config.amazonaws.com config.amazonaws.com]"},
		{"all services", func(k *ops.Keys) (ops.KeyList, error) { return k.OfService(t.Context(), "") }, "[config.amazonaws.com config.amazonaws.com sso.amazonaws.com]"},
		{"a service without keys", func(k *ops.Keys) (ops.KeyList, error) { return k.OfService(t.Context(), "ram.amazonaws.com") }, "[]"},
	} {
		for _, server := range []*ops.Keys{keys, w.keys()} {
			list, err := c.list(server)
			var holders []string
			for _, key := range list.Keys {
				holders = append(holders, key.User+key.Service)
			}
			slices.Sort(holders)
			if got := fmt.Sprint(holders); err != nil || got != c.want {
				t.Errorf("%s: %s (%v), want %s", c.name, got, err, c.want)
			}
		}
	}
}

func TestKeysThatCannotBe(t *testing.T) {
	w := newWorld(t)
	account := w.standalone(t, "Somebody").Account
	keys := w.keys()
	for name, c := range map[string]struct {
		holder ops.KeyHolder
		kind   identity.ErrorKind
	}{
		"no such user":               {ops.KeyHolder{Account: account, User: "Nobody"}, identity.NoSuchEntity},
		"a service unheard of":       {ops.KeyHolder{Service: "garden.example.com"}, identity.InvalidInput},
		"what cannot be a principal": {ops.KeyHolder{Service: "Garden"}, identity.ValidationError},
	} {
		if _, err := keys.Create(t.Context(), c.holder); !isRefusal(err, c.kind) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := keys.Create(t.Context(), ops.KeyHolder{Account: "999999999999"}); !errors.Is(err, registry.ErrNotFound) {
		t.Errorf("no such account: %v", err)
	}
	for name, holder := range map[string]ops.KeyHolder{"nobody": {}, "an account and a service": {Account: account, Service: "sso.amazonaws.com"}, "a service's user": {User: "Ann", Service: "sso.amazonaws.com"}} {
		if _, err := keys.Create(t.Context(), holder); !errors.Is(err, ops.ErrNoHolder) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := keys.OfAccount(t.Context(), "999999999999"); !errors.Is(err, registry.ErrNotFound) {
		t.Errorf("no such account: %v", err)
	}
	if _, _, err := keys.Find(t.Context(), "AKIAAAAAAAAAAAAAAAAA"); !errors.Is(err, ops.ErrNoKey) {
		t.Errorf("no such key: %v", err)
	}
}

// The keys of a database that takes the place of another one are those that count.
func TestKeysAreForgotten(t *testing.T) {
	w := newWorld(t)
	keys := w.keys()
	key, err := keys.Create(t.Context(), ops.KeyHolder{Service: "sso.amazonaws.com"})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.store.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.registry.Forget()
	keys.Forget()
	if _, _, err := keys.Find(t.Context(), key.AccessKeyID); !errors.Is(err, ops.ErrNoKey) {
		t.Errorf("got %v", err)
	}
}

func isRefusal(err error, kind identity.ErrorKind) bool {
	refused, ok := errors.AsType[*identity.Error](err)
	return ok && refused.Kind == kind
}
