package policy

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// document2012 makes a document of statements, of today's language.
func document2012(statements ...string) string {
	return `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
}

const fullAccess = `{"Effect":"Allow","Action":"*","Resource":"*"}`

// deny makes a Deny statement of actions, for all resources, with a condition where one is given.
func deny(actions string, condition ...string) string { return effect("Deny", actions, condition) }

func allow(actions string, condition ...string) string { return effect("Allow", actions, condition) }

func effect(name, actions string, condition []string) string {
	text := `{"Effect":"` + name + `","Action":` + actions + `,"Resource":"*"`
	if len(condition) > 0 {
		text += `,"Condition":` + condition[0]
	}
	return text + "}"
}

// toEverybody adds a Principal.
func toEverybody(statement string) string {
	return strings.Replace(statement, `{`, `{"Principal":"*",`, 1)
}

// ruleCase shows a rule what it finds, and where, and what it leaves alone.
type ruleCase struct {
	rule       string
	kind       Kind
	breakGlass []string
	path       string // of the first finding of the rule in each of bad
	bad, good  []string
}

func TestLintRulesHaveCases(t *testing.T) {
	for _, rule := range LintRules() {
		if !slices.ContainsFunc(ruleCases, func(c ruleCase) bool { return c.rule == rule.ID && len(c.bad) > 0 && len(c.good) > 0 }) {
			t.Errorf("no cases show %s", rule.ID)
		}
		if rule.Doc == "" || !strings.HasSuffix(rule.Doc, ".") {
			t.Errorf("%s: %q is no sentence", rule.ID, rule.Doc)
		}
	}
}

func TestLintRules(t *testing.T) {
	for _, c := range ruleCases {
		t.Run(c.rule, func(t *testing.T) {
			options := LintOptions{BreakGlass: c.breakGlass}
			for _, text := range c.bad {
				at := slices.IndexFunc(Lint(c.kind, []byte(text), options), func(f Finding) bool { return f.Rule == c.rule })
				if at < 0 {
					t.Errorf("not found in\n%s\nbut %s", text, findingsText(Lint(c.kind, []byte(text), options)))
					continue
				}
				if f := Lint(c.kind, []byte(text), options)[at]; f.Path != c.path {
					t.Errorf("found at %q, want %q, in\n%s", f.Path, c.path, text)
				}
				options := options
				options.Disabled = []string{c.rule}
				if found := Lint(c.kind, []byte(text), options); c.rule != "malformed" && slices.ContainsFunc(found, func(f Finding) bool { return f.Rule == c.rule }) {
					t.Errorf("found although it is disabled")
				}
			}
			for _, text := range c.good {
				for _, f := range Lint(c.kind, []byte(text), options) {
					if f.Rule == c.rule || f.Rule == "malformed" {
						t.Errorf("found %s %q in\n%s", f.Path, f.Message, text)
					}
				}
			}
		})
	}
}

func findingsText(findings []Finding) string {
	lines := make([]string, len(findings))
	for i, f := range findings {
		lines[i] = fmt.Sprintf("%d:%d-%d:%d %v %s %s: %s", f.Start.Line, f.Start.Column, f.End.Line, f.End.Column, f.Severity, f.Rule, f.Path, f.Message)
	}
	return strings.Join(lines, "\n")
}

func TestLintSaysWhereAndWhat(t *testing.T) {
	text := `{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Action": "*", "Resource": "*"},
    {
      "Sid": "Slow",
      "Effect": "Deny",
      "Action": ["s3:GetObjekt", "s3:Get*", "s4:*"],
      "Resource": "*",
      "Condition": {"StringEquals": {"aws:PrincipalTag/a/b~c": ["ä*", "b", "c?"]}}
    }
  ]
}`
	want := `8:18-8:32 warning unknown-action /Statement/1/Action/0: "s3:GetObjekt" is not an action; is "s3:GetObject" meant?
8:18-8:32 note redundant-value /Statement/1/Action/0: "s3:GetObjekt" is covered by "s3:Get*"
8:45-8:51 warning unknown-service /Statement/1/Action/2: no service has the prefix "s4"
10:65-10:69 warning wildcard-in-equals /Statement/1/Condition/StringEquals/aws:PrincipalTag~1a~1b~0c/0: StringEquals aws:PrincipalTag/a/b~c: "ä*" holds a wildcard that is a plain character here
10:76-10:80 warning wildcard-in-equals /Statement/1/Condition/StringEquals/aws:PrincipalTag~1a~1b~0c/2: StringEquals aws:PrincipalTag/a/b~c: "c?" holds a wildcard that is a plain character here`
	got := Lint(ServiceControlPolicy, []byte(text), LintOptions{})
	slices.SortStableFunc(got, func(a, b Finding) int {
		if a.Start.Offset == b.Start.Offset && a.Severity != b.Severity {
			return int(b.Severity - a.Severity)
		}
		return a.Start.Offset - b.Start.Offset
	})
	if text := findingsText(got); text != want {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
}

func TestLintReportsDefects(t *testing.T) {
	got := findingsText(Lint(ServiceControlPolicy, []byte(`{"Statement":{"Effect":"Deny","Action":"s3:*","Resource":"*","Principal":"*"},"X":1}`), LintOptions{}))
	for _, want := range []string{"1:62-1:62 error malformed /Statement/Principal: ", "1:79-1:79 error malformed /X: "} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

func TestLintStopsSomewhere(t *testing.T) {
	unknown := strings.TrimSuffix(strings.Repeat(`"s3:Nothing",`, 500), ",")
	found := Lint(ServiceControlPolicy, []byte(document2012(fullAccess, deny("["+unknown+"]"), deny("["+unknown+"]"))), LintOptions{})
	count := map[string]int{}
	for _, f := range found {
		count[f.Rule]++
	}
	for rule, n := range count {
		if n > maxFindings {
			t.Errorf("%d findings of %s", n, rule)
		}
	}
	if count["too-large"] != 1 || count["unknown-action"] != maxFindings {
		t.Errorf("found %v", count)
	}
}

// TestLintGivesUp compares no more than it may: in a text far beyond every quota, what is redundant
// is not found to the end.
func TestLintGivesUp(t *testing.T) {
	actions := func(last string) string {
		var list []string
		for i := range 2_000 {
			list = append(list, fmt.Sprintf(`"s3:Get%dObject"`, i))
		}
		return "[" + strings.Join(append(list, `"s3:*"`, last), ",") + "]"
	}
	statements := func(effect, last string) string {
		var list []string
		for i := range 1_500 {
			list = append(list, fmt.Sprintf(`{"Effect":"%s","Action":"s3:Get%dObject","Resource":"*"}`, effect, i))
		}
		return document2012(append(list, deny(`"s3:Put*"`), last)...)
	}
	for rule, text := range map[string]string{
		"redundant-value":       document2012(deny(actions(`"s3:PutObject"`))),
		"redundant-statement":   statements("Deny", deny(`"s3:PutObject"`)),
		"unreachable-statement": statements("Allow", allow(`"s3:PutObject"`)),
	} {
		for _, f := range Lint(IdentityPolicy, []byte(text), LintOptions{}) {
			if f.Rule == rule && strings.Contains(f.Message, "PutObject") {
				t.Errorf("found %s at the end: %s", f.Path, f.Message)
			}
		}
	}
}
