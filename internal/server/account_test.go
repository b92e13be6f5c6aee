package server

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
)

// accountRequest is a request for an operation of Account Management that nobody has signed.
func accountRequest(method, path, body string) *http.Request {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	return r
}

// manage calls an operation of Account Management.
func (f *fixture) manage(path, body string, as aws.Credentials) *httptest.ResponseRecorder {
	f.t.Helper()
	return f.do(f.signed(accountRequest(http.MethodPost, path, body), "account", as))
}

func TestAccountManagementSpeaksRESTJSON(t *testing.T) {
	f := newFixture(t, nil)
	thief := aws.Credentials{AccessKeyID: f.account.AccessKeyID, SecretAccessKey: "guessed"}
	sign := func(method, path, body string, as aws.Credentials) *http.Request {
		return f.signed(accountRequest(method, path, body), "account", as)
	}
	const name = `{"AccountName":"renamed"}`
	for _, test := range []struct {
		name    string
		request *http.Request
		status  int
		code    string // x-amzn-ErrorType
		body    string // what the body has
	}{
		{"an operation without output", sign("POST", "/putAccountName", name, f.root()), 200, "", ""},
		{"an operation with output", sign("POST", "/getAccountInformation", "{}", f.root()), 200, "", `"AccountName":"renamed"`},
		{"a time", sign("POST", "/getAccountInformation", "", f.root()), 200, "", `"AccountCreatedDate":"` + noon.UTC().Format("2006-01-02T15:04:05Z") + `"`},
		{"unsigned", accountRequest("POST", "/putAccountName", name), 400, "", "MissingAuthenticationTokenException"},
		{"a wrong secret", sign("POST", "/putAccountName", name, thief), 403, "InvalidSignatureException", `"message":`},
		{"another service's signature", f.signed(accountRequest("POST", "/putAccountName", name), "sts", f.root()), 400, "", "<Code>MissingAction</Code>"},
		{"no such path", sign("POST", "/putAccountNames", name, f.root()), 404, "UnknownOperationException", ""},
		{"a path with more to it", sign("POST", "/putAccountName/", name, f.root()), 404, "UnknownOperationException", ""},
		{"a path that is encoded", sign("POST", "/put%41ccountName", name, f.root()), 200, "", ""},
		{"a wrong method", sign("GET", "/putAccountName", "", f.root()), 404, "UnknownOperationException", ""},
		{"malformed", sign("POST", "/putAccountName", "{", f.root()), 400, "SerializationException", ""},
		{"invalid", sign("POST", "/putAccountName", `{"AccountName":""}`, f.root()), 400, "ValidationException", `"fieldList":[{"name":"accountName","message":`},
		{"invalid, why", sign("POST", "/enableRegion", `{"RegionName":"us-east-1"}`, f.root()), 400, "ValidationException", `"reason":"invalidRegionOptTarget"`},
		{"not found", sign("POST", "/getContactInformation", "{}", f.root()), 404, "ResourceNotFoundException", `"message":"No contact`},
		{"not allowed", sign("POST", "/getPrimaryEmail", `{"AccountId":"999999999999"}`, f.root()), 403, "AccessDeniedException", `"message":"User: arn:aws:iam::`},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := f.do(test.request)
			if w.Code != test.status || w.Header().Get("X-Amzn-ErrorType") != test.code || !strings.Contains(w.Body.String(), test.body) {
				t.Errorf("answered %d %q, want %d %q with %s\n%s", w.Code, w.Header().Get("X-Amzn-ErrorType"), test.status, test.code, test.body, w.Body)
			}
		})
	}
}

// user makes a user of the first account whose policy is one statement, and returns his credentials.
func (f *fixture) user(name, statement string) aws.Credentials {
	f.t.Helper()
	ask := func(form string) string {
		w := f.do(f.signed(formRequest(form+"&Version=2010-05-08&UserName="+name), "iam", f.root()))
		if w.Code != http.StatusOK {
			f.t.Fatal(w.Body)
		}
		return w.Body.String()
	}
	ask("Action=CreateUser")
	ask("Action=PutUserPolicy&PolicyName=test&PolicyDocument=" + url.QueryEscape(`{"Version":"2012-10-17","Statement":`+statement+`}`))
	key := ask("Action=CreateAccessKey")
	return aws.Credentials{AccessKeyID: element(key, "AccessKeyId"), SecretAccessKey: element(key, "SecretAccessKey")}
}

// TestPoliciesDecideAboutAccountManagement: every condition key and resource of the service counts.
func TestPoliciesDecideAboutAccountManagement(t *testing.T) {
	f := newFixture(t, nil)
	f.want(f.call("CreateOrganization", `{}`), 200, "")
	f.want(f.call("EnableAWSServiceAccess", `{"ServicePrincipal":"account.amazonaws.com"}`), 200, "")
	member, root := f.memberBelow("Orchard")
	own, about := `"arn:aws:account::`+f.account.AccountID+`:account"`, `"arn:aws:account::`+f.account.AccountID+`:account/o-*/`+member+`"`
	for i, test := range []struct {
		name, statement, path, body string
		status                      int
	}{
		{"nothing", `{"Effect":"Allow","Action":"account:Get*","Resource":"*"}`, "/putAccountName", `{"AccountName":"n"}`, 403},
		{"the own account", `{"Effect":"Allow","Action":"account:*","Resource":` + own + `}`, "/putAccountName", `{"AccountName":"n"}`, 200},
		{"the own account, not a member", `{"Effect":"Allow","Action":"account:*","Resource":` + own + `}`, "/putAccountName", `{"AccountName":"n","AccountId":"` + member + `"}`, 403},
		{"a member", `{"Effect":"Allow","Action":"account:*","Resource":` + about + `}`, "/putAccountName", `{"AccountName":"n","AccountId":"` + member + `"}`, 200},
		{"a member, not the own account", `{"Effect":"Allow","Action":"account:*","Resource":` + about + `}`, "/putAccountName", `{"AccountName":"n"}`, 403},
		{
			"members below a unit", `{"Effect":"Allow","Action":"account:*","Resource":"*","Condition":{"ForAnyValue:StringLike":{"account:AccountResourceOrgPaths":"o-*/` + root + `/ou-*/*"}}}`,
			"/getAccountInformation", `{"AccountId":"` + member + `"}`, 200,
		},
		{
			"members below another unit", `{"Effect":"Allow","Action":"account:*","Resource":"*","Condition":{"ForAnyValue:StringLike":{"account:AccountResourceOrgPaths":"o-*/` + root + `/ou-other/*"}}}`,
			"/getAccountInformation", `{"AccountId":"` + member + `"}`, 403,
		},
		{
			"members with a tag", `{"Effect":"Allow","Action":"account:*","Resource":"*","Condition":{"ForAnyValue:StringEquals":{"account:AccountResourceOrgTags/team":"orchard"}}}`,
			"/getAccountInformation", `{"AccountId":"` + member + `"}`, 200,
		},
		{
			"members with another tag", `{"Effect":"Allow","Action":"account:*","Resource":"*","Condition":{"ForAnyValue:StringEquals":{"account:AccountResourceOrgTags/team":"office"}}}`,
			"/getAccountInformation", `{"AccountId":"` + member + `"}`, 403,
		},
		{
			"a region", `{"Effect":"Allow","Action":"account:*","Resource":"*","Condition":{"StringEquals":{"account:TargetRegion":"af-south-1"}}}`,
			"/enableRegion", `{"RegionName":"af-south-1"}`, 200,
		},
		{
			"another region", `{"Effect":"Allow","Action":"account:*","Resource":"*","Condition":{"StringEquals":{"account:TargetRegion":"af-south-1"}}}`,
			"/enableRegion", `{"RegionName":"ap-east-1"}`, 403,
		},
		{
			"a type of contact", `{"Effect":"Allow","Action":"account:*","Resource":"*","Condition":{"ForAllValues:StringEquals":{"account:AlternateContactTypes":["BILLING"]}}}`,
			"/getAlternateContact", `{"AlternateContactType":"BILLING"}`, 404,
		},
		{
			"another type of contact", `{"Effect":"Allow","Action":"account:*","Resource":"*","Condition":{"ForAllValues:StringEquals":{"account:AlternateContactTypes":["BILLING"]}}}`,
			"/getAlternateContact", `{"AlternateContactType":"SECURITY"}`, 403,
		},
		{
			"a domain", `{"Effect":"Allow","Action":"account:*","Resource":"*","Condition":{"StringEquals":{"account:EmailTargetDomain":"example.com"}}}`,
			"/startPrimaryEmailUpdate", `{"AccountId":"` + member + `","PrimaryEmail":"new@example.com"}`, 200,
		},
		{
			"another domain", `{"Effect":"Allow","Action":"account:*","Resource":"*","Condition":{"StringEquals":{"account:EmailTargetDomain":"example.com"}}}`,
			"/startPrimaryEmailUpdate", `{"AccountId":"` + member + `","PrimaryEmail":"new@example.com.example.org"}`, 403,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			f.t = t
			w := f.manage(test.path, test.body, f.user("user"+strings.Repeat("x", i), test.statement))
			if w.Code != test.status {
				t.Errorf("answered %d, want %d\n%s", w.Code, test.status, w.Body)
			}
			if denied := "is not authorized to perform: account:"; w.Code == 403 && !strings.Contains(w.Body.String(), denied) {
				t.Errorf("denied with %s", w.Body)
			}
		})
	}
}

// memberBelow makes a member account with a tag in an organizational unit below the root. It returns the ids of the
// account and of the root.
func (f *fixture) memberBelow(unit string) (member, root string) {
	f.t.Helper()
	of := identity.OrganizationID("")
	f.change(func(d *identity.Draft) error { of = d.Organization(); return nil })
	member = "222222222222"
	err := f.core.Registry.Write(f.t.Context(), registry.OrganizationKey(org.ID(of)), "Test", func(tx *registry.Tx) error {
		d, err := tx.Organization(org.ID(of))
		if err != nil {
			return err
		}
		root = string(d.Root().ID)
		account, err := identity.NewAccount(identity.AccountID(member), identity.PartitionAWS, "member", "member@example.com", tx.Now, tx.Rand)
		if err != nil {
			return err
		}
		creation, err := d.CreateAccount(org.NewAccount{Name: "member", Email: "member@example.com", Tags: org.Tags{{Key: "team", Value: "orchard"}}})
		if err != nil {
			return err
		}
		_, err = d.FinishCreation(creation.ID, org.AccountID(member), "")
		created, refused := d.CreateOrganizationalUnit(org.ParentID(root), unit, nil)
		if err := errors.Join(err, refused, account.JoinOrganization(of), tx.NewAccount(account)); err != nil {
			return err
		}
		return d.MoveAccount(org.AccountID(member), org.ParentID(root), org.ParentID(created.ID))
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return member, root
}

// TestOperatorReadsTheCode: what AWS sends to the new address, the operator reads, and the log does not tell.
func TestOperatorReadsTheCode(t *testing.T) {
	f := newFixture(t, nil)
	f.want(f.call("CreateOrganization", `{}`), 200, "")
	f.want(f.call("EnableAWSServiceAccess", `{"ServicePrincipal":"account.amazonaws.com"}`), 200, "")
	member, _ := f.memberBelow("Orchard")
	f.controlled("GET", "accounts/"+member+"/email-update", "", 404, nil)
	f.controlled("GET", "accounts/999999999999/email-update", "", 404, nil)
	if w := f.manage("/startPrimaryEmailUpdate", `{"AccountId":"`+member+`","PrimaryEmail":"new@example.com"}`, f.root()); w.Code != 200 || w.Body.String() != `{"Status":"PENDING"}` {
		t.Fatalf("answered %d %s", w.Code, w.Body)
	}
	var update EmailUpdate
	f.controlled("GET", "accounts/"+member+"/email-update", "", 200, &update)
	if update.Email != "new@example.com" || len(update.Code) != 6 || !update.Until.Equal(noon.AddDate(0, 0, 1)) {
		t.Errorf("the operator reads %+v", update)
	}
	if w := f.manage("/acceptPrimaryEmailUpdate", `{"AccountId":"`+member+`","PrimaryEmail":"new@example.com","Otp":"`+update.Code+`"}`, f.root()); w.Code != 200 || w.Body.String() != `{"Status":"ACCEPTED"}` {
		t.Errorf("answered %d %s", w.Code, w.Body)
	}
	if log := f.log.String(); strings.Contains(log, update.Code) || strings.Contains(log, "example.com") {
		t.Errorf("the log tells secrets:\n%s", log)
	}
}
