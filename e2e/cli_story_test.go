package e2e_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

// How many there are of what the CLI lists page by page, and how many of these accounts it makes itself: the SDK makes
// the others in a hundredth of the time.
const (
	storyAccounts = 22
	storyPolicies = 7
	storyByCLI    = 3
)

const (
	guardrail    = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"organizations:LeaveOrganization","Resource":"*"}]}`
	tagPolicy    = `{"tags":{"CostCenter":{"tag_key":{"@@assign":"CostCenter"}}}}`
	backupPolicy = `{"plans":{}}`
	backup       = "backup.amazonaws.com"
)

// story is what the chapters of the AWS CLI's story tell each other.
type story struct {
	cli
	sdk      *sdk.Client
	root     string
	units    []string // nested: each is the parent of the next
	accounts []string
	policies map[string][]string // by type
	delegate string              // the delegated administrator
	ordinary string              // a member that is nothing special
}

func TestAWSCLIStory(t *testing.T) {
	needs(t, "aws")
	t.Parallel()
	onBothDatabases(t, func(t *testing.T, db database) {
		s := start(t, db)
		tale := &story{cli: newCLI(t, s, s.root()), sdk: s.patientClient(s.root()), policies: map[string][]string{}}

		tale.foundsAnOrganization()
		tale.growsUnits()
		tale.createsAccounts()
		s.restart()
		tale.survivedTheRestart()
		tale.movesAccounts()
		tale.governs()
		tale.tags()
		tale.trustsAndDelegates()
		tale.looksThroughMembers()
		tale.readsTheTrail()
		tale.tearsDown()
	})
}

func (s *story) foundsAnOrganization() {
	s.refused("AWSOrganizationsNotInUseException", organizations("list-roots")...)
	id := s.value("Organization.Id", organizations("create-organization", "--feature-set", "ALL")...)
	s.refused("AlreadyInOrganizationException", organizations("create-organization")...)
	if got := s.value("Organization.Id", organizations("describe-organization")...); got != id {
		s.t.Fatalf("describe-organization answers %s, want %s", got, id)
	}
	roots := s.values("Roots[].Id", organizations("list-roots")...)
	if len(roots) != 1 {
		s.t.Fatalf("the organization has roots %v, want one", roots)
	}
	s.root = roots[0]
}

func (s *story) growsUnits() {
	parent := s.root
	for level := range 5 {
		parent = s.value("OrganizationalUnit.Id", organizations("create-organizational-unit",
			"--parent-id", parent, "--name", fmt.Sprintf("Level %d", level+1))...)
		s.units = append(s.units, parent)
	}
	s.refused("ConstraintViolationException", organizations("create-organizational-unit", "--parent-id", parent, "--name", "Level 6")...)
	s.refused("DuplicateOrganizationalUnitException", organizations("create-organizational-unit", "--parent-id", s.root, "--name", "Level 1")...)
}

func (s *story) createsAccounts() {
	s.accounts = make([]string, storyAccounts)
	s.concurrently(storyByCLI, func(n int) (err error) {
		s.accounts[n], err = s.createAccount(n)
		return err
	})
	for n := storyByCLI; n < storyAccounts; n++ {
		s.accounts[n] = createAccount(s.t, s.sdk, fmt.Sprint("account-", n))
	}
	s.delegate, s.ordinary = s.accounts[0], s.accounts[1]
}

// createAccount asks for an account and polls until it is there, as every tool has to.
func (s *story) createAccount(n int) (id string, err error) {
	var status struct{ Id, State, AccountId, FailureReason string }
	err = s.try(&status, organizations("create-account", "--query", "CreateAccountStatus",
		"--email", fmt.Sprintf("account-%02d@example.com", n), "--account-name", fmt.Sprintf("Account %02d", n))...)
	for polls := 0; err == nil && status.State == "IN_PROGRESS" && polls < 50; polls++ {
		err = s.try(&status, organizations("describe-create-account-status", "--query", "CreateAccountStatus",
			"--create-account-request-id", status.Id)...)
	}
	if err == nil && status.State != "SUCCEEDED" {
		err = fmt.Errorf("creating account %d: %s %s", n, status.State, status.FailureReason)
	}
	return status.AccountId, err
}

func (s *story) survivedTheRestart() {
	listed := s.values("Accounts[].Id", organizations("list-accounts")...)
	if len(listed) != storyAccounts+1 {
		s.t.Fatalf("after the restart there are %d accounts, want %d", len(listed), storyAccounts+1)
	}
	for _, account := range s.accounts {
		if !slices.Contains(listed, account) {
			s.t.Errorf("account %s is lost", account)
		}
	}
	for level, unit := range s.units {
		if name := s.value("OrganizationalUnit.Name", organizations("describe-organizational-unit", "--organizational-unit-id", unit)...); name != fmt.Sprintf("Level %d", level+1) {
			s.t.Errorf("unit %s is called %q", unit, name)
		}
	}
}

func (s *story) movesAccounts() {
	deepest := s.units[len(s.units)-1]
	s.concurrently(storyByCLI, func(n int) error {
		return s.try(nil, organizations("move-account", "--account-id", s.accounts[n], "--source-parent-id", s.root, "--destination-parent-id", deepest)...)
	})
	s.refused("DuplicateAccountException", organizations("move-account", "--account-id", s.accounts[0], "--source-parent-id", deepest, "--destination-parent-id", deepest)...)
	if moved := s.values("Accounts[].Id", organizations("list-accounts-for-parent", "--parent-id", deepest)...); len(moved) != storyByCLI {
		s.t.Errorf("the deepest unit holds %v, want %d accounts", moved, storyByCLI)
	}
	if parents := s.values("Parents[].Id", organizations("list-parents", "--child-id", s.accounts[0])...); !slices.Equal(parents, []string{deepest}) {
		s.t.Errorf("the parents of a moved account are %v, want %s", parents, deepest)
	}
}

func (s *story) governs() {
	contents := map[string]string{"SERVICE_CONTROL_POLICY": guardrail, "TAG_POLICY": tagPolicy, "BACKUP_POLICY": backupPolicy}
	for kind := range contents {
		s.do(organizations("enable-policy-type", "--root-id", s.root, "--policy-type", kind)...)
	}
	eventually(s.t, "the policy types to be enabled", func() bool {
		return len(s.values("Roots[0].PolicyTypes[?Status=='ENABLED'].Type", organizations("list-roots")...)) == len(contents)
	})
	s.refused("PolicyTypeAlreadyEnabledException", organizations("enable-policy-type", "--root-id", s.root, "--policy-type", "TAG_POLICY")...)
	for kind, content := range contents {
		policy := s.value("Policy.PolicySummary.Id", organizations("create-policy", "--type", kind,
			"--name", "Policy", "--description", "A story's policy", "--content", content)...)
		s.policies[kind] = []string{policy}
		s.do(organizations("attach-policy", "--policy-id", policy, "--target-id", s.units[0])...)
	}
	for n := 1; n < storyPolicies; n++ {
		made := call(s.t, s.sdk.CreatePolicy, &sdk.CreatePolicyInput{
			Type: types.PolicyTypeServiceControlPolicy, Name: aws.String(fmt.Sprint("Policy ", n)), Description: aws.String(""), Content: aws.String(guardrail),
		})
		s.policies["SERVICE_CONTROL_POLICY"] = append(s.policies["SERVICE_CONTROL_POLICY"], *made.Policy.PolicySummary.Id)
	}
	s.refused("DuplicatePolicyAttachmentException", organizations("attach-policy", "--policy-id", s.policies["TAG_POLICY"][0], "--target-id", s.units[0])...)
	s.refused("PolicyInUseException", organizations("delete-policy", "--policy-id", s.policies["TAG_POLICY"][0])...)
	s.listsPoliciesByPages()
}

// listsPoliciesByPages follows the token from page to page by hand, as a script does.
func (s *story) listsPoliciesByPages() {
	arguments := organizations("list-policies", "--filter", "SERVICE_CONTROL_POLICY", "--max-results", "5", "--no-paginate")
	var listed []string
	for token := ""; ; {
		page := arguments
		if token != "" {
			page = append(slices.Clone(arguments), "--next-token", token)
		}
		var answer struct {
			Policies  []struct{ Id string }
			NextToken string
		}
		s.ask(&answer, page...)
		if len(answer.Policies) > 5 {
			s.t.Fatalf("a page of at most 5 policies has %d", len(answer.Policies))
		}
		for _, policy := range answer.Policies {
			listed = append(listed, policy.Id)
		}
		if token = answer.NextToken; token == "" {
			break
		}
	}
	want := append([]string{"p-FullAWSAccess"}, s.policies["SERVICE_CONTROL_POLICY"]...)
	slices.Sort(want)
	slices.Sort(listed)
	if !slices.Equal(listed, want) {
		s.t.Errorf("the pages list %v, want %v", listed, want)
	}
}

func (s *story) tags() {
	s.do(organizations("tag-resource", "--resource-id", s.ordinary, "--tags", "Key=Team,Value=Orchard", "Key=Stage,Value=test")...)
	s.do(organizations("untag-resource", "--resource-id", s.ordinary, "--tag-keys", "Stage")...)
	tags := s.values("Tags[].join('=', [Key, Value])", organizations("list-tags-for-resource", "--resource-id", s.ordinary)...)
	if !slices.Equal(tags, []string{"Team=Orchard"}) {
		s.t.Errorf("the account has tags %v, want Team=Orchard", tags)
	}
	s.refused("InvalidInputException", organizations("tag-resource", "--resource-id", s.ordinary, "--tags", "Key=aws:reserved,Value=x")...)
}

func (s *story) trustsAndDelegates() {
	s.refused("ConstraintViolationException", organizations("register-delegated-administrator", "--account-id", s.delegate, "--service-principal", backup)...)
	s.do(organizations("enable-aws-service-access", "--service-principal", backup)...)
	s.do(organizations("register-delegated-administrator", "--account-id", s.delegate, "--service-principal", backup)...)
	s.refused("AccountAlreadyRegisteredException", organizations("register-delegated-administrator", "--account-id", s.delegate, "--service-principal", backup)...)
	if admins := s.values("DelegatedAdministrators[].Id", organizations("list-delegated-administrators")...); !slices.Equal(admins, []string{s.delegate}) {
		s.t.Errorf("the delegated administrators are %v, want %s", admins, s.delegate)
	}
	s.refused("ConstraintViolationException", organizations("remove-account-from-organization", "--account-id", s.delegate)...)

	content := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Sid":"Read","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::%s:root"},"Action":"organizations:ListPolicies","Resource":"*"}]}`, s.delegate)
	id := s.value("ResourcePolicy.ResourcePolicySummary.Id", organizations("put-resource-policy", "--content", content)...)
	if got := s.value("ResourcePolicy.ResourcePolicySummary.Id", organizations("describe-resource-policy")...); got != id || !strings.HasPrefix(id, "rp-") {
		s.t.Errorf("the resource policy is %s, want %s", got, id)
	}
}

func (s *story) looksThroughMembers() {
	for _, member := range []struct {
		account string
		lists   bool
	}{{s.ordinary, false}, {s.delegate, true}} {
		inside := s.assume(member.account)
		if got := inside.value("Account", "sts", "get-caller-identity"); got != member.account {
			s.t.Errorf("the role belongs to %s, want %s", got, member.account)
		}
		inside.do(organizations("describe-organization")...)
		if member.lists {
			inside.do(organizations("list-accounts")...)
		} else {
			inside.refused("AccessDeniedException", organizations("list-accounts")...)
		}
		inside.refused("AccessDeniedException", organizations("create-organizational-unit", "--parent-id", s.root, "--name", "Mutiny")...)
		roles := inside.values("Roles[].RoleName", "iam", "list-roles")
		for _, want := range []string{"OrganizationAccountAccessRole", "AWSServiceRoleForOrganizations"} {
			if !slices.Contains(roles, want) {
				s.t.Errorf("account %s has roles %v, and not %s", member.account, roles, want)
			}
		}
	}
}

// assume returns a CLI inside a member account, through the role that came with it.
func (s *story) assume(account string) cli {
	var session struct{ AccessKeyId, SecretAccessKey, SessionToken string }
	s.ask(&session, "sts", "assume-role", "--role-session-name", "story", "--query", "Credentials",
		"--role-arn", "arn:aws:iam::"+account+":role/OrganizationAccountAccessRole")
	return newCLI(s.t, s.server, credentials{session.AccessKeyId, session.SecretAccessKey, session.SessionToken})
}

func (s *story) readsTheTrail() {
	events := s.values("Events[].EventName", "cloudtrail", "lookup-events",
		"--lookup-attributes", "AttributeKey=EventName,AttributeValue=CreateOrganization")
	if !slices.Contains(events, "CreateOrganization") {
		s.t.Errorf("the trail tells %v, and not of CreateOrganization", events)
	}
}

func (s *story) tearsDown() {
	s.do(organizations("delete-resource-policy")...)
	s.refused("ResourcePolicyNotFoundException", organizations("describe-resource-policy")...)
	s.do(organizations("deregister-delegated-administrator", "--account-id", s.delegate, "--service-principal", backup)...)
	s.do(organizations("disable-aws-service-access", "--service-principal", backup)...)
	for kind, policies := range s.policies {
		s.do(organizations("detach-policy", "--policy-id", policies[0], "--target-id", s.units[0])...)
		s.do(organizations("delete-policy", "--policy-id", policies[0])...)
		for _, policy := range policies[1:] {
			call(s.t, s.sdk.DeletePolicy, &sdk.DeletePolicyInput{PolicyId: &policy})
		}
		s.do(organizations("disable-policy-type", "--root-id", s.root, "--policy-type", kind)...)
	}
	s.refused("OrganizationNotEmptyException", organizations("delete-organization")...)
	s.refused("OrganizationalUnitNotEmptyException", organizations("delete-organizational-unit", "--organizational-unit-id", s.units[0])...)
	s.concurrently(storyByCLI, func(n int) error {
		return s.try(nil, organizations("remove-account-from-organization", "--account-id", s.accounts[n])...)
	})
	for _, account := range s.accounts[storyByCLI:] {
		call(s.t, s.sdk.RemoveAccountFromOrganization, &sdk.RemoveAccountFromOrganizationInput{AccountId: &account})
	}
	for _, unit := range slices.Backward(s.units) {
		s.do(organizations("delete-organizational-unit", "--organizational-unit-id", unit)...)
	}
	s.do(organizations("delete-organization")...)
	s.refused("AWSOrganizationsNotInUseException", organizations("describe-organization")...)
}

// concurrently runs n steps, several at a time: each is a process of the CLI.
func (s *story) concurrently(n int, step func(int) error) {
	s.t.Helper()
	const atOnce = 6
	slots := make(chan struct{}, atOnce)
	problems := make([]error, n)
	var steps sync.WaitGroup
	for i := range n {
		steps.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			problems[i] = step(i)
		})
	}
	steps.Wait()
	if err := errors.Join(problems...); err != nil {
		s.t.Fatal(err)
	}
}
