package effective

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
)

func FuzzParse(f *testing.F) {
	for i := range Types() {
		f.Add(i, `{"tags":{"Env":{"tag_key":{"@@assign":"ENV"},"tag_value":{"@@append":["a",1,null]}}},"@@assign":1}`)
	}
	f.Add(1, `{"plans":{"p":{"@@operators_allowed_for_child_policies":["@@none"],"rules":{"r":{}}}}}`)
	f.Fuzz(func(t *testing.T, i int, content string) {
		types := Types()
		of := types[uint(i)%uint(len(types))]
		policy, err := Parse(of, []byte(content))
		var defects Defects
		if err != nil && (!errors.As(err, &defects) || len(defects) == 0) {
			t.Fatalf("error is %v", err)
		}
		for _, defect := range defects {
			at := defect.Position
			lines := strings.Split(content, "\n")
			if at.Offset < 0 || at.Offset > len(content) || at.Line < 1 || at.Line > len(lines) || at.Column < 1 || defect.Problem == "" {
				t.Fatalf("defect is %+v", defect)
			}
		}
		if policy == nil {
			if err == nil {
				t.Fatal("there is neither a policy nor a defect")
			}
			return
		}
		document := Merge(of, []Level{{"r-root", []Attached{{"p-1", policy}}}})
		var anything map[string]any
		if err := json.Unmarshal([]byte(document.Content), &anything); err != nil {
			t.Fatalf("%v: %s", err, document.Content)
		}
	})
}

// FuzzMerge merges documents whether or not AWS would take them. Levels are
// separated by an empty line, policies by the end of a line.
func FuzzMerge(f *testing.F) {
	f.Add(1, `{"plans":{"p":{"rules":{"r":{}}}}}`+"\n\n"+`{"plans":{"P":{"@@assign":1},"rules":{"@@append":[1]}}}`)
	f.Add(10, `{"tags":{"a":{"tag_value":{"@@append":["x"],"@@operators_allowed_for_child_policies":["@@none"]}}}}`+"\n\n"+`{"tags":{"A":{"tag_value":{"@@remove":["x"]}}}}`)
	f.Fuzz(func(t *testing.T, i int, text string) {
		types := Types()
		of := types[uint(i)%uint(len(types))]
		state := NewState(of)
		for l, group := range strings.Split(text, "\n\n") {
			level := Level{Target: fmt.Sprint(l)}
			for p, content := range strings.Split(group, "\n") {
				policy, _ := Parse(of, []byte(content))
				level.Policies = append(level.Policies, Attached{fmt.Sprint("p-", l, "-", p), policy})
			}
			state = state.Extend(level)
		}
		document := state.Document()
		if !json.Valid([]byte(document.Content)) || strings.Contains(document.Content, ":{}") {
			t.Fatalf("effective policy is %s", document.Content)
		}
		again := newState(state.schema)
		for _, level := range state.levels() {
			again = again.extend(level, &merger{trace: &trace{level: level, refused: map[string][]Step{}}})
		}
		if explained := again.Document(); explained.Content != document.Content {
			t.Fatalf("explained is %s, merged is %s", explained.Content, document.Content)
		}
	})
}
