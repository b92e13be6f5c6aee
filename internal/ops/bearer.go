package ops

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/store"
)

// BearerToken lets a program ask for decisions in the name of an account. It is
// kept without its text, which is shown once.
type BearerToken struct {
	ID       string             `json:"id"`
	Account  identity.AccountID `json:"account"`
	Name     string             `json:"name,omitzero"`
	Created  time.Time          `json:"created"`
	Expires  time.Time          `json:"expires"`
	LastUsed time.Time          `json:"lastUsed,omitzero"` // to a quarter of an hour; zero when never
	Hash     []byte             `json:"hash"`              // of the secret part of the text
}

// The bounds of a bearer token.
const (
	MaxTokenName = 64                        // characters
	MaxTokenLife = 10 * 365 * 24 * time.Hour // ten years
)

// usePeriod is how old the record of a token's last use may become.
const usePeriod = 15 * time.Minute

var (
	// ErrNoToken says that there is no such bearer token, or that it has expired.
	ErrNoToken = errors.New("there is no such token")
	// ErrInvalidToken refuses to make a bearer token.
	ErrInvalidToken = errors.New("a token has a name of at most 64 characters and a life of more than nothing and at most ten years")
)

// BearerTokens makes and verifies bearer tokens. Each is an aggregate of its own
// in the database, so that it is revoked for all servers at once.
type BearerTokens struct {
	Core
	tokens singles[BearerToken]
}

const (
	kindToken   = "bearer-token"
	tokenIDs    = "tok-"
	tokenPrefix = "espalier_"
)

// Create makes a token that lasts from now for life, and returns it with its text.
// It returns ErrInvalidToken, and registry.ErrNotFound where there is no such account.
func (b *BearerTokens) Create(ctx context.Context, account, name string, life time.Duration) (BearerToken, identity.Secret, error) {
	if life <= 0 || life > MaxTokenLife || utf8.RuneCountInString(name) > MaxTokenName || !utf8.ValidString(name) {
		return BearerToken{}, identity.Secret{}, ErrInvalidToken
	}
	if _, err := b.Registry.Account(ctx, identity.AccountID(account)); err != nil {
		return BearerToken{}, identity.Secret{}, err
	}
	var random [16 + 32]byte
	if _, err := io.ReadFull(b.Registry.Rand, random[:]); err != nil {
		return BearerToken{}, identity.Secret{}, fmt.Errorf("ops: random token: %w", err)
	}
	secret := base64.RawURLEncoding.EncodeToString(random[16:])
	now := b.Clock().UTC().Truncate(time.Second)
	t := BearerToken{
		ID:      tokenIDs + strings.ToLower(base32.StdEncoding.EncodeToString(random[:10])),
		Account: identity.AccountID(account), Name: name, Created: now, Expires: now.Add(life), Hash: hashOf(secret),
	}
	if err := b.save(ctx, single[BearerToken]{id: store.AggregateID(t.ID), doc: t}, "CreateBearerToken"); err != nil {
		return BearerToken{}, identity.Secret{}, err
	}
	return t, identity.NewSecret(tokenPrefix + t.ID + "_" + secret), nil
}

// List returns up to limit tokens in the order of their ids, from behind one.
func (b *BearerTokens) List(ctx context.Context, after string, limit int) ([]BearerToken, error) {
	ids, err := b.Registry.Store.Aggregates(ctx, kindToken, store.AggregateID(after), limit)
	if err != nil {
		return nil, err
	}
	tokens := make([]BearerToken, 0, len(ids))
	for _, id := range ids {
		held, err := b.find(ctx, string(id))
		if errors.Is(err, ErrNoToken) {
			continue // revoked meanwhile
		}
		if err != nil {
			return nil, err
		}
		tokens = append(tokens, held.doc)
	}
	return tokens, nil
}

// Revoke ends a token, for all servers at once. It returns ErrNoToken.
func (b *BearerTokens) Revoke(ctx context.Context, id string) error {
	for {
		held, err := b.find(ctx, id)
		if err != nil {
			return err
		}
		err = b.tokens.remove(ctx, b.Registry.Store, held, kindToken)
		if !errors.Is(err, store.ErrConflict) { // it was used meanwhile
			return err
		}
	}
}

// Verify returns who asks with a text, or ErrNoToken. It remembers that the token
// was used. The operator gives a token to an account as a whole: it speaks for the
// account as its root user does, with the id of the token for an access key.
func (b *BearerTokens) Verify(ctx context.Context, text string) (identity.Caller, error) {
	text, ok := strings.CutPrefix(text, tokenPrefix)
	id, secret, parts := strings.Cut(text, "_")
	if !ok || !parts {
		return identity.Caller{}, ErrNoToken
	}
	held, err := b.find(ctx, id)
	if err != nil {
		return identity.Caller{}, err
	}
	now := b.Clock()
	token := held.doc
	if subtle.ConstantTimeCompare(hashOf(secret), token.Hash) != 1 || !now.Before(token.Expires) {
		return identity.Caller{}, ErrNoToken
	}
	if now.Sub(token.LastUsed) >= usePeriod {
		held.doc.LastUsed = now.UTC().Truncate(time.Second)
		if err := b.save(ctx, held, "UseBearerToken"); err != nil && !errors.Is(err, store.ErrConflict) {
			return identity.Caller{}, err
		}
	}
	return identity.Caller{
		Account: token.Account, Type: identity.Root, ARN: identity.RootARN(identity.Partition(b.Registry.Rules.Partition), token.Account),
		UserID: string(token.Account), AccessKeyID: identity.AccessKeyID(token.ID),
	}, nil
}

// Forget drops everything from memory, for when the database was replaced.
func (b *BearerTokens) Forget() { b.tokens.known.Clear() }

// find returns a token that was not revoked, or ErrNoToken.
func (b *BearerTokens) find(ctx context.Context, id string) (single[BearerToken], error) {
	if !strings.HasPrefix(id, tokenIDs) { // other aggregates have other ids
		return single[BearerToken]{}, ErrNoToken
	}
	held, err := b.tokens.find(ctx, b.Registry.Store, store.AggregateID(id))
	if err == nil && held.version == 0 {
		err = ErrNoToken
	}
	return held, err
}

// save writes the next version of a token.
func (b *BearerTokens) save(ctx context.Context, next single[BearerToken], operation string) error {
	return b.tokens.save(ctx, b.Registry.Store, next, store.Advance{Kind: kindToken, At: b.Clock(), Operation: operation}, store.Batch{})
}

// hashOf is enough for a secret of 256 random bits.
func hashOf(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}
