package ops_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/espalier-cloud/espalier/internal/api"
	"github.com/espalier-cloud/espalier/internal/api/iam"
	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/api/tagging"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/store"
)

// labelled is an organization with a tag policy that came after the tags of its
// resources.
type labelled struct {
	*world
	management, member, outsider identity.Caller
	root, unit                   string
}

func newLabelled(t testing.TB) *labelled {
	t.Helper()
	w := newWorld(t)
	l := &labelled{world: w, outsider: w.standalone(t, "Outsider"), management: w.organization(t, organizations.OrganizationFeatureSetAll)}
	l.member = w.member(t, l.management, "Member")
	l.root = *w.rootOf(t, l.management).Id
	l.unit = w.unit(t, l.management, l.root, "Unit")
	w.do(t, l.management, &organizations.MoveAccountInput{AccountId: string(l.member.Account), SourceParentId: l.root, DestinationParentId: l.unit})
	w.do(t, l.management, &organizations.EnablePolicyTypeInput{RootId: l.root, PolicyType: "TAG_POLICY"})
	w.do(t, l.management, &organizations.TagResourceInput{ResourceId: l.root, Tags: tagged("Team", "red")})
	w.do(t, l.management, &organizations.TagResourceInput{ResourceId: l.unit, Tags: tagged("team", "red", "stage", "")})
	for _, user := range []struct{ name, key, value string }{{"ann", "Team", "red"}, {"bob", "team", "red"}, {"cid", "Team", "grey"}, {"dan", "stage", "prod"}} {
		w.do(t, l.member, &iam.CreateUserInput{UserName: user.name, Tags: []iam.Tag{{Key: user.key, Value: &user.value}}})
	}
	w.do(t, l.member, &iam.CreateUserInput{UserName: "eve"}) // without tags
	w.do(t, l.member, &iam.CreateRoleInput{RoleName: "job", AssumeRolePolicyDocument: trusting(string(l.member.Account), ""), Tags: []iam.Tag{{Key: "stage", Value: new("test")}}})
	return l
}

// govern trusts the service and attaches the tag policy.
func (l *labelled) govern(t testing.TB) {
	t.Helper()
	l.do(t, l.management, &organizations.EnableAWSServiceAccessInput{ServicePrincipal: "tagpolicies.tag.amazonaws.com"})
	policy := l.policy(t, l.management, "TAG_POLICY", "Teams")
	content := `{"tags":{"team":{"tag_key":{"@@assign":"Team"},"tag_value":{"@@assign":["red"]},"report_required_tag_for":{"@@assign":["iam:role"]}}}}`
	l.do(t, l.management, &organizations.UpdatePolicyInput{PolicyId: policy, Content: &content})
	l.do(t, l.management, &organizations.AttachPolicyInput{PolicyId: policy, TargetId: l.root})
}

// resources returns the last parts of the ARNs that GetResources lists, page by page.
func (l *labelled) resources(t testing.TB, by identity.Caller, in tagging.GetResourcesInput) []string {
	t.Helper()
	var names []string
	for {
		out := give[tagging.GetResourcesOutput](t, l.world, by, &in)
		for _, mapping := range out.ResourceTagMappingList {
			arn := *mapping.ResourceARN
			names = append(names, arn[strings.LastIndexByte(arn, '/')+1:])
		}
		if in.PaginationToken = out.PaginationToken; *in.PaginationToken == "" {
			return names
		}
	}
}

func TestGetResources(t *testing.T) {
	l := newLabelled(t)
	l.govern(t)
	arn := fmt.Sprintf("arn:aws:iam::%s:", l.member.Account)
	filter := func(key string, values ...string) tagging.TagFilter {
		return tagging.TagFilter{Key: &key, Values: values}
	}
	for name, test := range map[string]struct {
		in   tagging.GetResourcesInput
		want []string
	}{
		"all":                 {tagging.GetResourcesInput{}, []string{"ann", "bob", "cid", "dan", "job"}},
		"page by page":        {tagging.GetResourcesInput{ResourcesPerPage: new(int32(1))}, []string{"ann", "bob", "cid", "dan", "job"}},
		"by tags on pages":    {tagging.GetResourcesInput{TagsPerPage: new(int32(100))}, []string{"ann", "bob", "cid", "dan", "job"}},
		"a service":           {tagging.GetResourcesInput{ResourceTypeFilters: []string{"iam"}}, []string{"ann", "bob", "cid", "dan", "job"}},
		"a type":              {tagging.GetResourcesInput{ResourceTypeFilters: []string{"iam:role", "ec2"}}, []string{"job"}},
		"no such type":        {tagging.GetResourcesInput{ResourceTypeFilters: []string{"ia"}}, nil},
		"a key":               {tagging.GetResourcesInput{TagFilters: []tagging.TagFilter{filter("Team")}}, []string{"ann", "cid"}},
		"a value":             {tagging.GetResourcesInput{TagFilters: []tagging.TagFilter{filter("stage", "test", "x")}}, []string{"job"}},
		"two filters":         {tagging.GetResourcesInput{TagFilters: []tagging.TagFilter{filter("stage"), filter("Team")}}, nil},
		"by ARN":              {tagging.GetResourcesInput{ResourceARNList: []string{arn + "role/job", arn + "user/nobody", arn + "user/ann"}}, []string{"ann", "job"}},
		"what breaks a rule":  {tagging.GetResourcesInput{IncludeComplianceDetails: new(true), ExcludeCompliantResources: new(true)}, []string{"bob", "cid", "job"}},
		"the same, on a page": {tagging.GetResourcesInput{IncludeComplianceDetails: new(true), ExcludeCompliantResources: new(true), ResourcesPerPage: new(int32(2))}, []string{"bob", "cid", "job"}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := l.resources(t, l.member, test.in); !slices.Equal(got, test.want) {
				t.Errorf("found %v, want %v", got, test.want)
			}
		})
	}
	if got := l.resources(t, l.management, tagging.GetResourcesInput{ResourcesPerPage: new(int32(1))}); !slices.Equal(got, []string{l.root, l.unit}) {
		t.Errorf("in the management account are %v", got)
	}
}

// A resource is never split: one that does not fit is on the next page.
func TestGetResourcesByTagsPerPage(t *testing.T) {
	l := newLabelled(t)
	for n := range 6 {
		var tags []iam.Tag
		for i := range 30 {
			tags = append(tags, iam.Tag{Key: fmt.Sprint("key", i), Value: new("")})
		}
		l.do(t, l.outsider, &iam.CreateUserInput{UserName: fmt.Sprint("user", n), Tags: tags})
	}
	in := &tagging.GetResourcesInput{TagsPerPage: new(int32(100))}
	for page := range 2 {
		out := give[tagging.GetResourcesOutput](t, l.world, l.outsider, in)
		if last := *out.PaginationToken == ""; len(out.ResourceTagMappingList) != 3 || last != (page == 1) {
			t.Errorf("page %d has %d resources, the last is %t", page, len(out.ResourceTagMappingList), last)
		}
		in.PaginationToken = out.PaginationToken
	}
}

func TestComplianceDetails(t *testing.T) {
	l := newLabelled(t)
	details := func(by identity.Caller) map[string]*tagging.ComplianceDetails {
		found := map[string]*tagging.ComplianceDetails{}
		for _, mapping := range give[tagging.GetResourcesOutput](t, l.world, by, &tagging.GetResourcesInput{IncludeComplianceDetails: new(true)}).ResourceTagMappingList {
			arn := *mapping.ResourceARN
			found[arn[strings.LastIndexByte(arn, '/')+1:]] = mapping.ComplianceDetails
		}
		return found
	}
	fine := &tagging.ComplianceDetails{NoncompliantKeys: []string{}, KeysWithNoncompliantValues: []string{}, ComplianceStatus: new(true)}
	if diff := cmp.Diff(map[string]*tagging.ComplianceDetails{"ann": fine, "bob": fine, "cid": fine, "dan": fine, "job": fine}, details(l.member)); diff != "" {
		t.Errorf("without a policy: %s", diff)
	}
	l.govern(t)
	want := map[string]*tagging.ComplianceDetails{
		"ann": fine, "dan": fine,
		"bob": {NoncompliantKeys: []string{"team"}, KeysWithNoncompliantValues: []string{"Team"}, ComplianceStatus: new(false)},
		"cid": {NoncompliantKeys: []string{}, KeysWithNoncompliantValues: []string{"Team"}, ComplianceStatus: new(false)},
		"job": {NoncompliantKeys: []string{}, KeysWithNoncompliantValues: []string{}, ComplianceStatus: new(false)}, // lacks what is to be reported
	}
	if diff := cmp.Diff(want, details(l.member)); diff != "" {
		t.Error(diff)
	}
}

func TestTagKeysAndValues(t *testing.T) {
	l := newLabelled(t)
	keys := give[tagging.GetTagKeysOutput](t, l.world, l.member, &tagging.GetTagKeysInput{})
	if !slices.Equal(keys.TagKeys, []string{"Team", "stage", "team"}) || *keys.PaginationToken != "" {
		t.Errorf("the keys are %v, %q", keys.TagKeys, *keys.PaginationToken)
	}
	values := give[tagging.GetTagValuesOutput](t, l.world, l.member, &tagging.GetTagValuesInput{Key: "Team", PaginationToken: new("")})
	if !slices.Equal(values.TagValues, []string{"grey", "red"}) {
		t.Errorf("the values are %v", values.TagValues)
	}
	if values := give[tagging.GetTagValuesOutput](t, l.world, l.management, &tagging.GetTagValuesInput{Key: "stage"}); !slices.Equal(values.TagValues, []string{""}) {
		t.Errorf("the values in the management account are %q", values.TagValues)
	}
	for n := range 3 {
		var tags []iam.Tag
		for i := range 40 {
			tags = append(tags, iam.Tag{Key: fmt.Sprintf("key%02d", n*40+i), Value: new("")})
		}
		l.do(t, l.outsider, &iam.CreateUserInput{UserName: fmt.Sprint("user", n), Tags: tags})
	}
	first := give[tagging.GetTagKeysOutput](t, l.world, l.outsider, &tagging.GetTagKeysInput{})
	second := give[tagging.GetTagKeysOutput](t, l.world, l.outsider, &tagging.GetTagKeysInput{PaginationToken: first.PaginationToken})
	if all := slices.Concat(first.TagKeys, second.TagKeys); len(first.TagKeys) != 100 || len(all) != 120 || !slices.IsSorted(slices.Compact(all)) || *second.PaginationToken != "" {
		t.Errorf("the pages are %v and %v", first.TagKeys, second.TagKeys)
	}
}

func TestGetComplianceSummary(t *testing.T) {
	l := newLabelled(t)
	l.govern(t)
	member, management := string(l.member.Account), string(l.management.Account)
	const region = "us-east-1"
	type row struct {
		Target  string
		Type    tagging.TargetIdType
		Details string
		Count   int64
	}
	whole := func(count int64) []row { return []row{{l.root, "ROOT", "", count}} }
	for name, test := range map[string]struct {
		in   tagging.GetComplianceSummaryInput
		want []row
	}{
		"all":         {tagging.GetComplianceSummaryInput{}, whole(4)},
		"by account":  {tagging.GetComplianceSummaryInput{GroupBy: []tagging.GroupByAttribute{"TARGET_ID"}}, []row{{management, "ACCOUNT", "", 1}, {member, "ACCOUNT", "", 3}}},
		"of a unit":   {tagging.GetComplianceSummaryInput{TargetIdFilters: []string{l.unit}}, whole(3)},
		"of accounts": {tagging.GetComplianceSummaryInput{TargetIdFilters: []string{management, member}}, whole(4)},
		"by type": {tagging.GetComplianceSummaryInput{GroupBy: []tagging.GroupByAttribute{"RESOURCE_TYPE", "REGION"}}, []row{
			{l.root, "ROOT", region + " iam:role", 1}, {l.root, "ROOT", region + " iam:user", 2}, {l.root, "ROOT", region + " organizations:ou", 1},
		}},
		"by account and type": {tagging.GetComplianceSummaryInput{GroupBy: []tagging.GroupByAttribute{"TARGET_ID", "RESOURCE_TYPE"}}, []row{
			{management, "ACCOUNT", "organizations:ou", 1}, {member, "ACCOUNT", "iam:role", 1}, {member, "ACCOUNT", "iam:user", 2},
		}},
		"of a type":            {tagging.GetComplianceSummaryInput{ResourceTypeFilters: []string{"iam:user"}}, whole(2)},
		"with keys":            {tagging.GetComplianceSummaryInput{TagKeyFilters: []string{"team", "stage"}}, whole(1)},
		"of the region":        {tagging.GetComplianceSummaryInput{RegionFilters: []string{region}}, whole(4)},
		"of another region":    {tagging.GetComplianceSummaryInput{RegionFilters: []string{"eu-west-1"}}, whole(0)},
		"of nothing, by types": {tagging.GetComplianceSummaryInput{RegionFilters: []string{"eu-west-1"}, GroupBy: []tagging.GroupByAttribute{"RESOURCE_TYPE"}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var got []row
			for in := test.in; ; {
				in.MaxResults = new(int32(1))
				out := give[tagging.GetComplianceSummaryOutput](t, l.world, l.management, &in)
				for _, s := range out.SummaryList {
					if _, err := time.Parse(time.RFC3339, *s.LastUpdated); err != nil {
						t.Error(err)
					}
					details := []string{}
					for _, detail := range []*string{s.Region, s.ResourceType} {
						if detail != nil {
							details = append(details, *detail)
						}
					}
					got = append(got, row{*s.TargetId, *s.TargetIdType, strings.Join(details, " "), *s.NonCompliantResources})
				}
				if in.PaginationToken = out.PaginationToken; *in.PaginationToken == "" {
					break
				}
			}
			slices.SortFunc(test.want, func(a, b row) int { return strings.Compare(a.Target+a.Details, b.Target+b.Details) })
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestPageOfComplianceSummary: a page looks at no accounts but those that it is about.
func TestPageOfComplianceSummary(t *testing.T) {
	l := newLabelled(t)
	l.govern(t)
	last := identity.AccountID("999999999999") // in the order of their ids
	if err := l.accounts.Ensure(t.Context(), last, "Last", "last@example.com"); err != nil {
		t.Fatal(err)
	}
	l.do(t, l.world.root(last), accepting(l.invite(t, l.management, "ACCOUNT", string(last))))
	versions, err := l.store.Versions(t.Context(), store.AggregateID(last))
	if err != nil {
		t.Fatal(err)
	}
	l.boot()
	version := versions[store.AggregateID(last)]
	if err := l.store.Commit(t.Context(), store.Batch{
		Aggregates: []store.Advance{{ID: store.AggregateID(last), From: version, To: version + 1}},
		Entities:   []store.Entity{{Aggregate: store.AggregateID(last), Kind: "role", ID: "unreadable", Doc: []byte("{")}},
	}); err != nil {
		t.Fatal(err)
	}
	in := &tagging.GetComplianceSummaryInput{GroupBy: []tagging.GroupByAttribute{"TARGET_ID"}, MaxResults: new(int32(1))}
	out := give[tagging.GetComplianceSummaryOutput](t, l.world, l.management, in)
	if len(out.SummaryList) != 1 || *out.PaginationToken == "" {
		t.Fatalf("the first page is %+v", out)
	}
	in.PaginationToken = out.PaginationToken
	if _, err := l.call(t.Context(), l.management, in); err == nil {
		t.Error("the page that reaches an account that cannot be read was given")
	}
}

func TestTaggingAPIRefuses(t *testing.T) {
	l := newLabelled(t)
	many := slices.Repeat([]string{"iam"}, 101)
	arn := []string{"arn:aws:iam::111122223333:role/job"}
	check := func(name string, by identity.Caller, in api.Input, code string) {
		t.Helper()
		if got := l.refuse(t, by, in).ErrorCode(); got != code {
			t.Errorf("%s: %s, want %s", name, got, code)
		}
	}
	for name, in := range map[string]*tagging.GetResourcesInput{
		"small page":           {ResourcesPerPage: new(int32(0))},
		"large page":           {ResourcesPerPage: new(int32(101))},
		"few tags":             {TagsPerPage: new(int32(99))},
		"many tags":            {TagsPerPage: new(int32(501))},
		"many types":           {ResourceTypeFilters: many},
		"no key":               {TagFilters: []tagging.TagFilter{{Values: []string{"a"}}}},
		"compliance unwanted":  {ExcludeCompliantResources: new(true)},
		"ARN and size":         {ResourceARNList: arn, ResourcesPerPage: new(int32(5))},
		"ARN and tags":         {ResourceARNList: arn, TagFilters: []tagging.TagFilter{{Key: new("a")}}},
		"ARN and types":        {ResourceARNList: arn, ResourceTypeFilters: []string{"iam"}},
		"no ARN":               {ResourceARNList: []string{"job"}},
		"of another partition": {ResourceARNList: []string{"arn:aws-cn:iam::111122223333:role/job"}},
		"no ARNs":              {ResourceARNList: []string{}},
		"a forged token":       {PaginationToken: new("forged")},
	} {
		check(name, l.member, in, "InvalidParameterException")
	}
	in := &tagging.GetResourcesInput{ResourcesPerPage: new(int32(1))}
	in.PaginationToken = give[tagging.GetResourcesOutput](t, l.world, l.member, in).PaginationToken
	check("the token of another list", l.member, &tagging.GetResourcesInput{PaginationToken: in.PaginationToken}, "InvalidParameterException")
	l.clock.advance(15*time.Minute + time.Second)
	check("an old token", l.member, in, "PaginationTokenExpiredException")

	summary := &tagging.GetComplianceSummaryInput{}
	check("untrusted", l.management, summary, "ConstraintViolationException")
	l.do(t, l.management, &organizations.EnableAWSServiceAccessInput{ServicePrincipal: "tagpolicies.tag.amazonaws.com"})
	check("without a policy", l.management, summary, "ConstraintViolationException")
	l.govern(t)
	l.do(t, l.management, summary)
	check("a member", l.member, summary, "ConstraintViolationException")
	check("an outsider", l.outsider, summary, "ConstraintViolationException")
	check("an unknown target", l.management, &tagging.GetComplianceSummaryInput{TargetIdFilters: []string{string(l.outsider.Account)}}, "InvalidParameterException")
	check("a group of its own", l.management, &tagging.GetComplianceSummaryInput{GroupBy: []tagging.GroupByAttribute{"COLOUR"}}, "InvalidParameterException")
	check("many types in a summary", l.management, &tagging.GetComplianceSummaryInput{ResourceTypeFilters: many}, "InvalidParameterException")
}
