package identity

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCreatePolicy(t *testing.T) {
	d := newPopulation(t)
	p, err := d.CreatePolicy(NewPolicy{Name: "Fresh", Description: "d", Document: allowAll, Tags: []Tag{{"k", "v"}}})
	must(t, err)
	want := &Policy{Name: "Fresh", Path: "/", ID: p.ID, Description: "d", Created: testTime, Updated: testTime, Default: 1, Latest: 1,
		Versions: []PolicyVersion{{1, allowAll, testTime}}, Tags: []Tag{{"k", "v"}}}
	if diff := cmp.Diff(want, p); diff != "" {
		t.Error(diff)
	}
	if len(p.ID) != 21 || !strings.HasPrefix(string(p.ID), "ANPA") || d.PolicyARN(p) != "arn:aws:iam::111122223333:policy/Fresh" {
		t.Errorf("%s, %s", p.ID, d.PolicyARN(p))
	}
	if got := names(d.Policies("/team/", ""), func(p *Policy) string { return p.Name }); !slices.Equal(got, []string{"Own"}) {
		t.Errorf("under the path: %q", got)
	}
	for range d.Policies("/", "") {
		break
	}
	for arn, found := range map[string]bool{
		ownPolicy: true, "arn:aws:iam::111122223333:policy/Own": false, "arn:aws:iam::111122223333:policy/team/own": false,
		AdministratorAccess(PartitionAWS): true, AdministratorAccess(PartitionChina): false, "": false,
	} {
		if _, ok := d.Policy(arn); ok != found {
			t.Errorf("%s: found %t", arn, ok)
		}
	}
	for _, c := range []struct {
		in   NewPolicy
		kind ErrorKind
		text string
	}{
		{NewPolicy{Name: "OWN", Document: allowAll}, EntityAlreadyExists, "A policy called OWN already exists. Duplicate names are not allowed."},
		{NewPolicy{Name: "a b", Document: allowAll}, ValidationError, "policyName"},
		{NewPolicy{Name: "x", Path: "x", Document: allowAll}, ValidationError, "path"},
		{NewPolicy{Name: "x", Document: "[]"}, MalformedPolicyDocument, "Syntax errors in policy."},
		{NewPolicy{Name: "x", Document: trustAll}, MalformedPolicyDocument, "Syntax errors in policy."},
		{NewPolicy{Name: "x", Document: strings.Repeat("x", 6145)}, LimitExceeded, "Cannot exceed quota for PolicySize: 6144"},
		{NewPolicy{Name: "x", Document: allowAll, Tags: []Tag{{"a", ""}, {"A", ""}}}, InvalidInput, "Duplicate"},
	} {
		unchanged(t, d, func() {
			_, err := d.CreatePolicy(c.in)
			wantRefusal(t, err, c.kind, c.text)
		})
	}
	d.Limit(&Quotas{Policies: 2})
	_, err = d.CreatePolicy(NewPolicy{Name: "x", Document: allowAll})
	wantRefusal(t, err, LimitExceeded, "Cannot exceed quota for PoliciesPerAccount: 2")
}

func TestPolicyVersions(t *testing.T) {
	d := newPopulation(t)
	before, _ := d.Policy(ownPolicy)
	deny := strings.Replace(allowAll, "Allow", "Deny", 1)
	for _, asDefault := range []bool{false, true, false, false} {
		_, err := d.CreatePolicyVersion(ownPolicy, deny, asDefault)
		must(t, err)
	}
	p, _ := d.Policy(ownPolicy)
	if p.DefaultVersion().ID() != "v3" || p.DefaultVersion().Document != deny || len(before.Versions) != 1 || before.Default != 1 {
		t.Errorf("got %+v, and %+v before", p, before)
	}
	unchanged(t, d, func() {
		_, err := d.CreatePolicyVersion(ownPolicy, deny, true)
		wantRefusal(t, err, LimitExceeded, "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.")
		wantRefusal(t, d.DeletePolicyVersion(ownPolicy, "v3"), DeleteConflict, "Cannot delete the default version of a policy.")
		wantRefusal(t, d.DeletePolicyVersion(ownPolicy, "v6"), NoSuchEntity, "version v6 does not exist")
		wantRefusal(t, d.SetDefaultPolicyVersion(ownPolicy, "v6"), NoSuchEntity, "version v6 does not exist")
		wantRefusal(t, d.DeletePolicy(ownPolicy), DeleteConflict, "This policy has more than one version.")
	})
	must(t, d.DeletePolicyVersion(ownPolicy, "v5"))
	must(t, d.SetDefaultPolicyVersion(ownPolicy, "v1"))
	v, err := d.CreatePolicyVersion(ownPolicy, deny, false)
	must(t, err)
	if v.ID() != "v6" {
		t.Errorf("a number was used again: %s", v.ID())
	}
	p, _ = d.Policy(ownPolicy)
	if got := names(slices.Values(p.LatestVersions()), PolicyVersion.ID); !slices.Equal(got, []string{"v6", "v4", "v3", "v2", "v1"}) {
		t.Errorf("got %q", got)
	}
	if _, got, err := d.PolicyVersion(ownPolicy, "v6"); err != nil || got != v {
		t.Errorf("got %v, %v", got, err)
	}
	_, _, err = d.PolicyVersion(ownPolicy, "v5")
	wantRefusal(t, err, NoSuchEntity, "Policy "+ownPolicy+" version v5 does not exist or is not attachable.")
	_, _, err = d.PolicyVersion(ownPolicy+"x", "v1")
	wantRefusal(t, err, NoSuchEntity, "was not found.")
	for _, c := range []struct {
		document string
		kind     ErrorKind
	}{{"{}", MalformedPolicyDocument}, {strings.Repeat("x", 6145), LimitExceeded}} {
		_, err := d.CreatePolicyVersion(ownPolicy, c.document, true)
		wantRefusal(t, err, c.kind, "")
	}
}

// TestPoliciesThatCannotBeChanged: those of AWS, of other accounts, and what is none.
func TestPoliciesThatCannotBeChanged(t *testing.T) {
	d := newPopulation(t)
	for arn, kind := range map[string]ErrorKind{
		AdministratorAccess(PartitionAWS):              AccessDenied,
		"arn:aws:iam::999988887777:policy/Own":         AccessDenied,
		"arn:aws:iam::111122223333:policy/Own":         NoSuchEntity,
		"arn:aws-cn:iam::111122223333:policy/team/Own": InvalidInput,
		"arn:aws:iam::somebody:policy/Own":             InvalidInput,
		"twenty characters or more":                    InvalidInput,
	} {
		for _, err := range []error{
			d.DeletePolicy(arn), d.DeletePolicyVersion(arn, "v1"), d.SetDefaultPolicyVersion(arn, "v1"),
			second(d.CreatePolicyVersion(arn, allowAll, false)), d.TagPolicy(arn, nil), d.UntagPolicy(arn, nil),
		} {
			wantRefusal(t, err, kind, "")
		}
	}
}

func TestPolicyTags(t *testing.T) {
	d := newPopulation(t)
	must(t, d.TagPolicy(ownPolicy, []Tag{{"a", "1"}, {"b", "2"}}))
	must(t, d.UntagPolicy(ownPolicy, []string{"A"}))
	if p, _ := d.Policy(ownPolicy); !slices.Equal(p.Tags, []Tag{{"b", "2"}}) {
		t.Errorf("got %v", p.Tags)
	}
	wantRefusal(t, d.TagPolicy(ownPolicy, manyTags(50)), LimitExceeded, "number of tags")
}
