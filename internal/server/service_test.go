package server

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/espalier-cloud/espalier/internal/api"
	"github.com/espalier-cloud/espalier/internal/ops"
	"github.com/espalier-cloud/espalier/internal/wire"
)

// serviceKey makes an access key for a service by the control endpoint.
func (f *fixture) serviceKey(service string) aws.Credentials {
	f.t.Helper()
	var key ops.IssuedKey
	f.controlled("POST", "keys", `{"service":"`+service+`"}`, 200, &key)
	return aws.Credentials{AccessKeyID: string(key.AccessKeyID), SecretAccessKey: key.SecretAccessKey}
}

// plain is a request for an operation without any input.
func plain(service *api.Service, operation string) *http.Request {
	if service.Protocol == api.JSON {
		r := jsonRequest(operation, `{}`)
		r.Header.Set("X-Amz-Target", service.TargetPrefix+"."+operation)
		return r
	}
	return formRequest("Action=" + operation + "&Version=" + service.APIVersion)
}

// TestServicesInTheirOwnName: a service may ask who it is and assume a role, and nothing else.
func TestServicesInTheirOwnName(t *testing.T) {
	f := newFixture(t, nil)
	key := f.serviceKey("sso.amazonaws.com")
	for _, service := range wire.Services() {
		if service.Protocol == api.RestJSON {
			continue // which has no way to the server yet
		}
		for name, rule := range ops.Rules(service.Name) {
			if service.Operations[name].Anonymous {
				continue // whoever calls
			}
			w := f.do(f.signed(plain(service, name), service.Name, key))
			if _, code := cellOf(w); rule.ForServices == strings.HasPrefix(code, "AccessDenied") {
				t.Errorf("%s: answered %d %s", rule.Action(), w.Code, w.Body)
			}
		}
	}
	w := f.do(f.signed(formRequest("Action=GetCallerIdentity&Version=2011-06-15"), "sts", key))
	if body := w.Body.String(); w.Code != 200 || element(body, "Arn") != "sso.amazonaws.com" || element(body, "UserId") != "sso.amazonaws.com" || strings.Contains(body, "<Account>") {
		t.Errorf("answered %d %s", w.Code, body)
	}
	denied := f.read(f.do(f.signed(jsonRequest("ListAccounts", `{}`), "organizations", key)))
	if want := "User: sso.amazonaws.com is not authorized to perform: organizations:ListAccounts on resource: *"; !strings.HasPrefix(denied.message, want) {
		t.Errorf("the message is %q", denied.message)
	}
	if log := f.log.String(); !strings.Contains(log, "principal=sso.amazonaws.com accessKey="+key.AccessKeyID) || strings.Contains(log, key.SecretAccessKey) {
		t.Errorf("the log is\n%s", log)
	}
	question := httptest.NewRequest(http.MethodPost, "/access/v1/evaluation", strings.NewReader(aboutRoot(f.account.AccountID)))
	question.Header.Set("Content-Type", "application/json")
	if w := f.do(f.signed(question, "espalier", key)); w.Code != http.StatusForbidden {
		t.Errorf("a service asks for decisions: %d %s", w.Code, w.Body)
	}
}

func TestOperatorManagesKeys(t *testing.T) {
	f := newFixture(t, nil)
	list := func(path string) []ops.KeySummary {
		t.Helper()
		var l ops.KeyList
		f.controlled("GET", path, "", 200, &l)
		return l.Keys
	}
	key := f.serviceKey("sso.amazonaws.com")
	f.serviceKey("config.amazonaws.com")
	if got := list("services/keys"); len(got) != 2 {
		t.Errorf("there are %+v", got)
	}
	if got := list("services/sso.amazonaws.com/keys"); len(got) != 1 || string(got[0].AccessKeyID) != key.AccessKeyID || got[0].Service != "sso.amazonaws.com" || got[0].Status != "Active" {
		t.Errorf("there are %+v", got)
	}
	var made ops.IssuedKey
	f.controlled("POST", "keys", `{"accountId":"`+f.account.AccountID+`"}`, 200, &made)
	if got := list("accounts/" + f.account.AccountID + "/keys"); len(got) != 2 || string(got[0].Account) != f.account.AccountID || got[0].User != "" {
		t.Errorf("there are %+v", got)
	}
	f.account.AccessKeyID, f.account.SecretAccessKey = string(made.AccessKeyID), made.SecretAccessKey
	f.mustForm(f.root(), "sts", "Action=GetCallerIdentity&Version=2011-06-15")
	f.mustForm(f.root(), "iam", "Action=CreateUser&Version=2010-05-08&UserName=Ann")
	f.controlled("POST", "keys", `{"accountId":"`+f.account.AccountID+`","userName":"Ann"}`, 200, nil)
	for body, status := range map[string]int{
		`{"accountId":"` + f.account.AccountID + `"}`:                               409, // a third one
		`{"accountId":"` + f.account.AccountID + `","userName":"Nobody"}`:           404,
		`{"accountId":"` + f.account.AccountID + `","service":"sso.amazonaws.com"}`: 400,
		`{"service":"sso.amazonaws.com","userName":"Ann"}`:                          400,
		`{"service":"garden.example.com"}`:                                          400,
		`{}`:                                                                        400,
		`{"accountId":"999999999999"}`:                                              404,
		`{"user":"Ann"}`:                                                            400,
	} {
		f.controlled("POST", "keys", body, status, nil)
	}
	f.controlled("GET", "accounts/999999999999/keys", "", 404, nil)
	f.controlled("DELETE", "keys/"+key.AccessKeyID, "", 200, nil)
	f.controlled("DELETE", "keys/"+key.AccessKeyID, "", 404, nil)
	if w := f.do(f.signed(formRequest("Action=GetCallerIdentity&Version=2011-06-15"), "sts", key)); w.Code != 403 || !strings.Contains(w.Body.String(), "InvalidClientTokenId") {
		t.Errorf("a deleted key: %d %s", w.Code, w.Body)
	}
}
