package ops_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/identity"
)

func TestPolicyTypes(t *testing.T) {
	for _, of := range organizations.PolicyType("").Values() {
		t.Run(string(of), func(t *testing.T) {
			w := newWorld(t)
			by := w.organization(t, organizations.OrganizationFeatureSetAll)
			root := *w.rootOf(t, by).Id
			for _, service := range map[organizations.PolicyType][]string{
				"SECURITYHUB_POLICY": {securityHub}, "INSPECTOR_POLICY": {"inspector2.amazonaws.com"}, "GUARDDUTY_POLICY": {guardDuty},
				"NETWORK_SECURITY_DIRECTOR_POLICY": {"network-security-director.amazonaws.com"},
			}[of] {
				if e := w.refuse(t, by, &organizations.EnablePolicyTypeInput{RootId: root, PolicyType: of}); reasonOf(e) != "SERVICE_ACCESS_NOT_ENABLED" {
					t.Errorf("without its service: %v", e)
				}
				w.do(t, by, &organizations.EnableAWSServiceAccessInput{ServicePrincipal: service})
			}
			id := w.policy(t, by, of, "Policy")
			unit := w.unit(t, by, root, "Unit")
			answer := give[organizations.EnablePolicyTypeOutput](t, w, by, &organizations.EnablePolicyTypeInput{RootId: root, PolicyType: of}).Root
			if len(answer.PolicyTypes) != 1 || *answer.PolicyTypes[0].Type != of || *answer.PolicyTypes[0].Status != "ENABLED" || *answer.Id != root {
				t.Errorf("the root is %+v", answer)
			}
			w.do(t, by, &organizations.AttachPolicyInput{PolicyId: id, TargetId: unit})
			managed := map[organizations.PolicyType][]string{"SERVICE_CONTROL_POLICY": {fullAWSAccess}, "RESOURCE_CONTROL_POLICY": {rcpFullAWSAccess}}[of]
			if got := w.attached(t, by, of, unit); !slices.Equal(got, append(slices.Clone(managed), id)) {
				t.Errorf("the unit has %q", got)
			}
			var listed []string
			for _, p := range give[organizations.ListPoliciesOutput](t, w, by, &organizations.ListPoliciesInput{Filter: of}).Policies {
				listed = append(listed, *p.Id)
			}
			if !slices.Equal(listed, append(slices.Clone(managed), id)) {
				t.Errorf("the policies are %q", listed)
			}
			answer = give[organizations.DisablePolicyTypeOutput](t, w, by, &organizations.DisablePolicyTypeInput{RootId: root, PolicyType: of}).Root
			if len(answer.PolicyTypes) != 0 || len(w.attached(t, by, of, unit)) != 0 {
				t.Errorf("the root is %+v, the unit has %q", answer, w.attached(t, by, of, unit))
			}
			w.do(t, by, &organizations.EnablePolicyTypeInput{RootId: root, PolicyType: of})
			if got := w.attached(t, by, of, unit); !slices.Equal(got, managed) {
				t.Errorf("after it was enabled again the unit has %q", got)
			}
			w.do(t, by, &organizations.DeletePolicyInput{PolicyId: id})
		})
	}
}

func TestPolicy(t *testing.T) {
	g := newGarden(t)
	content := " { \"tags\" :\t{} }\n" // shown as it was given
	made := give[organizations.CreatePolicyOutput](t, g.world, g.management, &organizations.CreatePolicyInput{
		Type: "TAG_POLICY", Name: "Spare", Description: new("for later"), Content: content, Tags: tagged("a", "1"),
	}).Policy
	s := made.PolicySummary
	if *s.Name != "Spare" || *s.Description != "for later" || *s.Type != "TAG_POLICY" || *s.AwsManaged || *made.Content != content || !strings.HasPrefix(*s.Id, "p-") || len(*s.Id) != 12 {
		t.Errorf("the policy is %+v with %q", s, *made.Content)
	}
	update := func(in *organizations.UpdatePolicyInput) *organizations.Policy {
		in.PolicyId = *s.Id
		return give[organizations.UpdatePolicyOutput](t, g.world, g.management, in).Policy
	}
	// The answer shows of name and description what was given, and no more.
	if p := update(&organizations.UpdatePolicyInput{Name: new("Renamed")}); *p.PolicySummary.Name != "Renamed" || p.PolicySummary.Description != nil || *p.PolicySummary.Id != *s.Id ||
		*p.PolicySummary.Arn != *s.Arn || *p.PolicySummary.Type != "TAG_POLICY" || *p.PolicySummary.AwsManaged {
		t.Errorf("the renamed policy is %+v", p.PolicySummary)
	}
	if p := update(&organizations.UpdatePolicyInput{Description: new("")}); p.PolicySummary.Name != nil || *p.PolicySummary.Description != "" {
		t.Errorf("the policy with another description is %+v", p.PolicySummary)
	}
	empty := `{"tags":{}}`
	if p := update(&organizations.UpdatePolicyInput{Content: &empty}); *p.Content != empty || p.PolicySummary.Name != nil || p.PolicySummary.Description != nil {
		t.Errorf("the policy with another content is %+v", p)
	}
	shown := give[organizations.DescribePolicyOutput](t, g.world, g.management, &organizations.DescribePolicyInput{PolicyId: *s.Id}).Policy
	if *shown.PolicySummary.Name != "Renamed" || *shown.PolicySummary.Description != "" || *shown.Content != empty {
		t.Errorf("in the end the policy is %+v with %q", shown.PolicySummary, *shown.Content)
	}
	g.do(t, g.management, &organizations.CreatePolicyInput{Type: "TAG_POLICY", Name: "Spare", Description: new(""), Content: empty}) // the name is free again
}

func TestManagedPolicies(t *testing.T) {
	g := newGarden(t)
	for id, description := range map[string]string{fullAWSAccess: "Allows access to every operation", rcpFullAWSAccess: "Allows access to every resource"} {
		p := give[organizations.DescribePolicyOutput](t, g.world, g.management, &organizations.DescribePolicyInput{PolicyId: id}).Policy
		if !*p.PolicySummary.AwsManaged || *p.PolicySummary.Description != description || *p.PolicySummary.Name != strings.TrimPrefix(id, "p-") || !strings.Contains(*p.Content, `"Effect": "Allow"`) {
			t.Errorf("%s is %+v with %s", id, p.PolicySummary, *p.Content)
		}
		if tags := give[organizations.ListTagsForResourceOutput](t, g.world, g.management, &organizations.ListTagsForResourceInput{ResourceId: id}).Tags; tags == nil || len(tags) != 0 {
			t.Errorf("%s has the tags %+v", id, tags)
		}
	}
}

func TestAttachments(t *testing.T) {
	g := newGarden(t)
	member := string(g.member.Account)
	g.do(t, g.management, &organizations.AttachPolicyInput{PolicyId: g.spare, TargetId: member})
	g.do(t, g.management, &organizations.DetachPolicyInput{PolicyId: fullAWSAccess, TargetId: member})
	g.do(t, g.management, &organizations.DetachPolicyInput{PolicyId: g.scp, TargetId: member})
	if got := g.attached(t, g.management, "SERVICE_CONTROL_POLICY", member); !slices.Equal(got, []string{g.spare}) {
		t.Errorf("the account has %q", got)
	}
	g.do(t, g.management, &organizations.AttachPolicyInput{PolicyId: g.spare, TargetId: g.root})
	g.do(t, g.management, &organizations.AttachPolicyInput{PolicyId: g.spare, TargetId: g.empty})
	targets := give[organizations.ListTargetsForPolicyOutput](t, g.world, g.management, &organizations.ListTargetsForPolicyInput{PolicyId: g.spare}).Targets
	for i, want := range []organizations.PolicyTargetSummary{
		{TargetId: &member, Name: new("Member"), Type: new(organizations.TargetTypeAccount)},
		{TargetId: &g.root, Name: new("Root"), Type: new(organizations.TargetTypeRoot)},
		{TargetId: &g.empty, Name: new("Empty"), Type: new(organizations.TargetTypeOrganizationalUnit)},
	} {
		if got := targets[i]; *got.TargetId != *want.TargetId || *got.Name != *want.Name || *got.Type != *want.Type || !strings.HasSuffix(*got.Arn, "/"+*want.TargetId) {
			t.Errorf("target %d is %+v", i, got)
		}
	}
	g.do(t, g.management, &organizations.DeleteOrganizationalUnitInput{OrganizationalUnitId: g.empty})
	if targets := give[organizations.ListTargetsForPolicyOutput](t, g.world, g.management, &organizations.ListTargetsForPolicyInput{PolicyId: g.spare}).Targets; len(targets) != 2 {
		t.Errorf("a deleted unit is still a target: %+v", targets)
	}
	if got := g.attached(t, g.management, "BACKUP_POLICY", member); len(got) != 0 {
		t.Errorf("of a type that is not enabled the account has %q", got)
	}
}

// attached returns the policies of a type that are attached to a target.
func (w *world) attached(t testing.TB, by identity.Caller, of organizations.PolicyType, target string) []string {
	t.Helper()
	var ids []string
	for _, p := range give[organizations.ListPoliciesForTargetOutput](t, w, by, &organizations.ListPoliciesForTargetInput{TargetId: target, Filter: of}).Policies {
		ids = append(ids, *p.Id)
	}
	return ids
}
