package ops_test

import (
	"strings"
	"testing"

	"github.com/espalier-cloud/espalier/internal/api/iam"
	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/identity"
)

const (
	allowing = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`
	denying  = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*"}]}`

	administratorAccess = "arn:aws:iam::aws:policy/AdministratorAccess"
	readOnlyAccess      = "arn:aws:iam::aws:policy/ReadOnlyAccess"
	organizationsTrust  = "arn:aws:iam::aws:policy/aws-service-role/AWSOrganizationsServiceTrustPolicy"
	organizationsRole   = "AWSServiceRoleForOrganizations"
	noPolicy            = "twenty characters or more" // an ARN that is none
)

// estate is an account in which every rule of IAM has something to refuse: the
// management account of an organization that trusts IAM.
type estate struct {
	*world
	root      identity.Caller
	ann       identity.Caller // a user with a key, a group and policies
	session   identity.Caller // of a role
	member    identity.Caller
	admin     identity.Caller // delegated administrator of IAM
	outsider  identity.Caller // in no organization
	key       string          // of Ann
	full      string          // ARN of a policy with five versions, v2 of them in effect, attached to everybody
	spare     string          // ARN of a policy that nobody uses
	boundary  string          // ARN of a policy that bounds Ann
	provider  string          // ARN of an OpenID Connect provider
	unneeded  string          // a service-linked role
	deletions string          // id of a deletion task
}

// newEstate makes an estate.
func newEstate(t testing.TB) *estate {
	t.Helper()
	e := &estate{world: newWorld(t), unneeded: "AWSServiceRoleForSSO"}
	e.outsider = e.standalone(t, "Outsider")
	e.root = e.organization(t, organizations.OrganizationFeatureSetAll)
	e.member, e.admin = e.world.member(t, e.root, "Member"), e.world.member(t, e.root, "Admin")
	e.do(t, e.root, &organizations.EnableAWSServiceAccessInput{ServicePrincipal: "iam.amazonaws.com"})
	e.do(t, e.root, &organizations.RegisterDelegatedAdministratorInput{AccountId: string(e.admin.Account), ServicePrincipal: "iam.amazonaws.com"})
	e.plantPolicies(t)
	e.plantEntities(t)
	e.do(t, e.root, &iam.CreateAccountAliasInput{AccountAlias: "estate"})
	e.do(t, e.outsider, &iam.CreateAccountAliasInput{AccountAlias: "outside"})
	e.provider = *give[iam.CreateOpenIDConnectProviderOutput](t, e.world, e.root, &iam.CreateOpenIDConnectProviderInput{
		Url: "https://token.example.com", ClientIDList: []string{"app"}, ThumbprintList: []string{strings.Repeat("0a", 20)},
	}).OpenIDConnectProviderArn
	for _, service := range []string{"sso.amazonaws.com", "config.amazonaws.com"} {
		e.do(t, e.root, &iam.CreateServiceLinkedRoleInput{AWSServiceName: service})
	}
	e.deletions = give[iam.DeleteServiceLinkedRoleOutput](t, e.world, e.root, &iam.DeleteServiceLinkedRoleInput{RoleName: "AWSServiceRoleForConfig"}).DeletionTaskId
	return e
}

func (e *estate) plantPolicies(t testing.TB) {
	t.Helper()
	create := func(name string) string {
		return *give[iam.CreatePolicyOutput](t, e.world, e.root, &iam.CreatePolicyInput{PolicyName: name, PolicyDocument: allowing}).Policy.Arn
	}
	e.full, e.spare, e.boundary = create("Full"), create("Spare"), create("Boundary")
	for n := range 4 {
		e.do(t, e.root, &iam.CreatePolicyVersionInput{PolicyArn: e.full, PolicyDocument: denying, SetAsDefault: new(n == 0)})
	}
}

func (e *estate) plantEntities(t testing.TB) {
	t.Helper()
	e.do(t, e.root, &iam.CreateUserInput{UserName: "Ann", Path: new("/team/"), PermissionsBoundary: &e.boundary})
	e.do(t, e.root, &iam.CreateUserInput{UserName: "Bob"})
	e.do(t, e.root, &iam.CreateUserInput{UserName: "Keyed"})
	e.do(t, e.root, &iam.CreateUserInput{UserName: "Grouped"})
	e.do(t, e.root, &iam.CreateGroupInput{GroupName: "Staff"})
	e.do(t, e.root, &iam.CreateGroupInput{GroupName: "Crowd"})
	e.do(t, e.root, &iam.CreateGroupInput{GroupName: "Empty"})
	trust := trusting(string(e.root.Account), "")
	for _, name := range []string{"Reader", "Idle"} {
		e.do(t, e.root, &iam.CreateRoleInput{RoleName: name, AssumeRolePolicyDocument: trust})
	}
	e.do(t, e.root, &iam.AddUserToGroupInput{UserName: "Ann", GroupName: "Staff"})
	e.do(t, e.root, &iam.AddUserToGroupInput{UserName: "Grouped", GroupName: "Crowd"})
	e.do(t, e.root, &iam.AttachUserPolicyInput{UserName: "Ann", PolicyArn: e.full})
	e.do(t, e.root, &iam.AttachGroupPolicyInput{GroupName: "Staff", PolicyArn: e.full})
	e.do(t, e.root, &iam.AttachRolePolicyInput{RoleName: "Reader", PolicyArn: e.full})
	e.do(t, e.root, &iam.PutUserPolicyInput{UserName: "Ann", PolicyName: "inline", PolicyDocument: allowing})
	e.do(t, e.root, &iam.PutGroupPolicyInput{GroupName: "Staff", PolicyName: "inline", PolicyDocument: allowing})
	e.do(t, e.root, &iam.PutRolePolicyInput{RoleName: "Reader", PolicyName: "inline", PolicyDocument: allowing})
	e.do(t, e.root, &iam.CreateAccessKeyInput{UserName: new("Keyed")})
	key := give[iam.CreateAccessKeyOutput](t, e.world, e.root, &iam.CreateAccessKeyInput{UserName: new("Ann")}).AccessKey
	e.key, e.ann = key.AccessKeyId, e.keyCaller(t, e.root.Account, key.AccessKeyId)
	e.session = e.assume(t, e.root, e.root.Account, "Reader")
}

// keyCaller returns whom an access key speaks for.
func (w *world) keyCaller(t testing.TB, id identity.AccountID, key string) identity.Caller {
	t.Helper()
	account, err := w.registry.Account(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	k, ok := account.AccessKey(identity.AccessKeyID(key))
	if !ok {
		t.Fatalf("no key %s", key)
	}
	return account.Caller(k)
}

// limit gives IAM other quotas than AWS's, or AWS's again when q is nil.
func (w *world) limit(q *identity.Quotas) { w.registry.Quotas = q }

// none is a quota of nothing.
func none() *identity.Quotas { return &identity.Quotas{} }
