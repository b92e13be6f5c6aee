package ops_test

import (
	"strings"
	"testing"

	"github.com/espalier-cloud/espalier/internal/api/iam"
	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/api/sts"
	"github.com/espalier-cloud/espalier/internal/identity"
)

const taskPolicies = "arn:aws:iam::aws:policy/root-task/"

func rootTask(target, policy string) *sts.AssumeRootInput {
	return &sts.AssumeRootInput{TargetPrincipal: target, TaskPolicyArn: &sts.PolicyDescriptorType{Arn: new(policy)}}
}

func TestAssumeRoot(t *testing.T) {
	s := newStage(t)
	ann := s.user(t, "Ann", `"sts:AssumeRoot"`)
	bob := s.user(t, "Bob", `"sts:GetCallerIdentity"`)
	member, admin := s.member(t, s.root, "Member"), s.member(t, s.root, "Admin")
	s.do(t, s.root, &organizations.EnableAWSServiceAccessInput{ServicePrincipal: "iam.amazonaws.com"})
	audit := taskPolicies + "IAMAuditRootUserCredentials"
	target := string(member.Account)
	if e := s.refuse(t, ann, rootTask(target, audit)); e.ErrorCode() != "AccessDenied" {
		t.Errorf("without the feature: %v", e)
	}
	s.do(t, s.root, &iam.EnableOrganizationsRootCredentialsManagementInput{})

	out := give[sts.AssumeRootOutput](t, s.world, ann, rootTask(target, audit))
	session := s.sessions[out.Credentials.AccessKeyId]
	by := session.Caller()
	if by.ARN != member.ARN || by.Type != identity.Root || session.Expires.Sub(session.Issued) != 900e9 || by.SessionPolicies.Managed[0] != audit {
		t.Errorf("the session is %+v", session)
	}
	if e := s.refuse(t, by, &organizations.LeaveOrganizationInput{}); !strings.Contains(e.ErrorMessage(), "because no session policy allows") {
		t.Errorf("beyond the task: %v", e)
	}
	s.do(t, ann, rootTask(member.ARN, taskPolicies+"IAMDeleteRootUserCredentials"))

	unlock := taskPolicies + "S3UnlockBucketPolicy"
	for name, tt := range map[string]struct {
		by   identity.Caller
		in   *sts.AssumeRootInput
		code string
	}{
		"a root user":               {s.root, rootTask(target, audit), "AccessDenied"},
		"a user who may not":        {bob, rootTask(target, audit), "AccessDenied"},
		"the management account":    {ann, rootTask(string(s.root.Account), audit), "AccessDenied"},
		"an account elsewhere":      {ann, rootTask(string(s.standalone(t, "Elsewhere").Account), audit), "AccessDenied"},
		"no account":                {ann, rootTask("999999999999", audit), "AccessDenied"},
		"a role":                    {ann, rootTask("arn:aws:iam::"+target+":role/OrganizationAccountAccessRole", audit), "AccessDenied"},
		"no target":                 {ann, rootTask("twelve characters", audit), "AccessDenied"},
		"a task of another feature": {ann, rootTask(target, unlock), "AccessDenied"},
		"another policy":            {ann, rootTask(target, administratorAccess), "ValidationError"},
		"by a member":               {s.assume(t, s.root, member.Account, accessRole), rootTask(string(admin.Account), audit), "AccessDenied"},
	} {
		if e := s.refuse(t, tt.by, tt.in); e.ErrorCode() != tt.code {
			t.Errorf("%s: %v", name, e)
		}
	}
	s.do(t, s.root, &iam.EnableOrganizationsRootSessionsInput{})
	s.do(t, ann, rootTask(target, unlock))
	s.do(t, s.root, &organizations.RegisterDelegatedAdministratorInput{AccountId: string(admin.Account), ServicePrincipal: "iam.amazonaws.com"})
	s.do(t, s.assume(t, s.root, admin.Account, accessRole), rootTask(target, audit))
}

// TestTaskPolicyIsACondition: policies can ask for which task a root user is assumed.
func TestTaskPolicyIsACondition(t *testing.T) {
	s := newStage(t)
	member := s.member(t, s.root, "Member")
	s.do(t, s.root, &organizations.EnableAWSServiceAccessInput{ServicePrincipal: "iam.amazonaws.com"})
	s.do(t, s.root, &iam.EnableOrganizationsRootCredentialsManagementInput{})
	ann := s.user(t, "Ann", `"sts:GetCallerIdentity"`)
	audit := taskPolicies + "IAMAuditRootUserCredentials"
	s.do(t, s.root, &iam.PutUserPolicyInput{UserName: "Ann", PolicyName: "audit", PolicyDocument: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
		"Action":"sts:AssumeRoot","Resource":"arn:aws:iam::*:root","Condition":{"ArnEquals":{"sts:TaskPolicyArn":"` + audit + `"}}}]}`})
	s.do(t, ann, rootTask(string(member.Account), audit))
	if e := s.refuse(t, ann, rootTask(string(member.Account), taskPolicies+"IAMDeleteRootUserCredentials")); e.ErrorCode() != "AccessDenied" {
		t.Errorf("another task: %v", e)
	}
}
