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
	s := key.signers.Get().(*signer)
	defer key.signers.Put(s)
	b := append(s.text[:0], algorithm+"\n"...)
	b = append(b, auth.stamp...)
	b = append(b, '\n')
	b = auth.scope.appendTo(b)
	b = append(b, '\n')
	s.text = hex.AppendEncode(b, canonical[:])
	return subtle.ConstantTimeCompare(s.sign(), []byte(auth.signature)) == 1, nil
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
	stamp   string
	signers *sync.Pool
}

func newSigningKey(stamp string, key []byte) signingKey {
	return signingKey{stamp, &sync.Pool{New: func() any { return &signer{mac: hmac.New(sha256.New, key)} }}}
}

// signer signs a text with a key. It is kept for the next one, with its memory.
type signer struct {
	mac                  hash.Hash // that has taken the key in
	text, sum, signature []byte
}

// sign returns the signature of the text, which is good until the next one.
func (s *signer) sign() []byte {
	s.mac.Reset()
	s.mac.Write(s.text)
	s.sum = s.mac.Sum(s.sum[:0])
	s.signature = hex.AppendEncode(s.signature[:0], s.sum)
	return s.signature
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
