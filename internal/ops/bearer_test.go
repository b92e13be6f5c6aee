package ops_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/espalier-cloud/espalier/internal/ops"
	"github.com/espalier-cloud/espalier/internal/registry"
)

// bearers returns the bearer tokens of a world, as a server that has just started
// knows them.
func (w *world) bearers() *ops.BearerTokens {
	return &ops.BearerTokens{Core: ops.Core{Registry: w.registry, Clock: w.clock.Now}}
}

func TestBearerTokens(t *testing.T) {
	w := newWorld(t)
	account := string(w.standalone(t, "Somebody").Account)
	b := w.bearers()
	token, text, err := b.Create(t.Context(), account, "storage", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	other, otherText, err := b.Create(t.Context(), account, "", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if len(text.Reveal()) < 64 || !strings.HasPrefix(text.Reveal(), "espalier_tok-") || token.ID == other.ID {
		t.Errorf("the tokens are %v and %v", token.ID, other.ID)
	}
	accepts := func(when string, b *ops.BearerTokens, text string, want bool) {
		t.Helper()
		who, err := b.Verify(t.Context(), text)
		if accepted := err == nil && string(who.Account) == account; accepted != want || !want && !errors.Is(err, ops.ErrNoToken) {
			t.Errorf("%s: %+v, %v", when, who, err)
		}
	}
	accepts("new", b, text.Reveal(), true)
	accepts("again", b, text.Reveal(), true)
	accepts("after a restart", w.bearers(), text.Reveal(), true)
	secret := strings.TrimPrefix(text.Reveal(), "espalier_"+token.ID)
	for _, wrong := range []string{
		"", "espalier_", "espalier__", "espalier_" + token.ID, text.Reveal() + "x", text.Reveal()[1:], "espalier_" + other.ID + secret,
		"espalier_tok-none" + secret, "espalier_" + account + secret, "espalier_tok-\x00" + secret,
	} {
		accepts(wrong, b, wrong, false)
	}
	list, err := w.bearers().List(t.Context(), "", 10)
	if err != nil || len(list) != 2 || !slices.ContainsFunc(list, func(l ops.BearerToken) bool {
		return l.ID == token.ID && l.Name == "storage" && !l.LastUsed.IsZero() && l.Expires.Sub(l.Created) == time.Hour
	}) {
		t.Errorf("the list is %+v (%v)", list, err)
	}
	if rest, err := b.List(t.Context(), list[0].ID, 10); err != nil || len(rest) != 1 || rest[0].ID != list[1].ID {
		t.Errorf("behind the first is %+v (%v)", rest, err)
	}
	if err := b.Revoke(t.Context(), token.ID); err != nil {
		t.Fatal(err)
	}
	accepts("revoked", b, text.Reveal(), false)
	accepts("revoked, after a restart", w.bearers(), text.Reveal(), false)
	if err := b.Revoke(t.Context(), token.ID); !errors.Is(err, ops.ErrNoToken) {
		t.Errorf("revoked again: %v", err)
	}
	accepts("another one", b, otherText.Reveal(), true)
	w.clock.advance(time.Hour)
	accepts("expired", b, otherText.Reveal(), false)
}

// TestBearerTokenUse: the last use is known to a quarter of an hour.
func TestBearerTokenUse(t *testing.T) {
	w := newWorld(t)
	b := w.bearers()
	_, text, err := b.Create(t.Context(), string(w.standalone(t, "Somebody").Account), "", 24*time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	used := func() time.Duration {
		t.Helper()
		if _, err := b.Verify(t.Context(), text.Reveal()); err != nil {
			t.Fatal(err)
		}
		list, err := w.bearers().List(t.Context(), "", 1)
		if err != nil {
			t.Fatal(err)
		}
		return list[0].LastUsed.Sub(start()).Truncate(time.Minute)
	}
	for _, step := range []struct{ advance, want time.Duration }{{0, 0}, {10 * time.Minute, 0}, {10 * time.Minute, 20 * time.Minute}, {time.Hour, 80 * time.Minute}} {
		w.clock.advance(step.advance)
		if got := used(); got != step.want {
			t.Errorf("last used after %v, want %v", got, step.want)
		}
	}
}

func TestBearerTokenRefusals(t *testing.T) {
	w := newWorld(t)
	account := string(w.standalone(t, "Somebody").Account)
	for _, tt := range []struct {
		account, name string
		life          time.Duration
		want          error
	}{
		{"999999999999", "", time.Hour, registry.ErrNotFound},
		{"nobody", "", time.Hour, registry.ErrNotFound},
		{account, "", 0, ops.ErrInvalidToken},
		{account, "", -time.Hour, ops.ErrInvalidToken},
		{account, "", ops.MaxTokenLife + 1, ops.ErrInvalidToken},
		{account, strings.Repeat("é", ops.MaxTokenName+1), time.Hour, ops.ErrInvalidToken},
		{account, "\xff", time.Hour, ops.ErrInvalidToken},
		{account, strings.Repeat("é", ops.MaxTokenName), ops.MaxTokenLife, nil},
	} {
		if _, _, err := w.bearers().Create(t.Context(), tt.account, tt.name, tt.life); !errors.Is(err, tt.want) {
			t.Errorf("%+v: %v", tt, err)
		}
	}
}

// TestBearerTokenIsNotKept: nothing that is stored lets anybody ask.
func TestBearerTokenIsNotKept(t *testing.T) {
	w := newWorld(t)
	b := w.bearers()
	_, text, err := b.Create(t.Context(), string(w.standalone(t, "Somebody").Account), "", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Verify(t.Context(), text.Reveal()); err != nil {
		t.Fatal(err)
	}
	var stored bytes.Buffer
	if err := w.store.Export(t.Context(), &stored); err != nil {
		t.Fatal(err)
	}
	secret := strings.SplitN(text.Reveal(), "_", 3)[2]
	if len(secret) != 43 || bytes.Contains(stored.Bytes(), []byte(secret)) || !bytes.Contains(stored.Bytes(), []byte("bearer-token")) {
		t.Error("the text of a token is in the database")
	}
}
