package ops_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/ops"
	"github.com/espalier-cloud/espalier/internal/org"
)

// Identifiers of the right form that nothing has.
const (
	unknownAccount   = "999999999999"
	unknownRoot      = "r-zzzz"
	unknownUnit      = "ou-zzzz-zzzzzzzz"
	unknownPolicy    = "p-zzzzzzzzzz"
	unknownCreation  = "car-zzzzzzzzzzzz"
	unknownHandshake = "h-00000000000000000000000000000000"
	unknownTransfer  = "rt-00000000"
)

// The services of the tests.
const (
	config      = "config.amazonaws.com"      // may have three delegated administrators
	guardDuty   = "guardduty.amazonaws.com"   // may have one
	ram         = "ram.amazonaws.com"         // may have none
	health      = "health.amazonaws.com"      // is not trusted
	securityHub = "securityhub.amazonaws.com" // has a policy type of its own
)

// garden is an organization in which every rule has something to refuse.
type garden struct {
	*world
	management identity.Caller
	member     identity.Caller // old enough to leave
	young      identity.Caller // created too short a time ago to leave
	debtor     identity.Caller // has no payment method
	admin      identity.Caller // delegated administrator of config and guardDuty
	second     identity.Caller // delegated administrator of config
	delegate   identity.Caller // may manage backup policies, by the resource policy
	closing    identity.Caller
	closed     identity.Caller
	outsider   identity.Caller // in no organization
	govCloud   identity.Caller // the outsider's pair in AWS GovCloud (US)
	hermit     identity.Caller // the management account of an organization without members
	frugal     identity.Caller // the management account of an organization with consolidated billing
	applicant  identity.Caller // has not completed his sign-up
	wanderer   identity.Caller // in no organization, but was invited again and again
	tenant     identity.Caller // the management account of an organization whose bills the management account pays

	root           string
	units          []string // each below the one before it, five deep
	empty          string   // a unit below the root
	scp            string   // attached to the member
	spare          string   // a service control policy attached to nothing
	tagPolicy      string   // attached to the root
	backupPolicy   string   // whose type is not enabled
	chatbotPolicy  string   // whose type is being enabled
	resourcePolicy string
	creation       string                                  // of the young account
	invited        string                                  // invitation of the outsider
	toHermit       string                                  // invitation of the hermit, who has an organization of his own
	toYoung        string                                  // invitation of the young account, by its address and before it was created
	fromHermit     map[identity.AccountID]string           // invitations of members by the hermit
	ended          map[organizations.HandshakeState]string // invitations of the wanderer
	bills          string                                  // the transfer by which the tenant's bills are paid
	migration      string                                  // to all features, in another garden
	approval       string                                  // that it asks its member for
}

// newGarden plants a garden with all features.
func newGarden(t testing.TB) *garden {
	t.Helper()
	g := &garden{world: newWorld(t)}
	g.outsider = g.standalone(t, "Outsider")
	g.govCloud = g.govCloudOf(t, g.outsider)
	g.hermit = g.organization(t, organizations.OrganizationFeatureSetAll)
	g.frugal = g.organization(t, organizations.OrganizationFeatureSetConsolidatedBilling)
	g.wanderer, g.applicant = g.standalone(t, "Wanderer"), g.standalone(t, "Applicant")
	g.set(t, g.applicant, ops.AccountChange{State: new(identity.PendingActivation)})
	g.management = g.organization(t, organizations.OrganizationFeatureSetAll)
	g.govCloudOf(t, g.management)
	g.root = *g.rootOf(t, g.management).Id
	g.plantAccounts(t)
	g.plantTree(t)
	g.plantPolicies(t)
	g.plantDelegations(t)
	g.plantHandshakes(t)
	g.rules.InboundTransfers = 2
	g.tenant = g.organization(t, organizations.OrganizationFeatureSetAll)
	g.bills = g.transfer(t, g.management, g.tenant)
	return g
}

func (g *garden) plantAccounts(t testing.TB) {
	t.Helper()
	for _, account := range []struct {
		name string
		is   *identity.Caller
	}{{"Member", &g.member}, {"Debtor", &g.debtor}, {"Admin", &g.admin}, {"Second", &g.second}, {"Delegate", &g.delegate}, {"Closing", &g.closing}, {"Closed", &g.closed}} {
		*account.is = g.world.member(t, g.management, account.name)
	}
	g.set(t, g.debtor, ops.AccountChange{Lacks: &[]org.Requirement{org.PaymentMethod}})
	g.clock.advance(5 * 24 * time.Hour)
	g.toYoung = g.invite(t, g.management, organizations.HandshakePartyTypeEmail, "young@example.com")
	status := give[organizations.CreateAccountOutput](t, g.world, g.management, &organizations.CreateAccountInput{AccountName: "Young", Email: "young@example.com"}).CreateAccountStatus
	g.creation = *status.Id
	g.do(t, g.management, &organizations.CloseAccountInput{AccountId: string(g.closed.Account)})
	g.work(t)
	g.do(t, g.management, &organizations.CloseAccountInput{AccountId: string(g.closing.Account)})
	status = give[organizations.DescribeCreateAccountStatusOutput](t, g.world, g.management, &organizations.DescribeCreateAccountStatusInput{CreateAccountRequestId: g.creation}).CreateAccountStatus
	g.young = g.world.root(identity.AccountID(*status.AccountId))
}

func (g *garden) plantTree(t testing.TB) {
	t.Helper()
	parent := g.root
	for i := range 5 {
		parent = g.unit(t, g.management, parent, fmt.Sprintf("Level %d", i+1))
		g.units = append(g.units, parent)
	}
	g.empty = g.unit(t, g.management, g.root, "Empty")
}

func (g *garden) plantPolicies(t testing.TB) {
	t.Helper()
	g.enableService(t, securityHub)
	for _, of := range []organizations.PolicyType{
		organizations.PolicyTypeServiceControlPolicy, organizations.PolicyTypeResourceControlPolicy,
		organizations.PolicyTypeTagPolicy, organizations.PolicyTypeSecurityhubPolicy,
	} {
		g.do(t, g.management, &organizations.EnablePolicyTypeInput{RootId: g.root, PolicyType: of})
	}
	g.scp = g.policy(t, g.management, organizations.PolicyTypeServiceControlPolicy, "NoStorage")
	g.spare = g.policy(t, g.management, organizations.PolicyTypeServiceControlPolicy, "Spare")
	g.tagPolicy = g.policy(t, g.management, organizations.PolicyTypeTagPolicy, "CostCenter")
	g.backupPolicy = g.policy(t, g.management, organizations.PolicyTypeBackupPolicy, "Nightly")
	g.chatbotPolicy = g.policy(t, g.management, organizations.PolicyTypeChatbotPolicy, "Chat")
	g.do(t, g.management, &organizations.AttachPolicyInput{PolicyId: g.scp, TargetId: string(g.member.Account)})
	g.do(t, g.management, &organizations.AttachPolicyInput{PolicyId: g.tagPolicy, TargetId: g.root})
	g.do(t, g.management, &organizations.EnablePolicyTypeInput{RootId: g.root, PolicyType: organizations.PolicyTypeAiservicesOptOutPolicy})
	g.rules.DelayPolicyTypes = true
	g.do(t, g.management, &organizations.DisablePolicyTypeInput{RootId: g.root, PolicyType: organizations.PolicyTypeAiservicesOptOutPolicy})
	g.do(t, g.management, &organizations.EnablePolicyTypeInput{RootId: g.root, PolicyType: organizations.PolicyTypeChatbotPolicy})
	g.rules.DelayPolicyTypes = false
}

func (g *garden) plantDelegations(t testing.TB) {
	t.Helper()
	for _, service := range []string{config, guardDuty} {
		g.enableService(t, service)
		g.do(t, g.management, &organizations.RegisterDelegatedAdministratorInput{AccountId: string(g.admin.Account), ServicePrincipal: service})
	}
	g.do(t, g.management, &organizations.RegisterDelegatedAdministratorInput{AccountId: string(g.second.Account), ServicePrincipal: config})
	g.enableService(t, ram)
	g.resourcePolicy = *give[organizations.PutResourcePolicyOutput](t, g.world, g.management, &organizations.PutResourcePolicyInput{
		Content: delegation(string(g.delegate.Account)), Tags: tagged("team", "backup"),
	}).ResourcePolicy.ResourcePolicySummary.Id
}

func (g *garden) plantHandshakes(t testing.TB) {
	t.Helper()
	invite := func(account identity.Caller) string {
		return g.invite(t, g.management, organizations.HandshakePartyTypeAccount, string(account.Account))
	}
	g.invited, g.toHermit = invite(g.outsider), invite(g.hermit)
	g.fromHermit, g.ended = map[identity.AccountID]string{}, map[organizations.HandshakeState]string{}
	for _, account := range []identity.Caller{g.member, g.young, g.debtor, g.admin, g.closing} {
		g.fromHermit[account.Account] = g.invite(t, g.hermit, organizations.HandshakePartyTypeAccount, string(account.Account))
	}
	id := invite(g.wanderer)
	g.do(t, g.wanderer, &organizations.AcceptHandshakeInput{HandshakeId: id})
	g.do(t, g.wanderer, &organizations.LeaveOrganizationInput{})
	g.ended[organizations.HandshakeStateAccepted] = id
	id = invite(g.wanderer)
	g.do(t, g.wanderer, &organizations.DeclineHandshakeInput{HandshakeId: id})
	g.ended[organizations.HandshakeStateDeclined] = id
	id = invite(g.wanderer)
	g.do(t, g.management, &organizations.CancelHandshakeInput{HandshakeId: id})
	g.ended[organizations.HandshakeStateCanceled] = id
}

// invite invites an account and returns the id of the invitation.
func (w *world) invite(t testing.TB, by identity.Caller, of organizations.HandshakePartyType, target string) string {
	t.Helper()
	return *give[organizations.InviteAccountToOrganizationOutput](t, w, by, &organizations.InviteAccountToOrganizationInput{
		Target: &organizations.HandshakeParty{Type: of, Id: target}, Notes: new("welcome"), Tags: tagged("team", "garden"),
	}).Handshake.Id
}

// delegation is a resource policy that lets an account manage backup policies,
// and read what it needs for that.
func delegation(account string) string {
	return strings.NewReplacer("ACCOUNT", account, "\n", "", "\t", "").Replace(`{
	"Version": "2012-10-17",
	"Statement": [
		{"Effect": "Allow", "Principal": {"AWS": "ACCOUNT"}, "Resource": "*", "Action": ["organizations:Describe*", "organizations:List*"]},
		{"Effect": "Allow", "Principal": {"AWS": "ACCOUNT"}, "Resource": "*",
			"Action": ["organizations:CreatePolicy", "organizations:UpdatePolicy", "organizations:DeletePolicy", "organizations:AttachPolicy",
				"organizations:DetachPolicy", "organizations:EnablePolicyType", "organizations:DisablePolicyType"],
			"Condition": {"StringLikeIfExists": {"organizations:PolicyType": ["BACKUP_POLICY"]}}},
		{"Effect": "Allow", "Principal": {"AWS": "ACCOUNT"}, "Resource": "*", "Action": ["organizations:TagResource", "organizations:UntagResource"]}
	]}`)
}

func (g *garden) enableService(t testing.TB, principal string) {
	t.Helper()
	g.do(t, g.management, &organizations.EnableAWSServiceAccessInput{ServicePrincipal: principal})
}

// id returns the id of the garden's organization.
func (g *garden) id(t testing.TB) org.ID {
	t.Helper()
	return org.ID(g.organizationOf(t, g.management))
}

// organizationOf returns the id of the organization of an account, or "".
func (w *world) organizationOf(t testing.TB, account identity.Caller) identity.OrganizationID {
	t.Helper()
	state, err := w.registry.Account(t.Context(), account.Account)
	if err != nil {
		t.Fatal(err)
	}
	return state.Organization()
}

// set changes what is known of an account.
func (w *world) set(t testing.TB, account identity.Caller, change ops.AccountChange) {
	t.Helper()
	if err := w.accounts.Set(t.Context(), account.Account, change); err != nil {
		t.Fatal(err)
	}
}

// lacking says that an account lacks something, or nothing.
func lacking(lacks ...org.Requirement) ops.AccountChange { return ops.AccountChange{Lacks: &lacks} }

// tagged returns tags: keys, each followed by its value.
func tagged(keysAndValues ...string) []organizations.Tag {
	var tags []organizations.Tag
	for i := 0; i < len(keysAndValues); i += 2 {
		tags = append(tags, organizations.Tag{Key: keysAndValues[i], Value: new(keysAndValues[i+1])})
	}
	return tags
}
