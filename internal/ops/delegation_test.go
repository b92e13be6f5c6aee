package ops_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/espalier-cloud/espalier/internal/api/organizations"
)

func TestTrustedServices(t *testing.T) {
	g := newGarden(t)
	services := func() map[string]time.Time {
		since := map[string]time.Time{}
		for _, s := range give[organizations.ListAWSServiceAccessForOrganizationOutput](t, g.world, g.management, &organizations.ListAWSServiceAccessForOrganizationInput{}).EnabledServicePrincipals {
			since[*s.ServicePrincipal] = s.DateEnabled
		}
		return since
	}
	before := services()
	if len(before) != 4 || before[config].IsZero() {
		t.Fatalf("the services are %v", before)
	}
	g.clock.advance(time.Hour)
	g.enableService(t, config)
	if again := services(); !again[config].Equal(before[config]) {
		t.Errorf("enabled again, the service is trusted since %v, before since %v", again[config], before[config])
	}
	for range 2 {
		g.do(t, g.management, &organizations.DisableAWSServiceAccessInput{ServicePrincipal: config})
	}
	if after := services(); len(after) != 3 || !after[config].IsZero() {
		t.Errorf("the services are %v", after)
	}
	if n := len(g.administrators(t, nil)); n != 2 {
		t.Errorf("%d delegated administrators are left", n)
	}
	g.do(t, g.management, &organizations.DisablePolicyTypeInput{RootId: g.root, PolicyType: "SECURITYHUB_POLICY"})
	g.do(t, g.management, &organizations.DisableAWSServiceAccessInput{ServicePrincipal: securityHub})
}

// administrators returns the delegated administrators of a service, or of all.
func (g *garden) administrators(t *testing.T, service *string) []organizations.DelegatedAdministrator {
	t.Helper()
	return give[organizations.ListDelegatedAdministratorsOutput](t, g.world, g.management, &organizations.ListDelegatedAdministratorsInput{ServicePrincipal: service}).DelegatedAdministrators
}

func TestDelegatedAdministrators(t *testing.T) {
	g := newGarden(t)
	g.clock.advance(time.Hour)
	g.do(t, g.management, &organizations.RegisterDelegatedAdministratorInput{AccountId: string(g.member.Account), ServicePrincipal: config})
	for service, want := range map[string][]string{
		config: {string(g.admin.Account), string(g.second.Account), string(g.member.Account)}, guardDuty: {string(g.admin.Account)}, ram: nil,
	} {
		var ids []string
		for _, a := range g.administrators(t, &service) {
			ids = append(ids, *a.Id)
		}
		if !slices.Equal(ids, want) {
			t.Errorf("%s is administered by %q, want %q", service, ids, want)
		}
	}
	if all := g.administrators(t, nil); len(all) != 3 {
		t.Errorf("there are %d delegated administrators", len(all))
	}
	last := g.administrators(t, new(config))[2]
	account := g.account(t, g.management, g.member.Account)
	if *last.Name != *account.Name || *last.Email != *account.Email || *last.Arn != *account.Arn || *last.Status != "ACTIVE" || *last.State != "ACTIVE" ||
		*last.JoinedMethod != "CREATED" || !last.JoinedTimestamp.Equal(account.JoinedTimestamp) || !last.DelegationEnabledDate.After(last.JoinedTimestamp) {
		t.Errorf("the administrator is %+v", last)
	}
	services := give[organizations.ListDelegatedServicesForAccountOutput](t, g.world, g.management, &organizations.ListDelegatedServicesForAccountInput{AccountId: string(g.admin.Account)}).DelegatedServices
	if len(services) != 2 || *services[0].ServicePrincipal != config || *services[1].ServicePrincipal != guardDuty || services[0].DelegationEnabledDate.IsZero() {
		t.Errorf("the services are %+v", services)
	}
	g.do(t, g.management, &organizations.DeregisterDelegatedAdministratorInput{AccountId: string(g.member.Account), ServicePrincipal: config})
	if e := g.refuse(t, g.management, &organizations.ListDelegatedServicesForAccountInput{AccountId: string(g.member.Account)}); e.ErrorCode() != "AccountNotRegisteredException" {
		t.Errorf("a former administrator: %v", e)
	}
	g.do(t, g.management, &organizations.RemoveAccountFromOrganizationInput{AccountId: string(g.member.Account)})
}

func TestResourcePolicy(t *testing.T) {
	g := newGarden(t)
	show := func() *organizations.ResourcePolicy {
		return give[organizations.DescribeResourcePolicyOutput](t, g.world, g.delegate, &organizations.DescribeResourcePolicyInput{}).ResourcePolicy
	}
	if shown := show(); *shown.ResourcePolicySummary.Id != g.resourcePolicy || *shown.Content != delegation(string(g.delegate.Account)) {
		t.Errorf("the policy is %+v with %s", shown.ResourcePolicySummary, *shown.Content)
	}
	content := " " + delegation(string(g.delegate.Account)) + "\n"
	put := give[organizations.PutResourcePolicyOutput](t, g.world, g.management, &organizations.PutResourcePolicyInput{Content: content}).ResourcePolicy
	if shown := show(); *put.ResourcePolicySummary.Id != g.resourcePolicy || *shown.Content != content || *put.Content != content {
		t.Errorf("the policy became %+v with %s", put.ResourcePolicySummary, *shown.Content)
	}
	g.do(t, g.management, &organizations.UntagResourceInput{ResourceId: g.resourcePolicy, TagKeys: []string{"team", "absent"}})
	g.do(t, g.management, &organizations.DeleteResourcePolicyInput{})
	next := give[organizations.PutResourcePolicyOutput](t, g.world, g.management, &organizations.PutResourcePolicyInput{Content: content, Tags: tagged("a", "1")}).ResourcePolicy
	if *next.ResourcePolicySummary.Id == g.resourcePolicy {
		t.Error("a new policy has the id of the old one")
	}
}

func TestTags(t *testing.T) {
	g := newGarden(t)
	for _, id := range []string{g.root, g.empty, string(g.member.Account), string(g.management.Account), g.spare, string(g.closed.Account)} {
		t.Run(id, func(t *testing.T) {
			tags := func() string {
				text := ""
				for _, tag := range give[organizations.ListTagsForResourceOutput](t, g.world, g.management, &organizations.ListTagsForResourceInput{ResourceId: id}).Tags {
					text += tag.Key + "=" + *tag.Value + " "
				}
				return text
			}
			g.do(t, g.management, &organizations.TagResourceInput{ResourceId: id, Tags: tagged("Key", "1", "key", "", "ключ", "a b")})
			g.do(t, g.management, &organizations.TagResourceInput{ResourceId: id, Tags: tagged("Key", "2")})
			if got := tags(); got != "Key=2 key= ключ=a b " {
				t.Errorf("the tags are %q", got)
			}
			g.do(t, g.management, &organizations.UntagResourceInput{ResourceId: id, TagKeys: []string{"key", "absent"}})
			if got := tags(); got != "Key=2 ключ=a b " {
				t.Errorf("the tags are %q", got)
			}
		})
	}
	many := []organizations.Tag{}
	for i := range 50 {
		many = append(many, tagged(fmt.Sprintf("key %02d", i), "")...)
	}
	g.do(t, g.management, &organizations.TagResourceInput{ResourceId: g.units[0], Tags: many})
	out := give[organizations.ListTagsForResourceOutput](t, g.world, g.management, &organizations.ListTagsForResourceInput{ResourceId: g.units[0]})
	if len(out.Tags) != 50 || out.NextToken != nil {
		t.Errorf("a page has %d tags", len(out.Tags))
	}
}
