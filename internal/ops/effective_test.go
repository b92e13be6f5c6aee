package ops_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/espalier-cloud/espalier/internal/api"
	"github.com/espalier-cloud/espalier/internal/api/iam"
	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/identity"
)

const (
	hubBoth  = `{"securityhub":{"enable_in_regions":{"@@assign":["us-east-1"]},"disable_in_regions":{"@@assign":[]}}}`
	hubHalf  = `{"securityhub":{"enable_in_regions":{"@@assign":["eu-west-1"]}}}`
	hubShown = `{"securityhub":{"disable_in_regions":[],"enable_in_regions":["us-east-1"]}}`
)

// hub is an organization with a Security Hub policy at its root.
type hub struct {
	*world
	management, member identity.Caller
	root, policy       string
}

func newHub(t testing.TB, w *world) *hub {
	t.Helper()
	h := &hub{world: w, management: w.organization(t, organizations.OrganizationFeatureSetAll)}
	h.member = w.member(t, h.management, "Member")
	h.root = *w.rootOf(t, h.management).Id
	w.do(t, h.management, &organizations.EnableAWSServiceAccessInput{ServicePrincipal: securityHub})
	w.do(t, h.management, &organizations.EnablePolicyTypeInput{RootId: h.root, PolicyType: "SECURITYHUB_POLICY"})
	h.policy = w.policy(t, h.management, "SECURITYHUB_POLICY", "Hub")
	h.rewrite(t, hubBoth)
	w.do(t, h.management, &organizations.AttachPolicyInput{PolicyId: h.policy, TargetId: h.root})
	return h
}

func (h *hub) rewrite(t testing.TB, content string) {
	t.Helper()
	h.do(t, h.management, &organizations.UpdatePolicyInput{PolicyId: h.policy, Content: &content})
}

func (h *hub) effective(t testing.TB, by identity.Caller) organizations.EffectivePolicy {
	t.Helper()
	return *give[organizations.DescribeEffectivePolicyOutput](t, h.world, by, &organizations.DescribeEffectivePolicyInput{PolicyType: "SECURITYHUB_POLICY"}).EffectivePolicy
}

// invalid returns the accounts that are listed, page by page.
func (h *hub) invalid(t testing.TB) []string {
	t.Helper()
	var ids []string
	in := &organizations.ListAccountsWithInvalidEffectivePolicyInput{PolicyType: "SECURITYHUB_POLICY", MaxResults: new(int32(1))}
	for {
		out := give[organizations.ListAccountsWithInvalidEffectivePolicyOutput](t, h.world, h.management, in)
		for _, account := range out.Accounts {
			ids = append(ids, *account.Id)
		}
		if in.NextToken = out.NextToken; in.NextToken == nil {
			return ids
		}
	}
}

// verdicts returns the accounts and states of the validation events, the oldest first.
func (h *hub) verdicts(t testing.TB) []string {
	t.Helper()
	var all []string
	for _, e := range h.trail(t, h.management) {
		if e.EventName == "EffectivePolicyValidation" {
			details := e.ServiceEventDetails.(map[string]any)
			all = append(all, fmt.Sprint(details["accountId"], " ", details["state"]))
			if e.EventType != "AwsServiceEvent" || !e.ReadOnly || e.RecipientAccountID != string(h.management.Account) || details["policyType"] != "SECURITYHUB_POLICY" {
				t.Errorf("the event is %s", e.doc)
			}
			if invalid := details["state"] == "INVALID"; invalid != strings.Contains(e.doc, `"errorCode":"KEY_REQUIRED"`) {
				t.Errorf("the event is %s", e.doc)
			}
		}
	}
	slices.Reverse(all)
	return all
}

func TestDescribeEffectivePolicy(t *testing.T) {
	h := newHub(t, newWorld(t))
	own := h.effective(t, h.member)
	if *own.PolicyContent != hubShown || *own.TargetId != string(h.member.Account) || *own.PolicyType != "SECURITYHUB_POLICY" || own.LastUpdatedTimestamp.IsZero() {
		t.Errorf("%+v", own)
	}
	seen := give[organizations.DescribeEffectivePolicyOutput](t, h.world, h.management, &organizations.DescribeEffectivePolicyInput{
		PolicyType: "SECURITYHUB_POLICY", TargetId: new(string(h.member.Account)),
	}).EffectivePolicy
	if *seen.PolicyContent != hubShown || !seen.LastUpdatedTimestamp.Equal(own.LastUpdatedTimestamp) {
		t.Errorf("%+v", seen)
	}
	h.do(t, h.management, &organizations.DetachPolicyInput{PolicyId: h.policy, TargetId: h.root})
	if p := h.effective(t, h.member); *p.PolicyContent != "{}" || !p.LastUpdatedTimestamp.After(own.LastUpdatedTimestamp) {
		t.Errorf("%+v", p)
	}
}

// Delegated administrators, and who is named by the resource policy for the type,
// may look at other accounts.
func TestDelegatesDescribeEffectivePolicies(t *testing.T) {
	g := newGarden(t)
	in := &organizations.DescribeEffectivePolicyInput{PolicyType: "TAG_POLICY", TargetId: new(string(g.member.Account))}
	for _, by := range []identity.Caller{g.management, g.admin, g.delegate} {
		if p := give[organizations.DescribeEffectivePolicyOutput](t, g.world, by, in).EffectivePolicy; !strings.Contains(*p.PolicyContent, "CostCenter") {
			t.Errorf("%+v", p)
		}
	}
}

// The last valid document stays in force, also when the server starts anew, and
// events tell of what became invalid and valid.
func TestInvalidEffectivePolicy(t *testing.T) {
	h := newHub(t, newWorld(t))
	management, member := string(h.management.Account), string(h.member.Account)
	if got := h.verdicts(t); len(got) != 0 {
		t.Errorf("events: %v", got)
	}
	h.rewrite(t, hubHalf)
	h.boot()
	if p := h.effective(t, h.member); *p.PolicyContent != hubShown {
		t.Errorf("published is %s", *p.PolicyContent)
	}
	if got := h.invalid(t); !slices.Equal(got, []string{management, member}) {
		t.Errorf("invalid are %v", got)
	}
	found := give[organizations.ListEffectivePolicyValidationErrorsOutput](t, h.world, h.management, &organizations.ListEffectivePolicyValidationErrorsInput{
		AccountId: member, PolicyType: "SECURITYHUB_POLICY", MaxResults: new(int32(20)),
	})
	if len(found.EffectivePolicyValidationErrors) != 1 || found.NextToken != nil || found.EvaluationTimestamp.IsZero() ||
		!strings.HasSuffix(*found.Path, "/"+h.root+"/"+member+"/") || *found.AccountId != member || *found.PolicyType != "SECURITYHUB_POLICY" {
		t.Fatalf("%+v", found)
	}
	if e := found.EffectivePolicyValidationErrors[0]; *e.ErrorCode != "KEY_REQUIRED" || *e.ErrorMessage != "'disable_in_regions' is missing" ||
		*e.PathToError != "securityhub" || !slices.Equal(e.ContributingPolicies, []string{h.policy}) {
		t.Errorf("%+v", e)
	}
	h.rewrite(t, hubBoth)
	if got := h.invalid(t); len(got) != 0 {
		t.Errorf("invalid are %v", got)
	}
	found = give[organizations.ListEffectivePolicyValidationErrorsOutput](t, h.world, h.management, &organizations.ListEffectivePolicyValidationErrorsInput{
		AccountId: member, PolicyType: "SECURITYHUB_POLICY",
	})
	if len(found.EffectivePolicyValidationErrors) != 0 || found.Path != nil || !found.EvaluationTimestamp.IsZero() {
		t.Errorf("%+v", found)
	}
	got := h.verdicts(t)
	slices.Sort(got[:2])
	slices.Sort(got[2:])
	want := []string{management + " INVALID", member + " INVALID", management + " VALID", member + " VALID"}
	slices.Sort(want[:2])
	slices.Sort(want[2:])
	if !slices.Equal(got, want) {
		t.Errorf("events: %v, want %v", got, want)
	}
}

// Where a change concerns many accounts a background job tells the rest, which a
// server that starts anew goes on with.
func TestManyVerdicts(t *testing.T) {
	w := newWorld(t)
	w.rules.ConcurrentCreations = 1000
	h := newHub(t, w)
	const more = 250
	for n := range more {
		w.do(t, h.management, &organizations.CreateAccountInput{AccountName: fmt.Sprint("Account ", n), Email: fmt.Sprintf("a%d@%s.example.com", n, h.management.Account)})
	}
	w.work(t)
	h.rewrite(t, hubHalf)
	if got := len(h.verdicts(t)); got != 20 {
		t.Errorf("%d events in the commit", got)
	}
	w.boot()
	w.work(t)
	got := h.verdicts(t)
	slices.Sort(got)
	if all := slices.Compact(got); len(all) != more+2 || len(got) != len(all) {
		t.Errorf("%d events about %d accounts", len(got), len(all))
	}
}

func TestDelayedPublication(t *testing.T) {
	w := newWorld(t)
	w.delays.EffectivePolicy = 5 * time.Second
	w.boot()
	h := newHub(t, w)
	if p := h.effective(t, h.member); *p.PolicyContent != "{}" {
		t.Errorf("published at once: %s", *p.PolicyContent)
	}
	w.work(t)
	if p := h.effective(t, h.member); *p.PolicyContent != "{}" {
		t.Errorf("published early: %s", *p.PolicyContent)
	}
	w.clock.advance(5 * time.Second)
	w.work(t)
	if p := h.effective(t, h.member); *p.PolicyContent != hubShown {
		t.Errorf("published is %s", *p.PolicyContent)
	}
	h.rewrite(t, hubHalf)
	if got := h.invalid(t); len(got) != 0 {
		t.Errorf("invalid at once: %v", got)
	}
	w.clock.advance(5 * time.Second)
	w.work(t)
	if got := h.verdicts(t); len(h.invalid(t)) != 2 || len(got) != 2 {
		t.Errorf("invalid are %v, events %v", h.invalid(t), got)
	}
}

// tagRule is a tag policy that is enforced for everything that lives here.
const tagRule = `{"tags":{"team":{"tag_key":{"@@assign":"Team"},"tag_value":{"@@assign":["red","blue*"]},
	"enforced_for":{"@@assign":["organizations:ALL_SUPPORTED","iam:role","iam:user","iam:policy","iam:oidc-provider"]}}}}`

func TestTagPoliciesAreEnforced(t *testing.T) {
	g := newGarden(t)
	g.do(t, g.management, &organizations.UpdatePolicyInput{PolicyId: g.tagPolicy, Content: new(tagRule)})
	account := string(g.member.Account)
	for _, id := range []string{g.root, g.empty, account, g.spare, g.resourcePolicy, g.bills} {
		for _, bad := range [][]organizations.Tag{tagged("Team", "green"), tagged("team", "red"), tagged("other", "x", "TEAM", "blue")} {
			g.check(t, refusal{in: &organizations.TagResourceInput{ResourceId: id, Tags: bad}, code: "ConstraintViolation", reason: "TAG_POLICY_VIOLATION"})
		}
		g.do(t, g.management, &organizations.TagResourceInput{ResourceId: id, Tags: tagged("Team", "blue sky", "other", "x")})
		g.do(t, g.management, &organizations.UntagResourceInput{ResourceId: id, TagKeys: []string{"Team"}})
	}
	bad := tagged("Team", "green")
	offer := offering(g.hermit)
	offer.Tags = bad
	for _, c := range []refusal{
		{in: &organizations.CreateOrganizationalUnitInput{ParentId: g.root, Name: "Tagged", Tags: bad}},
		{in: &organizations.CreatePolicyInput{Type: "TAG_POLICY", Name: "Tagged", Description: new(""), Content: tagRule, Tags: bad}},
		{in: &organizations.CreateAccountInput{AccountName: "Tagged", Email: "tagged@example.com", Tags: bad}},
		{in: inviting("EMAIL", "tagged@example.com", bad...)},
		{in: offer},
	} {
		c.code, c.reason = "ConstraintViolation", "TAG_POLICY_VIOLATION"
		g.check(t, c)
	}
	g.do(t, g.management, &organizations.DeleteResourcePolicyInput{})
	g.check(t, refusal{in: &organizations.PutResourcePolicyInput{Content: delegation(account), Tags: bad}, code: "ConstraintViolation", reason: "TAG_POLICY_VIOLATION"})
}

func TestTagPoliciesAreEnforcedInIAM(t *testing.T) {
	g := newGarden(t)
	bad, good := []iam.Tag{{Key: "Team", Value: new("green")}}, []iam.Tag{{Key: "Team", Value: new("red")}}
	trust := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":%q},"Action":"sts:AssumeRole"}]}`, g.member.Account)
	arn := *give[iam.CreatePolicyOutput](t, g.world, g.member, &iam.CreatePolicyInput{PolicyName: "Plain", PolicyDocument: allowing}).Policy.Arn
	g.do(t, g.member, &iam.CreateUserInput{UserName: "plain"})
	g.do(t, g.member, &iam.CreateRoleInput{RoleName: "plain", AssumeRolePolicyDocument: trust})
	provider := give[iam.CreateOpenIDConnectProviderOutput](t, g.world, g.member, &iam.CreateOpenIDConnectProviderInput{Url: "https://plain.example.com"}).OpenIDConnectProviderArn
	g.do(t, g.management, &organizations.UpdatePolicyInput{PolicyId: g.tagPolicy, Content: new(tagRule)})
	calls := func(name string, tags []iam.Tag) map[string]func() error {
		call := func(in api.Input) func() error {
			return func() error { _, err := g.call(t.Context(), g.member, in); return err }
		}
		return map[string]func() error{
			"role":     call(&iam.CreateRoleInput{RoleName: name, AssumeRolePolicyDocument: trust, Tags: tags}),
			"user":     call(&iam.CreateUserInput{UserName: name, Tags: tags}),
			"policy":   call(&iam.CreatePolicyInput{PolicyName: name, PolicyDocument: allowing, Tags: tags}),
			"provider": call(&iam.CreateOpenIDConnectProviderInput{Url: "https://" + name + ".example.com", ThumbprintList: []string{strings.Repeat("0a", 20)}, Tags: tags}),
			"tag role": call(&iam.TagRoleInput{RoleName: "plain", Tags: tags}),
			"tag user": call(&iam.TagUserInput{UserName: "plain", Tags: tags}),
			"tag prov": call(&iam.TagOpenIDConnectProviderInput{OpenIDConnectProviderArn: *provider, Tags: tags}),
			"tag pol.": call(&iam.TagPolicyInput{PolicyArn: arn, Tags: tags}),
		}
	}
	for name, call := range calls("bad", bad) {
		if err := call(); err == nil || !strings.Contains(err.Error(), "The tag policy does not allow the specified value for the following tag key: 'Team'.") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, call := range calls("good", good) {
		if err := call(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	g.do(t, g.outsider, &iam.CreateUserInput{UserName: "free", Tags: bad}) // who is in no organization has no tag policy
}

// An account that accepts an invitation comes under the policies there.
func TestInvitedAccountHasEffectivePolicy(t *testing.T) {
	h := newHub(t, newWorld(t))
	h.rewrite(t, hubHalf)
	guest := h.standalone(t, "Guest")
	sent := give[organizations.InviteAccountToOrganizationOutput](t, h.world, h.management, &organizations.InviteAccountToOrganizationInput{
		Target: &organizations.HandshakeParty{Id: string(guest.Account), Type: organizations.HandshakePartyTypeAccount},
	}).Handshake
	h.do(t, guest, &organizations.AcceptHandshakeInput{HandshakeId: *sent.Id})
	if p := h.effective(t, guest); *p.PolicyContent != "{}" {
		t.Errorf("published is %s", *p.PolicyContent)
	}
	if !slices.Contains(h.invalid(t), string(guest.Account)) || !slices.Contains(h.verdicts(t), string(guest.Account)+" INVALID") {
		t.Errorf("invalid are %v, events %v", h.invalid(t), h.verdicts(t))
	}
}
