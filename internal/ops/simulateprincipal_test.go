package ops_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/espalier-cloud/espalier/internal/api/iam"
	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/identity"
)

// policyOn is a policy with one statement.
func policyOn(effect, action string) string {
	return fmt.Sprintf(`{"Version":"2012-10-17","Statement":{"Effect":%q,"Action":%q,"Resource":"*","Condition":{"StringLike":{"aws:RequestedRegion":"${aws:PrincipalTag/region}"}}}}`, effect, action)
}

// staff is a member account with somebody of each kind, below a root that denies what concerns EC2.
type staff struct {
	*world
	root identity.Caller
}

func newStaff(t *testing.T) *staff {
	t.Helper()
	w := newWorld(t)
	owner := w.organization(t, organizations.OrganizationFeatureSetAll)
	s := &staff{w, w.member(t, owner, "Member")}
	w.do(t, s.root, &iam.CreateGroupInput{GroupName: "Readers", Path: new("/teams/")})
	w.do(t, s.root, &iam.PutGroupPolicyInput{GroupName: "Readers", PolicyName: "read", PolicyDocument: policyOn("Allow", "s3:Get*")})
	w.do(t, s.root, &iam.CreateUserInput{UserName: "Ann", Path: new("/people/")})
	w.do(t, s.root, &iam.CreateUserInput{UserName: "Bob"})
	w.do(t, s.root, &iam.AddUserToGroupInput{UserName: "Ann", GroupName: "Readers"})
	w.do(t, s.root, &iam.PutUserPolicyInput{UserName: "Ann", PolicyName: "inline", PolicyDocument: policyOn("Deny", "s3:GetObjectAcl")})
	managed := *give[iam.CreatePolicyOutput](t, w, s.root, &iam.CreatePolicyInput{PolicyName: "Compute", PolicyDocument: policyOn("Allow", "ec2:*")}).Policy.Arn
	w.do(t, s.root, &iam.AttachUserPolicyInput{UserName: "Ann", PolicyArn: managed})
	w.do(t, s.root, &iam.CreateRoleInput{RoleName: "Bounded", AssumeRolePolicyDocument: trusting(string(s.root.Account), ""), PermissionsBoundary: &managed})
	w.do(t, s.root, &iam.AttachRolePolicyInput{RoleName: "Bounded", PolicyArn: "arn:aws:iam::aws:policy/AdministratorAccess"})
	w.do(t, s.root, &iam.CreateServiceLinkedRoleInput{AWSServiceName: "config.amazonaws.com"})
	top := w.rootOf(t, owner)
	w.do(t, owner, &organizations.EnablePolicyTypeInput{RootId: *top.Id, PolicyType: "SERVICE_CONTROL_POLICY"})
	scp := *give[organizations.CreatePolicyOutput](t, w, owner, &organizations.CreatePolicyInput{
		Type: "SERVICE_CONTROL_POLICY", Name: "guard", Description: new(""),
		Content: `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":["ec2:Terminate*","config:*"],"Resource":"*"}}`,
	}).Policy.PolicySummary.Id
	w.do(t, owner, &organizations.AttachPolicyInput{PolicyId: scp, TargetId: *top.Id})
	return s
}

func (s *staff) arn(resource string) string {
	return "arn:aws:iam::" + string(s.root.Account) + ":" + resource
}

// TestPrincipalSimulation: whoever it is, his own policies and those of his groups decide, under his boundary and the
// service control policies above his account, which touch no service-linked role.
func TestPrincipalSimulation(t *testing.T) {
	s := newStaff(t)
	toAnn := `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + s.arn("user/people/Ann") + `"},"Action":"s3:PutObject","Resource":"*"}}`
	const slr = "role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
	for _, tt := range []struct {
		who, action  string
		change       func(*iam.SimulatePrincipalPolicyInput)
		decision     string
		matched      string
		organization bool // its policies allow
	}{
		{who: "user/people/Ann", action: "s3:GetObject", decision: "allowed", matched: "group_Readers_read", organization: true},
		{who: "group/teams/Readers", action: "s3:GetObject", decision: "allowed", matched: "group_Readers_read", organization: true},
		{who: "user/people/Ann", action: "s3:GetObjectAcl", decision: "explicitDeny", matched: "user_Ann_inline", organization: true},
		{who: "user/people/Ann", action: "ec2:RunInstances", decision: "allowed", matched: "Compute", organization: true},
		{who: "user/people/Ann", action: "ec2:TerminateInstances", decision: "explicitDeny"},
		{who: "user/Bob", action: "s3:GetObject", decision: "implicitDeny", organization: true},
		{who: "user/Bob", action: "s3:GetObject", decision: "allowed", matched: "PolicyInputList.1", organization: true, change: func(in *iam.SimulatePrincipalPolicyInput) {
			in.PolicyInputList = []string{policyOn("Allow", "*")}
		}},
		{who: "role/Bounded", action: "ec2:RunInstances", decision: "allowed", matched: "AdministratorAccess Compute", organization: true},
		{who: "role/Bounded", action: "s3:GetObject", decision: "implicitDeny", organization: true},
		{who: "role/Bounded", action: "s3:GetObject", decision: "allowed", matched: "AdministratorAccess PermissionsBoundaryPolicyInputList.1", organization: true, change: func(in *iam.SimulatePrincipalPolicyInput) {
			in.PermissionsBoundaryPolicyInputList = []string{policyOn("Allow", "s3:*")}
		}},
		{who: slr, action: "config:PutEvaluations", decision: "allowed", matched: "AWSConfigServiceRolePolicy", organization: true},
		{who: "user/people/Ann", action: "s3:PutObject", decision: "allowed", matched: "ResourcePolicy", organization: true, change: func(in *iam.SimulatePrincipalPolicyInput) {
			in.ResourcePolicy = &toAnn
		}},
		{who: "user/people/Ann", action: "s3:PutObject", decision: "implicitDeny", organization: true, change: func(in *iam.SimulatePrincipalPolicyInput) {
			in.ResourcePolicy, in.CallerArn = &toAnn, new(s.arn("user/Bob"))
		}},
	} {
		in := &iam.SimulatePrincipalPolicyInput{
			PolicySourceArn: s.arn(tt.who), ActionNames: []string{tt.action}, ResourceArns: []string{object},
			ContextEntries: []iam.ContextEntry{entry("aws:RequestedRegion", "string", "eu-central-1"), entry("aws:PrincipalTag/region", "string", "eu-central-1")},
		}
		if tt.change != nil {
			tt.change(in)
		}
		result := give[iam.SimulatePrincipalPolicyOutput](t, s.world, s.root, in).EvaluationResults[0]
		var matched []string
		for _, m := range result.MatchedStatements {
			matched = append(matched, *m.SourcePolicyId)
		}
		slices.Sort(matched)
		if got := strings.Join(matched, " "); string(result.EvalDecision) != tt.decision || got != tt.matched || *result.OrganizationsDecisionDetail.AllowedByOrganizations != tt.organization {
			t.Errorf("%s, %s: %s by %q, the organization %v; want %s by %q, %v", tt.who, tt.action,
				result.EvalDecision, got, *result.OrganizationsDecisionDetail.AllowedByOrganizations, tt.decision, tt.matched, tt.organization)
		}
	}
}

func TestPrincipalSimulationRefusals(t *testing.T) {
	s := newStaff(t)
	for arn, want := range map[string]string{
		s.arn("user/people/Nobody"):          "NoSuchEntity",
		s.arn("user/Ann"):                    "NoSuchEntity", // whose path is another
		s.arn("role/Nobody"):                 "NoSuchEntity",
		s.arn("group/Nobody"):                "NoSuchEntity",
		s.arn("root"):                        "InvalidInput",
		s.arn("policy/Compute"):              "InvalidInput",
		"arn:aws:iam::999999999999:user/Ann": "InvalidInput",
		"an arn that is twenty letters long": "InvalidInput",
	} {
		if e := s.refuse(t, s.root, &iam.SimulatePrincipalPolicyInput{PolicySourceArn: arn, ActionNames: []string{"s3:GetObject"}}); e.ErrorCode() != want {
			t.Errorf("simulating %s: %v, want %s", arn, e, want)
		}
		if e := s.refuse(t, s.root, &iam.GetContextKeysForPrincipalPolicyInput{PolicySourceArn: arn}); e.ErrorCode() != want {
			t.Errorf("keys of %s: %v, want %s", arn, e, want)
		}
	}
	in := &iam.SimulatePrincipalPolicyInput{PolicySourceArn: s.arn("role/Bounded"), ActionNames: []string{"s3:GetObject"}, ResourcePolicy: new(everything)}
	if e := s.refuse(t, s.root, in); e.ErrorCode() != "InvalidInput" {
		t.Errorf("a role with a resource policy and no caller: %v", e)
	}
	if e := s.refuse(t, s.root, &iam.GetContextKeysForPrincipalPolicyInput{PolicySourceArn: s.arn("user/Bob"), PolicyInputList: []string{"{"}}); e.ErrorCode() != "InvalidInput" {
		t.Errorf("keys of a broken policy: %v", e)
	}
	paged := &iam.SimulatePrincipalPolicyInput{PolicySourceArn: s.arn("user/Bob"), ActionNames: []string{"s3:GetObject", "s3:PutObject"}, MaxItems: new(int32(1))}
	paged.Marker = give[iam.SimulatePrincipalPolicyOutput](t, s.world, s.root, paged).Marker
	if rest := give[iam.SimulatePrincipalPolicyOutput](t, s.world, s.root, paged); len(rest.EvaluationResults) != 1 || rest.EvaluationResults[0].EvalActionName != "s3:PutObject" || rest.Marker != nil {
		t.Errorf("the second page is %+v", rest)
	}
	paged.PolicySourceArn = s.arn("user/people/Ann")
	if e := s.refuse(t, s.root, paged); e.ErrorCode() != "InvalidInput" {
		t.Errorf("the marker of another's simulation: %v", e)
	}
}

func TestContextKeysOfPrincipals(t *testing.T) {
	s := newStaff(t)
	for who, want := range map[string]string{
		"user/people/Ann": "aws:RequestedRegion aws:PrincipalTag/region aws:SourceIp", "user/Bob": "aws:SourceIp",
	} {
		got := give[iam.GetContextKeysForPrincipalPolicyOutput](t, s.world, s.root, &iam.GetContextKeysForPrincipalPolicyInput{
			PolicySourceArn: s.arn(who), PolicyInputList: []string{`{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}}}`},
		}).ContextKeyNames
		if strings.Join(got, " ") != want {
			t.Errorf("the keys of %s are %q", who, got)
		}
	}
}
