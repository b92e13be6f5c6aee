package identity

import (
	"iter"
	"net/url"
	"slices"
	"strings"
	"time"
)

// OIDCProvider is an OpenID Connect provider whose tokens roles can trust.
type OIDCProvider struct {
	URL         string    `json:"url"` // without its scheme, which is https
	ClientIDs   []string  `json:"clientIds,omitzero"`
	Thumbprints []string  `json:"thumbprints,omitzero"` // of certificates, in hexadecimal
	Created     time.Time `json:"created"`
	Tags        []Tag     `json:"tags,omitzero"`
}

func (p *OIDCProvider) links(string) []link { return nil }

// NewOIDCProvider is what CreateOpenIDConnectProvider is asked for.
type NewOIDCProvider struct {
	URL         string // with its scheme
	ClientIDs   []string
	Thumbprints []string
	Tags        []Tag
}

// CreateOIDCProvider adds a provider. It refuses a URL that is no provider's as ValidationError, one that is taken as
// EntityAlreadyExists, thumbprints too many or wrong as InvalidInput, a provider and client ids too many as
// LimitExceeded, and tags as [Draft.Tag] does.
func (d *Draft) CreateOIDCProvider(in NewOIDCProvider) (*OIDCProvider, error) {
	issuer, err := issuerOf(in.URL)
	if err != nil {
		return nil, err
	}
	if _, taken := d.providers.Get(issuer); taken {
		return nil, refuse(EntityAlreadyExists, "Provider with url %s already exists.", in.URL)
	}
	if limit := d.quotas.OIDCProviders; d.providers.Len() >= limit {
		return nil, exceeded("OpenIdConnectProvidersPerAccount", limit)
	}
	if err := d.checkClientIDs(in.ClientIDs); err != nil {
		return nil, err
	}
	if err := d.checkThumbprints(in.Thumbprints); err != nil {
		return nil, err
	}
	tags, err := d.tagged(nil, in.Tags)
	if err != nil {
		return nil, err
	}
	p := &OIDCProvider{
		URL: issuer, ClientIDs: distinct(in.ClientIDs), Thumbprints: distinct(in.Thumbprints), Created: d.now, Tags: tags,
	}
	d.setProvider(p)
	return p, nil
}

// AddClientID lets a provider vouch to one more client, unless it does so already. It refuses the provider as
// [Draft.OIDCProvider] does, and one client id too many as LimitExceeded.
func (d *Draft) AddClientID(arn, client string) error {
	return d.changeProvider(arn, func(p *OIDCProvider) error {
		p.ClientIDs = distinct(append(slices.Clone(p.ClientIDs), client))
		return d.checkClientIDs(p.ClientIDs)
	})
}

// RemoveClientID undoes [Draft.AddClientID]; a client id that the provider does not have is no error. It refuses the
// provider as [Draft.OIDCProvider] does.
func (d *Draft) RemoveClientID(arn, client string) error {
	return d.changeProvider(arn, func(p *OIDCProvider) error {
		p.ClientIDs = slices.DeleteFunc(slices.Clone(p.ClientIDs), func(id string) bool { return id == client })
		return nil
	})
}

// SetThumbprints replaces the thumbprints of a provider. It refuses the provider as [Draft.OIDCProvider] does, and
// thumbprints too many or wrong as InvalidInput.
func (d *Draft) SetThumbprints(arn string, thumbprints []string) error {
	return d.changeProvider(arn, func(p *OIDCProvider) error {
		p.Thumbprints = distinct(thumbprints)
		return d.checkThumbprints(thumbprints)
	})
}

// TagOIDCProvider gives tags to a provider. It refuses the provider as [Draft.OIDCProvider] does, and the tags as
// [Draft.Tag] does.
func (d *Draft) TagOIDCProvider(arn string, tags []Tag) error {
	return d.changeProvider(arn, func(p *OIDCProvider) (err error) {
		p.Tags, err = d.tagged(p.Tags, tags)
		return err
	})
}

// UntagOIDCProvider takes tags from a provider; keys that it does not have are ignored. It refuses the provider as
// [Draft.OIDCProvider] does.
func (d *Draft) UntagOIDCProvider(arn string, keys []string) error {
	return d.changeProvider(arn, func(p *OIDCProvider) error {
		p.Tags = untagged(p.Tags, keys)
		return nil
	})
}

// changeProvider changes a copy of a provider, which takes its place where the change succeeds.
func (d *Draft) changeProvider(arn string, change func(*OIDCProvider) error) error {
	p, err := d.OIDCProvider(arn)
	if err != nil {
		return err
	}
	changed := *p
	if err := change(&changed); err != nil {
		return err
	}
	d.setProvider(&changed)
	return nil
}

func (d *Draft) setProvider(p *OIDCProvider) {
	setIn(&d.state, d.providers, p.URL, p)
	d.touch(KindOIDCProvider, p.URL)
}

// DeleteOIDCProvider deletes a provider; one that does not exist is no error. It refuses an ARN that is no provider's
// of the account as InvalidInput.
func (d *Draft) DeleteOIDCProvider(arn string) error {
	issuer, err := d.providerURL(arn)
	if err != nil {
		return err
	}
	if _, found := d.providers.Get(issuer); found {
		removeFrom(&d.state, d.providers, issuer)
		d.touch(KindOIDCProvider, issuer)
	}
	return nil
}

// OIDCProvider returns the provider of an ARN. It refuses an ARN that is no provider's of the account as InvalidInput,
// and one that no provider has as NoSuchEntity.
func (s *state) OIDCProvider(arn string) (*OIDCProvider, error) {
	issuer, err := s.providerURL(arn)
	if err != nil {
		return nil, err
	}
	p, ok := s.providers.Get(issuer)
	if !ok {
		return nil, refuse(NoSuchEntity, "OpenIDConnect Provider not found for arn %s", arn)
	}
	return p, nil
}

// OIDCProviders yields the providers whose URL comes after another one, in the order of their URLs.
func (s *state) OIDCProviders(after string) iter.Seq[*OIDCProvider] { return walk(s.providers, after) }

// OIDCProviderARN returns the ARN of one of the account's providers.
func (s *state) OIDCProviderARN(p *OIDCProvider) string {
	return OIDCProviderARN(s.Partition(), s.ID(), p.URL)
}

func (s *state) providerURL(arn string) (string, error) {
	issuer, ok := strings.CutPrefix(arn, OIDCProviderARN(s.Partition(), s.ID(), ""))
	if !ok || issuer == "" {
		return "", refuse(InvalidInput, "Invalid ARN:  %s", arn)
	}
	return issuer, nil
}

func (d *Draft) checkClientIDs(clients []string) error {
	if limit := d.quotas.ClientIDsPerProvider; len(clients) > limit {
		return exceeded("ClientIdsPerOpenIdConnectProvider", limit)
	}
	return nil
}

func (d *Draft) checkThumbprints(thumbprints []string) error {
	if limit := d.quotas.ThumbprintsPerProvider; len(thumbprints) > limit {
		return refuse(InvalidInput, "Thumbprint list must contain fewer than %d entries.", limit)
	}
	for _, t := range thumbprints {
		if len(t) != 40 || strings.Trim(t, "0123456789abcdefABCDEF") != "" {
			return refuse(InvalidInput, "A thumbprint must be 40 hexadecimal digits.")
		}
	}
	return nil
}

// issuerOf returns a provider's URL without its scheme and without a slash at its end.
func issuerOf(text string) (string, error) {
	u, err := url.Parse(text)
	plain := err == nil && u.Scheme == "https" && u.Hostname() != "" && u.Port() != "443" && u.User == nil &&
		u.RawQuery == "" && !u.ForceQuery && u.Fragment == ""
	if !plain || len(text) > 255 || strings.ContainsAny(text, "\x00 ") {
		return "", refuse(ValidationError, "Invalid Open ID Connect Provider URL")
	}
	return strings.TrimSuffix(u.Host+u.EscapedPath(), "/"), nil
}

// distinct returns values in their order, each once.
func distinct(values []string) []string {
	var unique []string
	for _, v := range values {
		if !slices.Contains(unique, v) {
			unique = append(unique, v)
		}
	}
	return unique
}
