package e2e_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/smithy-go"

	"github.com/espalier-cloud/espalier/internal/store/storetest"
)

// guarded is an organization whose service control policies are felt.
type guarded struct {
	t                  *testing.T
	management, member *party
	root, unit         string
}

// newGuarded founds an organization on a server, with one member in a unit and service control policies enabled.
func newGuarded(t *testing.T, s *server) *guarded {
	t.Helper()
	g := &guarded{t: t, management: s.founder(t, "management", types.OrganizationFeatureSetAll), member: s.account(t, "member")}
	g.join(g.member)
	g.root = *call(t, g.management.ListRoots, &sdk.ListRootsInput{}).Roots[0].Id
	g.unit = *call(t, g.management.CreateOrganizationalUnit, &sdk.CreateOrganizationalUnitInput{ParentId: &g.root, Name: aws.String("unit")}).OrganizationalUnit.Id
	call(t, g.management.MoveAccount, &sdk.MoveAccountInput{AccountId: &g.member.id, SourceParentId: &g.root, DestinationParentId: &g.unit})
	call(t, g.management.EnablePolicyType, &sdk.EnablePolicyTypeInput{RootId: &g.root, PolicyType: types.PolicyTypeServiceControlPolicy})
	return g
}

// join makes an account a member.
func (g *guarded) join(p *party) {
	g.t.Helper()
	call(g.t, p.AcceptHandshake, &sdk.AcceptHandshakeInput{HandshakeId: g.management.invite(g.t, types.HandshakePartyTypeAccount, p.id)})
}

// control makes a service control policy with one statement.
func (g *guarded) control(name, statement string) string {
	g.t.Helper()
	return *call(g.t, g.management.CreatePolicy, &sdk.CreatePolicyInput{
		Type: types.PolicyTypeServiceControlPolicy, Name: &name, Description: aws.String(""),
		Content: aws.String(`{"Version":"2012-10-17","Statement":[` + statement + `]}`),
	}).Policy.PolicySummary.Id
}

func (g *guarded) attach(policy string) {
	g.t.Helper()
	call(g.t, g.management.AttachPolicy, &sdk.AttachPolicyInput{PolicyId: &policy, TargetId: &g.unit})
}

func (g *guarded) detach(policy string) {
	g.t.Helper()
	call(g.t, g.management.DetachPolicy, &sdk.DetachPolicyInput{PolicyId: &policy, TargetId: &g.unit})
}

// feels fails the test unless a call is refused with a sentence that says why; "" is success.
func (g *guarded) feels(err error, what, because string) {
	g.t.Helper()
	if because == "" && err == nil {
		return
	}
	var refusal smithy.APIError
	if because == "" || !errors.As(err, &refusal) || !strings.HasPrefix(refusal.ErrorCode(), "AccessDenied") || !strings.Contains(refusal.ErrorMessage(), because) {
		g.t.Errorf("%s: %v, want %q", what, err, because)
	}
}

const (
	byDeny    = "with an explicit deny in a service control policy"
	fullSCP   = "p-FullAWSAccess"
	elsewhere = "eu-west-1"
)

// at calls as a member from a region.
func (s *server) at(p *party, region string) *sdk.Client {
	configuration := s.configuration(p.keys)
	configuration.Region = region
	return sdk.NewFromConfig(configuration, func(o *sdk.Options) { o.Retryer = aws.NopRetryer{} })
}

// createUser creates a user through the server, as an account's root user.
func (s *server) createUser(ctx context.Context, p *party, name string) error {
	_, err := s.iam(ctx, p.keys, url.Values{"Action": {"CreateUser"}, "UserName": {name}})
	return err
}

// iam calls an operation of IAM and returns the answer.
func (s *server) iam(ctx context.Context, by credentials, call url.Values) (string, error) {
	call.Set("Version", "2010-05-08")
	form := call.Encode()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.endpoint()+"/", strings.NewReader(form))
	if err != nil {
		return "", err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	hash := sha256.Sum256([]byte(form))
	keys := aws.Credentials{AccessKeyID: by.accessKeyID, SecretAccessKey: by.secretAccessKey, SessionToken: by.sessionToken}
	if err := v4.NewSigner().SignHTTP(ctx, keys, request, hex.EncodeToString(hash[:]), "iam", "us-east-1", time.Now()); err != nil {
		return "", err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode == http.StatusOK {
		return string(answer), err
	}
	element := func(name string) string {
		_, rest, _ := strings.Cut(string(answer), "<"+name+">")
		text, _, _ := strings.Cut(rest, "</")
		return text
	}
	return "", &smithy.GenericAPIError{Code: element("Code"), Message: element("Message")}
}

// TestGuardrails: a service control policy is felt by the next call of a member, root user or not, and not after it is
// detached. It does not touch the management account.
func TestGuardrails(t *testing.T) {
	t.Parallel()
	s := start(t, database{})
	g := newGuarded(t, s)
	ctx := t.Context()
	describe := func(region string) error {
		_, err := s.at(g.member, region).DescribeOrganization(ctx, &sdk.DescribeOrganizationInput{})
		return err
	}
	leave := func() error {
		_, err := g.member.LeaveOrganization(ctx, &sdk.LeaveOrganizationInput{})
		return err
	}
	g.feels(s.createUser(ctx, g.member, "before"), "CreateUser before", "")
	g.feels(describe(elsewhere), "from elsewhere before", "")

	stay := g.control("stay", `{"Effect":"Deny","Action":["organizations:LeaveOrganization","iam:CreateUser"],"Resource":"*"}`)
	region := g.control("region", `{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringNotEquals":{"aws:RequestedRegion":"us-east-1"}}}`)
	g.attach(stay)
	g.feels(s.createUser(ctx, g.member, "during"), "CreateUser", byDeny)
	g.feels(leave(), "LeaveOrganization", byDeny)
	g.feels(describe(elsewhere), "from elsewhere, where only actions are denied", "")
	g.attach(region)
	g.feels(describe(elsewhere), "from elsewhere", byDeny)
	g.feels(describe("us-east-1"), "from here", "")
	g.feels(s.createUser(ctx, g.management, "during"), "CreateUser in the management account", "")
	if _, err := s.at(g.management, elsewhere).DescribeOrganization(ctx, &sdk.DescribeOrganizationInput{}); err != nil {
		t.Errorf("the management account from elsewhere: %v", err)
	}

	g.detach(region)
	g.feels(describe(elsewhere), "from elsewhere after", "")
	g.detach(stay)
	g.feels(s.createUser(ctx, g.member, "after"), "CreateUser after", "")
	g.feels(leave(), "LeaveOrganization after", "")
}

// TestAllowList: where FullAWSAccess is replaced, what the other policy does not allow is denied.
func TestAllowList(t *testing.T) {
	t.Parallel()
	s := start(t, database{})
	g := newGuarded(t, s)
	describe := func() error {
		_, err := g.member.DescribeOrganization(t.Context(), &sdk.DescribeOrganizationInput{})
		return err
	}
	handshakes := func() error {
		_, err := g.member.ListHandshakesForAccount(t.Context(), &sdk.ListHandshakesForAccountInput{})
		return err
	}
	list := g.control("list", `{"Effect":"Allow","Action":"organizations:Describe*","Resource":"*"}`)
	g.attach(list)
	g.feels(handshakes(), "beside FullAWSAccess", "")
	g.detach(fullSCP)
	g.feels(describe(), "what is on the list", "")
	g.feels(handshakes(), "what is not", "because no service control policy allows the organizations:ListHandshakesForAccount action")
	violates(t, types.ConstraintViolationExceptionReasonMinPolicyTypeAttachmentLimitExceeded, g.management.DetachPolicy, &sdk.DetachPolicyInput{PolicyId: &list, TargetId: &g.unit})
	g.attach(fullSCP)
	g.feels(handshakes(), "with FullAWSAccess again", "")
}

// TestDelegatedTagPolicies: an account that the resource policy lets manage tag policies manages them and nothing else.
func TestDelegatedTagPolicies(t *testing.T) {
	t.Parallel()
	s := start(t, database{})
	g := newGuarded(t, s)
	delegate, organization := g.member, *call(t, g.member.DescribeOrganization, &sdk.DescribeOrganizationInput{}).Organization.Id
	call(t, g.management.EnablePolicyType, &sdk.EnablePolicyTypeInput{RootId: &g.root, PolicyType: types.PolicyTypeTagPolicy})
	of := "arn:aws:organizations::" + g.management.id + ":"
	call(t, g.management.PutResourcePolicy, &sdk.PutResourcePolicyInput{Content: aws.String(`{"Version":"2012-10-17","Statement":[{
		"Effect":"Allow","Principal":{"AWS":"` + delegate.id + `"},
		"Action":["organizations:CreatePolicy","organizations:UpdatePolicy","organizations:DeletePolicy","organizations:AttachPolicy","organizations:DetachPolicy"],
		"Resource":["` + of + `root/` + organization + `/*","` + of + `ou/` + organization + `/*","` + of + `account/` + organization + `/*","` + of + `policy/` + organization + `/tag_policy/*"],
		"Condition":{"StringLikeIfExists":{"organizations:PolicyType":"TAG_POLICY"}}}]}`)})

	create := func(of types.PolicyType, content string) *sdk.CreatePolicyInput {
		return &sdk.CreatePolicyInput{Type: of, Name: aws.String("delegated"), Description: aws.String(""), Content: &content}
	}
	policy := call(t, delegate.CreatePolicy, create(types.PolicyTypeTagPolicy, tagPolicy)).Policy.PolicySummary.Id
	call(t, delegate.AttachPolicy, &sdk.AttachPolicyInput{PolicyId: policy, TargetId: &g.unit})
	call(t, delegate.UpdatePolicy, &sdk.UpdatePolicyInput{PolicyId: policy, Name: aws.String("renamed")})
	call(t, delegate.DetachPolicy, &sdk.DetachPolicyInput{PolicyId: policy, TargetId: &g.unit})
	call(t, delegate.DeletePolicy, &sdk.DeletePolicyInput{PolicyId: policy})

	guard := g.control("guard", `{"Effect":"Deny","Action":"s3:*","Resource":"*"}`)
	refused[*types.AccessDeniedException](t, delegate.CreatePolicy, create(types.PolicyTypeServiceControlPolicy, guardrail))
	refused[*types.AccessDeniedException](t, delegate.AttachPolicy, &sdk.AttachPolicyInput{PolicyId: &guard, TargetId: &g.unit})
	refused[*types.AccessDeniedException](t, delegate.DeletePolicy, &sdk.DeletePolicyInput{PolicyId: &guard})
	refused[*types.AccessDeniedException](t, delegate.DisablePolicyType, &sdk.DisablePolicyTypeInput{RootId: &g.root, PolicyType: types.PolicyTypeTagPolicy})
	refused[*types.AccessDeniedException](t, delegate.ListAccounts, &sdk.ListAccountsInput{})
	refused[*types.AccessDeniedException](t, delegate.CloseAccount, &sdk.CloseAccountInput{AccountId: &g.management.id})
	call(t, g.management.DeleteResourcePolicy, &sdk.DeleteResourcePolicyInput{})
	refused[*types.AccessDeniedException](t, delegate.CreatePolicy, create(types.PolicyTypeTagPolicy, tagPolicy))
}

// TestGuardrailsThroughTwoServers: what is attached through one server is felt at once through another.
func TestGuardrailsThroughTwoServers(t *testing.T) {
	t.Parallel()
	db := database{url: storetest.Postgres(t)}
	one := start(t, db)
	other := startIn(t, one.dataDir, db)
	g := newGuarded(t, one)
	throughOther := other.client(g.member.keys)
	guard := g.control("guard", `{"Effect":"Deny","Action":"organizations:DescribeOrganization","Resource":"*"}`)
	for range 20 {
		_, err := throughOther.DescribeOrganization(t.Context(), &sdk.DescribeOrganizationInput{})
		g.feels(err, "before", "")
		g.attach(guard)
		_, err = throughOther.DescribeOrganization(t.Context(), &sdk.DescribeOrganizationInput{})
		g.feels(err, "after", byDeny)
		g.detach(guard)
	}
}

// reasons are those for which the member may not leave, encoded, as the SDK has them.
func (g *guarded) reasons() string {
	g.t.Helper()
	_, err := g.member.LeaveOrganization(g.t.Context(), &sdk.LeaveOrganizationInput{})
	var answer *awshttp.ResponseError
	if !errors.As(err, &answer) {
		g.t.Fatal(err)
	}
	return answer.Response.Header.Get("X-Espalier-Authorization-Message")
}

// TestCLIFeelsGuardrails: the AWS CLI of a member is told that it may not, and that of the management account reads why.
func TestCLIFeelsGuardrails(t *testing.T) {
	needs(t, "aws")
	t.Parallel()
	s := start(t, database{})
	g := newGuarded(t, s)
	member := newCLI(t, s, g.member.keys)
	guard := g.control("guard", `{"Effect":"Deny","Action":["iam:CreateUser","organizations:LeaveOrganization"],"Resource":"*"}`)
	g.attach(guard)
	member.refused("AccessDenied", iam("create-user", "--user-name", "Ann")...)
	reasons := newCLI(t, s, g.management.keys).value("DecodedMessage",
		"sts", "decode-authorization-message", "--encoded-message", g.reasons())
	if want := `"actions":{"items":[{"value":"iam:CreateUser"},{"value":"organizations:LeaveOrganization"}]}`; !strings.Contains(reasons, want) {
		t.Errorf("%s is not in\n%s", want, reasons)
	}
	g.detach(guard)
	member.do(iam("create-user", "--user-name", "Ann")...)
}
