package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const apiDir = "../api"

// TestGeneratedFilesAreCurrent generates every service again and compares.
func TestGeneratedFilesAreCurrent(t *testing.T) {
	models, err := filepath.Glob(filepath.Join(apiDir, "*.json"))
	if err != nil || len(models) == 0 {
		t.Fatal("no models", err)
	}
	for _, path := range models {
		name := strings.TrimSuffix(filepath.Base(path), ".json")
		texts, err := readModel(apiDir, name)
		if err != nil {
			t.Fatal(err)
		}
		files, err := Generate(name, texts...)
		if err != nil {
			t.Fatal(err)
		}
		present, err := os.ReadDir(filepath.Join(apiDir, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range present {
			if _, ok := files[entry.Name()]; !ok {
				t.Errorf("%s/%s is not generated", name, entry.Name())
			}
		}
		for file, want := range files {
			got, err := os.ReadFile(filepath.Join(apiDir, name, file))
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s/%s is not what its model gives; run go generate ./internal/api", name, file)
			}
		}
	}
}

// TestGenerateListsEveryModel holds the go:generate line to the models beside it.
func TestGenerateListsEveryModel(t *testing.T) {
	source, err := os.ReadFile(filepath.Join(apiDir, "api.go"))
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`(?m)^//go:generate go run ../apigen (.*)$`).FindSubmatch(source)
	if line == nil {
		t.Fatal("no go:generate line")
	}
	models, _ := filepath.Glob(filepath.Join(apiDir, "*.json"))
	var names []string
	for _, path := range models {
		names = append(names, strings.TrimSuffix(filepath.Base(path), ".json"))
	}
	generated := strings.Fields(string(line[1]))
	slices.Sort(generated)
	if !slices.Equal(generated, names) {
		t.Errorf("generated: %v, models: %v", generated, names)
	}
}

// minimal is a model with one operation, whose input has the given members and shapes.
func minimal(members, shapes string) []byte {
	return []byte(`{
		"metadata": {"apiVersion": "2020-01-01", "endpointPrefix": "toy", "protocol": "json", "serviceFullName": "Toy", "targetPrefix": "Toy"},
		"operations": {"Play": {"name": "Play", "http": {"method": "POST", "requestUri": "/"}, "input": {"shape": "PlayRequest"}}},
		"shapes": {"PlayRequest": {"type": "structure", "members": {` + members + `}}` + shapes + `}}`)
}

func TestGenerate(t *testing.T) {
	tests := map[string]struct {
		members, shapes    string
		file, want, absent string
	}{
		"a structure that contains itself": {
			`"Box": {"shape": "Box"}`,
			`, "Box": {"type": "structure", "required": ["Name"], "members": {"Name": {"shape": "Name"}, "Inner": {"shape": "Box"}}}, "Name": {"type": "string", "min": 1}`,
			"validate.go", "in.Inner.check(c)", "",
		},
		"a structure without constraints": {
			`"Box": {"shape": "Box"}`, `, "Box": {"type": "structure", "members": {"Name": {"shape": "Name"}}}, "Name": {"type": "string"}`,
			"validate.go", "return nil", "Checker",
		},
		"code points": {
			`"Name": {"shape": "Name"}`, `, "Name": {"type": "string", "pattern": "[\\u0020-\\u007E]+"}`,
			"rules.go", "api.NewRegexp(`[\\u0020-\\u007E]+`, `[\\x{0020}-\\x{007E}]+`)", "",
		},
		"a list with limits": {
			`"Names": {"shape": "Names"}`, `, "Names": {"type": "list", "min": 1, "max": 5, "member": {"shape": "Name"}}, "Name": {"type": "string"}`,
			"rules.go", `ruleNames = api.ListRule{Shape: "Names", Min: 1, Max: 5}`, "",
		},
		"a map with limits": {
			`"Sizes": {"shape": "Sizes"}`,
			`, "Sizes": {"type": "map", "max": 5, "key": {"shape": "Name"}, "value": {"shape": "Size"}}, "Name": {"type": "string", "max": 9}, "Size": {"type": "string"}`,
			"validate.go", "api.Entries(c, \"Sizes\", in.Sizes, &ruleSizes)\n\tapi.Texts(c, \"Sizes\", api.Keys(in.Sizes), &ruleName)\n", "api.Values",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			files, err := Generate("toy", minimal(test.members, test.shapes))
			if err != nil {
				t.Fatal(err)
			}
			content := string(files[test.file])
			if !strings.Contains(content, test.want) || (test.absent != "" && strings.Contains(content, test.absent)) {
				t.Errorf("%s:\n%s", test.file, content)
			}
		})
	}
}

// TestGenerateRefuses holds the generator to telling what it does not understand.
func TestGenerateRefuses(t *testing.T) {
	plain := string(minimal("", ""))
	tests := map[string]struct {
		model, problem string
	}{
		"no JSON":            {"{", "EOF"},
		"unknown trait":      {string(minimal(`"A": {"shape": "A"}`, `, "A": {"type": "string", "idempotencyToken": true}`)), "idempotencyToken"},
		"unknown in member":  {string(minimal(`"A": {"shape": "A", "streaming": true}`, `, "A": {"type": "string"}`)), "streaming"},
		"unknown at the top": {strings.Replace(plain, `"operations"`, `"waiters": {}, "operations"`, 1), "waiters"},
		"unknown type":       {string(minimal(`"A": {"shape": "A"}`, `, "A": {"type": "blob"}`)), `unknown type "blob"`},
		"unknown time":       {string(minimal(`"A": {"shape": "A"}`, `, "A": {"type": "timestamp", "timestampFormat": "rfc822"}`)), "rfc822"},
		"unknown protocol":   {strings.Replace(plain, `"json"`, `"ec2"`, 1), `unknown protocol "ec2"`},
		"unknown binding":    {strings.Replace(plain, `"requestUri": "/"`, `"requestUri": "/x"`, 1), "unknown binding POST /x"},
		"member in a header": {string(minimal(`"A": {"shape": "A", "location": "header"}`, `, "A": {"type": "string"}`)), "travels in the header"},
		"missing shape":      {string(minimal(`"A": {"shape": "A"}`, ``)), "no shape A"},
		"pattern":            {string(minimal(`"A": {"shape": "A"}`, `, "A": {"type": "string", "pattern": "a(?!b)"}`)), "(?!"},
		"map of lists in an input": {string(minimal(`"A": {"shape": "A"}`, `, "A": {"type": "map", "key": {"shape": "B"}, "value": {"shape": "C"}}, "B": {"type": "string"}, "C": {"type": "list", "member": {"shape": "B"}}`)),
			"maps of list"},
		"long in an input": {string(minimal(`"A": {"shape": "A"}`, `, "A": {"type": "long"}`)), "longs in inputs"},
		"list of lists in an input": {string(minimal(`"A": {"shape": "A"}`, `, "A": {"type": "list", "member": {"shape": "B"}}, "B": {"type": "list", "member": {"shape": "C"}}, "C": {"type": "string"}`)),
			"lists of list"},
		"name twice": {string(minimal(`"A": {"shape": "PlayInput"}`, `, "PlayInput": {"type": "structure", "members": {}}`)), "PlayInput is both"},
		"constant twice": {string(minimal(`"A": {"shape": "A"}`, `, "A": {"type": "string", "enum": ["B_C", "B-C"]}`)),
			"ABC is both"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := Generate("toy", []byte(test.model))
			if err == nil || !strings.Contains(err.Error(), test.problem) {
				t.Errorf("got %v, want %s", err, test.problem)
			}
		})
	}
}

// TestSupplements: a second text adds to a model, and does not change what is there.
func TestSupplements(t *testing.T) {
	more := `{"operations": {"Stop": {"name": "Stop", "http": {"method": "POST", "requestUri": "/"}, "input": {"shape": "StopRequest"}}}, "shapes": {"StopRequest": {"type": "structure", "members": {}}}}`
	files, err := Generate("toy", minimal("", ""), []byte(more))
	if err != nil || !strings.Contains(string(files["service.go"]), `"Stop"`) || !strings.Contains(string(files["service.go"]), `"Play"`) {
		t.Errorf("%s, %v", files["service.go"], err)
	}
	for text, problem := range map[string]string{
		strings.ReplaceAll(more, "Stop", "Play"):                                         "Play",
		strings.Replace(more, `"shapes": {"StopRequest"`, `"shapes": {"PlayRequest"`, 1): "PlayRequest is described twice",
		"{": "EOF",
	} {
		if _, err := Generate("toy", minimal("", ""), []byte(text)); err == nil || !strings.Contains(err.Error(), problem) {
			t.Errorf("got %v, want %s", err, problem)
		}
	}
}

func TestRunRemovesWhatIsNoLongerGenerated(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "toy.json"), minimal("", ""), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "toy"), 0o700); err != nil {
		t.Fatal(err)
	}
	for file, content := range map[string]string{"old.go": header + "\npackage toy\n", "own.go": "package toy\n"} {
		if err := os.WriteFile(filepath.Join(dir, "toy", file), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := run(dir, "toy"); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]bool{"old.go": false, "own.go": true, "service.go": true, "rules.go": false} {
		if _, err := os.Stat(filepath.Join(dir, "toy", file)); (err == nil) != want {
			t.Errorf("%s: %v", file, err)
		}
	}
	if err := run(dir, "absent"); err == nil {
		t.Error("a service without a model is generated")
	}
}

func TestRewrittenPatternsAreEquivalent(t *testing.T) {
	e, err := expression(`^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$`)
	if err != nil {
		t.Fatal(err)
	}
	alias := regexp.MustCompile(`\A(?:` + e + `)\z`)
	for value, want := range map[string]bool{"abc": true, "a-b": true, "a-b-c": true, "a--b": false, "-ab": false, "ab-": false, "aBc": false} {
		if alias.MatchString(value) != want {
			t.Errorf("%s: %t", value, !want)
		}
	}
}

func TestConstant(t *testing.T) {
	for value, want := range map[string]string{
		"SERVICE_CONTROL_POLICY": "ServiceControlPolicy", "DECLARATIVE_POLICY_EC2": "DeclarativePolicyEc2",
		"EventId": "EventId", "aws-managed": "AwsManaged", "ALL": "All", "insight": "Insight",
	} {
		if got := constant(value); got != want {
			t.Errorf("%s is %s, want %s", value, got, want)
		}
	}
}
