// Package authn finds out who makes a request: it verifies AWS Signature Version 4, in the Authorization header or in a
// presigned query, and the session tokens of temporary credentials.
//
// A verification is a sequence of small checks, one function each, in [Verifier.Verify]. What a request must say
// is written down in AWS's "Signature Version 4 signing process"; the refusals carry AWS's names and texts.
package authn

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/espalier-cloud/espalier/internal/identity"
)

// DefaultWindow is how far a request's date may be from the clock.
const DefaultWindow = 5 * time.Minute

// ErrUnknownKey is what [Verifier.Lookup] returns for an access key id that nobody has.
var ErrUnknownKey = errors.New("authn: unknown access key")

// Service is what a request was routed to.
type Service struct {
	Name     string   // the name that the credential scope must carry: "organizations", "sts", …
	Protocol Protocol // decides the names of the refusals
}

// Credential is a long-term access key and whom it speaks for.
type Credential struct {
	Key    identity.AccessKey
	Caller identity.Caller
}

// Verified is the outcome of a verification.
type Verified struct {
	Caller identity.Caller
	Scope  Scope

	// Session is what the session token carried, nil for a long-term key. The token vouches for itself: whether the
	// account still stands behind it is for [identity.Account.CheckSession]. It is shared: not to be changed.
	Session *identity.Session
}

// Verifier verifies requests. Its fields are set before the first use and not changed afterwards; any number
// of goroutines may use it then.
type Verifier struct {
	Clock   func() time.Time
	Keyring *identity.Keyring

	// Lookup finds a long-term key. It returns ErrUnknownKey for one that does not exist; any other error makes
	// Verify fail with it.
	Lookup func(context.Context, identity.AccessKeyID) (Credential, error)

	// Window is how far a request's date may be from the clock: DefaultWindow when zero, any distance when negative.
	Window time.Duration

	// Unsigned reports the keys that are taken at their word: neither the signature nor the date of their requests is
	// checked. Nil means none.
	Unsigned func(identity.AccessKeyID) bool

	signingKeys cache[Scope, signingKey]
	tokens      cache[sessionToken, *tokenContents]
}

// Verify returns who made the request r, whose body has been read already. It refuses a request with an [*Error], and
// fails with the error of Lookup when that could not tell.
func (v *Verifier) Verify(ctx context.Context, r *http.Request, body []byte, service Service) (Verified, error) {
	verified, err := v.verify(ctx, r, body, service)
	var refused *Error
	if errors.As(err, &refused) {
		refused.Protocol = service.Protocol
	}
	return verified, err
}

func (v *Verifier) verify(ctx context.Context, r *http.Request, body []byte, service Service) (Verified, error) {
	auth, err := readAuthorization(r)
	if err != nil {
		return Verified{}, err
	}
	if v.Unsigned != nil && v.Unsigned(auth.scope.AccessKeyID) {
		return v.unsigned(ctx, auth)
	}
	if err := auth.checkScope(service); err != nil {
		return Verified{}, err
	}
	if err := auth.checkSignedHeaders(r); err != nil {
		return Verified{}, err
	}
	now := v.Clock()
	if err := auth.checkTime(now, v.Window); err != nil {
		return Verified{}, err
	}
	payload := hashHex(body)
	if err := checkPayloadHash(r, payload); err != nil {
		return Verified{}, err
	}
	who, err := v.claimant(ctx, auth)
	if err != nil {
		return Verified{}, err
	}
	matches, err := v.checkSignature(auth, who, canonicalHash(r, auth, payload, len(body)))
	if err != nil {
		return Verified{}, err
	}
	if err := who.admit(matches, now); err != nil {
		return Verified{}, err
	}
	return Verified{Caller: who.caller, Scope: auth.scope, Session: who.session}, nil
}

// unsigned takes a key at its word.
func (v *Verifier) unsigned(ctx context.Context, auth *authorization) (Verified, error) {
	c, err := v.lookup(ctx, auth.scope.AccessKeyID)
	if errors.Is(err, ErrUnknownKey) {
		return Verified{}, refuse(UnrecognizedClient, msgUnrecognized)
	}
	if err != nil {
		return Verified{}, err
	}
	return Verified{Caller: c.Caller, Scope: auth.scope}, nil
}
