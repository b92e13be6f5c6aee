package authzen_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/espalier-cloud/espalier/internal/authzen"
)

func TestDecisions(t *testing.T) {
	w := newWorld(t)
	const object = "arn:aws:s3:::bucket/key"
	queue := func(account string) string { return "arn:aws:sqs:eu-central-1:" + account + ":queue" }
	for _, tt := range []struct {
		name, subject, action, resource, more string
		want                                  bool
		by                                    string // the deciding type
	}{
		{"administrator", administrator, "s3:GetObject", object, "", true, "identity-based policy"},
		{"session of an administrator", "arn:aws:sts::" + member + ":assumed-role/Administrator/me", "s3:GetObject", object, "", true, "identity-based policy"},
		{"role without policies", powerless, "s3:GetObject", object, "", false, "identity-based policy"},
		{"role that does not exist", "arn:aws:iam::" + member + ":role/Nobody", "s3:GetObject", object, "", false, "identity-based policy"},
		{"role with another path", "arn:aws:iam::" + member + ":role/Administrator", "s3:GetObject", object, "", false, "identity-based policy"},
		{"user", user, "s3:GetObject", object, "", false, "identity-based policy"},
		{"root user", memberRoot, "s3:GetObject", object, "", true, ""},
		{"service control policy", memberRoot, "s3:DeleteObject", object, "", false, "service control policy"},
		{"management account", "arn:aws:iam::" + management + ":root", "s3:DeleteObject", object, "", true, ""},
		{"condition without its key", memberRoot, "ec2:RunInstances", "*", "", false, "service control policy"},
		{"condition with its key", memberRoot, "ec2:RunInstances", "*", `,"context":{"aws:RequestedRegion":"eu-central-1"}`, true, ""},
		{"multivalued key", memberRoot, "ec2:CreateTags", "*", `,"context":{"aws:RequestedRegion":"eu-central-1","aws:TagKeys":["a","secret"]}`, false, "service control policy"},
		{"multivalued key that does not match", memberRoot, "ec2:CreateTags", "*", `,"context":{"aws:RequestedRegion":"eu-central-1","aws:TagKeys":["a",1,true]}`, true, ""},
		{"own queue", memberRoot, "sqs:SendMessage", queue(member), "", true, ""},
		{"a neighbour's queue", memberRoot, "sqs:SendMessage", queue(neighbour), "", false, "resource-based policy"},
		{"resource control policy", "accounts.google.com", "sqs:SendMessage", queue(member), `,"context":{"aws:PrincipalOrgID":"o-another"}`, false, "resource control policy"},
		{"a stranger's queue", memberRoot, "sqs:SendMessage", queue(stranger), "", false, "resource-based policy"},
		{"owner by property", memberRoot, "s3:GetObject", object, "", true, ""},
		{"a service", "logs.amazonaws.com", "sqs:SendMessage", queue(member), "", false, "resource-based policy"},
		{"assume an own role", memberRoot, "sts:AssumeRole", powerless, "", true, "resource-based policy"},
		{"assume a neighbour's role", memberRoot, "sts:AssumeRole", strings.ReplaceAll(powerless, member, neighbour), "", true, ""},
		{"assume a role that trusts others", "arn:aws:iam::" + neighbour + ":root", "sts:AssumeRole", powerless, "", false, "resource-based policy"},
		{"who am I", powerless, "sts:GetCallerIdentity", "*", "", true, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w.t = t
			a := w.ask(question(tt.subject, tt.action, tt.resource, tt.more))
			if *a.Decision != tt.want || a.Context.DecidedBy.Kind != tt.by && tt.by != "" || a.Context.Error != nil {
				t.Errorf("decided %v by %+v (%v)", *a.Decision, a.Context.DecidedBy, a.Context.Error)
			}
			reason := a.Context.ReasonUser["en"]
			if told := strings.HasPrefix(reason, "User: ") && strings.Contains(reason, tt.action) && strings.HasPrefix(a.Context.ReasonAdmin["en"], reason); told == tt.want {
				t.Errorf("the reason is %q", reason)
			}
		})
	}
}

// TestOwner: a resource whose ARN does not tell its owner is the principal's, or
// whose the client says.
func TestOwner(t *testing.T) {
	w := newWorld(t)
	const with = `{"subject":{"type":"u","id":"` + memberRoot + `"},"action":{"name":"s3:GetObject"},"resource":{"type":"object","id":"%s","properties":{"account":"%s","color":{"any":"thing"}}}}`
	for _, tt := range []struct {
		resource, owner string
		want            bool
		status          int
	}{
		{"arn:aws:s3:::bucket/key", member, true, 0},
		{"arn:aws:s3:::bucket/key", neighbour, false, 0},
		{"arn:aws:s3:::bucket/key", stranger, false, 0},
		{"arn:aws:s3:::bucket/key", "somebody", false, 400},
		{"arn:aws:sqs:eu-central-1:" + member + ":queue", member, true, 0},
		{"arn:aws:sqs:eu-central-1:" + member + ":queue", neighbour, false, 400},
	} {
		a := w.ask(fmt.Sprintf(with, tt.resource, tt.owner))
		status := 0
		if a.Context.Error != nil {
			status = a.Context.Error.Status
		}
		if *a.Decision != tt.want || status != tt.status {
			t.Errorf("%s of %s: decided %v, %+v", tt.resource, tt.owner, *a.Decision, a.Context)
		}
	}
}

// TestKnownKeys: what is known of the parties counts, whatever the client says, and
// what the client says of the circumstances.
func TestKnownKeys(t *testing.T) {
	w := newWorld(t)
	given := `,"context":{"aws:PrincipalAccount":"1","aws:principalarn":"x","aws:PrincipalType":"x","aws:PrincipalOrgID":"x","aws:ResourceAccount":"x","aws:CurrentTime":"2020-01-01T00:00:00Z"},"options":{"explain":true}`
	a := w.ask(question("arn:aws:sts::"+member+":assumed-role/Administrator/me", "ec2:RunInstances", "*", given))
	if len(a.Context.Explanation) == 0 || *a.Decision {
		t.Fatalf("the answer is %+v", a)
	}
	// The policy that decided saw the request: here it is told by the conditions of another one.
	b := w.ask(question("arn:aws:iam::"+neighbour+":role/team/Administrator", "sqs:SendMessage", "arn:aws:sqs:eu-central-1:"+member+":queue", `,"context":{"aws:PrincipalOrgID":"o-another"},"options":{"explain":true}`))
	for _, filter := range b.Context.Explanation {
		for _, s := range filter.Statements {
			if s.Sid == "OwnOrganization" && (s.Matched || s.Mismatch == nil || !slices.Equal(s.Mismatch.Request, []string{"o-exampleorg1"})) {
				t.Errorf("the organization of the principal is not known: %+v", s.Mismatch)
			}
		}
	}
}

// TestReasons: a denial tells users AWS's sentence, and administrators which
// statement it was.
func TestReasons(t *testing.T) {
	w := newWorld(t)
	a := w.ask(question(memberRoot, "s3:DeleteObject", "arn:aws:s3:::bucket/key", `,"options":{"explain":true}`))
	by := a.Context.DecidedBy
	root := string(w.organization.Root().ID)
	if by.Kind != "service control policy" || by.Target != root || !strings.HasPrefix(by.Policy, "arn:aws:organizations::"+management+":policy/o-exampleorg1/service_control_policy/p-") ||
		by.Sid != "NoDeletion" || by.Statement == nil || *by.Statement != 0 || by.Line != 2 || by.Column != 4 {
		t.Errorf("decided by %+v", by)
	}
	sentence := "User: " + memberRoot + " is not authorized to perform: s3:DeleteObject on resource: arn:aws:s3:::bucket/key with an explicit deny in a service control policy: " + by.Policy
	if a.Context.ReasonUser["en"] != sentence || a.Context.ReasonAdmin["en"] != sentence+", at "+root+", statement 1 (NoDeletion)" {
		t.Errorf("the reasons are %v and %v", a.Context.ReasonUser, a.Context.ReasonAdmin)
	}
	var matched, unmatched int
	for _, filter := range a.Context.Explanation {
		for _, s := range filter.Statements {
			switch {
			case s.Sid == "NoDeletion" && s.Matched && filter.Result == "ExplicitDeny" && s.Start.Line == 2:
				matched++
			case s.Effect == "Deny" && !s.Matched && s.Mismatch.Element == "Action":
				unmatched++
			}
		}
	}
	if matched != 1 || unmatched != 3 {
		t.Errorf("the explanation is %+v", a.Context.Explanation)
	}
	exempt := w.ask(question("arn:aws:iam::"+management+":root", "s3:DeleteObject", "arn:aws:s3:::bucket/key", `,"options":{"explain":true}`))
	if e := exempt.Context.Explanation; !slices.ContainsFunc(e, func(f filter) bool { return f.Exempt == "the principal belongs to the management account" }) {
		t.Errorf("the explanation is %+v", e)
	}
	if plain := w.ask(question(memberRoot, "s3:DeleteObject", "*", "")); plain.Context.Explanation != nil {
		t.Error("it is explained what nobody asked for")
	}
}

// TestNoOracle: an account outside of the organization is answered for in the same
// words whether or not it exists, and not looked up.
func TestNoOracle(t *testing.T) {
	w := newWorld(t)
	w.addAccount(stranger)
	for _, id := range []string{stranger, "888888888888"} {
		w.asked = nil
		a := w.ask(question("arn:aws:iam::"+id+":role/team/Administrator", "s3:GetObject", "*", ""))
		if *a.Decision || a.Context.Error == nil || a.Context.Error.Status != 404 || a.Context.Error.Message != "the account "+id+" of the subject is not in the organization" || w.asked != nil {
			t.Errorf("%s: %+v, and %v were asked for", id, a.Context.Error, w.asked)
		}
		a = w.ask(question(memberRoot, "sts:AssumeRole", "arn:aws:iam::"+id+":role/team/Administrator", ""))
		if *a.Decision || a.Context.DecidedBy.Kind != "resource-based policy" || slices.Contains(w.asked, "999999999999") {
			t.Errorf("%s: %+v, and %v were asked for", id, a.Context.DecidedBy, w.asked)
		}
	}
}

// TestUnanswerable: a question that nobody can answer is denied with an error of
// its own.
func TestUnanswerable(t *testing.T) {
	w := newWorld(t)
	for _, tt := range [][3]string{
		{"alice", "s3:GetObject", "*"}, {memberRoot, "can_read", "*"}, {memberRoot, "s3:GetObject", "record-1"}, {memberRoot, "s3:Get*", "*"},
	} {
		a := w.ask(question(tt[0], tt[1], tt[2], ""))
		if *a.Decision || a.Context.Error == nil || a.Context.Error.Status != 400 || a.Context.Error.Message == "" {
			t.Errorf("%v: %+v", tt, a)
		}
	}
}

func TestMalformed(t *testing.T) {
	w := newWorld(t)
	good := question(memberRoot, "s3:GetObject", "*", "")
	for body, want := range map[string]string{
		``: "the body is not JSON", `{`: "the body is not JSON", good + `{`: "the body is not JSON", `null`: "subject is missing",
		`[]`: `the value at "" is not what the API says`, `{"subject":"x"}`: `the value at "/subject" is not what the API says`,
		`{}`: "subject is missing", `{"subject":{},"subject":{}}`: "the body is not JSON: duplicate",
		strings.Replace(good, `"type":"principal",`, "", 1):                 "subject.type is missing",
		strings.Replace(good, memberRoot, "", 1):                            "subject.id is missing",
		strings.Replace(good, `"action"`, `"Action"`, 1):                    "action is missing",
		strings.Replace(good, "s3:GetObject", "", 1):                        "action.name is missing",
		strings.Replace(good, `"resource":{`, `"resort":{`, 1):              "resource is missing",
		strings.Replace(good, `"type":"resource",`, ``, 1):                  "resource.type is missing",
		strings.Replace(good, `"id":"*"`, `"id":null`, 1):                   "resource.id is missing",
		question(memberRoot, "a:b", "*", `,"context":[]`):                   `the value at "/context" is not what the API says`,
		question(memberRoot, "a:b", "*", `,"context":{"k":{}}`):             `the value at "/context/k" is not what the API says`,
		question(memberRoot, "a:b", "*", `,"context":{"k":[[]]}`):           `the value at "/context/k" is not what the API says`,
		question(memberRoot, "a:b", "*", `,"context":{"k":`+list(1001)+`}`): `a key of the context has more than 1000 values`,
		question(memberRoot, "a:b", "*", `,"context":{"k":null}`):           `the value at "/context/k" is not what the API says`,
		question(memberRoot, "a:b", "*", ",\"context\":{\"k\":\"\xff\"}"):   "the body is not JSON: invalid UTF-8",
	} {
		for _, evaluate := range []authzen.Operation{(*authzen.Evaluator).Evaluate, (*authzen.Evaluator).EvaluateAll} {
			_, err := evaluate(&w.Evaluator, t.Context(), w.organization, noon, []byte(body))
			var refused *authzen.RequestError
			if !errors.As(err, &refused) || !strings.HasPrefix(refused.Message, want) || strings.Contains(refused.Message, "authzen") {
				t.Errorf("%s: %v, want %s", body, err, want)
			}
		}
	}
	w.ask(question(memberRoot, "a:b", "*", `,"context":null,"unknown":[1,{"a":2}]`))
	w.ask(question(memberRoot, "a:b", "*", `,"context":{"k":`+list(1000)+`}`))
	escaped := strings.NewReplacer(`"subject"`, `"\u0073ubject"`, `s3:GetObject`, `s3:Get\u004fbject`).Replace(good)
	if a := w.ask(escaped); !*a.Decision {
		t.Errorf("%s: %+v", escaped, a)
	}
}

// list is a list of n values in JSON.
func list(n int) string { return "[" + strings.Repeat(`"a",`, n-1) + `"a"]` }

// TestFailure: an account that cannot be read is nobody's decision.
func TestFailure(t *testing.T) {
	w := newWorld(t)
	w.failure = errors.New("the database is gone")
	body := []byte(question(memberRoot, "s3:GetObject", "*", ""))
	if _, err := w.Evaluate(t.Context(), w.organization, noon, body); !errors.Is(err, w.failure) {
		t.Errorf("the error is %v", err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.EvaluateAll(cancelled, w.organization, noon, []byte(`{"evaluations":[`+string(body)+`]}`)); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
}

func BenchmarkEvaluate(b *testing.B) {
	w := newWorld(b)
	one := []byte(question(administrator, "s3:GetObject", "arn:aws:s3:::bucket/key", `,"context":{"aws:SourceIp":"192.0.2.1"}`))
	var many strings.Builder
	many.WriteString(`{"subject":{"type":"role","id":"` + administrator + `"},"context":{"aws:SourceIp":"192.0.2.1"},"evaluations":[`)
	for i := range 100 {
		if i > 0 {
			many.WriteByte(',')
		}
		fmt.Fprintf(&many, `{"action":{"name":"s3:GetObject"},"resource":{"type":"object","id":"arn:aws:s3:::bucket/key%d"}}`, i)
	}
	many.WriteString(`]}`)
	all := []byte(many.String())
	b.Run("one", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, err := w.Evaluate(b.Context(), w.organization, noon, one)
			w.ok(err)
		}
	})
	b.Run("hundred", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, err := w.EvaluateAll(b.Context(), w.organization, noon, all)
			w.ok(err)
		}
	})
}
