package server

import (
	"net/url"
	"strings"
	"testing"
)

// TestTagsNeedPermission: who gives tags to what he makes needs the permission to tag it, and policies see the tags that
// are given and those that are there.
func TestTagsNeedPermission(t *testing.T) {
	m := &matrix{fixture: newFixture(t, nil)}
	root := m.root()
	m.mustJSON(root, "CreateOrganization", `{}`)
	top := id(m.mustJSON(root, "ListRoots", `{}`))
	user := m.user(m.account, "gardener", false)
	grant := func(statements ...string) {
		document := url.QueryEscape(`{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`)
		m.mustForm(root, "iam", "Action=PutUserPolicy&Version=2010-05-08&UserName=gardener&PolicyName=may&PolicyDocument="+document)
	}
	create := func(name, tags string) string {
		body := `{"ParentId":"` + top + `","Name":"` + name + `"` + tags + `}`
		return m.read(m.do(m.signed(jsonRequest("CreateOrganizationalUnit", body), "organizations", user))).code
	}
	form := func(body string) string {
		_, code := cellOf(m.do(m.signed(formRequest(body+"&Version=2010-05-08"), "iam", user)))
		return code
	}
	const tagged = `,"Tags":[{"Key":"team","Value":"orchard"}]`
	const asUser = "Action=CreateUser&Tags.member.1.Key=team&Tags.member.1.Value=orchard&UserName="

	grant(`{"Effect":"Allow","Action":["organizations:CreateOrganizationalUnit","iam:CreateUser"],"Resource":"*"}`)
	for what, got := range map[string]string{"a unit": create("plain", ""), "a user": form("Action=CreateUser&UserName=plain")} {
		if got != "" {
			t.Errorf("%s without tags: %s", what, got)
		}
	}
	if got := create("tagged", tagged); got != "AccessDeniedException" {
		t.Errorf("a unit with tags, without the permission to tag: %q", got)
	}
	if got := form(asUser + "tagged"); got != "AccessDenied" {
		t.Errorf("a user with tags, without the permission to tag: %q", got)
	}
	grant(`{"Effect":"Allow","Action":["organizations:*","iam:*"],"Resource":"*"}`,
		`{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:RequestTag/team":"meadow"}}}`,
		`{"Effect":"Deny","Action":"iam:DeleteUser","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/team":"orchard"}}}`)
	if got := create("tagged", tagged); got != "" {
		t.Errorf("a unit with tags: %q", got)
	}
	if got := create("other", strings.Replace(tagged, "orchard", "meadow", 1)); got != "AccessDeniedException" {
		t.Errorf("a unit with tags that are denied: %q", got)
	}
	if got := form(asUser + "tagged"); got != "" {
		t.Errorf("a user with tags: %q", got)
	}
	if got := form("Action=DeleteUser&UserName=tagged"); got != "AccessDenied" {
		t.Errorf("deleting a user whose tag protects him: %q", got)
	}
	if got := form("Action=DeleteUser&UserName=plain"); got != "" {
		t.Errorf("deleting a user without tags: %q", got)
	}
}
