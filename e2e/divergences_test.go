package e2e_test

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

// choices is an organization in which the choices of docs/divergences.md are observed one after another.
type choices struct {
	server *server
	owner  credentials
	*sdk.Client
	root string
}

// TestDivergences pins docs/divergences.md.
func TestDivergences(t *testing.T) {
	t.Parallel()
	s := start(t, database{})
	c := &choices{server: s, owner: s.root()}
	c.Client = s.client(c.owner)
	call(t, c.CreateOrganization, &sdk.CreateOrganizationInput{})
	c.root = *call(t, c.ListRoots, &sdk.ListRootsInput{}).Roots[0].Id

	for _, choice := range []struct {
		name string
		test func(*testing.T)
	}{
		{"no policy type is enabled at first", c.noPolicyTypeAtFirst},
		{"policies precede their type", c.policiesPrecedeTheirType},
		{"policies of a disabled type", c.policiesOfADisabledType},
		{"a policy type is enabled in the answer", c.enabledInTheAnswer},
		{"policy names are unique by type", c.policyNamesAreUniqueByType},
		{"names differ by case", c.namesDifferByCase},
		{"renaming to the same name", c.renamingToTheSameName},
		{"lists are in order of creation", c.listsAreInOrderOfCreation},
		{"accounts are ready at once", c.accountsAreReadyAtOnce},
		{"accounts have both state and status", c.stateAndStatus},
		{"moving from the wrong parent", c.movingFromTheWrongParent},
		{"moving to the same parent", c.movingToTheSameParent},
		{"trusting a service twice", c.trustingTwice},
		{"distrusting a service twice", c.distrustingTwice},
		{"tags on a later resource policy", c.tagsOnALaterResourcePolicy},
		{"a forged token", c.forgedToken},
		{"any region may sign", c.anyRegionMaySign},
		{"nothing is throttled", c.nothingIsThrottled},
		{"accounts leave without a payment method", c.leavingWithoutPayment},
	} {
		t.Run(choice.name, choice.test)
	}
}

// TestDivergencesNameTheirTests keeps docs/divergences.md from promising tests that are gone.
func TestDivergencesNameTheirTests(t *testing.T) {
	document, err := os.ReadFile("../docs/divergences.md")
	if err != nil {
		t.Fatal(err)
	}
	source, err := exec.Command("grep", "-rh", "--include=*_test.go", "-e", "^func Test", "-e", `{"`, "..").Output()
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile("`(Test\\w+)(?:/([^`]+))?`").FindAllSubmatch(document, -1)
	if len(named) == 0 {
		t.Fatal("docs/divergences.md names no test")
	}
	for _, test := range named {
		if name := "func " + string(test[1]) + "("; !strings.Contains(string(source), name) {
			t.Errorf("there is no test %s", test[1])
		}
		if part := `{"` + string(test[2]) + `"`; len(test[2]) > 0 && !strings.Contains(string(source), part) {
			t.Errorf("there is no test %s/%s", test[1], test[2])
		}
	}
}

func (c *choices) unit(t *testing.T, name string) string {
	t.Helper()
	return *call(t, c.CreateOrganizationalUnit, &sdk.CreateOrganizationalUnitInput{ParentId: &c.root, Name: &name}).OrganizationalUnit.Id
}

func (c *choices) create(kind types.PolicyType, name, content string) *sdk.CreatePolicyInput {
	return &sdk.CreatePolicyInput{Type: kind, Name: &name, Content: &content, Description: aws.String("")}
}

func (c *choices) noPolicyTypeAtFirst(t *testing.T) {
	if enabled := call(t, c.ListRoots, &sdk.ListRootsInput{}).Roots[0].PolicyTypes; len(enabled) != 0 {
		t.Errorf("ListRoots shows %v, want nothing", enabled)
	}
	available := call(t, c.DescribeOrganization, &sdk.DescribeOrganizationInput{}).Organization.AvailablePolicyTypes
	if len(available) != 1 || available[0].Type != types.PolicyTypeServiceControlPolicy {
		t.Errorf("DescribeOrganization shows %v, want service control policies", available)
	}
}

func (c *choices) policiesPrecedeTheirType(t *testing.T) {
	policy := call(t, c.CreatePolicy, c.create(types.PolicyTypeServiceControlPolicy, "Early", guardrail)).Policy.PolicySummary.Id
	refused[*types.PolicyTypeNotEnabledException](t, c.AttachPolicy, &sdk.AttachPolicyInput{PolicyId: policy, TargetId: &c.root})
}

func (c *choices) policiesOfADisabledType(t *testing.T) {
	in := &sdk.ListPoliciesForTargetInput{TargetId: &c.root, Filter: types.PolicyTypeBackupPolicy}
	if found := call(t, c.ListPoliciesForTarget, in).Policies; len(found) != 0 {
		t.Errorf("the root has %v, want nothing", found)
	}
}

func (c *choices) enabledInTheAnswer(t *testing.T) {
	in := &sdk.EnablePolicyTypeInput{RootId: &c.root, PolicyType: types.PolicyTypeTagPolicy}
	enabled := call(t, c.EnablePolicyType, in).Root.PolicyTypes
	if len(enabled) != 1 || enabled[0].Status != types.PolicyTypeStatusEnabled {
		t.Errorf("EnablePolicyType answers %v, want ENABLED", enabled)
	}
}

func (c *choices) policyNamesAreUniqueByType(t *testing.T) {
	call(t, c.CreatePolicy, c.create(types.PolicyTypeTagPolicy, "Twin", tagPolicy))
	call(t, c.CreatePolicy, c.create(types.PolicyTypeServiceControlPolicy, "Twin", guardrail))
	refused[*types.DuplicatePolicyException](t, c.CreatePolicy, c.create(types.PolicyTypeTagPolicy, "Twin", tagPolicy))
}

func (c *choices) namesDifferByCase(t *testing.T) {
	c.unit(t, "Case")
	c.unit(t, "case")
	call(t, c.CreatePolicy, c.create(types.PolicyTypeTagPolicy, "twin", tagPolicy))
}

func (c *choices) renamingToTheSameName(t *testing.T) {
	unit := c.unit(t, "Constant")
	call(t, c.UpdateOrganizationalUnit, &sdk.UpdateOrganizationalUnitInput{OrganizationalUnitId: &unit, Name: aws.String("Constant")})
}

func (c *choices) listsAreInOrderOfCreation(t *testing.T) {
	parent := c.unit(t, "Ordered")
	want := []string{"m", "z", "a", "k"}
	for _, name := range want {
		call(t, c.CreateOrganizationalUnit, &sdk.CreateOrganizationalUnitInput{ParentId: &parent, Name: &name})
	}
	var got []string
	for _, unit := range call(t, c.ListOrganizationalUnitsForParent, &sdk.ListOrganizationalUnitsForParentInput{ParentId: &parent}).OrganizationalUnits {
		got = append(got, *unit.Name)
	}
	if !slices.Equal(got, want) {
		t.Errorf("the units are listed as %v, want %v", got, want)
	}
}

func (c *choices) accountsAreReadyAtOnce(t *testing.T) { createAccount(t, c.Client, "prompt") }

func (c *choices) stateAndStatus(t *testing.T) {
	account := call(t, c.ListAccounts, &sdk.ListAccountsInput{}).Accounts[0]
	if account.State != types.AccountStateActive || account.Status != types.AccountStatusActive {
		t.Errorf("the account has state %q and status %q", account.State, account.Status)
	}
}

func (c *choices) movingFromTheWrongParent(t *testing.T) {
	account, from, to := createAccount(t, c.Client, "lost"), c.unit(t, "Wrong"), c.unit(t, "Right")
	refused[*types.AccountNotFoundException](t, c.MoveAccount, &sdk.MoveAccountInput{AccountId: &account, SourceParentId: &from, DestinationParentId: &to})
}

func (c *choices) movingToTheSameParent(t *testing.T) {
	account := createAccount(t, c.Client, "resting")
	refused[*types.DuplicateAccountException](t, c.MoveAccount, &sdk.MoveAccountInput{AccountId: &account, SourceParentId: &c.root, DestinationParentId: &c.root})
}

func (c *choices) trustingTwice(t *testing.T) {
	enable := &sdk.EnableAWSServiceAccessInput{ServicePrincipal: aws.String(auditor)}
	enabled := func() types.EnabledServicePrincipal {
		return call(t, c.ListAWSServiceAccessForOrganization, &sdk.ListAWSServiceAccessForOrganizationInput{}).EnabledServicePrincipals[0]
	}
	call(t, c.EnableAWSServiceAccess, enable)
	first := enabled()
	call(t, c.EnableAWSServiceAccess, enable)
	if again := enabled(); !again.DateEnabled.Equal(*first.DateEnabled) {
		t.Errorf("the date changed from %v to %v", first.DateEnabled, again.DateEnabled)
	}
}

func (c *choices) distrustingTwice(t *testing.T) {
	disable := &sdk.DisableAWSServiceAccessInput{ServicePrincipal: aws.String(auditor)}
	call(t, c.DisableAWSServiceAccess, disable)
	call(t, c.DisableAWSServiceAccess, disable)
}

func (c *choices) tagsOnALaterResourcePolicy(t *testing.T) {
	account := createAccount(t, c.Client, "reader")
	content := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + account + `"},"Action":"organizations:DescribeAccount","Resource":"*"}]}`
	in := &sdk.PutResourcePolicyInput{Content: &content, Tags: []types.Tag{{Key: aws.String("Team"), Value: aws.String("Orchard")}}}
	call(t, c.PutResourcePolicy, in)
	refused[*types.InvalidInputException](t, c.PutResourcePolicy, in)
}

func (c *choices) forgedToken(t *testing.T) {
	invalid(t, "INVALID_NEXT_TOKEN", c.ListAccounts, &sdk.ListAccountsInput{NextToken: aws.String("forged")})
}

func (c *choices) anyRegionMaySign(t *testing.T) {
	for _, region := range []string{"us-east-1", "eu-central-1", "mars-north-1"} {
		elsewhere := c.server.client(c.owner, func(o *sdk.Options) { o.Region = region })
		call(t, elsewhere.DescribeOrganization, &sdk.DescribeOrganizationInput{})
	}
}

func (c *choices) nothingIsThrottled(t *testing.T) {
	for range 50 { // AWS allows one in a second, and two at once
		call(t, c.DescribeOrganization, &sdk.DescribeOrganizationInput{})
	}
}

func (c *choices) leavingWithoutPayment(t *testing.T) {
	account := createAccount(t, c.Client, "free")
	call(t, c.RemoveAccountFromOrganization, &sdk.RemoveAccountFromOrganizationInput{AccountId: &account})
}
