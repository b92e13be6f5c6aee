package server

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// taggingCall calls the Resource Groups Tagging API, and returns the codes of the resources that it failed for.
func (m *matrix) taggingCall(as aws.Credentials, operation, body string) map[string]string {
	m.t.Helper()
	r := jsonRequest(operation, body)
	r.Header.Set("X-Amz-Target", "ResourceGroupsTaggingAPI_20170126."+operation)
	w := m.do(m.signed(r, "tagging", as))
	if w.Code != http.StatusOK {
		m.t.Fatalf("%s: %s", operation, w.Body)
	}
	var out struct {
		FailedResourcesMap map[string]struct {
			StatusCode              int
			ErrorCode, ErrorMessage string
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
		m.t.Fatal(err)
	}
	codes := map[string]string{}
	for arn, failure := range out.FailedResourcesMap {
		if failure.StatusCode < 400 || failure.ErrorMessage == "" {
			m.t.Errorf("%s: %+v", arn, failure)
		}
		codes[arn] = failure.ErrorCode
	}
	return codes
}

func TestTagResources(t *testing.T) {
	m := &matrix{fixture: newFixture(t, nil)}
	root := m.root()
	m.mustJSON(root, "CreateOrganization", `{}`)
	top := id(m.mustJSON(root, "ListRoots", `{}`))
	member := m.member(root, "member")
	form := func(as aws.Credentials, text string) string {
		return m.mustForm(as, "iam", "Version=2010-05-08&Action="+text)
	}
	form(root, "CreateUser&UserName=ann&Path=/team/")
	role := element(form(root, "CreateRole&RoleName=job&AssumeRolePolicyDocument="+trustInItself(m.account)), "Arn")
	policy := element(form(root, "CreatePolicy&PolicyName=some&PolicyDocument="+
		url.QueryEscape(`{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"iam:*","Resource":"*"}}`)), "Arn")
	provider := element(form(root, "CreateOpenIDConnectProvider&Url=https://issuer.example.com&ClientIDList.member.1=app"), "OpenIDConnectProviderArn")
	ann := "arn:aws:iam::" + m.account.AccountID + ":user/team/ann"
	rootARN := strings.Split(m.mustJSON(root, "ListRoots", `{}`), `"Arn":"`)[1]
	rootARN = rootARN[:strings.IndexByte(rootARN, '"')]

	for name, test := range map[string]struct {
		arn, want string
	}{
		"a user":                    {ann, ""},
		"a role":                    {role, ""},
		"a policy":                  {policy, ""},
		"an OIDC provider":          {provider, ""},
		"a root":                    {rootARN, ""},
		"a user that is elsewhere":  {strings.Replace(ann, "/team/", "/other/", 1), "InvalidParameterException"},
		"nobody":                    {ann + "e", "NoSuchEntity"},
		"a unit that is not there":  {strings.Replace(rootARN, ":root/", ":ou/", 1) + "x", "InvalidParameterException"},
		"AWS's own policy":          {"arn:aws:iam::aws:policy/AdministratorAccess", "InvalidParameterException"},
		"another account's":         {"arn:aws:iam::" + member.AccountID + ":user/ann", "InvalidParameterException"},
		"of another partition":      {strings.Replace(ann, "arn:aws:", "arn:aws-cn:", 1), "InvalidParameterException"},
		"of another service":        {"arn:aws:s3::" + m.account.AccountID + ":bucket/x", "InvalidParameterException"},
		"a group, which has no tag": {"arn:aws:iam::" + m.account.AccountID + ":group/g", "InvalidParameterException"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := m.taggingCall(root, "TagResources", `{"ResourceARNList":["`+test.arn+`"],"Tags":{"team":"red","stage":""}}`)[test.arn]; got != test.want {
				t.Errorf("tagging is answered %q, want %q", got, test.want)
			}
			if got := m.taggingCall(root, "UntagResources", `{"ResourceARNList":["`+test.arn+`"],"TagKeys":["stage"]}`)[test.arn]; got != test.want {
				t.Errorf("untagging is answered %q, want %q", got, test.want)
			}
		})
	}
	r := jsonRequest("TagResources", `{"ResourceARNList":["`+ann+`","ann"],"Tags":{"other":"red"}}`)
	r.Header.Set("X-Amz-Target", "ResourceGroupsTaggingAPI_20170126.TagResources")
	if w := m.do(m.signed(r, "tagging", root)); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "InvalidParameterException") {
		t.Errorf("what is no ARN is answered %d %s", w.Code, w.Body)
	}
	for what, answer := range map[string]string{
		"user":     form(root, "ListUserTags&UserName=ann"),
		"role":     form(root, "ListRoleTags&RoleName=job"),
		"policy":   form(root, "ListPolicyTags&PolicyArn="+policy),
		"provider": form(root, "ListOpenIDConnectProviderTags&OpenIDConnectProviderArn="+url.QueryEscape(provider)),
		"root":     m.mustJSON(root, "ListTagsForResource", `{"ResourceId":"`+top+`"}`),
	} {
		if !strings.Contains(answer, "team") || strings.Contains(answer, "stage") || strings.Contains(answer, "other") {
			t.Errorf("the tags of the %s are %s", what, answer)
		}
	}
}

// Who may call the Resource Groups Tagging API may not tag, for that alone, what its service does not let him tag.
func TestTagResourcesNeedsThePermissionOfTheService(t *testing.T) {
	m := &matrix{fixture: newFixture(t, nil)}
	account := m.newAccount("standalone")
	root := account.credentials()
	user := m.user(account, "ann", false)
	document := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"tag:*","Resource":"*"},` +
		`{"Effect":"Allow","Action":"iam:TagUser","Resource":"*","Condition":{"StringEquals":{"aws:RequestTag/team":"red"}}}]}`
	m.mustForm(root, "iam", "Version=2010-05-08&Action=PutUserPolicy&UserName=ann&PolicyName=tags&PolicyDocument="+url.QueryEscape(document))
	m.mustForm(root, "iam", "Version=2010-05-08&Action=CreateRole&RoleName=job&AssumeRolePolicyDocument="+trustInItself(account))
	ann, job := "arn:aws:iam::"+account.AccountID+":user/ann", "arn:aws:iam::"+account.AccountID+":role/job"
	both := func(value string) map[string]string {
		return m.taggingCall(user, "TagResources", `{"ResourceARNList":["`+ann+`","`+job+`"],"Tags":{"team":"`+value+`"}}`)
	}
	if got := both("red"); got[ann] != "" || got[job] != "AccessDeniedException" {
		t.Errorf("red: failed for %v", got)
	}
	if got := both("blue"); got[ann] != "AccessDeniedException" || got[job] != "AccessDeniedException" {
		t.Errorf("blue: failed for %v", got)
	}
	if tags := m.mustForm(root, "iam", "Version=2010-05-08&Action=ListUserTags&UserName=ann"); !strings.Contains(tags, "<Value>red</Value>") {
		t.Errorf("the tags of the user are %s", tags)
	}
	events := m.lookup(root)
	for _, want := range []string{"TagResources", "TagUser", "TagRole"} {
		if !strings.Contains(events, `\"eventName\":\"`+want+`\"`) {
			t.Errorf("no event of %s in %s", want, events)
		}
	}
}

// trustInItself is a trust policy, as a form has it, of a role for its own account.
func trustInItself(account AccountKey) string {
	return url.QueryEscape(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + account.AccountID + `"},"Action":"sts:AssumeRole"}}`)
}

// lookup returns the events of an account.
func (m *matrix) lookup(as aws.Credentials) string {
	m.t.Helper()
	r := jsonRequest("LookupEvents", `{}`)
	r.Header.Set("X-Amz-Target", "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents")
	w := m.do(m.signed(r, "cloudtrail", as))
	if w.Code != http.StatusOK {
		m.t.Fatalf("LookupEvents: %s", w.Body)
	}
	return w.Body.String()
}
