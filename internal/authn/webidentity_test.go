package authn

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"

	"github.com/espalier-cloud/espalier/internal/identity"
)

// issuer is an OpenID Connect provider on this machine.
type issuer struct {
	*httptest.Server
	key       crypto.Signer
	discovery map[string]any                   // what it publishes of itself, beside its name
	keys      func(http.ResponseWriter) []byte // what it publishes as its keys
	asked     atomic.Int32                     // how often
}

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	i := &issuer{key: key, discovery: map[string]any{}}
	public, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "1", Use: "sig"}}})
	if err != nil {
		t.Fatal(err)
	}
	i.keys = func(http.ResponseWriter) []byte { return public }
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		i.asked.Add(1)
		doc := map[string]any{"issuer": i.URL, "jwks_uri": i.URL + "/keys"}
		maps.Copy(doc, i.discovery)
		_ = json.NewEncoder(w).Encode(doc)
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) { w.Write(i.keys(w)) })
	i.Server = httptest.NewTLSServer(mux)
	t.Cleanup(i.Close)
	return i
}

// provider is the issuer as an account registers it.
func (i *issuer) provider() *identity.OIDCProvider {
	sum := sha1.Sum(i.Certificate().Raw)
	return &identity.OIDCProvider{URL: strings.TrimPrefix(i.URL, "https://"), Thumbprints: []string{strings.ToUpper(hex.EncodeToString(sum[:]))}}
}

// token signs claims, which come on top of those of an ordinary token. A claim that is nil is left out.
func (i *issuer) token(t *testing.T, more map[string]any) string {
	t.Helper()
	return signToken(t, jose.ES256, i.key, i.claims(more))
}

func (i *issuer) claims(more map[string]any) map[string]any {
	all := map[string]any{"iss": i.URL, "sub": "repo:garden", "aud": "sts.amazonaws.com", "iat": testNow.Unix(), "exp": testNow.Add(time.Hour).Unix()}
	maps.Copy(all, more)
	maps.DeleteFunc(all, func(_ string, v any) bool { return v == nil })
	return all
}

func signToken(t *testing.T, algorithm jose.SignatureAlgorithm, key any, payload any) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: key}, nil)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := json.Marshal(payload)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign(doc)
	if err != nil {
		t.Fatal(err)
	}
	text, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

var testNow = time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC)

func webIdentities() (*WebIdentities, *time.Time) {
	now := testNow
	return NewWebIdentities(func() time.Time { return now }), &now
}

// wantToken fails the test unless a token was refused so.
func wantToken(t *testing.T, err error, kind identity.ErrorKind, text string) {
	t.Helper()
	refused, ok := errors.AsType[*identity.Error](err)
	if !ok || refused.Kind != kind || !strings.Contains(refused.Error(), text) {
		t.Errorf("got %v, want %v with %s", err, kind, text)
	}
}

func TestWebIdentity(t *testing.T) {
	i := newIssuer(t)
	w, _ := webIdentities()
	for name, tt := range map[string]struct {
		claims map[string]any
		want   identity.WebIdentity
	}{
		"plain": {nil, identity.WebIdentity{}},
		"with everything": {map[string]any{
			"azp": "app", "amr": []string{"pwd", "otp"}, "https://aws.amazon.com/source_identity": "ann",
			"https://aws.amazon.com/tags": map[string]any{
				"principal_tags": map[string]any{"team": []string{"orchard"}, "shift": "night"}, "transitive_tag_keys": []string{"team"},
			},
		}, identity.WebIdentity{
			AuthorizedParty: "app", Methods: []string{"pwd", "otp"}, SourceIdentity: "ann",
			Tags: []identity.Tag{{Key: "shift", Value: "night"}, {Key: "team", Value: "orchard"}}, TransitiveTagKeys: []string{"team"},
		}},
		"with flat tags": {map[string]any{
			"https://aws.amazon.com/tags/principal_tags": map[string]any{"team": "orchard"}, "https://aws.amazon.com/tags/transitive_tag_keys": []string{"team"},
		}, identity.WebIdentity{Tags: []identity.Tag{{Key: "team", Value: "orchard"}}, TransitiveTagKeys: []string{"team"}}},
	} {
		t.Run(name, func(t *testing.T) {
			token := i.token(t, tt.claims)
			if from, err := w.Issuer(token); from != i.URL || err != nil {
				t.Errorf("the token is from %s, %v", from, err)
			}
			got, err := w.Verify(t.Context(), i.URL, i.provider(), token)
			if err != nil {
				t.Fatal(err)
			}
			want := tt.want
			want.Subject, want.Audience, want.Expires = "repo:garden", []string{"sts.amazonaws.com"}, testNow.Add(time.Hour)
			got.Expires = got.Expires.UTC()
			if diff := cmp.Diff(&want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestNoWebIdentityTokens(t *testing.T) {
	w, _ := webIdentities()
	for _, token := range []string{"", "no token", "a.b", "a.!.c", "a.e30.c", "a.W10.c"} {
		_, err := w.Issuer(token)
		wantToken(t, err, identity.InvalidIdentityToken, "not a valid JWT")
	}
}

func TestWebIdentityTokensAreRefused(t *testing.T) {
	i, other := newIssuer(t), newIssuer(t)
	w, _ := webIdentities()
	for name, tt := range map[string]struct {
		token string
		kind  identity.ErrorKind
		text  string
	}{
		"expired":                {i.token(t, map[string]any{"exp": testNow.Unix() - 1}), identity.ExpiredToken, "Token expired: current date/time 1788264000 must be before the expiration date/time 1788263999"},
		"not yet valid":          {i.token(t, map[string]any{"nbf": testNow.Add(time.Hour).Unix()}), identity.InvalidIdentityToken, "could not be validated"},
		"another's key":          {signToken(t, jose.ES256, other.key, i.claims(nil)), identity.InvalidIdentityToken, "could not be validated"},
		"another issuer":         {i.token(t, map[string]any{"iss": other.URL}), identity.InvalidIdentityToken, "could not be validated"},
		"a shared secret":        {signToken(t, jose.HS256, make([]byte, 32), i.claims(nil)), identity.InvalidIdentityToken, "could not be validated"},
		"nobody":                 {i.token(t, map[string]any{"sub": nil}), identity.InvalidIdentityToken, "Missing a required claim: sub"},
		"for nobody":             {i.token(t, map[string]any{"aud": nil}), identity.InvalidIdentityToken, "Missing a required claim: aud"},
		"at no time":             {i.token(t, map[string]any{"iat": nil}), identity.InvalidIdentityToken, "Missing a required claim: iat"},
		"for nobody, at no time": {i.token(t, map[string]any{"aud": nil, "iat": nil}), identity.InvalidIdentityToken, "Missing a required claim: aud"},
		"a tag of two values":    {i.token(t, map[string]any{"https://aws.amazon.com/tags/principal_tags": map[string]any{"a": []string{"1", "2"}}}), identity.InvalidIdentityToken, "could not be validated"},
		"a number as tag":        {i.token(t, map[string]any{"https://aws.amazon.com/tags/principal_tags": map[string]any{"a": 1}}), identity.InvalidIdentityToken, "could not be validated"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.Verify(t.Context(), i.URL, i.provider(), tt.token)
			wantToken(t, err, tt.kind, tt.text)
		})
	}
}

func TestProvidersAreRefused(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*issuer, *identity.OIDCProvider)
		kind   identity.ErrorKind
		text   string
	}{
		"another name": {func(i *issuer, _ *identity.OIDCProvider) { i.discovery["issuer"] = i.URL + "/" }, identity.InvalidIdentityToken, "retrieve verification key"},
		"keys in plain text": {func(i *issuer, _ *identity.OIDCProvider) {
			i.discovery["jwks_uri"] = strings.Replace(i.URL, "https", "http", 1)
		}, identity.InvalidIdentityToken, "is not the address of a document"},
		"no keys": {func(i *issuer, _ *identity.OIDCProvider) { i.discovery["jwks_uri"] = i.URL + "/none" }, identity.InvalidIdentityToken, "404"},
		"keys of no form": {func(i *issuer, _ *identity.OIDCProvider) {
			i.keys = func(http.ResponseWriter) []byte { return []byte("{") }
		}, identity.InvalidIdentityToken, "JSON"},
		"too many keys": {func(i *issuer, _ *identity.OIDCProvider) {
			i.keys = func(http.ResponseWriter) []byte { return make([]byte, documentBytes+1) }
		}, identity.InvalidIdentityToken, "too large"},
		"keys elsewhere": {func(i *issuer, _ *identity.OIDCProvider) {
			i.keys = func(w http.ResponseWriter) []byte {
				w.Header().Set("Location", i.URL+"/.well-known/openid-configuration")
				w.WriteHeader(http.StatusFound)
				return nil
			}
		}, identity.InvalidIdentityToken, "302"},
		"half of the keys": {func(i *issuer, _ *identity.OIDCProvider) {
			i.keys = func(w http.ResponseWriter) []byte {
				w.Header().Set("Content-Length", "100")
				return []byte("{")
			}
		}, identity.IDPCommunicationError, "EOF"},
		"keys to keep secret": {func(i *issuer, _ *identity.OIDCProvider) {
			i.keys = func(http.ResponseWriter) []byte {
				doc, _ := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: i.key}}})
				return doc
			}
		}, identity.InvalidIdentityToken, "could not be validated"},
		"an unknown certificate":  {func(_ *issuer, p *identity.OIDCProvider) { p.Thumbprints = nil }, identity.IDPCommunicationError, "certificate"},
		"another's certificate":   {func(_ *issuer, p *identity.OIDCProvider) { p.Thumbprints = []string{strings.Repeat("0a", 20)} }, identity.IDPCommunicationError, "certificate"},
		"nobody at home":          {func(i *issuer, _ *identity.OIDCProvider) { i.Close() }, identity.IDPCommunicationError, "reach your identity provider"},
		"an address without host": {func(i *issuer, _ *identity.OIDCProvider) { i.discovery["jwks_uri"] = "https:keys" }, identity.InvalidIdentityToken, "is not the address"},
	} {
		t.Run(name, func(t *testing.T) {
			i := newIssuer(t)
			w, _ := webIdentities()
			token, provider := i.token(t, nil), i.provider()
			tt.change(i, provider)
			_, err := w.Verify(t.Context(), i.URL, provider, token)
			wantToken(t, err, tt.kind, tt.text)
		})
	}
}

// TestCertificatesAreForTheirHost: a registered certificate vouches for the hosts that it names, and no other.
func TestCertificatesAreForTheirHost(t *testing.T) {
	i := newIssuer(t)
	if _, err := get(t.Context(), strings.Replace(i.URL, "127.0.0.1", "localhost", 1)+"/keys", i.provider().Thumbprints); err == nil {
		t.Error("a certificate for another host is trusted")
	}
}

// TestProvidersAreAskedOnceInAWhile: whatever tokens come, and also when there is no answer.
func TestProvidersAreAskedOnceInAWhile(t *testing.T) {
	i := newIssuer(t)
	w, now := webIdentities()
	provider := i.provider()
	ask := func(want int32) {
		t.Helper()
		for range 3 {
			_, _ = w.Verify(t.Context(), i.URL, provider, "no token")
		}
		if got := i.asked.Load(); got != want {
			t.Errorf("the provider was asked %d times, want %d", got, want)
		}
	}
	ask(1)
	*now = now.Add(documentPeriod)
	ask(2)
	provider.Thumbprints = append(provider.Thumbprints, strings.Repeat("0a", 20)) // what others trusted is not trusted
	ask(3)
	i.discovery["issuer"] = "https://elsewhere"
	*now = now.Add(documentPeriod)
	ask(4)

	w.documents.get = func(_ context.Context, _ string, _ []string) ([]byte, error) {
		i.asked.Add(1)
		return nil, errors.New("down")
	}
	*now = now.Add(documentPeriod)
	ask(5)
	*now = now.Add(failurePeriod)
	ask(6)
	for n := range maxDocuments + 1 {
		_ = w.documents.read(t.Context(), "https://example.com/"+strings.Repeat("x", n), nil, nil)
	}
	if n := len(w.documents.known); n > maxDocuments {
		t.Errorf("%d documents are remembered", n)
	}
}
