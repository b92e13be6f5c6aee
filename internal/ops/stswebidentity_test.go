package ops_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/espalier-cloud/espalier/internal/api/iam"
	"github.com/espalier-cloud/espalier/internal/api/sts"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/ops"
)

// vouchers are what an OpenID Connect provider says of those who hold its tokens, by token.
type vouchers map[string]identity.WebIdentity

const gardenGate = "https://gate.example.com/garden"

// Issuer knows one issuer, and tokens that are none.
func (vouchers) Issuer(token string) (string, error) {
	if issuer, ok := strings.CutPrefix(token, "issued by "); ok {
		return issuer, nil
	}
	if token == "no token" {
		return "", &identity.Error{Kind: identity.InvalidIdentityToken, Message: "not a valid JWT"}
	}
	return gardenGate, nil
}

// Verify takes the tokens that are known.
func (v vouchers) Verify(_ context.Context, issuer string, provider *identity.OIDCProvider, token string) (*identity.WebIdentity, error) {
	who, ok := v[token]
	switch {
	case issuer != "https://"+provider.URL:
		return nil, fmt.Errorf("%s is asked for tokens of %s", provider.URL, issuer)
	case token == "expired":
		return nil, &identity.Error{Kind: identity.ExpiredToken, Message: "Token expired"}
	case token == "no answer":
		return nil, &identity.Error{Kind: identity.IDPCommunicationError, Message: "Couldn't reach"}
	case !ok:
		return nil, &identity.Error{Kind: identity.InvalidIdentityToken, Message: "could not be validated"}
	}
	return &who, nil
}

// gate is a stage with a provider and roles for web identities.
type gate struct {
	*stage
	provider string
}

func newGate(t *testing.T) *gate {
	t.Helper()
	g := &gate{stage: newStage(t)}
	g.provider = *give[iam.CreateOpenIDConnectProviderOutput](t, g.world, g.root, &iam.CreateOpenIDConnectProviderInput{Url: gardenGate, ClientIDList: []string{"app", "sts.amazonaws.com"}}).OpenIDConnectProviderArn
	g.vouched = vouchers{
		"plain":    {Subject: "ann", Audience: []string{"app"}},
		"stranger": {Subject: "ann", Audience: []string{"other"}},
		"party":    {Subject: "ann", Audience: []string{"other"}, AuthorizedParty: "app", Methods: []string{"pwd", "otp"}},
		"marked": {
			Subject: "ann", Audience: []string{"other", "app"}, SourceIdentity: "ann", Tags: []identity.Tag{{Key: "team", Value: "orchard"}}, TransitiveTagKeys: []string{"team"},
		},
	}
	return g
}

// role adds a role that trusts the provider for actions, quoted and separated by commas, and returns its ARN.
func (g *gate) role(t *testing.T, name, actions, condition string) string {
	t.Helper()
	if condition != "" {
		condition = `,"Condition":{` + condition + `}`
	}
	trust := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":%q},"Action":[%s]%s}]}`, g.provider, actions, condition)
	return give[iam.CreateRoleOutput](t, g.world, g.root, &iam.CreateRoleInput{RoleName: name, AssumeRolePolicyDocument: trust}).Role.Arn
}

// enter makes the call of somebody unknown.
func (g *gate) enter(t *testing.T, in *sts.AssumeRoleWithWebIdentityInput) (*sts.AssumeRoleWithWebIdentityOutput, error) {
	t.Helper()
	unknown, err := g.caller(t.Context(), g.root, in)
	if err != nil {
		t.Fatal(err)
	}
	unknown.Caller, unknown.View = identity.Caller{}, nil
	if in.RoleSessionName == "" {
		in.RoleSessionName = "session"
	}
	out, err := g.operations["sts.AssumeRoleWithWebIdentity"].Invoke(t.Context(), unknown, in)
	if err != nil {
		return nil, err
	}
	return out.(*sts.AssumeRoleWithWebIdentityOutput), nil
}

const (
	toEnter     = `"sts:AssumeRoleWithWebIdentity"`
	toEnterMark = `"sts:AssumeRoleWithWebIdentity","sts:TagSession","sts:SetSourceIdentity"`
)

func TestAssumeRoleWithWebIdentity(t *testing.T) {
	g := newGate(t)
	role := g.role(t, "Visitor", toEnterMark, "")
	out, err := g.enter(t, &sts.AssumeRoleWithWebIdentityInput{RoleArn: role, WebIdentityToken: "marked", DurationSeconds: new(int32(900)), Policy: new(allowing)})
	if err != nil {
		t.Fatal(err)
	}
	session := g.sessions[out.Credentials.AccessKeyId]
	by := session.Caller()
	if want := "arn:aws:sts::" + string(g.root.Account) + ":assumed-role/Visitor/session"; by.ARN != want || out.AssumedRoleUser.Arn != want || session.Expires.Sub(session.Issued) != 15*time.Minute {
		t.Errorf("the session is %+v", session)
	}
	if by.SourceIdentity != "ann" || fmt.Sprint(by.SessionTags, by.TransitiveTagKeys) != "[{team orchard}] [team]" || by.SessionPolicies == nil {
		t.Errorf("the session carries %+v", by)
	}
	if *out.Provider != g.provider || *out.Audience != "other" || *out.SubjectFromWebIdentityToken != "ann" || *out.SourceIdentity != "ann" || *out.PackedPolicySize == 0 {
		t.Errorf("the answer is %+v", out)
	}
	e := g.trail(t, g.root)[0]
	if e.EventName != "AssumeRoleWithWebIdentity" || !strings.Contains(e.doc, `{"type":"WebIdentityUser","principalId":"gate.example.com/garden:other:ann","identityProvider":"`+g.provider+`"}`) {
		t.Errorf("the event is %s", e.doc)
	}
	if strings.Contains(e.doc, `"marked"`) {
		t.Errorf("the event shows the token: %s", e.doc)
	}
}

func TestConditionsOnWebIdentities(t *testing.T) {
	g := newGate(t)
	for i, tt := range []struct{ condition, good, bad string }{
		{`"StringEquals":{"gate.example.com/garden:aud":"app"}`, "plain", "marked"},
		{`"StringEquals":{"gate.example.com/garden:sub":"ann","aws:FederatedProvider":"` + g.provider + `"}`, "plain", ""},
		{`"StringEquals":{"gate.example.com/garden:sub":"bob"}`, "", "plain"},
		{`"StringEquals":{"gate.example.com/garden:oaud":"other","gate.example.com/garden:aud":"app"}`, "party", "plain"},
		{`"ForAnyValue:StringEquals":{"gate.example.com/garden:amr":"otp"}`, "party", "plain"},
		{`"StringEquals":{"aws:RequestTag/team":"orchard","sts:SourceIdentity":"ann"},"ForAnyValue:StringEquals":{"sts:TransitiveTagKeys":"team","aws:TagKeys":"team"}`, "marked", "plain"},
		{`"Null":{"aws:PrincipalOrgID":"true","aws:PrincipalAccount":"true"}`, "plain", ""},
	} {
		role := g.role(t, fmt.Sprintf("R%d", i), toEnterMark, tt.condition)
		if tt.good != "" {
			if _, err := g.enter(t, &sts.AssumeRoleWithWebIdentityInput{RoleArn: role, WebIdentityToken: tt.good}); err != nil {
				t.Errorf("%s: %s is refused with %v", tt.condition, tt.good, err)
			}
		}
		if tt.bad != "" {
			if _, err := g.enter(t, &sts.AssumeRoleWithWebIdentityInput{RoleArn: role, WebIdentityToken: tt.bad}); err == nil || ops.Exception(err).ErrorCode() != "AccessDenied" {
				t.Errorf("%s: %s gets %v", tt.condition, tt.bad, err)
			}
		}
	}
}

func TestWebIdentitiesAreRefused(t *testing.T) {
	g := newGate(t)
	visitor, plain := g.role(t, "Visitor", toEnterMark, ""), g.role(t, "Plain", toEnter, "")
	half := g.role(t, "Half", toEnter+`,"sts:TagSession"`, "")
	other := g.stage.role(t, "Other", toAssume, "", "")
	elsewhere := "arn:aws:iam::" + string(g.standalone(t, "Elsewhere").Account) + ":role/Visitor"
	for name, tt := range map[string]struct {
		role, token string
		in          sts.AssumeRoleWithWebIdentityInput
		code, text  string
	}{
		"no token":                     {role: visitor, token: "no token", code: "InvalidIdentityToken", text: "not a valid JWT"},
		"another issuer":               {role: visitor, token: "issued by https://x.com", code: "InvalidIdentityToken", text: "No OpenIDConnect provider found in your account for https://x.com"},
		"an issuer in plain text":      {role: visitor, token: "issued by http://gate.example.com/garden", code: "InvalidIdentityToken", text: "No OpenIDConnect provider"},
		"another account":              {role: elsewhere, token: "plain", code: "InvalidIdentityToken", text: "No OpenIDConnect provider"},
		"no account":                   {role: "arn:aws:iam::999999999999:role/Visitor", token: "plain", code: "InvalidIdentityToken", text: "No OpenIDConnect provider"},
		"no ARN":                       {role: "twenty characters at least", token: "plain", code: "InvalidIdentityToken", text: "No OpenIDConnect provider"},
		"a forged token":               {role: visitor, token: "forged", code: "InvalidIdentityToken", text: "could not be validated"},
		"an expired token":             {role: visitor, token: "expired", code: "ExpiredTokenException", text: "Token expired"},
		"a provider that is away":      {role: visitor, token: "no answer", code: "IDPCommunicationError", text: "reach"},
		"a token for somebody else":    {role: visitor, token: "stranger", code: "InvalidIdentityToken", text: "Incorrect token audience"},
		"no such role":                 {role: visitor + "s", token: "plain", code: "AccessDenied", text: "Not authorized to perform sts:AssumeRoleWithWebIdentity"},
		"a role that does not trust":   {role: other, token: "plain", code: "AccessDenied", text: "Not authorized to perform sts:AssumeRoleWithWebIdentity"},
		"tags that may not be":         {role: plain, token: "marked", code: "AccessDenied", text: "Not authorized to perform sts:TagSession"},
		"a source that may not be":     {role: half, token: "marked", code: "AccessDenied", text: "Not authorized to perform sts:SetSourceIdentity"},
		"an access token of OAuth 2.0": {role: visitor, token: "plain", in: sts.AssumeRoleWithWebIdentityInput{ProviderId: new("graph.example.com")}, code: "ValidationError", text: "OAuth"},
		"a policy that is none":        {role: visitor, token: "plain", in: sts.AssumeRoleWithWebIdentityInput{Policy: new("{")}, code: "MalformedPolicyDocument", text: "Json"},
		"too long":                     {role: visitor, token: "plain", in: sts.AssumeRoleWithWebIdentityInput{DurationSeconds: new(int32(3601))}, code: "ValidationError", text: "MaxSessionDuration"},
	} {
		t.Run(name, func(t *testing.T) {
			tt.in.RoleArn, tt.in.WebIdentityToken = tt.role, tt.token
			_, err := g.enter(t, &tt.in)
			if err == nil {
				t.Fatal("succeeded")
			}
			if e := ops.Exception(err); e == nil || e.ErrorCode() != tt.code || !strings.Contains(e.ErrorMessage(), tt.text) {
				t.Errorf("refused with %v, want %s with %s", err, tt.code, tt.text)
			}
		})
	}
}
