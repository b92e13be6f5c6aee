package e2e_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
	"github.com/aws/smithy-go"
	"github.com/go-jose/go-jose/v4"
)

// sessionStory is what the chapters about sessions tell each other.
type sessionStory struct {
	t      *testing.T
	server *server
	owner  *party
	first  credentials // a session that hands on a tag and a source identity
}

// TestSessionsStory is told on SQLite alone: sessions are kept in no database.
func TestSessionsStory(t *testing.T) {
	t.Parallel()
	s := start(t, database{})
	story := &sessionStory{t: t, server: s, owner: s.founder(t, "management", types.OrganizationFeatureSetAll)}
	story.chains()
	story.narrows()
	s.restart()
	story.survivedTheRestart()
	story.entersByWebIdentity()
	story.assumesRoot()
}

func (s *sessionStory) sts(as credentials) *sts.Client {
	return sts.NewFromConfig(s.server.configuration(as), func(o *sts.Options) { o.Retryer = aws.NopRetryer{} })
}

func (s *sessionStory) arn(role string) *string {
	return aws.String("arn:aws:iam::" + s.owner.id + ":role/" + role)
}

// iam calls IAM as the owner.
func (s *sessionStory) iam(call url.Values) {
	s.t.Helper()
	if _, err := s.server.iam(s.t.Context(), s.owner.keys, call); err != nil {
		s.t.Fatalf("%s: %v", call.Get("Action"), err)
	}
}

// role makes a role with AdministratorAccess that a principal may assume and mark.
func (s *sessionStory) role(name, principal, action string) {
	s.t.Helper()
	s.iam(url.Values{"Action": {"CreateRole"}, "RoleName": {name}, "AssumeRolePolicyDocument": {`{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
		"Principal":` + principal + `,"Action":["` + action + `","sts:TagSession","sts:SetSourceIdentity"]}]}`}})
	s.iam(url.Values{"Action": {"AttachRolePolicy"}, "RoleName": {name}, "PolicyArn": {"arn:aws:iam::aws:policy/AdministratorAccess"}})
}

// assume begins a session.
func (s *sessionStory) assume(as credentials, in *sts.AssumeRoleInput) credentials {
	s.t.Helper()
	in.RoleSessionName = aws.String("story")
	out, err := s.sts(as).AssumeRole(s.t.Context(), in)
	if err != nil {
		s.t.Fatal(err)
	}
	return issued(out.Credentials)
}

func issued(c *ststypes.Credentials) credentials {
	return credentials{*c.AccessKeyId, *c.SecretAccessKey, *c.SessionToken}
}

// wantCode fails the test unless a call was refused with a code.
func (s *sessionStory) wantCode(err error, code string) {
	s.t.Helper()
	var refusal smithy.APIError
	if !errors.As(err, &refusal) || refusal.ErrorCode() != code {
		s.t.Errorf("got %v, want %s", err, code)
	}
}

func (s *sessionStory) whoAmI(as credentials) string {
	s.t.Helper()
	out, err := s.sts(as).GetCallerIdentity(s.t.Context(), &sts.GetCallerIdentityInput{})
	if err != nil {
		s.t.Fatal(err)
	}
	return *out.Arn
}

func (s *sessionStory) chains() {
	account := `{"AWS":"` + s.owner.id + `"}`
	s.role("First", account, "sts:AssumeRole")
	s.role("Second", account, "sts:AssumeRole")
	team := ststypes.Tag{Key: aws.String("team"), Value: aws.String("orchard")}
	s.first = s.assume(s.owner.keys, &sts.AssumeRoleInput{
		RoleArn: s.arn("First"), Tags: []ststypes.Tag{team}, TransitiveTagKeys: []string{"team"}, SourceIdentity: aws.String("ann"),
	})
	second := s.assume(s.first, &sts.AssumeRoleInput{RoleArn: s.arn("Second")})
	if got := s.whoAmI(second); !strings.HasSuffix(got, ":assumed-role/Second/story") {
		s.t.Errorf("the second session is %s", got)
	}
	team.Value = aws.String("kitchen")
	_, err := s.sts(second).AssumeRole(s.t.Context(), &sts.AssumeRoleInput{RoleArn: s.arn("First"), RoleSessionName: aws.String("story"), Tags: []ststypes.Tag{team}})
	s.wantCode(err, "InvalidParameterValue")
	_, err = s.sts(second).AssumeRole(s.t.Context(), &sts.AssumeRoleInput{RoleArn: s.arn("First"), RoleSessionName: aws.String("story"), SourceIdentity: aws.String("bob")})
	s.wantCode(err, "ValidationError")
}

func (s *sessionStory) narrows() {
	narrow := s.server.client(s.assume(s.owner.keys, &sts.AssumeRoleInput{
		RoleArn: s.arn("First"), Policy: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"organizations:DescribeOrganization","Resource":"*"}]}`),
	}))
	call(s.t, narrow.DescribeOrganization, &sdk.DescribeOrganizationInput{})
	refused[*types.AccessDeniedException](s.t, narrow.ListRoots, &sdk.ListRootsInput{})
}

func (s *sessionStory) survivedTheRestart() {
	call(s.t, s.server.client(s.first).ListRoots, &sdk.ListRootsInput{})
}

// entersByWebIdentity has a provider of its own, which only its thumbprint vouches for.
func (s *sessionStory) entersByWebIdentity() {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		s.t.Fatal(err)
	}
	mux := http.NewServeMux()
	provider := httptest.NewTLSServer(mux)
	defer provider.Close()
	publish := func(path string, doc any) {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(doc) })
	}
	publish("/.well-known/openid-configuration", map[string]string{"issuer": provider.URL, "jwks_uri": provider.URL + "/keys"})
	publish("/keys", jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public()}}})
	thumbprint := sha1.Sum(provider.Certificate().Raw)
	s.iam(url.Values{
		"Action": {"CreateOpenIDConnectProvider"}, "Url": {provider.URL}, "ClientIDList.member.1": {"story"}, "ThumbprintList.member.1": {hex.EncodeToString(thumbprint[:])},
	})
	host := strings.TrimPrefix(provider.URL, "https://")
	s.role("Visitor", `{"Federated":"arn:aws:iam::`+s.owner.id+`:oidc-provider/`+host+`"}`, "sts:AssumeRoleWithWebIdentity")
	enter := func(audience string) (*sts.AssumeRoleWithWebIdentityOutput, error) {
		nobody := sts.New(sts.Options{Region: "us-east-1", BaseEndpoint: aws.String(s.server.endpoint()), Retryer: aws.NopRetryer{}})
		return nobody.AssumeRoleWithWebIdentity(s.t.Context(), &sts.AssumeRoleWithWebIdentityInput{
			RoleArn: s.arn("Visitor"), RoleSessionName: aws.String("story"), WebIdentityToken: aws.String(s.token(key, provider.URL, audience)),
		})
	}
	out, err := enter("story")
	if err != nil {
		s.t.Fatal(err)
	}
	if got := s.whoAmI(issued(out.Credentials)); !strings.HasSuffix(got, ":assumed-role/Visitor/story") || *out.SubjectFromWebIdentityToken != "repo:orchard" {
		s.t.Errorf("the visitor is %s", got)
	}
	_, err = enter("another")
	s.wantCode(err, "InvalidIdentityToken")
}

// token is what the provider says of the visitor.
func (s *sessionStory) token(key *ecdsa.PrivateKey, issuer, audience string) string {
	s.t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: key}, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	now := time.Now()
	claims, err := json.Marshal(map[string]any{"iss": issuer, "sub": "repo:orchard", "aud": audience, "iat": now.Unix(), "exp": now.Add(time.Hour).Unix()})
	if err != nil {
		s.t.Fatal(err)
	}
	signed, err := signer.Sign(claims)
	if err != nil {
		s.t.Fatal(err)
	}
	text, err := signed.CompactSerialize()
	if err != nil {
		s.t.Fatal(err)
	}
	s.server.secrets.add(text)
	return text
}

func (s *sessionStory) assumesRoot() {
	member := s.server.account(s.t, "member")
	call(s.t, member.AcceptHandshake, &sdk.AcceptHandshakeInput{HandshakeId: s.owner.invite(s.t, types.HandshakePartyTypeAccount, member.id)})
	call(s.t, s.owner.EnableAWSServiceAccess, &sdk.EnableAWSServiceAccessInput{ServicePrincipal: aws.String("iam.amazonaws.com")})
	s.iam(url.Values{"Action": {"EnableOrganizationsRootCredentialsManagement"}})
	out, err := s.sts(s.first).AssumeRoot(s.t.Context(), &sts.AssumeRootInput{
		TargetPrincipal: &member.id, TaskPolicyArn: &ststypes.PolicyDescriptorType{Arn: aws.String("arn:aws:iam::aws:policy/root-task/IAMDeleteRootUserCredentials")},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	root := issued(out.Credentials)
	keys, err := s.server.iam(s.t.Context(), root, url.Values{"Action": {"ListAccessKeys"}})
	if err != nil || !strings.Contains(keys, member.keys.accessKeyID) {
		s.t.Errorf("the root user's keys are %s, %v", keys, err)
	}
	_, err = s.server.iam(s.t.Context(), root, url.Values{"Action": {"CreateUser"}, "UserName": {"ann"}})
	s.wantCode(err, "AccessDenied")
	if _, err := s.server.iam(s.t.Context(), root, url.Values{"Action": {"DeleteAccessKey"}, "AccessKeyId": {member.keys.accessKeyID}}); err != nil {
		s.t.Error(err)
	}
	_, err = s.sts(member.keys).GetCallerIdentity(s.t.Context(), &sts.GetCallerIdentityInput{})
	s.wantCode(err, "InvalidClientTokenId")
}
