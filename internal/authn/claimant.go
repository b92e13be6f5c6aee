package authn

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/espalier-cloud/espalier/internal/identity"
)

// claimant is who a request claims to come from, with the secret that can prove it.
type claimant struct {
	scope   Scope
	caller  identity.Caller
	session *identity.Session
	known   bool // such a key exists and is accepted

	stamp  string                 // changes whenever the secret does
	secret func() (string, error) // the secret access key
}

// claimant finds the key of the request: in its session token, or else among the long-term keys. A key that is
// not known yields a claimant all the same, so that its signature takes as long to check.
func (v *Verifier) claimant(ctx context.Context, auth *authorization) (*claimant, error) {
	if auth.token != "" {
		return v.sessionClaimant(auth)
	}
	c, err := v.lookup(ctx, auth.scope.AccessKeyID)
	if errors.Is(err, ErrUnknownKey) {
		return nobody(auth), nil
	}
	if err != nil {
		return nil, err
	}
	id, sealed := c.Key.ID, c.Key.Sealed
	return &claimant{
		scope:  auth.scope,
		caller: c.Caller,
		known:  c.Key.Status == identity.KeyActive,
		stamp:  string(sealed),
		secret: func() (string, error) {
			secret, err := v.Keyring.Open(identity.SecretID(id), sealed)
			if err != nil {
				return "", fmt.Errorf("authn: secret of access key %s: %w", id, err)
			}
			return string(secret), nil
		},
	}, nil
}

// lookup asks Lookup, except for texts that cannot be access key ids: they need not reach a database.
func (v *Verifier) lookup(ctx context.Context, id identity.AccessKeyID) (Credential, error) {
	if !isKeyID(string(id)) {
		return Credential{}, ErrUnknownKey
	}
	return v.Lookup(ctx, id)
}

// isKeyID applies IAM's constraint of access key ids, [\w]{16,128}, without the lower bound: "test" is a key of
// development servers.
func isKeyID(id string) bool {
	for i := range len(id) {
		if !isWord(id[i]) {
			return false
		}
	}
	return id != "" && len(id) <= 128
}

func isWord(c byte) bool { return isLowerOrDigit(c) || 'A' <= c && c <= 'Z' || c == '_' }

func isLowerOrDigit(c byte) bool { return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' }

func (v *Verifier) sessionClaimant(auth *authorization) (*claimant, error) {
	contents, err := v.openToken(sessionToken{auth.scope.AccessKeyID, auth.token})
	if err != nil {
		return nobody(auth), nil
	}
	return &claimant{
		scope:   auth.scope,
		caller:  contents.Session.Caller(),
		session: &contents.Session,
		known:   true,
		stamp:   contents.Secret,
		secret:  func() (string, error) { return contents.Secret, nil },
	}, nil
}

// nobody stands for all keys that do not exist. They share one access key id, so that they do not fill the cache.
func nobody(auth *authorization) *claimant {
	scope := auth.scope
	scope.AccessKeyID = ""
	return &claimant{
		scope:  scope,
		secret: func() (string, error) { return "a secret access key that nobody has", nil },
	}
}

// admit decides, now that the signature has been compared.
func (c *claimant) admit(matches bool, now time.Time) error {
	switch {
	case !c.known:
		return refuse(UnrecognizedClient, msgUnrecognized)
	case !matches:
		return refuse(InvalidSignature, msgMismatch)
	case c.session != nil && c.session.Expired(now):
		return refuse(ExpiredToken, msgExpiredToken)
	}
	return nil
}
