package server

import (
	"net/http"
	"strings"
	"testing"

	"github.com/espalier-cloud/espalier/internal/ops"
)

// govern makes the first account an organization with a tag policy, and gives its
// root a tag before that breaks it.
func (f *fixture) govern() {
	f.t.Helper()
	f.want(f.call("CreateOrganization", `{}`), 200, "")
	roots := f.call("ListRoots", `{}`)
	f.want(roots, 200, "")
	root, _, _ := strings.Cut(roots.body[strings.Index(roots.body, `"Id":"r-`)+len(`"Id":"`):], `"`)
	f.want(f.call("TagResource", `{"ResourceId":"`+root+`","Tags":[{"Key":"Team","Value":"green"}]}`), 200, "")
	f.want(f.call("EnablePolicyType", `{"RootId":"`+root+`","PolicyType":"TAG_POLICY"}`), 200, "")
	content := `{\"tags\":{\"team\":{\"tag_key\":{\"@@assign\":\"Team\"},\"tag_value\":{\"@@assign\":[\"red\"]},\"enforced_for\":{\"@@assign\":[\"organizations:root\"]}}}}`
	made := f.call("CreatePolicy", `{"Type":"TAG_POLICY","Name":"Teams","Description":"","Content":"`+content+`"}`)
	f.want(made, 200, "")
	id, _, _ := strings.Cut(made.body[strings.Index(made.body, `"Id":"p-`)+len(`"Id":"`):], `"`)
	f.want(f.call("AttachPolicy", `{"PolicyId":"`+id+`","TargetId":"`+root+`"}`), 200, "")
}

func TestOperatorSeesEffectivePolicies(t *testing.T) {
	f := newFixture(t, nil)
	account := f.account.AccountID
	f.controlled("GET", "effective?type=TAG_POLICY&account="+account, "", 404, nil)
	f.govern()
	var report ops.EffectiveReport
	f.controlled("GET", "effective?type=TAG_POLICY&explain&account="+account, "", 200, &report)
	if !report.Valid || report.Content != `{"tags":{"team":{"enforced_for":["organizations:root"],"tag_key":"Team","tag_value":["red"]}}}` || len(report.Settings) != 3 {
		t.Fatalf("%+v", report)
	}
	if s := report.Settings[2]; s.Path != "tags/team/tag_value" || !s.Set || s.Values[0].Source.Name != "Teams" || s.Steps[0].Outcome != "applied" {
		t.Errorf("%+v", s)
	}
	f.controlled("GET", "effective?type=BACKUP_POLICY&account="+account, "", 400, nil)
	f.controlled("GET", "effective?type=TAG_POLICY&account=999999999999", "", 404, nil)
	f.controlled("GET", "effective", "", 404, nil)
}

func TestOperatorReportsTags(t *testing.T) {
	f := newFixture(t, nil)
	f.govern()
	var report ops.TagReport
	f.controlled("GET", "tags/report", "", 200, &report)
	if len(report.Resources) != 1 || report.After != "" {
		t.Fatalf("%+v", report)
	}
	if r := report.Resources[0]; r.ResourceType != "organizations:root" || !strings.Contains(r.ARN, ":root/o-") || !r.Refused || r.Noncompliant[0].Key != "Team" {
		t.Errorf("%+v", r)
	}
}

// Services check tags with a bearer token of any account of the organization.
func TestServicesCheckTags(t *testing.T) {
	f := newFixture(t, nil)
	f.govern()
	account := f.account.AccountID
	var other AccountKey
	f.controlled("POST", "accounts", `{"email":"b@example.com","name":"b"}`, 200, &other)
	token := func(account string) string {
		var made IssuedToken
		f.controlled("POST", "tokens", `{"accountId":"`+account+`","seconds":3600}`, 200, &made)
		return "Bearer " + made.Token
	}
	body := `{"accountId":"` + account + `","resourceType":"organizations:root","tags":{"team":"green","free":"x"}}`
	for _, test := range []struct {
		name, authorization, body, origin string
		status                            int
		refused                           bool
	}{
		{"the operator", "Bearer the operator's token", body, "", 200, true},
		{"a service", token(account), body, "", 200, true},
		{"another type", token(account), strings.Replace(body, "root", "account", 1), "", 200, false},
		{"a stranger", token(other.AccountID), body, "", 401, false},
		{"nobody", "", body, "", 401, false},
		{"a guess", "Bearer guessed", body, "", 401, false},
		{"a page", token(account), body, "http://evil.example", 403, false},
		{"no JSON", token(account), "{", "", 401, false},
		{"no JSON of the operator", "Bearer the operator's token", "{", "", 400, false},
		{"no account", "Bearer the operator's token", `{"accountId":"999999999999"}`, "", 404, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := controlRequest(http.MethodPost, "tags/check", test.body)
			r.Header.Set("Authorization", test.authorization)
			if test.origin != "" {
				r.Header.Set("Origin", test.origin)
			}
			w := f.do(r)
			if w.Code != test.status || strings.Contains(w.Body.String(), `"refused":true`) != test.refused {
				t.Errorf("%d %s", w.Code, w.Body)
			}
		})
	}
}
