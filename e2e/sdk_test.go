package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

// builtOperations are those that the SDK must see succeed.
var builtOperations = []string{
	"AttachPolicy", "CloseAccount", "CreateAccount", "CreateOrganization", "CreateOrganizationalUnit", "CreatePolicy",
	"DeleteOrganization", "DeleteOrganizationalUnit", "DeletePolicy", "DeleteResourcePolicy",
	"DeregisterDelegatedAdministrator", "DescribeAccount", "DescribeCreateAccountStatus", "DescribeOrganization",
	"DescribeOrganizationalUnit", "DescribePolicy", "DescribeResourcePolicy", "DetachPolicy", "DisableAWSServiceAccess",
	"DisablePolicyType", "EnableAWSServiceAccess", "EnablePolicyType", "LeaveOrganization",
	"ListAWSServiceAccessForOrganization", "ListAccounts", "ListAccountsForParent", "ListChildren",
	"ListCreateAccountStatus", "ListDelegatedAdministrators", "ListDelegatedServicesForAccount",
	"ListOrganizationalUnitsForParent", "ListParents", "ListPolicies", "ListPoliciesForTarget", "ListRoots",
	"ListTagsForResource", "ListTargetsForPolicy", "MoveAccount", "PutResourcePolicy", "RegisterDelegatedAdministrator",
	"RemoveAccountFromOrganization", "TagResource", "UntagResource", "UpdateOrganizationalUnit", "UpdatePolicy",
}

const auditor = "access-analyzer.amazonaws.com"

// sdkStory is what the chapters of the SDK's story tell each other.
type sdkStory struct {
	t      *testing.T
	server *server
	owner  credentials
	*sdk.Client
	record record

	root, unit, policy      string
	closing, leaving, going string // accounts, by how they end
}

func TestSDKRunsEveryOperation(t *testing.T) {
	onBothDatabases(t, func(t *testing.T, db database) {
		s := start(t, db)
		story := &sdkStory{t: t, server: s, owner: s.root(), record: record{succeeded: map[string]bool{}}}
		story.Client = s.client(story.owner, story.record.watch)

		story.organization()
		story.tree()
		story.accounts()
		story.policies()
		story.tagging()
		story.services()
		story.resourcePolicy()
		story.closure()
		story.departures()

		for _, operation := range builtOperations {
			if !story.record.succeeded[operation] {
				t.Errorf("%s never succeeded", operation)
			}
		}
	})
}

// operation is a method of the Organizations client.
type operation[In, Out any] func(context.Context, *In, ...func(*sdk.Options)) (*Out, error)

// call makes a request that must succeed.
func call[In, Out any](t *testing.T, do operation[In, Out], in *In) *Out {
	t.Helper()
	out, err := do(t.Context(), in)
	if err != nil {
		t.Fatalf("%T: %v", in, err)
	}
	return out
}

// refused makes a request that must fail with an exception of type E.
func refused[E error, In, Out any](t *testing.T, do operation[In, Out], in *In) E {
	t.Helper()
	_, err := do(t.Context(), in)
	var exception E
	if !errors.As(err, &exception) {
		t.Fatalf("%T: %v, want %T", in, err, exception)
	}
	return exception
}

// violates makes a request that must break a constraint for a reason.
func violates[In, Out any](t *testing.T, reason types.ConstraintViolationExceptionReason, do operation[In, Out], in *In) {
	t.Helper()
	if got := refused[*types.ConstraintViolationException](t, do, in).Reason; got != reason {
		t.Errorf("%T: reason %s, want %s", in, got, reason)
	}
}

// invalid makes a request whose input must be refused for a reason, which may name the parameter.
func invalid[In, Out any](t *testing.T, reason types.InvalidInputExceptionReason, do operation[In, Out], in *In) {
	t.Helper()
	if got := refused[*types.InvalidInputException](t, do, in).Reason; got != reason {
		t.Errorf("%T: reason %s, want %s", in, got, reason)
	}
}

func (s *sdkStory) organization() {
	t := s.t
	refused[*types.AWSOrganizationsNotInUseException](t, s.DescribeOrganization, &sdk.DescribeOrganizationInput{})
	invalid(t, "INVALID_ENUM:FEATURE_SET", s.CreateOrganization, &sdk.CreateOrganizationInput{FeatureSet: "SOME"})
	made := call(t, s.CreateOrganization, &sdk.CreateOrganizationInput{FeatureSet: types.OrganizationFeatureSetAll}).Organization
	refused[*types.AlreadyInOrganizationException](t, s.CreateOrganization, &sdk.CreateOrganizationInput{})
	seen := call(t, s.DescribeOrganization, &sdk.DescribeOrganizationInput{}).Organization
	if *made.Id != *seen.Id || *made.MasterAccountId != *seen.MasterAccountId || seen.FeatureSet != types.OrganizationFeatureSetAll {
		t.Errorf("created %+v, described %+v", made, seen)
	}
	roots := call(t, s.ListRoots, &sdk.ListRootsInput{}).Roots
	if len(roots) != 1 || len(roots[0].PolicyTypes) != 0 {
		t.Fatalf("the roots are %+v, want one without policy types", roots)
	}
	s.root = *roots[0].Id
}

func (s *sdkStory) tree() {
	t := s.t
	create := func(name string) *sdk.CreateOrganizationalUnitInput {
		return &sdk.CreateOrganizationalUnitInput{ParentId: &s.root, Name: &name}
	}
	s.unit = *call(t, s.CreateOrganizationalUnit, create("Workloads")).OrganizationalUnit.Id
	other := call(t, s.CreateOrganizationalUnit, create("Sandbox")).OrganizationalUnit.Id
	refused[*types.DuplicateOrganizationalUnitException](t, s.CreateOrganizationalUnit, create("Workloads"))
	invalid(t, "INPUT_REQUIRED:NAME", s.CreateOrganizationalUnit, create(""))
	refused[*types.ParentNotFoundException](t, s.CreateOrganizationalUnit,
		&sdk.CreateOrganizationalUnitInput{ParentId: aws.String("r-zzzz"), Name: aws.String("Nowhere")})
	refused[*types.DuplicateOrganizationalUnitException](t, s.UpdateOrganizationalUnit,
		&sdk.UpdateOrganizationalUnitInput{OrganizationalUnitId: other, Name: aws.String("Workloads")})

	renamed := call(t, s.UpdateOrganizationalUnit, &sdk.UpdateOrganizationalUnitInput{OrganizationalUnitId: other, Name: aws.String("Playground")})
	seen := call(t, s.DescribeOrganizationalUnit, &sdk.DescribeOrganizationalUnitInput{OrganizationalUnitId: other})
	if *renamed.OrganizationalUnit.Name != "Playground" || *seen.OrganizationalUnit.Name != "Playground" {
		t.Errorf("the renamed unit is called %q", *seen.OrganizationalUnit.Name)
	}
	if units := call(t, s.ListOrganizationalUnitsForParent, &sdk.ListOrganizationalUnitsForParentInput{ParentId: &s.root}).OrganizationalUnits; len(units) != 2 {
		t.Errorf("the root has units %v, want two", units)
	}
	children := call(t, s.ListChildren, &sdk.ListChildrenInput{ParentId: &s.root, ChildType: types.ChildTypeOrganizationalUnit}).Children
	if len(children) != 2 {
		t.Errorf("the root has children %v, want two", children)
	}
	refused[*types.ChildNotFoundException](t, s.ListParents, &sdk.ListParentsInput{ChildId: aws.String("000000000009")})
	call(t, s.DeleteOrganizationalUnit, &sdk.DeleteOrganizationalUnitInput{OrganizationalUnitId: other})
	refused[*types.OrganizationalUnitNotFoundException](t, s.DescribeOrganizationalUnit, &sdk.DescribeOrganizationalUnitInput{OrganizationalUnitId: other})
}

func (s *sdkStory) accounts() {
	t := s.t
	s.closing, s.leaving, s.going = createAccount(s.t, s.Client, "closing"), createAccount(s.t, s.Client, "leaving"), createAccount(s.t, s.Client, "going")
	refused[*types.CreateAccountStatusNotFoundException](t, s.DescribeCreateAccountStatus,
		&sdk.DescribeCreateAccountStatusInput{CreateAccountRequestId: aws.String("car-00000000000000000000000000000000")})
	invalid(t, types.InvalidInputExceptionReasonInvalidRoleName, s.CreateAccount, &sdk.CreateAccountInput{
		AccountName: aws.String("role"), Email: aws.String("role@example.com"), RoleName: aws.String("AWSServiceRoleForMischief"),
	})
	requests := call(t, s.ListCreateAccountStatus, &sdk.ListCreateAccountStatusInput{States: []types.CreateAccountState{types.CreateAccountStateSucceeded}})
	if len(requests.CreateAccountStatuses) != 3 {
		t.Errorf("the finished requests are %v, want three", requests.CreateAccountStatuses)
	}
	if account := call(t, s.DescribeAccount, &sdk.DescribeAccountInput{AccountId: &s.going}).Account; account.State != types.AccountStateActive || account.JoinedMethod != types.AccountJoinedMethodCreated {
		t.Errorf("the new account is %+v", account)
	}
	refused[*types.AccountNotFoundException](t, s.DescribeAccount, &sdk.DescribeAccountInput{AccountId: aws.String("000000000009")})
	invalid(t, "INVALID_PATTERN:ACCOUNT_ID", s.DescribeAccount, &sdk.DescribeAccountInput{AccountId: aws.String("12345")})
	s.paging()
	s.moving()
}

func (s *sdkStory) paging() {
	t := s.t
	var listed []string
	pages := sdk.NewListAccountsPaginator(s.Client, &sdk.ListAccountsInput{MaxResults: aws.Int32(1)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, account := range page.Accounts {
			listed = append(listed, *account.Id)
		}
	}
	if len(listed) != 4 || len(slices.Compact(slices.Sorted(slices.Values(listed)))) != 4 {
		t.Errorf("the pages list %v, want the management account and three members", listed)
	}
	invalid(t, "MAX_VALUE_EXCEEDED:MAX_RESULTS", s.ListAccounts, &sdk.ListAccountsInput{MaxResults: aws.Int32(21)})
	invalid(t, types.InvalidInputExceptionReasonInvalidPaginationToken, s.ListAccounts, &sdk.ListAccountsInput{NextToken: aws.String("forged")})
}

func (s *sdkStory) moving() {
	t := s.t
	move := func(from, to string) *sdk.MoveAccountInput {
		return &sdk.MoveAccountInput{AccountId: &s.going, SourceParentId: &from, DestinationParentId: &to}
	}
	refused[*types.SourceParentNotFoundException](t, s.MoveAccount, move("r-zzzz", s.unit))
	refused[*types.DestinationParentNotFoundException](t, s.MoveAccount, move(s.root, "ou-zzzz-00000000"))
	refused[*types.DuplicateAccountException](t, s.MoveAccount, move(s.root, s.root))
	call(t, s.MoveAccount, move(s.root, s.unit))
	if inside := call(t, s.ListAccountsForParent, &sdk.ListAccountsForParentInput{ParentId: &s.unit}).Accounts; len(inside) != 1 || *inside[0].Id != s.going {
		t.Errorf("the unit holds %v, want %s", inside, s.going)
	}
	if parents := call(t, s.ListParents, &sdk.ListParentsInput{ChildId: &s.going}).Parents; len(parents) != 1 || *parents[0].Id != s.unit {
		t.Errorf("the parents are %v, want %s", parents, s.unit)
	}
	refused[*types.OrganizationalUnitNotEmptyException](t, s.DeleteOrganizationalUnit, &sdk.DeleteOrganizationalUnitInput{OrganizationalUnitId: &s.unit})
}

func (s *sdkStory) policies() {
	t := s.t
	enable := &sdk.EnablePolicyTypeInput{RootId: &s.root, PolicyType: types.PolicyTypeServiceControlPolicy}
	create := func(name, content string) *sdk.CreatePolicyInput {
		return &sdk.CreatePolicyInput{Name: &name, Content: &content, Description: aws.String(""), Type: types.PolicyTypeServiceControlPolicy}
	}
	s.policy = *call(t, s.CreatePolicy, create("Guardrail", guardrail)).Policy.PolicySummary.Id
	attach := &sdk.AttachPolicyInput{PolicyId: &s.policy, TargetId: &s.unit}
	refused[*types.PolicyTypeNotEnabledException](t, s.AttachPolicy, attach)
	call(t, s.EnablePolicyType, enable)
	eventually(t, "service control policies", func() bool {
		enabled := call(t, s.ListRoots, &sdk.ListRootsInput{}).Roots[0].PolicyTypes
		return len(enabled) == 1 && enabled[0].Status == types.PolicyTypeStatusEnabled
	})
	refused[*types.PolicyTypeAlreadyEnabledException](t, s.EnablePolicyType, enable)
	refused[*types.DuplicatePolicyException](t, s.CreatePolicy, create("Guardrail", guardrail))
	refused[*types.MalformedPolicyDocumentException](t, s.CreatePolicy, create("Broken", "{"))
	invalid(t, types.InvalidInputExceptionReasonInvalidEnumPolicyType, s.ListPolicies, &sdk.ListPoliciesInput{Filter: "NO_POLICY"})

	call(t, s.UpdatePolicy, &sdk.UpdatePolicyInput{PolicyId: &s.policy, Description: aws.String("Nobody leaves")})
	if seen := call(t, s.DescribePolicy, &sdk.DescribePolicyInput{PolicyId: &s.policy}).Policy; *seen.PolicySummary.Description != "Nobody leaves" || *seen.Content != guardrail {
		t.Errorf("the policy is %+v", seen)
	}
	invalid(t, types.InvalidInputExceptionReasonImmutablePolicy, s.UpdatePolicy,
		&sdk.UpdatePolicyInput{PolicyId: aws.String("p-FullAWSAccess"), Description: aws.String("mine")})
	if listed := call(t, s.ListPolicies, &sdk.ListPoliciesInput{Filter: types.PolicyTypeServiceControlPolicy}).Policies; len(listed) != 2 {
		t.Errorf("the policies are %v, want FullAWSAccess and ours", listed)
	}
	s.attachments(attach)
	call(t, s.DisablePolicyType, &sdk.DisablePolicyTypeInput{RootId: &s.root, PolicyType: types.PolicyTypeServiceControlPolicy})
}

func (s *sdkStory) attachments(attach *sdk.AttachPolicyInput) {
	t := s.t
	call(t, s.AttachPolicy, attach)
	refused[*types.DuplicatePolicyAttachmentException](t, s.AttachPolicy, attach)
	refused[*types.PolicyInUseException](t, s.DeletePolicy, &sdk.DeletePolicyInput{PolicyId: &s.policy})
	refused[*types.TargetNotFoundException](t, s.AttachPolicy, &sdk.AttachPolicyInput{PolicyId: &s.policy, TargetId: aws.String("000000000009")})
	refused[*types.PolicyNotFoundException](t, s.AttachPolicy, &sdk.AttachPolicyInput{PolicyId: aws.String("p-0000000000"), TargetId: &s.unit})
	invalid(t, types.InvalidInputExceptionReasonInvalidPatternTargetId, s.AttachPolicy, &sdk.AttachPolicyInput{PolicyId: &s.policy, TargetId: aws.String("nobody")})
	if attached := call(t, s.ListPoliciesForTarget, &sdk.ListPoliciesForTargetInput{TargetId: &s.unit, Filter: types.PolicyTypeServiceControlPolicy}).Policies; len(attached) != 2 {
		t.Errorf("the unit has policies %v, want two", attached)
	}
	if targets := call(t, s.ListTargetsForPolicy, &sdk.ListTargetsForPolicyInput{PolicyId: &s.policy}).Targets; len(targets) != 1 || *targets[0].TargetId != s.unit {
		t.Errorf("the policy has targets %v, want the unit", targets)
	}
	detach := &sdk.DetachPolicyInput{PolicyId: &s.policy, TargetId: &s.unit}
	call(t, s.DetachPolicy, detach)
	refused[*types.PolicyNotAttachedException](t, s.DetachPolicy, detach)
	violates(t, types.ConstraintViolationExceptionReasonMinPolicyTypeAttachmentLimitExceeded, s.DetachPolicy,
		&sdk.DetachPolicyInput{PolicyId: aws.String("p-FullAWSAccess"), TargetId: &s.unit})
	call(t, s.DeletePolicy, &sdk.DeletePolicyInput{PolicyId: &s.policy})
	refused[*types.PolicyNotFoundException](t, s.DescribePolicy, &sdk.DescribePolicyInput{PolicyId: &s.policy})
}

func (s *sdkStory) tagging() {
	t := s.t
	tag := func(key, value string) types.Tag { return types.Tag{Key: &key, Value: &value} }
	call(t, s.TagResource, &sdk.TagResourceInput{ResourceId: &s.unit, Tags: []types.Tag{tag("Team", "Orchard"), tag("Stage", "test")}})
	call(t, s.UntagResource, &sdk.UntagResourceInput{ResourceId: &s.unit, TagKeys: []string{"Stage"}})
	if tags := call(t, s.ListTagsForResource, &sdk.ListTagsForResourceInput{ResourceId: &s.unit}).Tags; len(tags) != 1 || *tags[0].Value != "Orchard" {
		t.Errorf("the tags are %v, want Team=Orchard", tags)
	}
	invalid(t, types.InvalidInputExceptionReasonDuplicateTagKey, s.TagResource,
		&sdk.TagResourceInput{ResourceId: &s.unit, Tags: []types.Tag{tag("Twice", "1"), tag("Twice", "2")}})
	invalid(t, types.InvalidInputExceptionReasonInvalidSystemTagsParameter, s.TagResource,
		&sdk.TagResourceInput{ResourceId: &s.unit, Tags: []types.Tag{tag("aws:reserved", "1")}})
	var many []types.Tag
	for n := range 50 {
		many = append(many, tag(fmt.Sprint("Tag", n), ""))
	}
	violates(t, types.ConstraintViolationExceptionReasonMaxTagLimitExceeded, s.TagResource, &sdk.TagResourceInput{ResourceId: &s.unit, Tags: many})
}

func (s *sdkStory) services() {
	t := s.t
	register := &sdk.RegisterDelegatedAdministratorInput{AccountId: &s.going, ServicePrincipal: aws.String(auditor)}
	deregister := &sdk.DeregisterDelegatedAdministratorInput{AccountId: &s.going, ServicePrincipal: aws.String(auditor)}
	violates(t, types.ConstraintViolationExceptionReasonServiceAccessNotEnabled, s.RegisterDelegatedAdministrator, register)
	invalid(t, types.InvalidInputExceptionReasonUnrecognizedServicePrincipal, s.EnableAWSServiceAccess,
		&sdk.EnableAWSServiceAccessInput{ServicePrincipal: aws.String("unheard-of.amazonaws.com")})
	call(t, s.EnableAWSServiceAccess, &sdk.EnableAWSServiceAccessInput{ServicePrincipal: aws.String(auditor)})
	if trusted := call(t, s.ListAWSServiceAccessForOrganization, &sdk.ListAWSServiceAccessForOrganizationInput{}).EnabledServicePrincipals; len(trusted) != 1 {
		t.Errorf("the trusted services are %v, want one", trusted)
	}
	refused[*types.AccountNotRegisteredException](t, s.DeregisterDelegatedAdministrator, deregister)
	call(t, s.RegisterDelegatedAdministrator, register)
	refused[*types.AccountAlreadyRegisteredException](t, s.RegisterDelegatedAdministrator, register)
	violates(t, types.ConstraintViolationExceptionReasonCannotRemoveDelegatedAdministratorFromOrg, s.RemoveAccountFromOrganization,
		&sdk.RemoveAccountFromOrganizationInput{AccountId: &s.going})

	if admins := call(t, s.ListDelegatedAdministrators, &sdk.ListDelegatedAdministratorsInput{ServicePrincipal: aws.String(auditor)}).DelegatedAdministrators; len(admins) != 1 {
		t.Errorf("the delegated administrators are %v, want one", admins)
	}
	if services := call(t, s.ListDelegatedServicesForAccount, &sdk.ListDelegatedServicesForAccountInput{AccountId: &s.going}).DelegatedServices; len(services) != 1 || *services[0].ServicePrincipal != auditor {
		t.Errorf("the delegated services are %v, want %s", services, auditor)
	}
	member := s.server.client(s.server.memberCredentials(t, s.owner, s.going))
	call(t, member.ListAccounts, &sdk.ListAccountsInput{})
	call(t, s.DeregisterDelegatedAdministrator, deregister)
	refused[*types.AccessDeniedException](t, member.ListAccounts, &sdk.ListAccountsInput{})
	call(t, s.DisableAWSServiceAccess, &sdk.DisableAWSServiceAccessInput{ServicePrincipal: aws.String(auditor)})
}

func (s *sdkStory) resourcePolicy() {
	t := s.t
	refused[*types.ResourcePolicyNotFoundException](t, s.DescribeResourcePolicy, &sdk.DescribeResourcePolicyInput{})
	invalid(t, types.InvalidInputExceptionReasonInvalidResourcePolicyJson, s.PutResourcePolicy, &sdk.PutResourcePolicyInput{Content: aws.String("{")})
	content := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::%s:root"},"Action":"organizations:DescribeAccount","Resource":"*"}]}`, s.going)
	call(t, s.PutResourcePolicy, &sdk.PutResourcePolicyInput{Content: &content})
	if seen := call(t, s.DescribeResourcePolicy, &sdk.DescribeResourcePolicyInput{}).ResourcePolicy; *seen.Content != content {
		t.Errorf("the resource policy came back as %s", *seen.Content)
	}
	call(t, s.DeleteResourcePolicy, &sdk.DeleteResourcePolicyInput{})
}

func (s *sdkStory) closure() {
	t := s.t
	management := call(t, s.DescribeOrganization, &sdk.DescribeOrganizationInput{}).Organization.MasterAccountId
	violates(t, types.ConstraintViolationExceptionReasonCannotCloseManagementAccount, s.CloseAccount, &sdk.CloseAccountInput{AccountId: management})
	refused[*types.MasterCannotLeaveOrganizationException](t, s.LeaveOrganization, &sdk.LeaveOrganizationInput{})
	call(t, s.CloseAccount, &sdk.CloseAccountInput{AccountId: &s.closing})
	eventually(t, "the account to be closed", func() bool {
		account := call(t, s.DescribeAccount, &sdk.DescribeAccountInput{AccountId: &s.closing}).Account
		return account.State == types.AccountStateClosed && account.Status == types.AccountStatusSuspended
	})
	refused[*types.AccountAlreadyClosedException](t, s.CloseAccount, &sdk.CloseAccountInput{AccountId: &s.closing})
}

// departures ends one organization with a closed account, which keeps it from being deleted, and founds
// another, in an account of its own, to see one deleted.
func (s *sdkStory) departures() {
	t := s.t
	leaver := s.server.client(s.server.memberCredentials(t, s.owner, s.leaving), s.record.watch)
	call(t, leaver.LeaveOrganization, &sdk.LeaveOrganizationInput{})
	refused[*types.AWSOrganizationsNotInUseException](t, leaver.DescribeOrganization, &sdk.DescribeOrganizationInput{})
	call(t, s.RemoveAccountFromOrganization, &sdk.RemoveAccountFromOrganizationInput{AccountId: &s.going})
	refused[*types.AccountNotFoundException](t, s.RemoveAccountFromOrganization, &sdk.RemoveAccountFromOrganizationInput{AccountId: &s.going})
	refused[*types.OrganizationNotEmptyException](t, s.DeleteOrganization, &sdk.DeleteOrganizationInput{})

	call(t, leaver.CreateOrganization, &sdk.CreateOrganizationInput{FeatureSet: types.OrganizationFeatureSetConsolidatedBilling})
	violates(t, types.ConstraintViolationExceptionReasonOrganizationNotInAllFeaturesMode, leaver.ListAWSServiceAccessForOrganization, &sdk.ListAWSServiceAccessForOrganizationInput{})
	call(t, leaver.DeleteOrganization, &sdk.DeleteOrganizationInput{})
	refused[*types.AWSOrganizationsNotInUseException](t, leaver.DescribeOrganization, &sdk.DescribeOrganizationInput{})
}
