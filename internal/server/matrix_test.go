package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/espalier-cloud/espalier/internal/api"
	"github.com/espalier-cloud/espalier/internal/ops"
	"github.com/espalier-cloud/espalier/internal/wire"
)

// matrixFile has the expected cells.
const matrixFile = "testdata/callers.tsv"

// matrixRow is one call and what each class of callers is answered.
type matrixRow struct {
	service, operation, cells, input string
}

// readMatrix reads the expected cells.
func readMatrix(t *testing.T) []matrixRow {
	t.Helper()
	text, err := os.ReadFile(matrixFile)
	if err != nil {
		t.Fatal(err)
	}
	var rows []matrixRow
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(fields) != 4 {
			t.Fatalf("the line %q has %d fields", line, len(fields))
		}
		rows = append(rows, matrixRow{fields[0], fields[1], strings.ReplaceAll(fields[2], " ", ""), fields[3]})
	}
	return rows
}

// caller is one of a class of callers; nobody without an account signs nothing.
type caller struct {
	class   string
	account string
	as      aws.Credentials
}

// matrix is a world in which every class of callers has its place.
type matrix struct {
	*fixture
	callers []caller // in the order of the cells
	names   []string // what $ stands for in inputs, with its value
	before  []byte   // the world before a call
}

func newMatrix(t *testing.T) *matrix {
	m := &matrix{fixture: newFixture(t, nil)}
	management, root := m.account, m.root()
	must := func(operation, body string) string { t.Helper(); return m.mustJSON(root, operation, body) }

	must("CreateOrganization", `{}`)
	tree := id(must("ListRoots", `{}`))
	unit := id(must("CreateOrganizationalUnit", `{"ParentId":"`+tree+`","Name":"unit"}`))
	must("EnablePolicyType", `{"RootId":"`+tree+`","PolicyType":"TAG_POLICY"}`)
	policy := id(must("CreatePolicy", `{"Type":"TAG_POLICY","Name":"policy","Description":"","Content":"{\"tags\":{}}"}`))
	delegate, named, member, closing := m.member(root, "delegate"), m.member(root, "named"), m.member(root, "member"), m.member(root, "closing")
	must("EnableAWSServiceAccess", `{"ServicePrincipal":"iam.amazonaws.com"}`)
	m.mustForm(root, "iam", "Action=EnableOrganizationsRootCredentialsManagement&Version=2010-05-08")
	for _, service := range []string{"config", "account"} {
		must("EnableAWSServiceAccess", `{"ServicePrincipal":"`+service+`.amazonaws.com"}`)
		must("RegisterDelegatedAdministrator", `{"AccountId":"`+delegate.AccountID+`","ServicePrincipal":"`+service+`.amazonaws.com"}`)
	}
	must("PutResourcePolicy", `{"Content":`+quoted(delegation(named.AccountID))+`}`)
	alone, other := m.newAccount("alone"), m.newAccount("other")
	m.mustJSON(other.credentials(), "CreateOrganization", `{}`)
	handshake := id(must("InviteAccountToOrganization", `{"Target":{"Type":"ACCOUNT","Id":"`+alone.AccountID+`"}}`))

	user, service := m.user(management, "administrator", true), m.serviceKey("config.amazonaws.com")
	m.callers = []caller{
		{"root user of the management account", management.AccountID, root},
		{"user of the management account", management.AccountID, user},
		{"role of the management account", management.AccountID, m.session(management, user)},
		{"user without permissions of the management account", management.AccountID, m.user(management, "nobody", false)},
		{"delegated administrator", delegate.AccountID, m.user(delegate, "administrator", true)},
		{"whom the resource policy names", named.AccountID, m.user(named, "administrator", true)},
		{"root user of a member", member.AccountID, member.credentials()},
		{"user of a member", member.AccountID, m.user(member, "administrator", true)},
		{"user without permissions of a member", member.AccountID, m.user(member, "nobody", false)},
		{"user of a suspended account", closing.AccountID, m.user(closing, "administrator", true)},
		{"root user of an account in no organization", alone.AccountID, alone.credentials()},
		{"root user of another organization", other.AccountID, other.credentials()},
		{"service in its own name", management.AccountID, service},
		{"service through its role", member.AccountID, m.assumed(service, "arn:aws:iam::"+member.AccountID+":role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig")},
		{"nobody", "", aws.Credentials{}},
	}
	m.controlled("PATCH", "accounts/"+closing.AccountID, `{"state":"SUSPENDED"}`, 200, nil)
	m.names = []string{
		"$root", tree, "$unit", unit, "$policy", policy, "$handshake", handshake, "$account", delegate.AccountID, "$management", management.AccountID,
	}
	var before bytes.Buffer
	if err := m.store.Export(t.Context(), &before); err != nil {
		t.Fatal(err)
	}
	m.before = before.Bytes()
	return m
}

// delegation is a resource policy that delegates all that can be.
func delegation(account string) string {
	actions := []string{"AttachPolicy", "CreatePolicy", "DeletePolicy", "DetachPolicy", "DisablePolicyType", "EnablePolicyType", "TagResource", "UntagResource", "UpdatePolicy"}
	for name, rule := range ops.Rules("organizations") {
		if rule.ReadOnly() && !strings.Contains(name, "ResponsibilityTransfer") {
			actions = append(actions, name)
		}
	}
	return `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + account + `"},"Action":["organizations:` + strings.Join(actions, `","organizations:`) + `"],"Resource":"*"}}`
}

func quoted(text string) string {
	b, _ := json.Marshal(text)
	return string(b)
}

// id returns the first id in an answer.
func id(answer string) string {
	return regexp.MustCompile(`"Id":"([^"]+)"`).FindStringSubmatch(answer)[1]
}

func (k *AccountKey) credentials() aws.Credentials {
	return aws.Credentials{AccessKeyID: k.AccessKeyID, SecretAccessKey: k.SecretAccessKey}
}

func (m *matrix) newAccount(name string) AccountKey {
	m.t.Helper()
	key, err := m.Accounts.CreateAccount(m.t.Context(), NewAccount{Email: name + "@example.com", Name: name})
	if err != nil {
		m.t.Fatal(err)
	}
	return key
}

// member makes an account that joins the organization of another.
func (m *matrix) member(of aws.Credentials, name string) AccountKey {
	m.t.Helper()
	key := m.newAccount(name)
	handshake := id(m.mustJSON(of, "InviteAccountToOrganization", `{"Target":{"Type":"ACCOUNT","Id":"`+key.AccountID+`"}}`))
	m.mustJSON(key.credentials(), "AcceptHandshake", `{"HandshakeId":"`+handshake+`"}`)
	return key
}

// user makes a user of an account, with AdministratorAccess or without any policy.
func (m *matrix) user(of AccountKey, name string, may bool) aws.Credentials {
	m.t.Helper()
	root := of.credentials()
	m.mustForm(root, "iam", "Action=CreateUser&Version=2010-05-08&UserName="+name)
	if may {
		m.mustForm(root, "iam", "Action=AttachUserPolicy&Version=2010-05-08&PolicyArn=arn:aws:iam::aws:policy/AdministratorAccess&UserName="+name)
	}
	key := m.mustForm(root, "iam", "Action=CreateAccessKey&Version=2010-05-08&UserName="+name)
	return aws.Credentials{AccessKeyID: element(key, "AccessKeyId"), SecretAccessKey: element(key, "SecretAccessKey")}
}

// session makes a role with AdministratorAccess and a session of it.
func (m *matrix) session(of AccountKey, user aws.Credentials) aws.Credentials {
	m.t.Helper()
	m.mustForm(user, "iam", "Action=CreateRole&Version=2010-05-08&RoleName=Gardener&AssumeRolePolicyDocument="+trustInItself(of))
	m.mustForm(user, "iam", "Action=AttachRolePolicy&Version=2010-05-08&PolicyArn=arn:aws:iam::aws:policy/AdministratorAccess&RoleName=Gardener")
	return m.assumed(user, "arn:aws:iam::"+of.AccountID+":role/Gardener")
}

// assumed is a session of a role.
func (m *matrix) assumed(by aws.Credentials, role string) aws.Credentials {
	m.t.Helper()
	session := m.mustForm(by, "sts", "Action=AssumeRole&Version=2011-06-15&RoleSessionName=test&RoleArn="+role)
	return aws.Credentials{
		AccessKeyID: element(session, "AccessKeyId"), SecretAccessKey: element(session, "SecretAccessKey"), SessionToken: element(session, "SessionToken"),
	}
}

// element returns the text of an element of an answer in XML.
func element(answer, name string) string {
	_, rest, _ := strings.Cut(answer, "<"+name+">")
	text, _, _ := strings.Cut(rest, "</")
	return text
}

func (m *matrix) mustJSON(as aws.Credentials, operation, body string) string {
	m.t.Helper()
	w := m.do(m.signed(jsonRequest(operation, body), "organizations", as))
	if w.Code != http.StatusOK {
		m.t.Fatalf("%s: %s", operation, w.Body)
	}
	return w.Body.String()
}

func (f *fixture) mustForm(as aws.Credentials, service, form string) string {
	f.t.Helper()
	w := f.do(f.signed(formRequest(form), service, as))
	if w.Code != http.StatusOK {
		f.t.Fatalf("%s: %s", form, w.Body)
	}
	return w.Body.String()
}

func formRequest(form string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(form))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

// request is the call of a row by a caller.
func (m *matrix) request(service *api.Service, row matrixRow, by caller) *http.Request {
	input := strings.NewReplacer(append(m.names, "$caller", by.account, "$key", by.as.AccessKeyID)...).Replace(row.input)
	var r *http.Request
	switch service.Protocol {
	case api.JSON:
		r = jsonRequest(row.operation, input)
		r.Header.Set("X-Amz-Target", service.TargetPrefix+"."+row.operation)
	case api.Query:
		r = formRequest(input)
	case api.RestJSON:
		r = accountRequest(http.MethodPost, service.Operations[row.operation].Path, input)
	}
	if by.as.AccessKeyID != "" {
		r = m.signed(r, service.Name, by.as)
	}
	return r
}

// restore undoes what a call did.
func (m *matrix) restore() {
	m.t.Helper()
	if err := (memory{m.store, m.Registry}).Import(m.t.Context(), bytes.NewReader(m.before)); err != nil {
		m.t.Fatal(err)
	}
}

// letters are the cells of refusals.
var letters = map[string]string{
	"AccessDenied": "-", "AccessDeniedException": "-", "AWSOrganizationsNotInUseException": "0", "AlreadyInOrganizationException": "a",
	"MasterCannotLeaveOrganizationException": "c", "HandshakeNotFoundException": "h", "UnrecognizedClientException": "x", "InvalidClientTokenId": "x",
	"MissingAuthenticationTokenException": "m", "MissingAuthenticationToken": "m",
}

// cellOf returns the cell of an answer, and the code of a refusal.
func cellOf(w *httptest.ResponseRecorder) (cell, code string) {
	if w.Code == http.StatusOK {
		return "y", ""
	}
	var e struct {
		Type string `json:"__type"`
	}
	if json.Unmarshal(w.Body.Bytes(), &e) == nil {
		code = e.Type
	} else {
		code = element(w.Body.String(), "Code")
	}
	if letter, ok := letters[code]; ok {
		return letter, code
	}
	return "f", code
}

// malformed are the codes of calls that never came as far as the question who may make them.
var malformed = []string{"SerializationException", "MalformedInput", "UnknownOperationException", "InvalidAction", "InternalFailure", "ServiceException", "ServiceFailure", "InvalidSignatureException", "SignatureDoesNotMatch"}

// TestCallerMatrix: every operation by every class of callers is answered as the reviewed cells say, through the whole
// way of a request. What is not in the cells fails.
func TestCallerMatrix(t *testing.T) {
	m := newMatrix(t)
	services := map[string]*api.Service{}
	untested := map[string]bool{}
	for _, service := range wire.Services() {
		services[service.Name] = service
		for name := range service.Operations {
			untested[ops.Rules(service.Name)[name].Action().String()] = true
		}
	}
	for _, row := range readMatrix(t) {
		service, rule := services[row.service], ops.Rules(row.service)[row.operation]
		if rule == nil || len(row.cells) != len(m.callers) {
			t.Fatalf("the row of %s has %d cells for %d classes of callers, and the rule %v", row.operation, len(row.cells), len(m.callers), rule)
		}
		delete(untested, rule.Action().String())
		for i, by := range m.callers {
			w := m.do(m.request(service, row, by))
			got, code := cellOf(w)
			want := row.cells[i : i+1]
			if slices.Contains(malformed, code) || got != want && (want != "y" || got != "f") {
				t.Errorf("%s by the %s: got %s, want %s\n%s", rule.Action(), by.class, got, want, bytes.TrimSpace(w.Body.Bytes()))
			}
			if got == "y" && rule.Access != ops.Read && rule.Access != ops.List {
				m.restore()
			}
		}
	}
	if left := slices.Sorted(maps.Keys(untested)); len(left) > 0 {
		t.Errorf("no row for %s", fmt.Sprint(left))
	}
}
