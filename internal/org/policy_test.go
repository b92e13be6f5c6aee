package org

import (
	"errors"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/espalier-cloud/espalier/policy"
)

// scp creates a service control policy and returns its id.
func scp(t testing.TB, d *Draft, name string) PolicyID {
	return newPolicy(t, d, ServiceControlPolicy, name)
}

// newPolicy creates a policy and returns its id.
func newPolicy(t testing.TB, d *Draft, of PolicyType, name string) PolicyID {
	t.Helper()
	created, err := d.CreatePolicy(of, name, "", documentOf(of), nil)
	must(t, err)
	return created.ID
}

func TestCreatePolicy(t *testing.T) {
	d := founded(t)
	content := "\n {\"tags\":{}} \n"
	created, err := d.CreatePolicy(TagPolicy, "Cost centres", "who pays", content, Tags{{"b", "2"}, {"a", "1"}})
	must(t, err)
	if len(created.ID) != len("p-")+10 || created.AWSManaged || created.Content != content || created.Tags[0].Key != "a" {
		t.Errorf("policy: %+v", created)
	}
	found, err := d.Policy(created.ID)
	must(t, err)
	if found != created || !found.Created.Equal(day0) {
		t.Errorf("found %+v", found)
	}
	// Names are unique among the policies of a type.
	if _, err := d.CreatePolicy(BackupPolicy, "Cost centres", "", documentOf(BackupPolicy), nil); err != nil {
		t.Error(err)
	}
}

func TestCreatePolicyRefusals(t *testing.T) {
	rules := AWSRules()
	rules.Policies[TagPolicy] = PolicyLimits{Characters: 12, Attachments: 1, Policies: 1}
	d := foundedBy(t, rules)
	newPolicy(t, d, TagPolicy, "taken")
	for name, c := range map[string]struct {
		of            PolicyType
		name, content string
		tags          Tags
		kind          Kind
		reason        Reason
	}{
		"duplicate":     {TagPolicy, "taken", `{"tags":{}}`, nil, DuplicatePolicy, ""},
		"managed name":  {ServiceControlPolicy, "FullAWSAccess", documentOf(ServiceControlPolicy), nil, DuplicatePolicy, ""},
		"too many":      {TagPolicy, "second", `{"tags":{}}`, nil, ConstraintViolation, "POLICY_NUMBER_LIMIT_EXCEEDED"},
		"too long":      {TagPolicy, "second", `{"a":123456}` + " ", nil, ConstraintViolation, "POLICY_CONTENT_LIMIT_EXCEEDED"},
		"not JSON":      {TagPolicy, "second", `{"a":`, nil, MalformedPolicyDocument, ""},
		"not an object": {TagPolicy, "second", `[]`, nil, MalformedPolicyDocument, ""},
		"two objects":   {TagPolicy, "second", `{} {}`, nil, MalformedPolicyDocument, ""},
		"twice a name":  {BackupPolicy, "second", `{"a":1,"a":2}`, nil, MalformedPolicyDocument, ""},
		"bad UTF-8":     {BackupPolicy, "second", "{\"a\":\"\xff\"}", nil, MalformedPolicyDocument, ""},
		"no root":       {TagPolicy, "second", `{}`, nil, MalformedPolicyDocument, ""},
		"no SCP":        {ServiceControlPolicy, "second", `{}`, nil, MalformedPolicyDocument, ""},
		"an SCP as RCP": {ResourceControlPolicy, "second", documentOf(ServiceControlPolicy), nil, MalformedPolicyDocument, ""},
		"system tag":    {TagPolicy, "second", `{}`, Tags{{"aws:x", ""}}, InvalidInput, "INVALID_SYSTEM_TAGS_PARAMETER"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := d.CreatePolicy(c.of, c.name, "", c.content, c.tags)
			refused(t, err, c.kind, c.reason)
		})
	}
	_, err := billing(t).CreatePolicy(TagPolicy, "n", "", `{}`, nil)
	refused(t, err, PolicyTypeNotAvailableForOrganization, "")
}

// TestPolicySizeCountsCharacters: AWS's quota is in characters, not bytes.
func TestPolicySizeCountsCharacters(t *testing.T) {
	d := founded(t)
	limit := d.rules.Policies[ServiceControlPolicy].Characters
	before, after, _ := strings.Cut(documentOf(ServiceControlPolicy), "condition value")
	fits := before + strings.Repeat("é", limit-len(before+after)) + after
	_, err := d.CreatePolicy(ServiceControlPolicy, "fits", "", fits, nil)
	must(t, err)
	_, err = d.CreatePolicy(ServiceControlPolicy, "too long", "", fits+" ", nil)
	refused(t, err, ConstraintViolation, "POLICY_CONTENT_LIMIT_EXCEEDED")
}

func TestUpdatePolicy(t *testing.T) {
	d := founded(t)
	id := scp(t, d, "old")
	name, description, content := "new", "says", strings.ReplaceAll(documentOf(ServiceControlPolicy), "Deny", "Allow")
	updated, err := d.UpdatePolicy(id, &name, nil, nil)
	must(t, err)
	if updated.Name != "new" || updated.Content != documentOf(ServiceControlPolicy) {
		t.Errorf("policy: %+v", updated)
	}
	_, err = d.UpdatePolicy(id, &name, &description, &content)
	must(t, err)
	found, err := d.Policy(id)
	must(t, err)
	if found.Description != "says" || found.Content != content || !found.Created.Equal(day0) {
		t.Errorf("policy: %+v", found)
	}
	scp(t, d, "old") // the old name is free
	if n, _ := d.policyCounts.Get(string(ServiceControlPolicy)); n != 2 {
		t.Errorf("%d policies are counted", n)
	}
}

func TestUpdatePolicyRefusals(t *testing.T) {
	d := founded(t)
	id := scp(t, d, "one")
	scp(t, d, "two")
	text := func(s string) *string { return &s }
	for name, c := range map[string]struct {
		id            PolicyID
		name, content *string
		kind          Kind
		reason        Reason
	}{
		"unknown":   {"p-aaaaaaaaaa", nil, nil, PolicyNotFound, ""},
		"managed":   {"p-FullAWSAccess", text("x"), nil, InvalidInput, "IMMUTABLE_POLICY"},
		"duplicate": {id, text("two"), nil, DuplicatePolicy, ""},
		"malformed": {id, nil, text("{"), MalformedPolicyDocument, ""},
		"too long":  {id, nil, text(strings.Repeat(" ", 20_000) + "{}"), ConstraintViolation, "POLICY_CONTENT_LIMIT_EXCEEDED"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := d.UpdatePolicy(c.id, c.name, nil, c.content)
			refused(t, err, c.kind, c.reason)
		})
	}
	d.put(d.root.with(ServiceControlPolicy, PolicyTypePendingEnable))
	_, err := d.UpdatePolicy(id, text("x"), nil, nil)
	refused(t, err, PolicyChangesInProgress, "")
	_, err = billing(t).UpdatePolicy("p-aaaaaaaaaa", nil, nil, nil)
	refused(t, err, ConstraintViolation, "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE")
}

func TestDeletePolicy(t *testing.T) {
	d := founded(t)
	id := scp(t, d, "one")
	enable(t, d, ServiceControlPolicy)
	must(t, d.AttachPolicy(id, TargetID(d.root.ID)))
	refused(t, d.DeletePolicy(id), PolicyInUse, "")
	must(t, d.DetachPolicy(id, TargetID(d.root.ID)))
	must(t, d.DeletePolicy(id))
	refused(t, d.DeletePolicy(id), PolicyNotFound, "")
	refused(t, d.DeletePolicy("p-RCPFullAWSAccess"), InvalidInput, "IMMUTABLE_POLICY")
	refused(t, billing(t).DeletePolicy(id), PolicyNotFound, "")
	scp(t, d, "one")
}

// TestPolicyNotFoundSentences: AWS words it differently for reads and changes.
func TestPolicyNotFoundSentences(t *testing.T) {
	d := founded(t)
	_, read := d.Policy("p-aaaaaaaaaa")
	change := d.DeletePolicy("p-aaaaaaaaaa")
	for want, err := range map[string]error{
		"You specified a policy that doesn't exist.":                   read,
		"We can't find a policy with the PolicyId that you specified.": change,
	} {
		var refusal *Error
		if !errors.As(err, &refusal) || refusal.Kind != PolicyNotFound || refusal.Message != want {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestPoliciesPage(t *testing.T) {
	d := founded(t)
	want := []PolicyID{"p-FullAWSAccess"}
	for _, name := range []string{"z", "y", "x"} {
		later(d, time.Microsecond)
		want = append(want, scp(t, d, name))
		newPolicy(t, d, TagPolicy, name)
	}
	for size := 1; size <= 5; size++ {
		var got []PolicyID
		for _, p := range pages(size, func(after Cursor) iter.Seq2[Cursor, *Policy] { return d.Policies(ServiceControlPolicy, after) }) {
			got = append(got, p.ID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("pages of %d: %v, want %v", size, got, want)
		}
	}
	if got := values(d.Policies(TagPolicy, "")); len(got) != 3 {
		t.Errorf("%d tag policies", len(got))
	}
}

func TestManagedPolicies(t *testing.T) {
	d := founded(t)
	for id, arn := range map[PolicyID]string{
		"p-FullAWSAccess":    "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess",
		"p-RCPFullAWSAccess": "arn:aws:organizations::aws:policy/resource_control_policy/p-RCPFullAWSAccess",
	} {
		managed, err := d.Policy(id)
		must(t, err)
		if !managed.AWSManaged || d.PolicyARN(managed) != arn || !isObject(managed.Content) || defaultPolicy(managed.Type) != managed {
			t.Errorf("policy: %+v", managed)
		}
	}
	if defaultPolicy(TagPolicy) != nil || managedPolicy("p-aaaaaaaaaa") != nil {
		t.Error("there are more managed policies")
	}
}

// TestMalformedPolicyCause: the client reads AWS's sentence, the log reads every
// defect.
func TestMalformedPolicyCause(t *testing.T) {
	d := founded(t)
	_, err := d.CreatePolicy(ServiceControlPolicy, "n", "", `{"Statement":{"Effect":"deny","Action":"s3","Resource":"*"}}`, nil)
	refused(t, err, MalformedPolicyDocument, "")
	var refusal *Error
	var defects policy.Defects
	if !errors.As(err, &refusal) || !errors.As(err, &defects) || len(defects) != 2 || strings.Contains(refusal.Message, "deny") {
		t.Errorf("the client reads %q, the log %v", refusal.Message, refusal.Err)
	}
}

// TestResourceControlPolicyIsNormalized: AWS was seen to keep resource control
// policies in another form than they are sent in, and no others.
func TestResourceControlPolicyIsNormalized(t *testing.T) {
	d := founded(t)
	const want = `{"Version":"2008-10-17","Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*",` +
		`"Condition":{"StringEquals":{"aws:PrincipalArn":"condition value"}},"Principal":"*"}]}`
	id := newPolicy(t, d, ResourceControlPolicy, "n")
	created, err := d.Policy(id)
	must(t, err)
	updated, err := d.UpdatePolicy(id, nil, nil, new(documentOf(ResourceControlPolicy)))
	must(t, err)
	if created.Content != want || updated.Content != want {
		t.Errorf("created %s, updated %s", created.Content, updated.Content)
	}
}
