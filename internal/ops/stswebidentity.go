package ops

import (
	"context"

	"github.com/espalier-cloud/espalier/internal/api/sts"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/policy"
)

// WebIdentities verify the tokens of OpenID Connect providers.
type WebIdentities interface {
	// Issuer returns who a token says has issued it. It returns an *identity.Error.
	Issuer(token string) (string, error)
	// Verify returns whom a token of an issuer, registered as a provider, vouches for. It returns an *identity.Error.
	Verify(ctx context.Context, issuer string, provider *identity.OIDCProvider, token string) (*identity.WebIdentity, error)
}

// AssumeRoleWithWebIdentity begins a session of a role that trusts an OpenID Connect
// provider of its account, for whom a token of that provider vouches for. Nobody
// signs the call. Who has no such token does not learn whether a role exists.
func (s *STS) AssumeRoleWithWebIdentity(ctx context.Context, by Caller, in *sts.AssumeRoleWithWebIdentityInput) (*sts.AssumeRoleWithWebIdentityOutput, error) {
	if in.ProviderId != nil {
		return nil, &refusal{"ValidationError", "ProviderId is for OAuth 2.0 access tokens, which Espalier does not take.", badRequest}
	}
	issuer, err := s.WebIdentities.Issuer(in.WebIdentityToken)
	if err != nil {
		return nil, err
	}
	owner, err := s.accountOf(ctx, in.RoleArn)
	if err != nil {
		return nil, err
	}
	if owner == nil {
		return nil, identity.UnknownProvider(issuer)
	}
	provider, err := owner.Account.ProviderOf(issuer)
	if err != nil {
		return nil, err
	}
	who, err := s.WebIdentities.Verify(ctx, issuer, provider, in.WebIdentityToken)
	if err == nil {
		err = provider.CheckAudience(who)
	}
	if err != nil {
		return nil, err
	}
	by.View, by.Caller = owner, owner.Account.WebIdentityCaller(provider, who)
	by.Call.Caller = &by.Caller
	describeWebIdentity(by.Context, provider, &by.Caller, who)
	session, err := s.webIdentitySession(by, who, in)
	if err != nil {
		return nil, err
	}
	credentials, err := s.credentials(session)
	if err != nil {
		return nil, err
	}
	return record(ctx, &s.Core, by, &sts.AssumeRoleWithWebIdentityOutput{
		Credentials: credentials, SubjectFromWebIdentityToken: &who.Subject,
		AssumedRoleUser:  &sts.AssumedRoleUser{Arn: session.ARN, AssumedRoleId: session.UserID},
		PackedPolicySize: packedSize(session), Provider: &by.ARN, Audience: new(who.Client()), SourceIdentity: optional(who.SourceIdentity),
	})
}

// webIdentitySession returns the session that a role's account grants.
func (s *STS) webIdentitySession(by Caller, who *identity.WebIdentity, in *sts.AssumeRoleWithWebIdentityInput) (*identity.Session, error) {
	role, ok := by.View.Account.RoleByARN(in.RoleArn)
	if !ok || !s.mayAssume(&by, identity.AssumeRoleWithWebIdentityAction, by.View, in.RoleArn) {
		return nil, notAuthorized(identity.AssumeRoleWithWebIdentityAction)
	}
	session, err := by.View.Account.RoleSession(role, by.Caller, identity.NewRoleSession{
		Operation: identity.SessionAssumeRoleWithWebIdentity, Name: in.RoleSessionName, Duration: seconds(in.DurationSeconds, defaultRoleSession),
		SourceIdentity: who.SourceIdentity, Tags: who.Tags, TransitiveTagKeys: who.TransitiveTagKeys,
		Policies: sessionPolicies(in.Policy, in.PolicyArns),
	}, s.Clock())
	if err != nil {
		return nil, err
	}
	for _, action := range marks(session) {
		if !s.mayAssume(&by, action, by.View, in.RoleArn) {
			return nil, notAuthorized(action)
		}
	}
	return session, nil
}

// describeWebIdentity sets the condition keys about a token: those of the provider begin with its URL (IAM user guide,
// "Available keys for AWS OIDC federation").
func describeWebIdentity(c *policy.Context, provider *identity.OIDCProvider, by *identity.Caller, who *identity.WebIdentity) {
	c.Set("aws:FederatedProvider", by.ARN)
	c.Set(provider.URL+":sub", who.Subject)
	c.Set(provider.URL+":aud", who.Client())
	if who.AuthorizedParty != "" && len(who.Audience) > 0 {
		c.Set(provider.URL+":oaud", who.Audience[0])
	}
	if len(who.Methods) > 0 {
		c.SetList(provider.URL+":amr", who.Methods)
	}
	if who.SourceIdentity != "" {
		c.Set("sts:SourceIdentity", who.SourceIdentity)
	}
	if len(who.TransitiveTagKeys) > 0 {
		c.SetList("sts:TransitiveTagKeys", who.TransitiveTagKeys)
	}
	keys := make([]string, len(who.Tags))
	for i, t := range who.Tags {
		keys[i] = t.Key
		c.Set("aws:RequestTag/"+t.Key, t.Value)
	}
	c.SetList("aws:TagKeys", keys)
}

// notAuthorized is the refusal of somebody who has no name in AWS.
func notAuthorized(action string) error {
	return &refusal{"AccessDenied", "Not authorized to perform " + action, forbidden}
}
