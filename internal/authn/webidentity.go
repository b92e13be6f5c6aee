package authn

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"

	"github.com/espalier-cloud/espalier/internal/identity"
)

// The texts of STS.
const (
	msgNoJWT    = "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"
	msgNoKeys   = "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements"
	msgNoAnswer = "Couldn't reach your identity provider"
	msgNotValid = "The web identity token that was passed could not be validated."
)

// WebIdentities verifies the tokens of OpenID Connect providers: JSON Web Tokens with a signature by one of the keys that
// the provider publishes (OpenID Connect Core 1.0, ID token validation). It may be used by any number of goroutines.
type WebIdentities struct {
	// Clock tells when tokens expire.
	Clock     func() time.Time
	documents documents
}

// NewWebIdentities returns WebIdentities that reach providers over the network, by HTTPS alone.
func NewWebIdentities(clock func() time.Time) *WebIdentities {
	return &WebIdentities{Clock: clock, documents: documents{clock: clock, get: get}}
}

// Issuer returns who a token says has issued it. Nothing is verified. It refuses what is no token as
// InvalidIdentityToken.
func (*WebIdentities) Issuer(token string) (string, error) {
	var claims struct {
		Issuer string `json:"iss"`
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return "", refuseToken(msgNoJWT, nil)
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err == nil {
		err = json.Unmarshal(payload, &claims)
	}
	if err != nil || claims.Issuer == "" {
		return "", refuseToken(msgNoJWT, err)
	}
	return claims.Issuer, nil
}

// Verify returns whom a token vouches for that an issuer, of which the provider is registered, has issued. It refuses
// the token as InvalidIdentityToken, as ExpiredToken after its time, and as IDPCommunicationError when the provider
// does not answer.
func (w *WebIdentities) Verify(ctx context.Context, issuer string, provider *identity.OIDCProvider, token string) (*identity.WebIdentity, error) {
	keys, err := w.keys(ctx, issuer, provider.Thumbprints)
	if err != nil {
		return nil, err
	}
	verifier := oidc.NewVerifier(issuer, keys, &oidc.Config{SkipClientIDCheck: true, Now: w.Clock, SupportedSigningAlgs: algorithms()})
	verified, err := verifier.Verify(ctx, token)
	if expired, ok := errors.AsType[*oidc.TokenExpiredError](err); ok {
		return nil, expiredToken(w.Clock(), expired.Expiry)
	}
	if err != nil {
		return nil, refuseToken(msgNotValid, err)
	}
	return readClaims(verified)
}

// algorithms are those that tokens may be signed with.
func algorithms() []string {
	return []string{oidc.RS256, oidc.RS384, oidc.RS512, oidc.ES256, oidc.ES384, oidc.ES512}
}

// keys returns the keys that an issuer publishes.
func (w *WebIdentities) keys(ctx context.Context, issuer string, thumbprints []string) (*oidc.StaticKeySet, error) {
	var provider struct {
		Issuer string `json:"issuer"`
		Keys   string `json:"jwks_uri"`
	}
	if err := w.documents.read(ctx, strings.TrimSuffix(issuer, "/")+"/.well-known/openid-configuration", thumbprints, &provider); err != nil {
		return nil, err
	}
	if provider.Issuer != issuer {
		return nil, refuseToken(msgNoKeys, errors.New("the provider has another name"))
	}
	var published jose.JSONWebKeySet
	if err := w.documents.read(ctx, provider.Keys, thumbprints, &published); err != nil {
		return nil, err
	}
	keys := new(oidc.StaticKeySet)
	for _, key := range published.Keys {
		if key.IsPublic() && key.Use != "enc" {
			keys.PublicKeys = append(keys.PublicKeys, key.Key)
		}
	}
	return keys, nil
}

// claims are those of a token that AssumeRoleWithWebIdentity looks at. Session tags may be nested or flat.
type claims struct {
	AuthorizedParty string   `json:"azp"`
	Methods         []string `json:"amr"`
	SourceIdentity  string   `json:"https://aws.amazon.com/source_identity"`
	Tags            struct {
		Principal  principalTags `json:"principal_tags"`
		Transitive []string      `json:"transitive_tag_keys"`
	} `json:"https://aws.amazon.com/tags"`
	FlatTags       principalTags `json:"https://aws.amazon.com/tags/principal_tags"`
	FlatTransitive []string      `json:"https://aws.amazon.com/tags/transitive_tag_keys"`
}

// principalTags are keys with their values, of which there is one, alone or in a list.
type principalTags map[string]tagValue

type tagValue string

// UnmarshalJSON reads a text, or a list of one text.
func (v *tagValue) UnmarshalJSON(doc []byte) error {
	var list []string
	if err := json.Unmarshal(doc, &list); err != nil {
		return json.Unmarshal(doc, (*string)(v))
	}
	if len(list) != 1 {
		return errors.New("a tag has one value")
	}
	*v = tagValue(list[0])
	return nil
}

func readClaims(t *oidc.IDToken) (*identity.WebIdentity, error) {
	var c claims
	if err := t.Claims(&c); err != nil {
		return nil, refuseToken(msgNotValid, err)
	}
	for _, required := range []struct {
		claim   string
		missing bool
	}{{"sub", t.Subject == ""}, {"aud", len(t.Audience) == 0}, {"iat", t.IssuedAt.IsZero()}} {
		if required.missing {
			return nil, refuseToken("Missing a required claim: "+required.claim, nil)
		}
	}
	w := &identity.WebIdentity{
		Subject: t.Subject, Audience: t.Audience, AuthorizedParty: c.AuthorizedParty, Methods: c.Methods, Expires: t.Expiry,
		SourceIdentity: c.SourceIdentity, TransitiveTagKeys: slices.Concat(c.Tags.Transitive, c.FlatTransitive),
	}
	for _, tags := range []principalTags{c.Tags.Principal, c.FlatTags} {
		for key, value := range tags {
			w.Tags = append(w.Tags, identity.Tag{Key: key, Value: string(value)})
		}
	}
	slices.SortFunc(w.Tags, func(a, b identity.Tag) int { return strings.Compare(a.Key, b.Key) })
	return w, nil
}
