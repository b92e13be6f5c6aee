package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"testing"

	"github.com/espalier-cloud/espalier/policy"
)

// shape is what the schema of SARIF 2.1.0 asks of a value. No object of it takes members that it does not know.
type shape struct {
	required, optional map[string]shape // the members of an object
	items              *shape           // of a list
	is                 func(any) bool   // of any other value
}

// faults returns where a value has another shape.
func (s shape) faults(path string, value any) (faults []string) {
	switch v := value.(type) {
	case map[string]any:
		for name := range s.required {
			if _, ok := v[name]; !ok {
				faults = append(faults, path+"."+name+" is missing")
			}
		}
		for name, member := range v {
			of, ok := s.required[name]
			if !ok {
				of, ok = s.optional[name]
			}
			if !ok {
				faults = append(faults, path+"."+name+" does not exist")
			}
			faults = append(faults, of.faults(path+"."+name, member)...)
		}
	case []any:
		if s.items == nil {
			return []string{path + " is a list"}
		}
		for i, item := range v {
			faults = append(faults, s.items.faults(fmt.Sprintf("%s[%d]", path, i), item)...)
		}
	default:
		if s.is == nil || !s.is(value) {
			faults = append(faults, fmt.Sprintf("%s is %v", path, value))
		}
	}
	return faults
}

// sarifShape is the schema of SARIF 2.1.0, as far as it concerns the members that there are.
func sarifShape() shape {
	text := shape{is: func(v any) bool { _, ok := v.(string); return ok }}
	one := func(values ...string) shape {
		return shape{is: func(v any) bool { s, ok := v.(string); return ok && slices.Contains(values, s) }}
	}
	from := func(least float64) shape {
		return shape{is: func(v any) bool { n, ok := v.(float64); return ok && n >= least && n == float64(int(n)) }}
	}
	reference := shape{is: func(v any) bool {
		s, _ := v.(string)
		u, err := url.Parse(s)
		return err == nil && s != "" && u.String() == s
	}}
	list := func(items shape) shape { return shape{items: &items} }
	object := func(required, optional map[string]shape) shape { return shape{required: required, optional: optional} }
	type members = map[string]shape
	level := one("none", "note", "warning", "error")
	message := object(members{"text": text}, nil)
	rule := object(members{"id": text}, members{"shortDescription": message, "help": message, "defaultConfiguration": object(nil, members{"level": level})})
	tool := object(members{"driver": object(members{"name": text}, members{"version": text, "rules": list(rule)})}, nil)
	region := object(nil, members{"startLine": from(1), "startColumn": from(1), "endLine": from(1), "endColumn": from(1)})
	location := object(nil, members{
		"physicalLocation": object(members{"artifactLocation": object(nil, members{"uri": reference})}, members{"region": region}),
		"logicalLocations": list(object(nil, members{"fullyQualifiedName": text})),
	})
	result := object(members{"message": message}, members{"ruleId": text, "ruleIndex": from(0), "level": level, "locations": list(location)})
	run := object(members{"tool": tool}, members{"columnKind": one("utf16CodeUnits", "unicodeCodePoints"), "results": list(result)})
	return object(members{"version": one("2.1.0"), "runs": list(run)}, members{"$schema": reference})
}

// TestSARIF holds what is printed for code scanners to the schema of SARIF, for findings of all severities, texts that
// are no policies, and files with names that are no URIs as they stand.
func TestSARIF(t *testing.T) {
	texts := map[string]string{
		"scp/plain.json":             `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"s3:GetObjekt","Resource":"*"}}`,
		"my scps/größe #1, 50%.json": "{\"Statement\":[\n{\"Sid\":\"ä\",\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}]}",
		"C:scp?.json":                `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`,
		"/srv/a b.json":              `{"Version":"2012-10-17","Statement":`,
		"-":                          "",
		"tags.json":                  `{"tags":{"x":{"@@unknown":1}}}`,
	}
	var files []linted
	var c lintPolicyCommand
	for name, text := range texts {
		file := c.lint(name, []byte(text), policy.LintOptions{})
		if len(file.findings) == 0 {
			t.Errorf("nothing is found in %s", name)
		}
		files = append(files, file)
	}
	var out bytes.Buffer
	if err := printSARIF(&out, files); err != nil {
		t.Fatal(err)
	}
	var value any
	if err := json.Unmarshal(out.Bytes(), &value); err != nil {
		t.Fatal(err)
	}
	for _, fault := range sarifShape().faults("log", value) {
		t.Error(fault)
	}
	var log sarifLog
	if err := json.Unmarshal(out.Bytes(), &log); err != nil {
		t.Fatal(err)
	}
	checkResults(t, log.Runs[0], texts)
}

// checkResults looks whether the results of a run point to rules and files, and their regions end where they begin or
// behind that.
func checkResults(t *testing.T, run sarifRun, files map[string]string) {
	t.Helper()
	levels, named := map[string]bool{}, map[string]bool{}
	for _, r := range run.Results {
		levels[r.Level] = true
		if rules := run.Tool.Driver.Rules; r.RuleIndex >= len(rules) || rules[r.RuleIndex].ID != r.RuleID {
			t.Errorf("a result of %s points to rule %d", r.RuleID, r.RuleIndex)
		}
		at := r.Locations[0].Physical
		if g := at.Region; g.EndLine < g.StartLine || g.EndLine == g.StartLine && g.EndColumn < g.StartColumn {
			t.Errorf("a region ends before it begins: %+v", g)
		}
		u, err := url.Parse(at.Artifact.URI)
		if err != nil {
			t.Fatal(err)
		}
		named[u.Path] = true
	}
	if len(levels) != 3 {
		t.Errorf("there are results of the levels %v only", levels)
	}
	for name := range files {
		if !named[name] && !named["./"+name] {
			t.Errorf("no result names %s, but %v do", name, named)
		}
	}
}
