package ops_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/espalier-cloud/espalier/internal/api"
	"github.com/espalier-cloud/espalier/internal/api/iam"
	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/api/sts"
	"github.com/espalier-cloud/espalier/internal/identity"
)

// stage is an organization whose management account has roles to assume one from the other.
type stage struct {
	*world
	root identity.Caller
}

func newStage(t testing.TB) *stage {
	w := newWorld(t)
	return &stage{w, w.organization(t, organizations.OrganizationFeatureSetAll)}
}

// allowingActions is a policy that allows actions.
func allowingActions(actions string) string {
	return fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":[%s],"Resource":"*"}]}`, actions)
}

// role adds a role that somebody may do something to and that may do something, and returns its ARN. Actions are
// quoted and separated by commas.
func (s *stage) role(t testing.TB, name, trusted, condition, permitted string) string {
	t.Helper()
	trust := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":%q},"Action":[%s]%s}]}`, s.root.Account, trusted, condition)
	role := give[iam.CreateRoleOutput](t, s.world, s.root, &iam.CreateRoleInput{RoleName: name, AssumeRolePolicyDocument: trust}).Role
	if permitted != "" {
		s.do(t, s.root, &iam.PutRolePolicyInput{RoleName: name, PolicyName: "permitted", PolicyDocument: allowingActions(permitted)})
	}
	return role.Arn
}

// assumes returns the session that somebody begins.
func (s *stage) assumes(t testing.TB, by identity.Caller, in *sts.AssumeRoleInput) identity.Caller {
	t.Helper()
	in.RoleSessionName = "session"
	out := give[sts.AssumeRoleOutput](t, s.world, by, in)
	session := s.sessions[out.Credentials.AccessKeyId]
	return session.Caller()
}

const (
	toAssume = `"sts:AssumeRole"`
	toMark   = `"sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"`
)

// TestMarksNeedPermission: tags and a source identity need the permission of both sides, be they inherited.
func TestMarksNeedPermission(t *testing.T) {
	s := newStage(t)
	s.role(t, "Plain", toAssume, "", toAssume)
	s.role(t, "Marked", toMark, "", toMark)
	s.role(t, "Modest", toMark, "", toAssume)
	arn := func(name string) string { return "arn:aws:iam::" + string(s.root.Account) + ":role/" + name }
	tags := []sts.Tag{{Key: "team", Value: new("orchard")}}
	plain := s.assumes(t, s.root, &sts.AssumeRoleInput{RoleArn: arn("Plain")})
	tagged := s.assumes(t, s.root, &sts.AssumeRoleInput{RoleArn: arn("Marked"), Tags: tags})
	handing := s.assumes(t, s.root, &sts.AssumeRoleInput{RoleArn: arn("Marked"), Tags: tags, TransitiveTagKeys: []string{"team"}})
	named := s.assumes(t, s.root, &sts.AssumeRoleInput{RoleArn: arn("Marked"), SourceIdentity: new("ann")})
	modest := s.assumes(t, s.root, &sts.AssumeRoleInput{RoleArn: arn("Modest"), Tags: tags, TransitiveTagKeys: []string{"team"}})
	for _, tt := range []struct {
		name   string
		by     identity.Caller
		to     string
		in     sts.AssumeRoleInput
		denied string
	}{
		{"tags, and the role does not trust", s.root, "Plain", sts.AssumeRoleInput{Tags: tags}, "sts:TagSession"},
		{"a source identity, and the role does not trust", s.root, "Plain", sts.AssumeRoleInput{SourceIdentity: new("ann")}, "sts:SetSourceIdentity"},
		{"tags, and the caller may not", plain, "Marked", sts.AssumeRoleInput{Tags: tags}, "sts:TagSession"},
		{"a source identity, and the caller may not", plain, "Marked", sts.AssumeRoleInput{SourceIdentity: new("ann")}, "sts:SetSourceIdentity"},
		{"nothing inherited", tagged, "Plain", sts.AssumeRoleInput{}, ""},
		{"inherited tags, and the role does not trust", handing, "Plain", sts.AssumeRoleInput{}, "sts:TagSession"},
		{"an inherited source identity, and the role does not trust", named, "Plain", sts.AssumeRoleInput{}, "sts:SetSourceIdentity"},
		{"inherited tags, and the caller may not", modest, "Marked", sts.AssumeRoleInput{}, "sts:TagSession"},
		{"inherited tags", handing, "Marked", sts.AssumeRoleInput{}, ""},
		{"both", s.root, "Marked", sts.AssumeRoleInput{Tags: tags, SourceIdentity: new("ann")}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.in.RoleArn, tt.in.RoleSessionName = arn(tt.to), "session"
			if tt.denied == "" {
				s.do(t, tt.by, &tt.in)
				return
			}
			want := "User: " + tt.by.ARN + " is not authorized to perform: " + tt.denied + " on resource: " + tt.in.RoleArn
			if e := s.refuse(t, tt.by, &tt.in); e.ErrorCode() != "AccessDenied" || e.ErrorMessage() != want {
				t.Errorf("refused with %v, want %s", e, want)
			}
		})
	}
}

// TestChainsHandOn: transitive tags and the source identity stay from session to session; other tags do not.
func TestChainsHandOn(t *testing.T) {
	s := newStage(t)
	a, b := s.role(t, "A", toMark, "", toMark), s.role(t, "B", toMark, "", toMark)
	first := s.assumes(t, s.root, &sts.AssumeRoleInput{
		RoleArn: a, SourceIdentity: new("ann"), TransitiveTagKeys: []string{"Team"},
		Tags: []sts.Tag{{Key: "team", Value: new("orchard")}, {Key: "shift", Value: new("night")}},
	})
	second := s.assumes(t, first, &sts.AssumeRoleInput{RoleArn: b, Tags: []sts.Tag{{Key: "shift", Value: new("day")}}})
	third := s.assumes(t, second, &sts.AssumeRoleInput{RoleArn: a})
	if got := fmt.Sprint(first.SessionTags, second.SessionTags, third.SessionTags); got != "[{team orchard} {shift night}] [{team orchard} {shift day}] [{team orchard}]" {
		t.Errorf("the sessions have the tags %s", got)
	}
	if third.SourceIdentity != "ann" {
		t.Errorf("the source identity became %q", third.SourceIdentity)
	}
	for code, in := range map[string]*sts.AssumeRoleInput{
		"InvalidParameterValue": {Tags: []sts.Tag{{Key: "TEAM", Value: new("x")}}},
		"ValidationError":       {SourceIdentity: new("bob")},
	} {
		in.RoleArn, in.RoleSessionName = a, "session"
		if e := s.refuse(t, third, in); e.ErrorCode() != code || e.HTTPStatus() != 400 {
			t.Errorf("changing what is inherited: %v", e)
		}
	}
}

// TestConditionsOnSessions: the trust policy can ask about what the session is to carry.
func TestConditionsOnSessions(t *testing.T) {
	s := newStage(t)
	for i, tt := range []struct {
		condition string
		good, bad sts.AssumeRoleInput
	}{
		{`"StringEquals":{"sts:ExternalId":"sesame"}`, sts.AssumeRoleInput{ExternalId: new("sesame")}, sts.AssumeRoleInput{ExternalId: new("open")}},
		{`"StringEquals":{"sts:SourceIdentity":"ann"}`, sts.AssumeRoleInput{SourceIdentity: new("ann")}, sts.AssumeRoleInput{SourceIdentity: new("bob")}},
		{`"StringEquals":{"sts:RoleSessionName":"session"}`, sts.AssumeRoleInput{}, sts.AssumeRoleInput{RoleSessionName: "other"}},
		{
			`"StringEquals":{"aws:RequestTag/team":["orchard","press"]}`, sts.AssumeRoleInput{Tags: []sts.Tag{{Key: "team", Value: new("press")}}},
			sts.AssumeRoleInput{Tags: []sts.Tag{{Key: "team", Value: new("kitchen")}}},
		},
		{
			`"ForAllValues:StringEquals":{"aws:TagKeys":["team"]}`, sts.AssumeRoleInput{Tags: []sts.Tag{{Key: "team", Value: new("press")}}},
			sts.AssumeRoleInput{Tags: []sts.Tag{{Key: "role", Value: new("admin")}}},
		},
		{
			`"ForAnyValue:StringEquals":{"sts:TransitiveTagKeys":["team"]}`,
			sts.AssumeRoleInput{Tags: []sts.Tag{{Key: "team", Value: new("press")}}, TransitiveTagKeys: []string{"team"}},
			sts.AssumeRoleInput{Tags: []sts.Tag{{Key: "team", Value: new("press")}}},
		},
	} {
		t.Run(tt.condition, func(t *testing.T) {
			role := s.role(t, fmt.Sprintf("R%d", i), toMark, `,"Condition":{`+tt.condition+`}`, "")
			tt.good.RoleArn = role
			s.assumes(t, s.root, &tt.good)
			tt.bad.RoleArn = role
			if tt.bad.RoleSessionName == "" {
				tt.bad.RoleSessionName = "session"
			}
			if e := s.refuse(t, s.root, &tt.bad); e.ErrorCode() != "AccessDenied" {
				t.Errorf("refused with %v", e)
			}
		})
	}
}

// TestSessionPolicies: a session may do what its role may and its session policies allow, as they are now.
func TestSessionPolicies(t *testing.T) {
	s := newStage(t)
	role := s.role(t, "Wide", toMark, "", `"organizations:List*","organizations:DescribeOrganization","sts:*"`)
	own := *give[iam.CreatePolicyOutput](t, s.world, s.root, &iam.CreatePolicyInput{PolicyName: "Own", PolicyDocument: allowingActions(`"organizations:ListRoots"`)}).Policy.Arn
	with := func(document *string, arns ...string) identity.Caller {
		in := &sts.AssumeRoleInput{RoleArn: role, Policy: document}
		for _, arn := range arns {
			in.PolicyArns = append(in.PolicyArns, sts.PolicyDescriptorType{Arn: new(arn)})
		}
		return s.assumes(t, s.root, in)
	}
	inline := new(allowingActions(`"organizations:ListAccounts","organizations:CreateOrganizationalUnit"`))
	may := func(name string, by identity.Caller, roots, accounts bool) {
		t.Helper()
		for _, tt := range []struct {
			in  api.Input
			may bool
		}{{&organizations.ListRootsInput{}, roots}, {&organizations.ListAccountsInput{}, accounts}} {
			if tt.may {
				s.do(t, by, tt.in)
			} else if e := s.refuse(t, by, tt.in); e.ErrorCode() != "AccessDeniedException" || !strings.Contains(e.ErrorMessage(), "because no session policy allows") {
				t.Errorf("%s: %s is refused with %v", name, nameOf(tt.in), e)
			}
		}
	}
	managed, both := with(nil, own), with(inline, own)
	may("no session policy", with(nil), true, true)
	may("inline", with(inline), false, true)
	may("managed", managed, true, false)
	may("both", both, true, true)
	if e := s.refuse(t, both, &organizations.CreateOrganizationalUnitInput{ParentId: "r-abcd", Name: "More"}); e.ErrorCode() != "AccessDeniedException" {
		t.Errorf("more than the role may: %v", e)
	}
	other := s.role(t, "Other", toAssume, "", "")
	if e := s.refuse(t, managed, &sts.AssumeRoleInput{RoleArn: other, RoleSessionName: "session"}); e.ErrorCode() != "AccessDenied" {
		t.Errorf("a role beyond the session policy: %v", e)
	}
	s.do(t, s.root, &iam.CreatePolicyVersionInput{PolicyArn: own, PolicyDocument: allowingActions(`"organizations:ListAccounts"`), SetAsDefault: new(true)})
	may("managed, edited", managed, false, true)
	s.do(t, s.root, &iam.DeletePolicyVersionInput{PolicyArn: own, VersionId: "v1"})
	s.do(t, s.root, &iam.DeletePolicyInput{PolicyArn: own})
	may("managed, deleted", managed, false, false)
	out := give[sts.AssumeRoleOutput](t, s.world, s.root, &sts.AssumeRoleInput{RoleArn: role, RoleSessionName: "session", Policy: inline})
	if size := out.PackedPolicySize; size == nil || *size != 8 {
		t.Errorf("the packed size is %d", *size)
	}
}

func TestAssumeRoleRefuses(t *testing.T) {
	s := newStage(t)
	role := s.role(t, "Marked", toMark, "", "")
	long := strings.Repeat("a", 250)
	for _, tt := range []struct {
		in         sts.AssumeRoleInput
		code, text string
	}{
		{sts.AssumeRoleInput{Policy: new("{}")}, "MalformedPolicyDocument", "Syntax errors"},
		{sts.AssumeRoleInput{PolicyArns: []sts.PolicyDescriptorType{{Arn: new("arn:aws:iam::aws:policy/None")}}}, "MalformedPolicyDocument", "does not exist"},
		{sts.AssumeRoleInput{Tags: []sts.Tag{{Key: "a", Value: &long}, {Key: "b", Value: &long}}}, "PackedPolicyTooLarge", "consumes 111% of allotted space"},
		{sts.AssumeRoleInput{Tags: []sts.Tag{{Key: "a", Value: new("")}, {Key: "A", Value: new("")}}}, "InvalidParameterValue", "Duplicate"},
		{sts.AssumeRoleInput{Tags: []sts.Tag{{Key: "aws:a", Value: new("")}}}, "InvalidParameterValue", "reserved"},
		{sts.AssumeRoleInput{TransitiveTagKeys: []string{"a"}}, "InvalidParameterValue", "must be included"},
		{sts.AssumeRoleInput{Tags: make([]sts.Tag, 51)}, "ValidationError", "50"},
		{sts.AssumeRoleInput{SerialNumber: new("arn:aws:iam::123456789012:mfa/ann"), TokenCode: new("123456")}, "AccessDenied", "MultiFactorAuthentication"},
		{sts.AssumeRoleInput{ProvidedContexts: []sts.ProvidedContext{{}}}, "NotImplemented", "ProvidedContexts"},
	} {
		tt.in.RoleArn, tt.in.RoleSessionName = role, "session"
		if e := s.refuse(t, s.root, &tt.in); e.ErrorCode() != tt.code || !strings.Contains(e.ErrorMessage(), tt.text) {
			t.Errorf("refused with %v, want %s with %s", e, tt.code, tt.text)
		}
	}
}
