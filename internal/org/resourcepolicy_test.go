package org

import (
	"strings"
	"testing"
)

// delegating returns a resource policy that allows account 222222222222 some
// actions on everything.
func delegating(actions string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"222222222222"},"Action":[` + actions + `],"Resource":"*"}]}`
}

func TestResourcePolicy(t *testing.T) {
	d := founded(t)
	_, err := d.ResourcePolicy()
	refused(t, err, ResourcePolicyNotFound, "")
	refused(t, d.DeleteResourcePolicy(), ResourcePolicyNotFound, "")

	created, err := d.PutResourcePolicy(delegating(`"organizations:ListRoots"`), Tags{{"b", ""}, {"a", ""}})
	must(t, err)
	if len(created.ID) != len("rp-")+8 || created.Tags[0].Key != "a" {
		t.Errorf("policy: %+v", created)
	}
	content := " " + delegating(`"organizations:AttachPolicy"`)
	replaced, err := d.PutResourcePolicy(content, Tags{})
	must(t, err)
	if replaced.ID != created.ID || replaced.Content != content || len(replaced.Tags) != 2 {
		t.Errorf("policy: %+v", replaced)
	}
	_, err = d.PutResourcePolicy(content, Tags{{"c", ""}})
	refused(t, err, InvalidInput, "UPDATE_EXISTING_RESOURCE_POLICY_WITH_TAGS_NOT_SUPPORTED")
	found, err := d.ResourcePolicy()
	must(t, err)
	if found != replaced {
		t.Errorf("found %+v", found)
	}
	must(t, d.DeleteResourcePolicy())
	_, err = d.PutResourcePolicy(content, Tags{{"aws:c", ""}})
	refused(t, err, InvalidInput, "INVALID_SYSTEM_TAGS_PARAMETER")
	_, err = d.PutResourcePolicy(content+strings.Repeat(" ", 40_000), nil)
	refused(t, err, InvalidInput, "MAX_LENGTH_EXCEEDED:CONTENT")

	b := billing(t)
	_, err = b.PutResourcePolicy(content, nil)
	refused(t, err, ConstraintViolation, "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE")
	_, err = b.ResourcePolicy()
	refused(t, err, ConstraintViolation, "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE")
	refused(t, b.DeleteResourcePolicy(), ConstraintViolation, "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE")
}

// TestResourcePolicyIsInForceAfterLoading: the statements are not stored, but
// read from the document.
func TestResourcePolicyIsInForceAfterLoading(t *testing.T) {
	d := founded(t)
	_, err := d.PutResourcePolicy(delegating(`"organizations:ListRoots"`), nil)
	must(t, err)
	loaded, err := empty().Apply(d.Changes())
	must(t, err)
	allows := func(o *Organization) bool {
		return o.DelegatedByPolicy(callBy("arn:aws:iam::222222222222:user/u", "ListRoots"), Resource{ARN: "*"})
	}
	if !allows(loaded) {
		t.Error("a loaded policy allows nothing")
	}
	unreadable, err := loaded.Apply([]Change{{Kind: kindResourcePolicy, ID: "rp-11111111", Doc: []byte(`{"id":"rp-11111111","content":"{}"}`)}})
	must(t, err)
	if allows(unreadable) {
		t.Error("a policy that says nothing allows something")
	}
}

func TestPutResourcePolicyValidates(t *testing.T) {
	d := founded(t)
	org, mgmt := string(d.settings.ID), string(management.ID)
	statement := func(members string) string { return `{"Statement":{` + members + `}}` }
	with := func(principal, action, resource, more string) string {
		return statement(`"Effect":"Allow","Principal":` + principal + `,"Action":` + action + `,"Resource":` + resource + more)
	}
	const who, what, all = `{"AWS":["222222222222"]}`, `"organizations:ListPolicies"`, `"*"`
	const bad, principal = Reason("INVALID_RESOURCE_POLICY_JSON"), Reason("INVALID_PRINCIPAL")
	const action, resource = Reason("UNSUPPORTED_ACTION_IN_RESOURCE_POLICY"), Reason("UNSUPPORTED_RESOURCE_IN_RESOURCE_POLICY")
	const policyType = Reason("UNSUPPORTED_POLICY_TYPE_IN_RESOURCE_POLICY")
	for _, c := range []struct {
		content string
		reason  Reason // empty when the policy is good
	}{
		{with(who, what, all, ""), ""},
		{with(who, what, all, `,"Sid":"a"`), ""},
		{`not JSON`, bad},
		{`[]`, bad},
		{`{}`, bad},
		{`{"Statement":[]}`, bad},
		{`{"Statement":[null]}`, bad},
		{`{"Version":"2012-10-18",` + with(who, what, all, "")[1:], bad},
		{`{"Version":"2008-10-17","Id":"x",` + with(who, what, all, "")[1:], ""},
		{`{"Extra":1,` + with(who, what, all, "")[1:], bad},
		{with(who, what, all, `,"Extra":1`), bad},
		{with(who, what, all, `,"Action":"organizations:ListRoots"`), bad},
		{with(who, what, all, `,"effect":"Allow"`), bad},
		{strings.Replace(with(who, what, all, ""), "Allow", "allow", 1), bad},
		{statement(`"Effect":"Allow","Action":` + what + `,"Resource":"*"`), bad},
		{statement(`"Effect":"Allow","Principal":` + who + `,"Resource":"*"`), bad},
		{with(who, what, all, `,"Condition":{"StringEquals":{"Resource":"*"}}`), bad},

		{with(`"*"`, what, all, ""), principal},
		{with(`{"AWS":"*"}`, what, all, ""), principal},
		{with(`{"AWS":[]}`, what, all, ""), principal},
		{with(`{"Service":"config.amazonaws.com"}`, what, all, ""), principal},
		{with(`{"AWS":"2222"}`, what, all, ""), principal},
		{with(`{"AWS":"arn:aws:iam::222222222222:root"}`, what, all, ""), ""},
		{with(`{"AWS":"arn:aws:iam::222222222222:role/path/name"}`, what, all, ""), ""},
		{with(`{"AWS":"arn:aws:sts::222222222222:assumed-role/name/session"}`, what, all, ""), ""},
		{with(`{"AWS":"arn:aws-cn:iam::222222222222:root"}`, what, all, ""), principal},
		{with(`{"AWS":"arn:aws:iam::222222222222:user/*"}`, what, all, ""), principal},
		{with(who, what, all, `,"NotPrincipal":{"AWS":"333333333333"}`), principal},
		{with(`7`, what, all, ""), principal},

		{with(who, `["organizations:AttachPolicy","organizations:list*","Organizations:Describe*"]`, all, ""), ""},
		{with(who, `"organizations:CreateAccount"`, all, ""), action},
		{with(who, `"organizations:Create*"`, all, ""), action},
		{with(who, `"organizations:*"`, all, ""), action},
		{with(who, `"*"`, all, ""), action},
		{with(who, `"s3:GetObject"`, all, ""), action},
		{with(who, `[]`, all, ""), action},
		{with(who, `7`, all, ""), action},
		{statement(`"Effect":"Allow","Principal":` + who + `,"NotAction":` + what + `,"Resource":"*"`), action},

		{with(who, what, `["arn:aws:organizations::`+mgmt+`:ou/`+org+`/ou-abcd-11111111","arn:aws:organizations::*:policy/`+org+`/backup_policy/*"]`, ""), ""},
		{with(who, what, `"arn:*:organizations::`+mgmt+`:*"`, ""), ""},
		{with(who, what, `"arn:aws:organizations::`+mgmt+`:policy/*"`, ""), ""},
		{with(who, what, `"arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess"`, ""), ""},
		{with(who, what, `"arn:aws:organizations::aws:root/x"`, ""), resource},
		{with(who, what, `"arn:aws:organizations::`+mgmt+`:root/o-another000/r-abcd"`, ""), resource},
		{with(who, what, `"arn:aws:organizations::222222222222:root/`+org+`/r-abcd"`, ""), resource},
		{with(who, what, `"arn:aws:organizations::`+mgmt+`:handshake/`+org+`/invite/h-1"`, ""), resource},
		{with(who, what, `"arn:aws:s3:::bucket"`, ""), resource},
		{with(who, what, `"arn:aws:organizations"`, ""), resource},
		{with(who, what, `[]`, ""), resource},
		{statement(`"Effect":"Allow","Principal":` + who + `,"Action":` + what + `,"NotResource":"*"`), resource},

		{with(who, what, all, `,"Condition":{"StringLikeIfExists":{"organizations:PolicyType":["TAG_*","S3_POLICY"]}}`), ""},
		{with(who, what, all, `,"Condition":{"StringEquals":{"organizations:policytype":"TAG_*"}}`), ""},
		{with(who, what, all, `,"Condition":{"StringEquals":{"organizations:PolicyType":"FOO_POLICY"}}`), policyType},
		{with(who, what, all, `,"Condition":{"Bool":{"aws:MultiFactorAuthPresent":true},"NumericLessThan":{"aws:MultiFactorAuthAge":[300]}}`), ""},
		{with(who, what, all, `,"Condition":{"ForAllValues:StringEquals":{"aws:TagKeys":["a","b"]}}`), ""},
		{with(who, what, all, `,"Condition":{"Equals":{"aws:TagKeys":"a"}}`), bad},
		{with(who, what, all, `,"Condition":{"StringEquals":{"s3:prefix":"a"}}`), bad},
		{with(who, what, all, `,"Condition":{"StringEquals":{"aws:PrincipalArn":{}}}`), bad},
		{with(who, what, all, `,"Condition":{"StringEquals":{"aws:PrincipalArn":null}}`), bad},
	} {
		_, err := d.Fork(d.now).PutResourcePolicy(c.content, nil)
		switch {
		case c.reason == "" && err != nil:
			t.Errorf("%s: %v", c.content, err)
		case c.reason != "":
			t.Log(c.content)
			refused(t, err, InvalidInput, c.reason)
		}
	}
}
