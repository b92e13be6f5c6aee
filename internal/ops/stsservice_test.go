package ops_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/espalier-cloud/espalier/internal/api/iam"
	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/api/sts"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/ops"
	"github.com/espalier-cloud/espalier/internal/org"
)

const (
	ledger     = "ledger.example.com"
	ledgerRole = "ServiceRoleForLedger"
	mayRead    = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["organizations:Describe*","organizations:List*","iam:DeleteServiceLinkedRole"],"Resource":"*"}}`
)

// platform is an organization on a private cloud, one of whose services is the ledger.
type platform struct {
	*world
	management, member, outsider identity.Caller
	ledger                       identity.Caller // in its own name
}

func newPlatform(t testing.TB) *platform {
	t.Helper()
	p := &platform{world: newWorld(t), ledger: identity.ServiceCaller(ledger, "AKIALEDGERLEDGER2345")}
	p.rules.Services = p.rules.Services.With(org.Service{Principal: ledger, DelegatedAdmins: 1})
	p.describe(t, mayRead)
	p.management = p.organization(t, organizations.OrganizationFeatureSetAll)
	p.member, p.outsider = p.world.member(t, p.management, "Member"), p.standalone(t, "Outsider")
	return p
}

// describe restarts the server with a configuration that says what the ledger's role may do.
func (p *platform) describe(t testing.TB, document string) {
	t.Helper()
	roles, err := identity.AWSServiceRoles().With(identity.ServiceLinkedRole{Service: ledger, Name: ledgerRole, Document: document})
	if err != nil {
		t.Fatal(err)
	}
	p.roles = roles
	p.boot()
}

func (p *platform) trust(t testing.TB) {
	t.Helper()
	p.do(t, p.management, &organizations.EnableAWSServiceAccessInput{ServicePrincipal: ledger})
}

func (p *platform) distrust(t testing.TB) {
	t.Helper()
	p.do(t, p.management, &organizations.DisableAWSServiceAccessInput{ServicePrincipal: ledger})
}

// linkedARN is the ARN of the role of a service in an account.
func linkedARN(account identity.AccountID, service, role string) string {
	return identity.RoleARN(identity.PartitionAWS, account, identity.ServiceRolePath(service), role)
}

// door is how the ledger asks for a session of its role in an account.
func door(account identity.AccountID) *sts.AssumeRoleInput {
	return &sts.AssumeRoleInput{RoleArn: linkedARN(account, ledger, ledgerRole), RoleSessionName: "audit"}
}

// enter returns a session of the ledger in an account.
func (p *platform) enter(t testing.TB, account identity.AccountID) identity.Caller {
	t.Helper()
	out := give[sts.AssumeRoleOutput](t, p.world, p.ledger, door(account))
	session := p.sessions[out.Credentials.AccessKeyId]
	return session.Caller()
}

// keptOut checks that the ledger cannot assume a role, with the one answer that it gets whatever the reason.
func (p *platform) keptOut(t testing.TB, why, role string) {
	t.Helper()
	refused := p.refuse(t, p.ledger, &sts.AssumeRoleInput{RoleArn: role, RoleSessionName: "audit"})
	want := "User: " + ledger + " is not authorized to perform: sts:AssumeRole on resource: " + role
	if refused.ErrorCode() != "AccessDenied" || refused.ErrorMessage() != want || refused.HTTPStatus() != 403 {
		t.Errorf("%s: %v", why, refused)
	}
}

func (p *platform) hasRole(t testing.TB, account identity.AccountID) bool {
	t.Helper()
	a, err := p.registry.Account(t.Context(), account)
	if err != nil {
		t.Fatal(err)
	}
	_, ok := a.Role(ledgerRole)
	return ok
}

func TestServicesAreKeptOut(t *testing.T) {
	p := newPlatform(t)
	p.keptOut(t, "not trusted", door(p.member.Account).RoleArn)
	p.keptOut(t, "an account that does not exist", door("999999999999").RoleArn)
	p.keptOut(t, "no role", "twenty characters or more")
	p.trust(t)
	p.keptOut(t, "an account outside of the organization", door(p.outsider.Account).RoleArn)
	p.keptOut(t, "another name", linkedARN(p.member.Account, ledger, "Another"))
	p.keptOut(t, "the role of another service that may be made", linkedARN(p.member.Account, "sso.amazonaws.com", "AWSServiceRoleForSSO"))
	p.keptOut(t, "the role of another service that is there", linkedARN(p.member.Account, identity.OrganizationsService, organizationsRole))
	p.keptOut(t, "a role that trusts somebody else", identity.RoleARN(identity.PartitionAWS, p.member.Account, "/", "OrganizationAccountAccessRole"))
	if refused := p.refuse(t, p.ledger, &sts.AssumeRoleInput{RoleArn: door(p.member.Account).RoleArn, RoleSessionName: "audit", DurationSeconds: new(int32(7200))}); refused.ErrorCode() != "ValidationError" {
		t.Errorf("too long a session: %v", refused)
	}
	if p.hasRole(t, p.member.Account) {
		t.Error("a call that was refused made a role")
	}
	p.addRole(t, p.management.Account, identity.NewRole{Name: ledgerRole, TrustPolicy: trusting("*", "")})
	p.keptOut(t, "an ordinary role has the name", door(p.management.Account).RoleArn)
	p.do(t, p.management, &organizations.CloseAccountInput{AccountId: string(p.member.Account)})
	p.work(t)
	p.keptOut(t, "a closed account", door(p.member.Account).RoleArn)
}

// The role comes into being when the service needs it, with all of it in the account's own trail.
func TestTrustedServiceBringsItsRole(t *testing.T) {
	p := newPlatform(t)
	p.trust(t)
	for _, account := range []identity.Caller{p.member, p.management} {
		by := p.enter(t, account.Account)
		if want := "arn:aws:sts::" + string(account.Account) + ":assumed-role/" + ledgerRole + "/audit"; by.ARN != want || by.Type != identity.AssumedRole {
			t.Errorf("the session is %+v", by)
		}
		role := give[iam.GetRoleOutput](t, p.world, account, &iam.GetRoleInput{RoleName: ledgerRole}).Role
		if role.Path != "/aws-service-role/"+ledger+"/" || !strings.Contains(*role.AssumeRolePolicyDocument, ledger) {
			t.Errorf("the role is %+v", role)
		}
		p.enter(t, account.Account)
		var told []string
		for _, e := range p.trail(t, account)[:3] {
			told = append(told, e.EventName)
			if e.UserIdentity.Type != "AWSService" || e.UserIdentity.InvokedBy != ledger || e.RecipientAccountID != string(account.Account) {
				t.Errorf("the event is %s", e.doc)
			}
		}
		if got := fmt.Sprint(told); got != "[AssumeRole AssumeRole CreateServiceLinkedRole]" && got != "[AssumeRole CreateServiceLinkedRole AssumeRole]" {
			t.Errorf("the trail tells of %v", told)
		}
	}
}

// Without trust a service keeps the roles that it has, and gets no new ones.
func TestDistrustedServiceKeepsItsRoles(t *testing.T) {
	p := newPlatform(t)
	p.trust(t)
	session := p.enter(t, p.member.Account)
	p.do(t, session, &organizations.ListAccountsInput{})
	p.distrust(t)
	p.enter(t, p.member.Account)
	p.keptOut(t, "no new role", door(p.management.Account).RoleArn)
	if refused := p.refuse(t, session, &organizations.ListAccountsInput{}); refused.ErrorCode() != "AccessDeniedException" {
		t.Errorf("a service that is not trusted any more reads: %v", refused)
	}
	p.trust(t)
	p.do(t, session, &organizations.ListAccountsInput{})
	p.enter(t, p.management.Account)
}

// What the role of the service may do is what the configuration says by now, as soon as the service uses it.
func TestServiceRenewsItsRole(t *testing.T) {
	p := newPlatform(t)
	p.trust(t)
	p.enter(t, p.member.Account)
	p.describe(t, strings.Replace(mayRead, "organizations:List*", "organizations:ListAccounts", 1))
	by := p.enter(t, p.member.Account)
	p.do(t, by, &organizations.ListAccountsInput{})
	if refused := p.refuse(t, by, &organizations.ListRootsInput{}); refused.ErrorCode() != "AccessDeniedException" {
		t.Errorf("an old permission still holds: %v", refused)
	}
	p.roles = nil // the configuration does not name the service any more
	p.boot()
	p.do(t, p.enter(t, p.member.Account), &organizations.ListAccountsInput{})
	p.keptOut(t, "a role that nobody describes", door(p.management.Account).RoleArn)
}

// Delegated administrators and trusted services read the same, each as far as policies let them.
func TestTrustedServiceReads(t *testing.T) {
	p := newPlatform(t)
	p.trust(t)
	for name, by := range map[string]identity.Caller{"from a member": p.enter(t, p.member.Account), "from the management account": p.enter(t, p.management.Account)} {
		t.Run(name, func(t *testing.T) {
			p.do(t, by, &organizations.DescribeOrganizationInput{})
			p.do(t, by, &organizations.DescribeAccountInput{AccountId: string(p.management.Account)})
			p.do(t, by, &organizations.ListDelegatedAdministratorsInput{ServicePrincipal: new(ledger)})
			p.do(t, by, &organizations.ListAWSServiceAccessForOrganizationInput{})
			if refused := p.refuse(t, by, &organizations.DescribeEffectivePolicyInput{PolicyType: "TAG_POLICY", TargetId: new(string(p.management.Account))}); refused.ErrorCode() != "EffectivePolicyNotFoundException" {
				t.Errorf("an effective policy: %v", refused)
			}
			if refused := p.refuse(t, by, &organizations.CreateOrganizationalUnitInput{ParentId: *p.rootOf(t, p.management).Id, Name: "Unit"}); refused.ErrorCode() != "AccessDeniedException" {
				t.Errorf("a trusted service writes: %v", refused)
			}
		})
	}
}

// Organization policies never touch what a service-linked role does.
func TestGuardrailsSpareServices(t *testing.T) {
	p := newPlatform(t)
	p.trust(t)
	root := *p.rootOf(t, p.management).Id
	for of, document := range map[organizations.PolicyType]string{
		organizations.PolicyTypeServiceControlPolicy:  `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}`,
		organizations.PolicyTypeResourceControlPolicy: `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"sts:*","Resource":"*"}]}`,
	} {
		p.do(t, p.management, &organizations.EnablePolicyTypeInput{RootId: root, PolicyType: of})
		deny := give[organizations.CreatePolicyOutput](t, p.world, p.management, &organizations.CreatePolicyInput{Type: of, Name: "Deny", Description: new(""), Content: document})
		p.do(t, p.management, &organizations.AttachPolicyInput{PolicyId: *deny.Policy.PolicySummary.Id, TargetId: root})
	}
	p.do(t, p.enter(t, p.member.Account), &organizations.ListAccountsInput{})
	if refused := p.refuse(t, p.member, &organizations.DescribeOrganizationInput{}); refused.ErrorCode() != "AccessDeniedException" {
		t.Errorf("the policy binds nobody: %v", refused)
	}
}

// A service may also assume an ordinary role whose trust policy names it, which resource control policies protect.
func TestServiceAssumesOrdinaryRole(t *testing.T) {
	p := newPlatform(t)
	const trust = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":%q},"Action":"sts:AssumeRole"}]}`
	for name, service := range map[string]string{"ForLedger": ledger, "ForSSO": "sso.amazonaws.com"} {
		p.addRole(t, p.member.Account, identity.NewRole{Name: name, TrustPolicy: fmt.Sprintf(trust, service)})
	}
	role := identity.RoleARN(identity.PartitionAWS, p.member.Account, "/", "ForLedger")
	p.do(t, p.ledger, &sts.AssumeRoleInput{RoleArn: role, RoleSessionName: "audit"})
	p.keptOut(t, "a role for another service", identity.RoleARN(identity.PartitionAWS, p.member.Account, "/", "ForSSO"))

	root := *p.rootOf(t, p.management).Id
	p.do(t, p.management, &organizations.EnablePolicyTypeInput{RootId: root, PolicyType: organizations.PolicyTypeResourceControlPolicy})
	deny := give[organizations.CreatePolicyOutput](t, p.world, p.management, &organizations.CreatePolicyInput{
		Type: organizations.PolicyTypeResourceControlPolicy, Name: "Deny", Description: new(""),
		Content: `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole","Resource":"*"}]}`,
	})
	p.do(t, p.management, &organizations.AttachPolicyInput{PolicyId: *deny.Policy.PolicySummary.Id, TargetId: root})
	p.keptOut(t, "a resource control policy", role)
}

// A role is in use as long as a session of its service lasts. The service itself may delete it before.
func TestServiceLinkedRoleInUse(t *testing.T) {
	p := newPlatform(t)
	p.trust(t)
	session := p.enter(t, p.member.Account)
	remove := func(by identity.Caller) *iam.GetServiceLinkedRoleDeletionStatusOutput {
		t.Helper()
		task := give[iam.DeleteServiceLinkedRoleOutput](t, p.world, by, &iam.DeleteServiceLinkedRoleInput{RoleName: ledgerRole}).DeletionTaskId
		return give[iam.GetServiceLinkedRoleDeletionStatusOutput](t, p.world, p.member, &iam.GetServiceLinkedRoleDeletionStatusInput{DeletionTaskId: task})
	}
	got := remove(p.member)
	if got.Status != iam.DeletionTaskStatusTypeFailed || got.Reason.RoleUsageList[0].Resources[0] != session.ARN || !strings.Contains(*got.Reason.Reason, "a session until 2026-03-01T13:00:") {
		t.Errorf("got %+v, %+v", got, got.Reason)
	}
	if got := remove(session); got.Status != iam.DeletionTaskStatusTypeSucceeded || p.hasRole(t, p.member.Account) {
		t.Errorf("the service itself deletes its role: %+v", got)
	}
	p.enter(t, p.member.Account)
	p.clock.advance(time.Hour + time.Minute)
	if got := remove(p.member); got.Status != iam.DeletionTaskStatusTypeSucceeded || p.hasRole(t, p.member.Account) {
		t.Errorf("after the session: %+v", got)
	}
}

// The role of AWS Organizations can go where the organization does not have all features.
func TestOrganizationsRoleInBillingMode(t *testing.T) {
	w := newWorld(t)
	owner := w.organization(t, organizations.OrganizationFeatureSetConsolidatedBilling)
	w.do(t, owner, &iam.GetRoleInput{RoleName: organizationsRole})
	task := give[iam.DeleteServiceLinkedRoleOutput](t, w, owner, &iam.DeleteServiceLinkedRoleInput{RoleName: organizationsRole}).DeletionTaskId
	if got := give[iam.GetServiceLinkedRoleDeletionStatusOutput](t, w, owner, &iam.GetServiceLinkedRoleDeletionStatusInput{DeletionTaskId: task}); got.Status != "SUCCEEDED" {
		t.Errorf("got %+v", got)
	}
	if refused := w.refuse(t, owner, &iam.GetRoleInput{RoleName: organizationsRole}); refused.ErrorCode() != "NoSuchEntity" {
		t.Errorf("got %v", refused)
	}
}

func TestServiceKnowsItself(t *testing.T) {
	p := newPlatform(t)
	got := give[sts.GetCallerIdentityOutput](t, p.world, p.ledger, &sts.GetCallerIdentityInput{})
	if got.Account != nil || *got.Arn != ledger || *got.UserId != ledger {
		t.Errorf("got %+v", got)
	}
	key, err := p.keys().Create(t.Context(), ops.KeyHolder{Service: ledger})
	if err != nil {
		t.Fatal(err)
	}
	if refused := p.refuse(t, p.management, &sts.GetAccessKeyInfoInput{AccessKeyId: string(key.AccessKeyID)}); refused.ErrorCode() != "ValidationError" {
		t.Errorf("the account of the key: %v", refused)
	}
}
