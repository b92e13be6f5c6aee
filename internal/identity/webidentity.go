package identity

import (
	"slices"
	"strings"
	"time"
)

// AssumeRoleWithWebIdentityAction is the action that the trust policy of a role for web identities allows.
const AssumeRoleWithWebIdentityAction = "sts:AssumeRoleWithWebIdentity"

// WebIdentity is whom an OpenID Connect provider vouches for, by a token that was verified.
type WebIdentity struct {
	Subject         string   // sub
	Audience        []string // aud
	AuthorizedParty string   // azp, "" when there is none
	Methods         []string // amr
	Expires         time.Time

	// What the provider wants the session to carry (IAM user guide, "Passing session tags using
	// AssumeRoleWithWebIdentity" and "Configuring … web identity … source identity").
	SourceIdentity    string
	Tags              []Tag
	TransitiveTagKeys []string
}

// Client returns the client that the token was issued to.
func (w *WebIdentity) Client() string {
	if w.AuthorizedParty != "" || len(w.Audience) == 0 {
		return w.AuthorizedParty
	}
	return w.Audience[0]
}

// ProviderOf returns the provider of the account that issues tokens under a name. It refuses one that the account
// does not know as InvalidIdentityToken.
func (s *state) ProviderOf(issuer string) (*OIDCProvider, error) {
	url, https := strings.CutPrefix(issuer, "https://")
	p, ok := s.providers.Get(strings.TrimSuffix(url, "/"))
	if !https || !ok {
		return nil, UnknownProvider(issuer)
	}
	return p, nil
}

// UnknownProvider is the refusal of a token by an issuer that is no provider of the account, or that comes for an
// account that does not exist.
func UnknownProvider(issuer string) *Error {
	return refuse(InvalidIdentityToken, "No OpenIDConnect provider found in your account for %s", issuer)
}

// CheckAudience refuses a token that was issued to no client of the provider as InvalidIdentityToken.
func (p *OIDCProvider) CheckAudience(w *WebIdentity) error {
	if slices.Contains(p.ClientIDs, w.Client()) || w.AuthorizedParty == "" && slices.ContainsFunc(w.Audience, func(client string) bool { return slices.Contains(p.ClientIDs, client) }) {
		return nil
	}
	return refuse(InvalidIdentityToken, "Incorrect token audience")
}

// WebIdentityCaller returns the principal that asks for a session with a token of the provider: the provider's ARN, and as user id
// the provider, the client and the subject.
func (s *state) WebIdentityCaller(p *OIDCProvider, w *WebIdentity) Caller {
	return Caller{
		Account: s.ID(), Type: WebIdentityUser, ARN: s.OIDCProviderARN(p), UserID: p.URL + ":" + w.Client() + ":" + w.Subject,
		Organization: s.Organization(),
	}
}
