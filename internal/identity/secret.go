package identity

import (
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
)

const redacted = "[redacted]"

// Secret is a text that must never be printed: a secret access key or a session token.
// Formatting, logging and JSON show "[redacted]"; [Secret.Reveal] is the one way to the text.
type Secret struct {
	// A pointer, because fmt prints unexported fields without asking their methods, but does not follow pointers there.
	text *string
}

// NewSecret returns a Secret that holds text.
func NewSecret(text string) Secret { return Secret{text: &text} }

// NewSecretAccessKey returns a random secret access key of forty characters, as long as AWS's. It fails only when rand does.
func NewSecretAccessKey(rand io.Reader) (Secret, error) {
	raw := make([]byte, 30)
	if _, err := io.ReadFull(rand, raw); err != nil {
		return Secret{}, fmt.Errorf("identity: random secret: %w", err)
	}
	return NewSecret(base64.StdEncoding.EncodeToString(raw)), nil
}

// Reveal returns the text.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// Format writes "[redacted]" whatever the verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// LogValue logs "[redacted]".
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText encodes "[redacted]".
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }
