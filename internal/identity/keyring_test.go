package identity

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestKeyring(t *testing.T) {
	keyring := newKeyring(t)
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.String().Draw(t, "id")
		plaintext := rapid.SliceOf(rapid.Byte()).Draw(t, "plaintext")
		sealed, err := keyring.Seal(id, plaintext, rand.Reader)
		must(t, err)
		if opened, err := keyring.Open(id, sealed); err != nil || !bytes.Equal(opened, plaintext) {
			t.Fatalf("got %q, %v", opened, err)
		}
		if _, err := keyring.Open(id+"x", sealed); !errors.Is(err, ErrSealBroken) {
			t.Fatalf("opened for another record: %v", err)
		}
		cut := rapid.IntRange(0, len(sealed)-1).Draw(t, "cut")
		if _, err := keyring.Open(id, sealed[:cut]); !errors.Is(err, ErrSealBroken) {
			t.Fatalf("opened %d of %d bytes: %v", cut, len(sealed), err)
		}
		sealed[cut] ^= 1
		if _, err := keyring.Open(id, sealed); !errors.Is(err, ErrSealBroken) {
			t.Fatalf("opened with byte %d changed: %v", cut, err)
		}
	})
}

func TestKeyRotation(t *testing.T) {
	first, second := bytes.Repeat([]byte{1}, MasterKeySize), bytes.Repeat([]byte{2}, MasterKeySize)
	before, err := NewKeyring(first)
	must(t, err)
	after, err := NewKeyring(second, first)
	must(t, err)
	sealed, err := before.Seal("id", []byte("secret"), rand.Reader)
	must(t, err)
	if opened, err := after.Open("id", sealed); err != nil || string(opened) != "secret" {
		t.Errorf("got %q, %v", opened, err)
	}
	resealed, err := after.Seal("id", []byte("secret"), rand.Reader)
	must(t, err)
	if _, err := before.Open("id", resealed); !errors.Is(err, ErrSealBroken) {
		t.Errorf("the ring still seals with the retired key: %v", err)
	}
	for _, size := range []int{0, 16, 31, 33} {
		if _, err := NewKeyring(make([]byte, size)); err == nil {
			t.Errorf("took a key of %d bytes", size)
		}
		if _, err := NewKeyring(first, make([]byte, size)); err == nil {
			t.Errorf("took a retired key of %d bytes", size)
		}
	}
}

// TestNothingIsPrinted prints secrets in every way that is at hand.
func TestNothingIsPrinted(t *testing.T) {
	const text = "wJalrXUtnFEMI"
	secret := NewSecret(text)
	keyring, err := NewKeyring([]byte(text + strings.Repeat("x", MasterKeySize-len(text))))
	must(t, err)
	type holder struct {
		Secret Secret
		secret Secret
		ring   *Keyring
	}
	held := holder{secret, secret, keyring}
	var out strings.Builder
	for _, v := range []any{secret, &secret, keyring, held, &held, []Secret{secret}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
	}
	log := slog.New(slog.NewJSONHandler(&out, nil))
	log.Info("log", "secret", secret, "ring", keyring, "held", held)
	slog.New(slog.NewTextHandler(&out, nil)).Info("log", "secret", secret, "ring", keyring, "held", held)
	doc, err := json.Marshal(held)
	must(t, err)
	out.Write(doc)
	for _, leak := range []string{text, fmt.Sprintf("%x", text), fmt.Sprintf("%X", text), fmt.Sprintf("%d", []byte(text))} {
		if strings.Contains(out.String(), leak) {
			t.Errorf("%q was printed", leak)
		}
	}
	if !strings.Contains(out.String(), redacted) {
		t.Errorf("nothing says that something was left out: %s", out.String())
	}
	if secret.Reveal() != text || (Secret{}).Reveal() != "" {
		t.Error("the secret is lost")
	}
}
