package authzen_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/espalier-cloud/espalier/internal/authzen"
	"github.com/espalier-cloud/espalier/internal/identity"
)

// verdicts is the decisions of a list of answers, such as "yes no error".
func verdicts(all []answer) string {
	words := make([]string, len(all))
	for i, a := range all {
		switch {
		case a.Context.Error != nil:
			words[i] = "error"
		case *a.Decision:
			words[i] = "yes"
		default:
			words[i] = "no"
		}
	}
	return strings.Join(words, " ")
}

// TestSemantics: questions are answered in their order, until one is answered as
// the options say.
func TestSemantics(t *testing.T) {
	w := newWorld(t)
	resource := func(action string) string {
		return `{"action":{"name":"` + action + `"},"resource":{"type":"object","id":"arn:aws:s3:::bucket/key"}}`
	}
	yes, no := resource("s3:GetObject"), resource("s3:DeleteObject")
	for _, tt := range []struct {
		semantic  string
		questions []string
		want      string
	}{
		{"", []string{yes, no, `{}`, yes}, "yes no error yes"},
		{"execute_all", []string{no, yes, no}, "no yes no"},
		{"deny_on_first_deny", []string{yes, yes, no, yes}, "yes yes no"},
		{"deny_on_first_deny", []string{yes, `{"action":{}}`, yes}, "yes error"},
		{"permit_on_first_permit", []string{no, `{}`, yes, no}, "no error yes"},
		{"permit_on_first_permit", []string{no, no}, "no no"},
	} {
		got := verdicts(w.askAll(`{"subject":{"type":"u","id":"` + memberRoot + `"},"options":{"evaluations_semantic":"` + tt.semantic + `","other":1},"evaluations":[` + strings.Join(tt.questions, ",") + `]}`))
		if got != tt.want {
			t.Errorf("%s: %s, want %s", tt.semantic, got, tt.want)
		}
	}
}

// TestDefaults: what a question lacks is taken from the request, as a whole.
func TestDefaults(t *testing.T) {
	w := newWorld(t)
	got := w.askAll(`{
		"subject":{"type":"u","id":"` + memberRoot + `"},"action":{"name":"ec2:RunInstances"},"resource":{"type":"any","id":"*"},"context":{"aws:RequestedRegion":"eu-central-1"},
		"evaluations":[{},{"context":{"aws:RequestedRegion":"us-east-1"}},{"context":{}},{"action":{"name":"s3:DeleteObject"}},{"subject":{"type":"u","id":"` + powerless + `"}},{"action":{"name":"s3:GetObject"},"context":{}}]}`)
	if text := verdicts(got); text != "yes no no no no yes" {
		t.Errorf("the decisions are %s", text)
	}
}

// TestWithoutList: a request for several decisions that has no list asks for one.
func TestWithoutList(t *testing.T) {
	w := newWorld(t)
	for _, more := range []string{"", `,"evaluations":[]`, `,"evaluations":null`} {
		out, err := w.EvaluateAll(t.Context(), w.organization, noon, []byte(question(memberRoot, "s3:GetObject", "*", more)))
		w.ok(err)
		if a := w.read(out); !*a.Decision {
			t.Errorf("%q: %s", more, out)
		}
	}
}

func TestBatchLimits(t *testing.T) {
	w := newWorld(t)
	for _, tt := range []struct {
		n       int
		options string
		want    string
	}{
		{authzen.MaxEvaluations, `{}`, ""},
		{authzen.MaxEvaluations + 1, `{}`, "there are more than 1000 evaluations"},
		{authzen.MaxExplained, `{"explain":true}`, ""},
		{authzen.MaxExplained + 1, `{"explain":true}`, "there are more than 20 evaluations to explain"},
		{1, `{"evaluations_semantic":"some"}`, "options.evaluations_semantic is none of execute_all, deny_on_first_deny and permit_on_first_permit"},
		{1, `{"explain":"yes"}`, `the value at "/options/explain" is not what the API says`},
	} {
		body := question(memberRoot, "s3:GetObject", "*", `,"options":`+tt.options+`,"evaluations":[{}`+strings.Repeat(",{}", tt.n-1)+`]`)
		out, err := w.EvaluateAll(t.Context(), w.organization, noon, []byte(body))
		var refused *authzen.RequestError
		if tt.want != "" {
			if !errors.As(err, &refused) || refused.Message != tt.want {
				t.Errorf("%d with %s: %v", tt.n, tt.options, err)
			}
			continue
		}
		w.ok(err)
		if n := strings.Count(string(out), `"decision":true`); n != tt.n {
			t.Errorf("%d with %s: %d answers", tt.n, tt.options, n)
		}
	}
}

// TestBatchEndsInTime: whether there is time left is asked before each question.
func TestBatchEndsInTime(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	read := w.Accounts
	w.Accounts = func(ctx context.Context, id identity.AccountID) (*identity.Account, error) {
		if len(w.asked) == 1 {
			cancel() // while the second question is answered
		}
		return read(ctx, id)
	}
	about := func(account string) string { return question("arn:aws:iam::"+account+":root", "s3:GetObject", "*", "") }
	body := `{"evaluations":[` + about(member) + `,` + about(neighbour) + `,` + about(management) + `]}`
	if out, err := w.EvaluateAll(ctx, w.organization, noon, []byte(body)); !errors.Is(err, context.Canceled) || out != nil || len(w.asked) != 2 {
		t.Errorf("%d accounts were read for %s (%v)", len(w.asked), out, err)
	}
}

// TestAccountsAreReadOnce: a request reads an account once, however many of its
// questions are about it.
func TestAccountsAreReadOnce(t *testing.T) {
	w := newWorld(t)
	w.askAll(question(memberRoot, "s3:GetObject", "*", `,"evaluations":[{},{},{}]`))
	if len(w.asked) != 1 {
		t.Errorf("accounts were read: %v", w.asked)
	}
}

// FuzzBody: whatever a client sends, the answer is JSON or a refusal, and both
// endpoints agree.
func FuzzBody(f *testing.F) {
	for _, body := range []string{
		question(memberRoot, "s3:GetObject", "arn:aws:s3:::bucket/key", ""),
		question(administrator, "sts:AssumeRole", powerless, `,"context":{"aws:TagKeys":["a",1e400,true],"aws:SourceIp":"::1"},"options":{"explain":true}`),
		question("accounts.google.com", "sqs:SendMessage", "arn:aws:sqs:::", `,"evaluations":[{},{"subject":null,"context":null}]`),
		question("\u2028\\u0000", "kms:\\ud83d\\ude00", "arn:::::", ""), `{"evaluations":[{}],"options":{"evaluations_semantic":"deny_on_first_deny"}}`, "", "null", `{"context":{"":[]}}`,
	} {
		f.Add([]byte(body))
	}
	w := newWorld(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		var outs [2][]byte
		var errs [2]error
		for i, evaluate := range []authzen.Operation{(*authzen.Evaluator).Evaluate, (*authzen.Evaluator).EvaluateAll} {
			outs[i], errs[i] = evaluate(&w.Evaluator, t.Context(), w.organization, noon, body)
			var refused *authzen.RequestError
			if errs[i] != nil && !errors.As(errs[i], &refused) {
				t.Fatalf("the error is %v", errs[i])
			}
			if errs[i] == nil && !json.Valid(outs[i]) {
				t.Fatalf("the answer is %q", outs[i])
			}
		}
		if !strings.Contains(string(body), "valuations") && (fmt.Sprint(errs[0]) != fmt.Sprint(errs[1]) || string(outs[0]) != string(outs[1])) {
			t.Fatalf("%q and %q", outs[0], outs[1])
		}
	})
}
