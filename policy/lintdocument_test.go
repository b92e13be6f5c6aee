package policy_test

import (
	"encoding/csv"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/espalier-cloud/espalier/policy"
)

var update = flag.Bool("update", false, "write the table of docs/linting.md anew")

const (
	lintDocument = "../docs/linting.md"
	tableBegins  = "<!-- The table is generated: go test ./policy -run TestLintDocument -update -->\n"
	tableEnds    = "<!-- The table ends. -->\n"
)

// TestLintDocument holds the table of the rules in docs/linting.md to the rules.
func TestLintDocument(t *testing.T) {
	old, err := os.ReadFile(lintDocument)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok1 := strings.Cut(string(old), tableBegins)
	_, after, ok2 := strings.Cut(rest, tableEnds)
	if !ok1 || !ok2 {
		t.Fatalf("%s has no marks around the table", lintDocument)
	}
	var table strings.Builder
	table.WriteString("\n| rule | severity | finds | what to do |\n| --- | --- | --- | --- |\n")
	for _, rule := range policy.LintRules() {
		fmt.Fprintf(&table, "| `%s` | %v | %s | %s |\n", rule.ID, rule.Severity, rule.Doc, rule.Help)
	}
	text := before + tableBegins + table.String() + "\n" + tableEnds + after
	if text == string(old) {
		return
	}
	if !*update {
		t.Fatalf("%s is not up to date: run go test ./policy -run TestLintDocument -update", lintDocument)
	}
	if err := os.WriteFile(lintDocument, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestLintPublished lints and minifies policies as people publish them.
func TestLintPublished(t *testing.T) {
	index := csv.NewReader(strings.NewReader(string(shared(t, "policies/index.tsv"))))
	index.Comma, index.LazyQuotes = '\t', true
	rows, err := index.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	linted := 0
	for _, row := range rows {
		kind, ok := publishedKind(row[0], row[1])
		if !ok {
			continue
		}
		linted++
		text := shared(t, "policies/"+row[0])
		_, err := policy.Parse(kind, text)
		for _, f := range policy.Lint(kind, text, policy.LintOptions{}) {
			if (f.Rule == "malformed") != (err != nil) {
				t.Errorf("%s: %s: %s, but Parse says %v", row[0], f.Rule, f.Message, err)
			}
			if f.Start.Line == 0 {
				t.Errorf("%s: %s is nowhere", row[0], f.Rule)
			}
		}
		small, problem := policy.Minify(text)
		if problem != nil || len(small) > len(text) {
			t.Errorf("%s becomes %s: %v", row[0], small, problem)
		}
		if _, problem := policy.Parse(kind, small); (problem == nil) != (err == nil) {
			t.Errorf("%s becomes %s: %v, not %v", row[0], small, problem, err)
		}
	}
	if linted < 50 {
		t.Errorf("only %d policies", linted)
	}
}
