package e2e_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

// TestSimulation: the AWS CLI simulates policies, under the guardrails of the organization.
func TestSimulation(t *testing.T) {
	needs(t, "aws")
	t.Parallel()
	s := start(t, database{})
	c := newCLI(t, s, s.root())
	c.do(organizations("create-organization")...)
	const reads = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::bucket/*","Condition":{"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}}}`
	simulate := []string{
		"iam", "simulate-custom-policy", "--policy-input-list", reads, "--action-names", "s3:GetObject", "s3:PutObject",
		"--resource-arns", "arn:aws:s3:::bucket/key", "arn:aws:s3:::another/key",
	}
	if got := c.values("EvaluationResults[].ResourceSpecificResults[0].MissingContextValues[]", simulate...); len(got) != 4 || got[0] != "aws:SourceIp" {
		t.Errorf("missing is %v", got)
	}
	got := c.values("EvaluationResults[].EvalDecision", append(simulate, "--context-entries", "ContextKeyName=aws:SourceIp,ContextKeyType=ip,ContextKeyValues=192.0.2.7")...)
	if text := strings.Join(got, " "); text != "allowed implicitDeny implicitDeny implicitDeny" {
		t.Errorf("the decisions are %s", text)
	}
	// The CLI asks for page after page.
	if got := c.values("EvaluationResults[].EvalActionName", append(simulate, "--page-size", "1")...); len(got) != 4 {
		t.Errorf("by pages of one: %v", got)
	}
	c.refused("InvalidInput", "iam", "simulate-custom-policy", "--policy-input-list", `{"Version":"2012-10-17"}`, "--action-names", "s3:GetObject")
	if got := c.values("ContextKeyNames", "iam", "get-context-keys-for-custom-policy", "--policy-input-list", reads); len(got) != 1 || got[0] != "aws:SourceIp" {
		t.Errorf("the keys are %v", got)
	}
}

// asker is a service that asks for decisions.
type asker struct {
	*server
	token string
}

// ask sends a body to an endpoint and returns the answer.
func (a asker) ask(endpoint, body string) (status int, answer string) {
	a.t.Helper()
	request, err := http.NewRequestWithContext(a.t.Context(), http.MethodPost, a.endpoint()+"/access/v1/"+endpoint, strings.NewReader(body))
	if err != nil {
		a.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+a.token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		a.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		a.t.Fatal(err)
	}
	return response.StatusCode, strings.TrimSpace(string(text))
}

// decides asks whether the root user of an account may delete an object.
func (a asker) decides(account string, want string) {
	a.t.Helper()
	status, answer := a.ask("evaluation", `{"subject":{"type":"user","id":"arn:aws:iam::`+account+`:root"},"action":{"name":"s3:DeleteObject"},"resource":{"type":"object","id":"arn:aws:s3:::bucket/key"}}`)
	if status != http.StatusOK || !strings.HasPrefix(answer, want) {
		a.t.Errorf("answered %d: %s, want %s", status, answer, want)
	}
}

// espalier runs a command of the program on the server's data and returns what it prints.
func (s *server) espalier(arguments ...string) []byte {
	s.t.Helper()
	out, err := exec.Command(binary, append(arguments, s.args[1:3]...)...).Output()
	if err != nil {
		s.t.Fatalf("espalier %s: %v", strings.Join(arguments, " "), err)
	}
	return out
}

// TestAuthZEN: a service asks for decisions, which follow the organization's policies at once; its token survives a
// restart and not its revocation.
func TestAuthZEN(t *testing.T) {
	t.Parallel()
	s := start(t, database{})
	client := s.client(s.root())
	management := *call(t, client.CreateOrganization, &sdk.CreateOrganizationInput{}).Organization.MasterAccountId
	root := call(t, client.ListRoots, &sdk.ListRootsInput{}).Roots[0].Id
	call(t, client.EnablePolicyType, &sdk.EnablePolicyTypeInput{RootId: root, PolicyType: types.PolicyTypeServiceControlPolicy})
	member := createAccount(t, client, "member")
	var made struct{ TokenID, Token string }
	if err := json.Unmarshal(s.espalier("token", "create", "--account", management, "--name", "storage", "--format", "json"), &made); err != nil {
		t.Fatal(err)
	}
	s.secrets.add(strings.SplitN(made.Token, "_", 3)[2])
	a := asker{s, made.Token}
	a.decides(member, `{"decision":true`)
	guardrail := call(t, client.CreatePolicy, &sdk.CreatePolicyInput{
		Type: types.PolicyTypeServiceControlPolicy, Name: aws.String("keep"), Description: aws.String(""),
		Content: aws.String(`{"Version":"2012-10-17","Statement":{"Sid":"Keep","Effect":"Deny","Action":"s3:Delete*","Resource":"*"}}`),
	}).Policy.PolicySummary.Id
	call(t, client.AttachPolicy, &sdk.AttachPolicyInput{PolicyId: guardrail, TargetId: root})
	a.decides(member, `{"decision":false,"context":{"reason_admin":{"en":"User: arn:aws:iam::`+member+`:root is not authorized to perform: s3:DeleteObject`)
	a.decides(management, `{"decision":true`)
	a.decides("999999999999", `{"decision":false,"context":{"error":{"status":404,`)
	if status, answer := a.ask("evaluations", `{"subject":{"type":"user","id":"arn:aws:iam::`+member+`:root"},"action":{"name":"s3:GetObject"},"evaluations":[{"resource":{"type":"object","id":"arn:aws:s3:::b/k"}},{}]}`); status != http.StatusOK ||
		answer != `{"evaluations":[{"decision":true},{"decision":false,"context":{"error":{"status":400,"message":"resource is missing"}}}]}` {
		t.Errorf("answered %d: %s", status, answer)
	}
	for _, body := range []string{"", "{", `{"subject":1}`, `{}`, `[]`} {
		if status, answer := a.ask("evaluation", body); status != http.StatusBadRequest || answer == "" {
			t.Errorf("%q: answered %d: %s", body, status, answer)
		}
	}
	if status, _ := (asker{s, made.Token[:len(made.Token)-1]}).ask("evaluation", "{}"); status != http.StatusUnauthorized {
		t.Errorf("a wrong token is answered %d", status)
	}
	s.restart()
	a.decides(member, `{"decision":false,`)
	if list := string(s.espalier("token", "list")); !strings.Contains(list, made.TokenID) || !strings.Contains(list, "storage") || !strings.Contains(list, "used 2") {
		t.Errorf("the list is %s", list)
	}
	s.espalier("token", "revoke", made.TokenID)
	if status, answer := a.ask("evaluation", "{}"); status != http.StatusUnauthorized {
		t.Errorf("a revoked token is answered %d: %s", status, answer)
	}
	s.restart()
	if status, answer := a.ask("evaluation", "{}"); status != http.StatusUnauthorized {
		t.Errorf("a revoked token is answered %d after a restart: %s", status, answer)
	}
}
