package authn

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"hash"
	"sync"
)

// checkSignature reports whether the request carries the signature that the claimant's secret makes for it. It fails
// only when the secret cannot be unsealed.
func (v *Verifier) checkSignature(auth *authorization, who *claimant, canonical [sha256.Size]byte) (bool, error) {
	key, err := v.signingKey(who)
	if err != nil {
		return false, err
	}
	b := make([]byte, 0, 256)
	b = append(b, algorithm+"\n"...)
	b = append(b, auth.stamp...)
	b = append(b, '\n')
	b = auth.scope.appendTo(b)
	b = append(b, '\n')
	b = hex.AppendEncode(b, canonical[:])
	var signature [sha256.Size]byte
	want := hex.AppendEncode(b[:0], key.sign(signature[:0], b))
	return subtle.ConstantTimeCompare(want, []byte(auth.signature)) == 1, nil
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

// signingKey is a derived key and the stamp of the secret that it was derived from.
type signingKey struct {
	stamp string
	macs  *sync.Pool // HMACs that have taken the key in
}

func newSigningKey(stamp string, key []byte) signingKey {
	return signingKey{stamp, &sync.Pool{New: func() any { return hmac.New(sha256.New, key) }}}
}

// sign appends the signature of data.
func (k signingKey) sign(to, data []byte) []byte {
	mac := k.macs.Get().(hash.Hash)
	defer k.macs.Put(mac)
	mac.Reset()
	mac.Write(data)
	return mac.Sum(to)
}

// signingKey returns the claimant's derived key. It derives the key again when the secret has changed since.
func (v *Verifier) signingKey(who *claimant) (signingKey, error) {
	if cached, ok := v.signingKeys.get(who.scope); ok && cached.stamp == who.stamp {
		return cached, nil
	}
	secret, err := who.secret()
	if err != nil {
		return signingKey{}, err
	}
	key := newSigningKey(who.stamp, deriveKey(secret, who.scope))
	v.signingKeys.set(who.scope, key)
	return key, nil
}
