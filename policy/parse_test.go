package policy_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/espalier-cloud/espalier/policy"
)

// kinds are all kinds of documents.
var kinds = []policy.Kind{
	policy.ServiceControlPolicy, policy.ResourceControlPolicy, policy.EndpointPolicy, policy.PermissionsBoundary,
	policy.SessionPolicy, policy.IdentityPolicy, policy.ResourcePolicy, policy.TrustPolicy, policy.DelegationPolicy,
}

// TestParse reads the documents in testdata/parse, a file for each kind. A file named "defects" holds
// what is wrong with the one before it; the others are legal.
func TestParse(t *testing.T) {
	for _, kind := range kinds {
		name := strings.ReplaceAll(strings.ToLower(kind.String()), " ", "-") + ".txtar"
		archive, err := txtar.ParseFile(filepath.Join("testdata", "parse", name))
		if err != nil {
			t.Fatal(err)
		}
		for i, file := range archive.Files {
			if file.Name == "defects" {
				continue
			}
			want := ""
			if i+1 < len(archive.Files) && archive.Files[i+1].Name == "defects" {
				want = string(archive.Files[i+1].Data)
			}
			t.Run(kind.String()+"/"+file.Name, func(t *testing.T) {
				d, err := policy.Parse(kind, bytes.TrimSuffix(file.Data, []byte("\n")))
				if got := defects(t, err); got != strings.TrimRight(want, "\n") {
					t.Errorf("the defects are\n%s\nand not\n%s", got, want)
				}
				if (d == nil) != (want != "") {
					t.Errorf("the document is %v", d)
				}
			})
		}
	}
}

// defects returns what the error of Parse says, and checks the order.
func defects(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	all, ok := errors.AsType[policy.Defects](err)
	if !ok || len(all) == 0 {
		t.Fatalf("the error is not Defects: %v", err)
	}
	for i := 1; i < len(all); i++ {
		if all[i].Position.Offset < all[i-1].Position.Offset {
			t.Errorf("%v follows %v", all[i], all[i-1])
		}
	}
	return err.Error()
}

func TestParseDocument(t *testing.T) {
	text := "{\n  \"Id\": \"é\", \"Statement\": [{\n    \"Sid\": \"Größe\", \"Effect\": \"Deny\",\n" +
		"    \"NotPrincipal\": {\"AWS\": \"123456789012\", \"Service\": [\"s3.amazonaws.com\"]},\n" +
		"    \"NotAction\": \"s3:*\", \"NotResource\": [\"arn:aws:s3:::ü\", \"*\"],\n" +
		"    \"Condition\": {\"Bool\": {\"aws:A\": [true, \"x\"]}, \"NumericLessThanIfExists\": {\"aws:B\": 1e3, \"aws:C\": []}}\n  }, {\n" +
		"    \"Effect\": \"Allow\", \"Principal\": \"*\", \"Action\": [\"s3:Get*\"], \"Resource\": \"*\"}],\n  \"Version\": \"2012-10-17\"}"
	want := &policy.Document{
		Kind: policy.EndpointPolicy, Version: policy.Version2012, ID: "é", Size: len([]rune(text)),
		Statements: []policy.Statement{{
			Sid: "Größe", Effect: policy.Deny,
			Principals:   []policy.Principals{{Type: "AWS", Values: []string{"123456789012"}}, {Type: "Service", Values: []string{"s3.amazonaws.com"}}},
			NotPrincipal: true,
			Actions:      []string{"s3:*"}, NotAction: true,
			Resources: []string{"arn:aws:s3:::ü", "*"}, NotResource: true,
			Conditions: []policy.Condition{
				{Operator: policy.Operator{Test: policy.Bool}, Key: "aws:A", Values: []string{"true", "x"}, Start: at(text, `"aws:A"`, 6, 28)},
				{Operator: policy.Operator{Test: policy.NumericLessThan, IfExists: true}, Key: "aws:B", Values: []string{"1e3"}, Start: at(text, `"aws:B"`, 6, 79)},
				{Operator: policy.Operator{Test: policy.NumericLessThan, IfExists: true}, Key: "aws:C", Values: []string{}, Start: at(text, `"aws:C"`, 6, 93)},
			},
			Start: at(text, "{\n    \"Sid\"", 2, 28), End: at(text, ", {\n", 7, 4),
		}, {
			Effect: policy.Allow, Principals: []policy.Principals{{Type: "*", Values: []string{"*"}}},
			Actions: []string{"s3:Get*"}, Resources: []string{"*"},
			Start: at(text, "{\n    \"Effect\"", 7, 6), End: at(text, "],\n  \"Version", 8, 81),
		}},
	}
	got, err := policy.Parse(policy.EndpointPolicy, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// at returns the place of a piece of text.
func at(text, piece string, line, column int) policy.Position {
	return policy.Position{Offset: strings.Index(text, piece), Line: line, Column: column}
}

func TestParseUnknownKind(t *testing.T) {
	for _, kind := range []policy.Kind{-1, 0, 100} {
		if _, err := policy.Parse(kind, []byte("{}")); defects(t, err) != "1:1 : there is no such kind of policy" {
			t.Errorf("Parse(%d) = %v", kind, err)
		}
	}
}

// TestParseHostile reads texts that are made to take long or to answer at length.
func TestParseHostile(t *testing.T) {
	const size = 1 << 20
	fill := func(head, piece, tail string) string {
		return head + strings.Repeat(piece, (size-len(head)-len(tail))/len(piece)) + tail
	}
	statement := `{"Statement":{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":`
	tests := map[string]struct{ text, last string }{
		"objects in objects": {fill("", `{"Statement":`, ""), "exceeded max depth"},
		"lists in lists":     {fill(`{"Statement":`, "[", ""), "exceeded max depth"},
		"empty statements":   {fill(`{"Statement":[`, "{},", "{}]}"), "/Statement/33: the statement has no Effect"},
		"bad actions":        {fill(`{"Statement":{"Action":[`, `"",`, `""]}}`), "/Statement/Action/99"},
		"a long line":        {fill(`{"Statement":{"Action":["`, "é", `"]}}`), `the value is "` + strings.Repeat("é", 80) + `…"`},
		"a line of emoji":    {fill(`{"Statement":{"Action":["`, "🌳", `"]}}`), `the value is "` + strings.Repeat("🌳", 80) + `…"`},
		"a long name":        {fill(`{"Statement":{"`, "e", `":[]}}`), "unknown element"},
		"a long key":         {fill(statement+`{"NumericEquals":{"`, "k", `":[`+strings.Repeat(`"x",[],`, 1000)+`[]]}}}}`), "/Statement/Condition/NumericEquals: the value is"},
		"spaces":             {fill(`{"Statement":[]`, " ", "}"), "the list is empty"},
		"many keys":          {fill(statement+`{"Bool":{`, `"aws:a":[],`, `"aws:a":1}}}}`), "duplicate element"},
		"bytes":              {fill(`{"Statement":"`, "\xff", `"}`), "invalid UTF-8"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			_, err := policy.Parse(policy.ServiceControlPolicy, []byte(tt.text))
			if took := time.Since(start); took > time.Second {
				t.Errorf("it took %v", took)
			}
			all := defects(t, err)
			if len(all) > 256<<10 || strings.Count(all, "\n") > 99 {
				t.Errorf("the defects are %d bytes", len(all))
			}
			if !strings.Contains(all, tt.last) {
				t.Errorf("no %q among the defects:\n%.2000s", tt.last, all)
			}
		})
	}
}

// FuzzParse looks for texts that end the parser, and for documents that are not what they were when
// they are written and read again.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("testdata", "parse", "*.txtar"))
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for i, file := range archive.Files {
			f.Add(byte(i), file.Data)
		}
	}
	f.Fuzz(func(t *testing.T, which byte, text []byte) {
		kind := kinds[int(which)%len(kinds)]
		d, err := policy.Parse(kind, text)
		if err != nil {
			if defects(t, err) == "" {
				t.Error("an error without defects")
			}
			return
		}
		again, err := policy.Parse(kind, write(t, d))
		if err != nil {
			t.Fatal(err)
		}
		same := cmp.Options{
			cmpopts.IgnoreTypes(policy.Position{}), cmpopts.IgnoreFields(policy.Document{}, "Size"), cmpopts.EquateEmpty(),
			cmpopts.SortSlices(func(a, b policy.Principals) bool { return a.Type < b.Type }),
			cmpopts.SortSlices(func(a, b policy.Condition) bool { return a.Operator.String()+a.Key < b.Operator.String()+b.Key }),
		}
		if diff := cmp.Diff(d, again, same); diff != "" {
			t.Error(diff)
		}
	})
}

// write writes a document as JSON.
func write(t *testing.T, d *policy.Document) []byte {
	t.Helper()
	statements := []map[string]any{}
	for _, s := range d.Statements {
		elements := map[string]any{"Sid": s.Sid, "Effect": s.Effect.String(), negated("Action", s.NotAction): s.Actions}
		if s.Resources != nil {
			elements[negated("Resource", s.NotResource)] = s.Resources
		}
		if s.Principals != nil {
			elements[negated("Principal", s.NotPrincipal)] = writePrincipals(d.Kind, s.Principals)
		}
		conditions := map[string]map[string][]string{}
		for _, c := range s.Conditions {
			if conditions[c.Operator.String()] == nil {
				conditions[c.Operator.String()] = map[string][]string{}
			}
			conditions[c.Operator.String()][c.Key] = c.Values
		}
		elements["Condition"] = conditions
		statements = append(statements, elements)
	}
	document := map[string]any{"Statement": statements}
	if d.Version != "" {
		document["Version"] = d.Version
	}
	if d.ID != "" {
		document["Id"] = d.ID
	}
	text, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func writePrincipals(kind policy.Kind, all []policy.Principals) any {
	types := map[string]any{}
	for _, p := range all {
		switch {
		case p.Type == "*":
			return "*"
		case kind == policy.ResourceControlPolicy:
			types[p.Type] = p.Values[0]
		default:
			types[p.Type] = p.Values
		}
	}
	return types
}

func negated(element string, not bool) string {
	if not {
		return "Not" + element
	}
	return element
}

func TestCanonical(t *testing.T) {
	tests := []struct{ text, want string }{
		{"{\n \"Statement\": { \"Effect\" : \"Deny\", \"Sid\": \"\\u0041 b\" } }", `{"Version":"2008-10-17","Statement":[{"Effect":"Deny","Sid":"A b"}]}`},
		{`{"Statement": [ {}, {} ], "Version": "2012-10-17"}`, `{"Version":"2012-10-17","Statement":[{},{}]}`},
	}
	for _, tt := range tests {
		if got, err := policy.Canonical([]byte(tt.text)); err != nil || string(got) != tt.want {
			t.Errorf("Canonical(%s) = %s, %v; want %s", tt.text, got, err, tt.want)
		}
	}
	if got, err := policy.Canonical([]byte("{")); err == nil {
		t.Errorf("no error, but %s", got)
	}
}

// shared returns a file that lives beside the repository. Where it is absent the test is skipped, but
// in CI.
func shared(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "shared", filepath.FromSlash(name)))
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	return text
}
