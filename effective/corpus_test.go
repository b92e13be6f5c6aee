package effective

import (
	"fmt"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// The corpus is one archive per rule. Its comment says the type of policy and
// where the expectation comes from. Its files are policies, in directories that
// are levels from the root down, and what is expected: effective.json, and if
// there are any, errors and explanation.
func TestCorpus(t *testing.T) {
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("there is no corpus: %v", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if commentLine(archive, "source: ") == "" {
				t.Error("does not name its source")
			}
			checkArchive(t, archive)
		})
	}
}

// commentLine returns the rest of the line of an archive's comment that begins so.
func commentLine(archive *txtar.Archive, prefix string) string {
	for line := range strings.Lines(string(archive.Comment)) {
		if rest, found := strings.CutPrefix(line, prefix); found {
			return strings.TrimSpace(rest)
		}
	}
	return ""
}

func checkArchive(t *testing.T, archive *txtar.Archive) {
	t.Helper()
	policyType := Type(commentLine(archive, "type: "))
	var levels []Level
	want := map[string]string{}
	for _, file := range archive.Files {
		target, id := path.Split(file.Name)
		if target == "" {
			want[file.Name] = strings.TrimSpace(string(file.Data))
			continue
		}
		policy, err := Parse(policyType, file.Data)
		if err != nil {
			t.Fatalf("%s: %v", file.Name, err)
		}
		if target = path.Clean(target); len(levels) == 0 || levels[len(levels)-1].Target != target {
			levels = append(levels, Level{Target: target})
		}
		last := &levels[len(levels)-1]
		last.Policies = append(last.Policies, Attached{id, policy})
	}
	state := NewState(policyType)
	for _, level := range levels {
		state = state.Extend(level)
	}
	document := state.Document()
	if got := document.Content; !sameJSON(t, want["effective.json"], got) {
		t.Errorf("effective policy is %s", got)
	}
	if got := writeErrors(document.Errors); got != want["errors"] {
		t.Errorf("errors are\n%s\nwant\n%s", got, want["errors"])
	}
	if explanation, given := want["explanation"]; given {
		if got := writeExplanation(state.Explain()); got != explanation {
			t.Errorf("explanation is\n%s\nwant\n%s", got, explanation)
		}
	}
}

func writeErrors(errors []ValidationError) string {
	var lines []string
	for _, e := range errors {
		lines = append(lines, fmt.Sprintf("%s %s: %s %v", e.Code, e.Path, e.Message, e.ContributingPolicies))
	}
	return strings.Join(lines, "\n")
}

func writeExplanation(explanation Explanation) string {
	var lines []string
	for _, setting := range explanation {
		var values []string
		for _, value := range setting.Values {
			from := value.Source.Policy
			if value.Default {
				from = "default"
			}
			values = append(values, value.Value+" from "+from)
		}
		line := setting.Path + ": " + strings.Join(values, ", ")
		if !setting.Set {
			line = setting.Path + " is not set"
		}
		lines = append(lines, strings.TrimSpace(line))
		for _, step := range setting.Steps {
			line := fmt.Sprintf("  %d %s %s %s %q %s", step.Source.Level, step.Source.Target, step.Source.Policy, step.Operator, step.Values, step.Outcome)
			for _, source := range step.Because {
				line += fmt.Sprintf(", by %s at %s", source.Policy, source.Target)
			}
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}
