package effective

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// vectors is where answers that are known from AWS lie beside the repository.
const vectors = "../../shared/vectors"

// readVectors reads one file of known answers into a slice of cases. They are
// required in continuous integration only.
func readVectors[T any](t *testing.T, file string) []T {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(vectors, file))
	if os.IsNotExist(err) && os.Getenv("CI") != "true" {
		t.Skipf("%s is not there", filepath.Join(vectors, file))
	}
	if err != nil {
		t.Fatal(err)
	}
	var cases []T
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	return cases
}

type mergeVector struct {
	Name  string
	Type  Type
	Chain []struct {
		Target   string
		Policies []json.RawMessage
	}
	Expected         json.RawMessage
	StatefulPrevious string
	SchemaAdmission  *bool
	Compare          struct{ Keys string }

	ExpectedErrors []struct {
		ErrorCode    ErrorCode
		ErrorMessage string
		PathToError  string
	}
	ExpectedEffective json.RawMessage
	ShapeOnly         bool
}

// levels parses the chain of a case. Only cases that say so hold documents that AWS would refuse.
func (v mergeVector) levels(t *testing.T) []Level {
	t.Helper()
	var levels []Level
	for _, level := range v.Chain {
		var policies []Attached
		for _, content := range level.Policies {
			policy, err := Parse(v.Type, content)
			if err != nil && (v.SchemaAdmission == nil || *v.SchemaAdmission) {
				t.Errorf("%s: %v", content, err)
			}
			policies = append(policies, Attached{"p-" + string(rune('a'+len(policies))) + level.Target, policy})
		}
		levels = append(levels, Level{level.Target, policies})
	}
	return levels
}

func TestMergeGivesTheKnownAnswers(t *testing.T) {
	for _, file := range []string{"effective-native-captures.json", "effective-docs.json", "effective-derived.json", "effective-derived-fuzz.json"} {
		for _, v := range readVectors[mergeVector](t, file) {
			t.Run(v.Name, func(t *testing.T) {
				levels := v.levels(t)
				document := Merge(v.Type, levels)
				if v.StatefulPrevious != "" {
					if len(document.Errors) == 0 || document.Errors[0].Code != CrossAttribute {
						t.Errorf("errors are %v", document.Errors)
					}
					document = Merge(v.Type, levels[:1]) // the account policy then said nothing
				}
				want := string(v.Expected)
				got := document.Content
				if v.Compare.Keys == "case-insensitive" {
					want, got = strings.ToLower(want), strings.ToLower(got)
				}
				if !sameJSON(t, want, got) {
					t.Errorf("got %s\nwant %s", got, want)
				}
			})
		}
	}
}

func TestValidationGivesTheKnownErrors(t *testing.T) {
	for _, v := range readVectors[mergeVector](t, "effective-validation-errors.json") {
		if v.ShapeOnly {
			continue
		}
		t.Run(v.Name, func(t *testing.T) {
			document := Merge(v.Type, v.levels(t))
			if v.ExpectedEffective != nil && !sameJSON(t, string(v.ExpectedEffective), document.Content) {
				t.Errorf("content is %s", document.Content)
			}
			if len(document.Errors) != len(v.ExpectedErrors) {
				t.Fatalf("errors are %v", document.Errors)
			}
			for i, want := range v.ExpectedErrors {
				got := document.Errors[i]
				if got.Code != want.ErrorCode || got.Message != want.ErrorMessage || got.Path != want.PathToError {
					t.Errorf("error is %+v, want %+v", got, want)
				}
			}
		})
	}
}

func TestParseGivesTheKnownAnswers(t *testing.T) {
	type admissionVector struct {
		Name     string
		Type     Type
		Content  json.RawMessage
		Expected string
	}
	for _, v := range readVectors[admissionVector](t, "admission-native-and-docs.json") {
		if !v.Type.Known() {
			continue // about authorization
		}
		t.Run(v.Name, func(t *testing.T) {
			content := []byte(v.Content)
			var text string
			if json.Unmarshal(content, &text) == nil {
				content = []byte(text)
			}
			if _, err := Parse(v.Type, content); (err == nil) != (v.Expected == "accept") {
				t.Errorf("%s: %v, want %s", content, err, v.Expected)
			}
		})
	}
}

func sameJSON(t *testing.T, a, b string) bool {
	t.Helper()
	var x, y any
	if err := json.Unmarshal([]byte(a), &x); err != nil {
		t.Fatalf("%v: %s", err, a)
	}
	if err := json.Unmarshal([]byte(b), &y); err != nil {
		t.Fatalf("%v: %s", err, b)
	}
	return reflect.DeepEqual(x, y)
}
