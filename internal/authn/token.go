package authn

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/espalier-cloud/espalier/internal/identity"
)

// TemporaryCredentials are what a session is used with.
type TemporaryCredentials struct {
	AccessKeyID     identity.AccessKeyID
	SecretAccessKey identity.Secret
	SessionToken    identity.Secret
	Expires         time.Time
}

// Issuer issues the credentials of sessions. Nothing of them is stored: the session token carries the session
// and the secret, sealed, and a [Verifier] with the same keyring opens it.
type Issuer struct {
	Keyring *identity.Keyring
	Rand    io.Reader
}

// Issue returns credentials for a session, under an access key id that it gives the session. It fails only when Rand does.
func (i *Issuer) Issue(s identity.Session) (TemporaryCredentials, error) {
	id, err := identity.NewSessionKeyID(i.Rand)
	if err != nil {
		return TemporaryCredentials{}, err
	}
	secret, err := identity.NewSecretAccessKey(i.Rand)
	if err != nil {
		return TemporaryCredentials{}, err
	}
	s.AccessKeyID = "" // for which it is sealed
	contents, err := json.Marshal(tokenContents{Session: s.Abridged(), Secret: secret.Reveal()})
	if err != nil {
		return TemporaryCredentials{}, fmt.Errorf("authn: session token: %w", err)
	}
	sealed, err := i.Keyring.Seal(tokenID(id), contents, i.Rand)
	if err != nil {
		return TemporaryCredentials{}, err
	}
	return TemporaryCredentials{
		AccessKeyID:     id,
		SecretAccessKey: secret,
		SessionToken:    identity.NewSecret(base64.StdEncoding.EncodeToString(sealed)),
		Expires:         s.Expires,
	}, nil
}

// tokenContents is what a session token seals: the session without what follows from the rest, because clients send it
// with each request.
type tokenContents struct {
	Session identity.Session `json:"session"`
	Secret  string           `json:"secret"`
}

// tokenID is the record id under which the token of a session key is sealed, so that it opens with that key only.
func tokenID(id identity.AccessKeyID) string { return "session/" + string(id) }

// sessionToken is a token with the key that it came with.
type sessionToken struct {
	key   identity.AccessKeyID
	token string
}

// openToken returns what a token seals, from memory when it has been opened before.
func (v *Verifier) openToken(t sessionToken) (*tokenContents, error) {
	if contents, ok := v.tokens.get(t); ok {
		return contents, nil
	}
	sealed, err := base64.StdEncoding.DecodeString(t.token)
	if err != nil {
		return nil, fmt.Errorf("authn: session token: %w", err)
	}
	plain, err := v.Keyring.Open(tokenID(t.key), sealed)
	if err != nil {
		return nil, err
	}
	contents := new(tokenContents)
	if err := json.Unmarshal(plain, contents); err != nil {
		return nil, fmt.Errorf("authn: session token: %w", err)
	}
	contents.Session.AccessKeyID = t.key
	contents.Session.Complete()
	v.tokens.set(t, contents)
	return contents, nil
}
