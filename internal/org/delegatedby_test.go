package org

import (
	"path"
	"strings"
	"testing"
)

func TestDelegatedByPolicy(t *testing.T) {
	d := founded(t)
	org := "arn:aws:organizations::" + string(management.ID) + ":"
	ou := org + "ou/" + string(d.settings.ID) + "/ou-abcd-11111111"
	_, err := d.PutResourcePolicy(`{"Statement":[
		{"Effect":"Allow","Principal":{"AWS":"222222222222"},"Action":["organizations:List*","organizations:describe*"],"Resource":"*"},
		{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::333333333333:root","arn:aws:iam::444444444444:role/team/Policies"]},
		 "Action":["organizations:AttachPolicy","organizations:DetachPolicy"],"Resource":"`+org+`ou/*"},
		{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::333333333333:user/alice"},"Action":"organizations:CreatePolicy","Resource":"*",
		 "Condition":{"StringEquals":{"organizations:PolicyType":["TAG_POLICY","S3_POLICY"]}}},
		{"Effect":"Allow","Principal":{"AWS":"333333333333"},"Action":"organizations:ListPolicies","Resource":"*",
		 "Condition":{"StringLikeIfExists":{"organizations:PolicyType":"BACKUP_*"}}},
		{"Effect":"Allow","Principal":{"AWS":"333333333333"},"Action":"organizations:DeletePolicy","Resource":"*",
		 "Condition":{"StringEquals":{"aws:PrincipalArn":"arn:aws:iam::333333333333:user/alice"}}},
		{"Effect":"Deny","Principal":{"AWS":"222222222222"},"Action":"organizations:ListAccounts","Resource":"*"},
		{"Effect":"Deny","Principal":{"AWS":"222222222222"},"Action":"organizations:ListRoots","Resource":"*",
		 "Condition":{"StringEquals":{"organizations:PolicyType":"TAG_POLICY"}}},
		{"Effect":"Deny","Principal":{"AWS":"222222222222"},"Action":"organizations:ListChildren","Resource":"*",
		 "Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}
	]}`, nil)
	must(t, err)
	tagPolicy := map[string][]string{"organizations:PolicyType": {"TAG_POLICY"}}
	backupPolicy := map[string][]string{"organizations:PolicyType": {"BACKUP_POLICY"}}
	for _, c := range []struct {
		principal, action, resource string
		context                     map[string][]string
		want                        bool
	}{
		// The whole account, by its id.
		{"arn:aws:iam::222222222222:root", "ListParents", "*", nil, true},
		{"arn:aws:iam::222222222222:user/bob", "DescribePolicy", ou, nil, true},
		{"arn:aws:iam::999999999999:root", "ListParents", "*", nil, false},
		// Deny wins, and one that is not understood denies.
		{"arn:aws:iam::222222222222:root", "ListAccounts", "*", nil, false},
		{"arn:aws:iam::222222222222:root", "ListRoots", "*", nil, true},
		{"arn:aws:iam::222222222222:root", "ListRoots", "*", tagPolicy, false},
		{"arn:aws:iam::222222222222:root", "ListChildren", "*", nil, false},
		// Only what can be delegated at all.
		{"arn:aws:iam::222222222222:root", "DescribeResponsibilityTransfer", "*", nil, false},
		// Root ARN, role and session; resources.
		{"arn:aws:iam::333333333333:user/bob", "AttachPolicy", ou, nil, true},
		{"arn:aws:iam::333333333333:user/bob", "AttachPolicy", org + "root/o-1/r-1", nil, false},
		{"arn:aws:iam::333333333333:user/bob", "AttachPolicy", "*", nil, false},
		{"arn:aws:sts::444444444444:assumed-role/Policies/someone", "AttachPolicy", ou, nil, true},
		{"arn:aws:iam::444444444444:role/team/Policies", "AttachPolicy", ou, nil, true},
		{"arn:aws:sts::444444444444:assumed-role/Others/Policies", "AttachPolicy", ou, nil, false},
		{"arn:aws:iam::444444444444:user/Policies", "AttachPolicy", ou, nil, false},
		{"arn:aws:iam::444444444444:root", "AttachPolicy", ou, nil, false},
		// Conditions.
		{"arn:aws:iam::333333333333:user/alice", "CreatePolicy", "*", tagPolicy, true},
		{"arn:aws:iam::333333333333:user/alice", "CreatePolicy", "*", backupPolicy, false},
		{"arn:aws:iam::333333333333:user/alice", "CreatePolicy", "*", nil, false},
		{"arn:aws:iam::333333333333:user/bob", "CreatePolicy", "*", tagPolicy, false},
		{"arn:aws:iam::333333333333:user/bob", "ListPolicies", "*", backupPolicy, true},
		{"arn:aws:iam::333333333333:user/bob", "ListPolicies", "*", tagPolicy, false},
		{"arn:aws:iam::333333333333:user/bob", "ListPolicies", "*", nil, true},
		{"arn:aws:iam::333333333333:user/alice", "DeletePolicy", "*", nil, false},
	} {
		account := AccountID(strings.Split(c.principal, ":")[4])
		if got := d.DelegatedByPolicy(c.principal, account, "organizations:"+c.action, c.resource, c.context); got != c.want {
			t.Errorf("%s may %s on %s with %v: %v", c.principal, c.action, c.resource, c.context, got)
		}
	}
	if d.DelegatedByPolicy("arn:aws:iam::222222222222:root", "222222222222", "ListRoots", "*", nil) {
		t.Error("an action without its service is allowed")
	}
	must(t, d.DeleteResourcePolicy())
	if d.DelegatedByPolicy("arn:aws:iam::222222222222:root", "222222222222", "organizations:ListParents", "*", nil) {
		t.Error("without a policy, something is allowed")
	}
}

func TestMatches(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{"", "", true}, {"", "a", false}, {"*", "", true}, {"*", "abc", true}, {"a", "a", true}, {"a", "ab", false},
		{"a*", "abc", true}, {"*c", "abc", true}, {"a*c", "abc", true}, {"a*c", "ac", true}, {"a*a", "a", false},
		{"a*b*c", "a-b-c", true}, {"a*b*c", "a-c-b", false}, {"*b*b*", "b", false}, {"**", "", true}, {"a**b", "ab", true},
		{"?", "a", true}, {"?", "", false}, {"a?c", "abc", true}, {"*a?c*", "xxabcxx", true}, {"*?", "", false}, {"*?*?*", "ab", true},
	} {
		if got := matches(c.pattern, c.text); got != c.want {
			t.Errorf("%q matches %q: %v", c.pattern, c.text, got)
		}
	}
}

// FuzzMatches compares with the standard library's patterns, which have the
// same two wildcards.
func FuzzMatches(f *testing.F) {
	f.Add("a*b?c", "aXXbYc")
	f.Add("*a*b*", "ab")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if strings.ContainsAny(pattern, `[]\`) || strings.Contains(text, "/") || !ascii(pattern) || !ascii(text) || len(pattern) > 30 {
			t.Skip("the standard library means something else")
		}
		want, err := path.Match(pattern, text)
		must(t, err)
		if got := matches(pattern, text); got != want {
			t.Errorf("%q matches %q: %v, want %v", pattern, text, got, want)
		}
	})
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= 0x80 })
}

// FuzzPutResourcePolicy: whatever is accepted can be evaluated and read again.
func FuzzPutResourcePolicy(f *testing.F) {
	f.Add(delegating(`"organizations:ListRoots"`))
	f.Add(`{"Statement":{"Effect":"Deny","Principal":{"AWS":"222222222222"},"Action":"organizations:*Policy","Resource":"*","Condition":{"Null":{"aws:x":true}}}}`)
	f.Fuzz(func(t *testing.T, content string) {
		d := founded(t)
		if _, err := d.PutResourcePolicy(content, nil); err != nil {
			return
		}
		d.DelegatedByPolicy("arn:aws:iam::222222222222:root", "222222222222", "organizations:ListRoots", "*", nil)
		loaded, err := empty().Apply(d.Changes())
		must(t, err)
		if len(loaded.resourcePolicy.statements) != len(d.resourcePolicy.statements) {
			t.Error("the loaded policy has other statements")
		}
	})
}
