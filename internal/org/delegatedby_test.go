package org

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/espalier-cloud/espalier/policy"
)

// callBy returns the call of a principal.
func callBy(principal, action string) Call {
	return Call{Account: AccountID(strings.Split(principal, ":")[4]), Principal: principal, Action: policy.NewAction("organizations:" + action)}
}

func TestDelegatedByPolicy(t *testing.T) {
	d := founded(t)
	org := "arn:aws:organizations::" + string(management.ID) + ":"
	ou := org + "ou/" + string(d.settings.ID) + "/ou-abcd-11111111"
	_, err := d.PutResourcePolicy(`{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Principal":{"AWS":"222222222222"},"Action":["organizations:List*","organizations:describe*"],"Resource":"*"},
		{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::333333333333:root","arn:aws:iam::444444444444:role/team/Policies"]},
		 "Action":["organizations:AttachPolicy","organizations:DetachPolicy"],"Resource":"`+org+`ou/*"},
		{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::333333333333:user/alice"},"Action":"organizations:CreatePolicy","Resource":"*",
		 "Condition":{"StringEquals":{"organizations:PolicyType":["TAG_POLICY","S3_POLICY"]}}},
		{"Effect":"Allow","Principal":{"AWS":"333333333333"},"Action":"organizations:ListPolicies","Resource":"*",
		 "Condition":{"StringLikeIfExists":{"organizations:PolicyType":"BACKUP_*"}}},
		{"Effect":"Allow","Principal":{"AWS":"333333333333"},"Action":"organizations:DeletePolicy","Resource":"*",
		 "Condition":{"StringEquals":{"aws:PrincipalArn":"arn:aws:iam::333333333333:user/alice"}}},
		{"Effect":"Allow","Principal":{"AWS":"333333333333"},"Action":"organizations:UpdatePolicy","Resource":"*",
		 "Condition":{"StringEquals":{"aws:PrincipalTag/team":"policies"}}},
		{"Effect":"Allow","Principal":{"AWS":"333333333333"},"Action":"organizations:TagResource","Resource":"*",
		 "Condition":{"StringNotEquals":{"aws:PrincipalArn":"${aws:PrincipalTag/team}"}}},
		{"Effect":"Deny","Principal":{"AWS":"222222222222"},"Action":"organizations:ListAccounts","Resource":"*"},
		{"Effect":"Deny","Principal":{"AWS":"222222222222"},"Action":"organizations:ListRoots","Resource":"*",
		 "Condition":{"StringEquals":{"organizations:PolicyType":"TAG_POLICY"}}},
		{"Effect":"Deny","Principal":{"AWS":"222222222222"},"Action":"organizations:ListChildren","Resource":"*",
		 "Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}
	]}`, nil)
	must(t, err)
	for _, c := range []struct {
		principal, action, resource string
		policyType                  PolicyType
		want                        bool
	}{
		// The whole account, by its id.
		{"arn:aws:iam::222222222222:root", "ListParents", "*", "", true},
		{"arn:aws:iam::222222222222:user/bob", "DescribePolicy", ou, "", true},
		{"arn:aws:iam::999999999999:root", "ListParents", "*", "", false},
		// Deny wins, and one that asks for what nobody tells denies.
		{"arn:aws:iam::222222222222:root", "ListAccounts", "*", "", false},
		{"arn:aws:iam::222222222222:root", "ListRoots", "*", "", true},
		{"arn:aws:iam::222222222222:root", "ListRoots", "*", TagPolicy, false},
		{"arn:aws:iam::222222222222:root", "ListChildren", "*", "", false},
		// Only what can be delegated at all.
		{"arn:aws:iam::222222222222:root", "DescribeResponsibilityTransfer", "*", "", false},
		// Root ARN, role and session; resources.
		{"arn:aws:iam::333333333333:user/bob", "AttachPolicy", ou, "", true},
		{"arn:aws:iam::333333333333:user/bob", "AttachPolicy", org + "root/o-1/r-1", "", false},
		{"arn:aws:iam::333333333333:user/bob", "AttachPolicy", "*", "", false},
		{"arn:aws:sts::444444444444:assumed-role/Policies/someone", "AttachPolicy", ou, "", true},
		{"arn:aws:iam::444444444444:role/team/Policies", "AttachPolicy", ou, "", true},
		{"arn:aws:sts::444444444444:assumed-role/Others/Policies", "AttachPolicy", ou, "", false},
		{"arn:aws:iam::444444444444:user/Policies", "AttachPolicy", ou, "", false},
		{"arn:aws:iam::444444444444:root", "AttachPolicy", ou, "", false},
		// Conditions.
		{"arn:aws:iam::333333333333:user/alice", "CreatePolicy", "*", TagPolicy, true},
		{"arn:aws:iam::333333333333:user/alice", "CreatePolicy", "*", BackupPolicy, false},
		{"arn:aws:iam::333333333333:user/alice", "CreatePolicy", "*", "", false},
		{"arn:aws:iam::333333333333:user/bob", "CreatePolicy", "*", TagPolicy, false},
		{"arn:aws:iam::333333333333:user/bob", "ListPolicies", "*", BackupPolicy, true},
		{"arn:aws:iam::333333333333:user/bob", "ListPolicies", "*", TagPolicy, false},
		{"arn:aws:iam::333333333333:user/bob", "ListPolicies", "*", "", true},
		{"arn:aws:iam::333333333333:user/alice", "DeletePolicy", "*", "", true},
		{"arn:aws:iam::333333333333:user/bob", "DeletePolicy", "*", "", false},
		{"arn:aws:iam::333333333333:user/alice", "UpdatePolicy", "*", "", false},
		{"arn:aws:iam::333333333333:user/alice", "TagResource", "*", "", true}, // the tag has no value
	} {
		call := callBy(c.principal, c.action)
		call.Context = new(policy.Context)
		if c.policyType != "" {
			call.Context.Set("organizations:PolicyType", string(c.policyType))
		}
		call.Context.Set("aws:SourceIp", "10.1.2.3")
		if strings.Contains(c.principal, ":assumed-role/Policies/") {
			call.Role = "arn:aws:iam::444444444444:role/team/Policies"
		}
		if got := d.DelegatedByPolicy(call, Resource{ARN: c.resource}); got != c.want {
			t.Errorf("%s may %s on %s with %q: %v", c.principal, c.action, c.resource, c.policyType, got)
		}
	}
	call := callBy("arn:aws:iam::222222222222:root", "ListParents")
	for name, other := range map[string]Call{
		"without its service": {Account: call.Account, Principal: call.Principal, Action: policy.NewAction("ListParents")},
		"by a nobody":         {Account: call.Account, Principal: "222222222222", Action: call.Action},
	} {
		if d.DelegatedByPolicy(other, Resource{ARN: "*"}) {
			t.Errorf("an action %s is allowed", name)
		}
	}
	must(t, d.DeleteResourcePolicy())
	if d.DelegatedByPolicy(call, Resource{ARN: "*"}) {
		t.Error("without a policy, something is allowed")
	}
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
		d.DelegatedByPolicy(callBy("arn:aws:iam::222222222222:root", "ListRoots"), Resource{ARN: "*"})
		loaded, err := empty().Apply(d.Changes())
		must(t, err)
		if diff := cmp.Diff(delegated(d.Organization), delegated(loaded)); diff != "" {
			t.Error(diff)
		}
	})
}

// delegated returns what the resource policy says.
func delegated(o *Organization) *policy.Document {
	return o.resourcePolicy.compiled.Policies()[0].Policy.Document()
}
