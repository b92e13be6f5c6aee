package ops

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
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
	known   sync.Map   // id → *heldToken; empty where other processes write the database
	reading sync.Mutex // held from looking at the database until known says the same
}

// heldToken is a token at a version of its aggregate.
type heldToken struct {
	BearerToken
	version int64
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
	if err := b.save(ctx, &heldToken{t, 0}, "CreateBearerToken"); err != nil {
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
		tokens = append(tokens, held.BearerToken)
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
		err = b.remembering(func() error {
			b.known.Delete(id)
			return b.Registry.Store.Commit(ctx, store.Batch{Aggregates: []store.Advance{{ID: store.AggregateID(id), Kind: kindToken, From: held.version}}})
		})
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
	if subtle.ConstantTimeCompare(hashOf(secret), held.Hash) != 1 || !now.Before(held.Expires) {
		return identity.Caller{}, ErrNoToken
	}
	if now.Sub(held.LastUsed) >= usePeriod {
		used := *held
		used.LastUsed = now.UTC().Truncate(time.Second)
		if err := b.save(ctx, &used, "UseBearerToken"); err != nil && !errors.Is(err, store.ErrConflict) {
			return identity.Caller{}, err
		}
	}
	return identity.Caller{
		Account: held.Account, Type: identity.Root, ARN: identity.RootARN(identity.Partition(b.Registry.Rules.Partition), held.Account),
		UserID: string(held.Account), AccessKeyID: identity.AccessKeyID(held.ID),
	}, nil
}

// Forget drops everything from memory, for when the database was replaced.
func (b *BearerTokens) Forget() { b.known.Clear() }

// find returns a token that was not revoked, or ErrNoToken.
func (b *BearerTokens) find(ctx context.Context, id string) (*heldToken, error) {
	if held, ok := b.known.Load(id); ok {
		return held.(*heldToken), nil
	}
	if !strings.HasPrefix(id, tokenIDs) { // other aggregates have other ids
		return nil, ErrNoToken
	}
	var held *heldToken
	err := b.remembering(func() (err error) {
		if held, err = b.read(ctx, id); err == nil {
			b.keep(held)
		}
		return err
	})
	return held, err
}

// read returns a token from the database, or ErrNoToken.
func (b *BearerTokens) read(ctx context.Context, id string) (*heldToken, error) {
	version, rows, err := b.Registry.Store.Entities(ctx, store.AggregateID(id))
	if err != nil {
		return nil, err
	}
	if version == 0 {
		return nil, ErrNoToken
	}
	held := &heldToken{version: version}
	for row, err := range rows {
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(row.Doc, &held.BearerToken); err != nil {
			return nil, fmt.Errorf("ops: token %s: %w", id, err)
		}
	}
	return held, nil
}

// save writes the next version of a token.
func (b *BearerTokens) save(ctx context.Context, t *heldToken, operation string) error {
	doc, err := json.Marshal(t.BearerToken)
	if err != nil {
		return err
	}
	id := store.AggregateID(t.ID)
	return b.remembering(func() error {
		err := b.Registry.Store.Commit(ctx, store.Batch{
			Aggregates: []store.Advance{{ID: id, Kind: kindToken, From: t.version, To: t.version + 1, At: b.Clock(), Operation: operation, Changes: []byte("[]")}},
			Entities:   []store.Entity{{Aggregate: id, Kind: kindToken, ID: t.ID, Doc: doc}},
		})
		if err == nil {
			b.keep(&heldToken{t.BearerToken, t.version + 1})
		}
		return err
	})
}

// remembering does work on the database of which memory is to know.
func (b *BearerTokens) remembering(work func() error) error {
	if b.Registry.Store.Exclusive() {
		b.reading.Lock()
		defer b.reading.Unlock()
	}
	return work()
}

// keep remembers a token where nobody else can change it.
func (b *BearerTokens) keep(t *heldToken) {
	if b.Registry.Store.Exclusive() {
		b.known.Store(t.ID, t)
	}
}

// hashOf is enough for a secret of 256 random bits.
func hashOf(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}
