package authn

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"sync"
)

// checkSignature reports whether the request carries the signature that the claimant's secret makes for it. It fails
// only when the secret cannot be unsealed.
func (v *Verifier) checkSignature(auth *authorization, who *claimant, canonical []byte) (bool, error) {
	key, err := v.signingKeys.get(who)
	if err != nil {
		return false, err
	}
	sum := sha256.Sum256(canonical)
	b := make([]byte, 0, 256)
	b = append(b, algorithm+"\n"...)
	b = auth.at.AppendFormat(b, basicFormat)
	b = append(b, '\n')
	b = append(b, auth.scope.String()...)
	b = append(b, '\n')
	b = hex.AppendEncode(b, sum[:])
	want := hex.EncodeToString(sign(key, b))
	return subtle.ConstantTimeCompare([]byte(want), []byte(auth.signature)) == 1, nil
}

func sign(key, data []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(data)
	return h.Sum(nil)
}

// deriveKey returns the key that a secret signs with in a scope.
func deriveKey(secret string, s Scope) []byte {
	key := []byte("AWS4" + secret)
	for _, part := range [...]string{s.Date, s.Region, s.Service, s.terminator} {
		key = sign(key, []byte(part))
	}
	return key
}

// maxSigningKeys bounds each of the two generations of the cache.
const maxSigningKeys = 4096

// signingKeyCache remembers derived keys. It has two generations: a full young one becomes the old one, which
// is then forgotten unless it is used; so the keys in use stay, and the memory is bounded. The zero value is ready.
type signingKeyCache struct {
	mu         sync.Mutex
	young, old map[Scope]signingKey
}

// signingKey is a derived key and the stamp of the secret that it was derived from.
type signingKey struct {
	stamp string
	key   []byte
}

// get returns the claimant's signing key. It derives the key again when the secret is not the one it was derived from.
func (c *signingKeyCache) get(who *claimant) ([]byte, error) {
	if key, ok := c.find(who); ok {
		return key, nil
	}
	secret, err := who.secret()
	if err != nil {
		return nil, err
	}
	key := deriveKey(secret, who.scope)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.put(who.scope, signingKey{who.stamp, key})
	return key, nil
}

func (c *signingKeyCache) find(who *claimant) ([]byte, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	k, ok := c.young[who.scope]
	if !ok {
		if k, ok = c.old[who.scope]; ok {
			c.put(who.scope, k)
		}
	}
	return k.key, ok && k.stamp == who.stamp
}

func (c *signingKeyCache) put(s Scope, k signingKey) {
	if len(c.young) >= maxSigningKeys || c.young == nil {
		c.old, c.young = c.young, make(map[Scope]signingKey)
	}
	c.young[s] = k
}
