package main

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"slices"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"
)

// expectStatus runs a command that must end with a status: status N COMMAND….
func expectStatus(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if exit, ok := err.(*exec.ExitError); ok { //nolint:errorlint // as Exec returns it
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("%v ends with %d, want %d", args[1:], got, want)
	}
}

// expectKind lints a file and looks what it was taken for: kinds FILE KIND.
func expectKind(ts *testscript.TestScript, _ bool, args []string) {
	_ = ts.Exec("espalier", "policy", "lint", "--format=json", args[0])
	var files []lintedJSON
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &files))
	if len(files) != 1 || files[0].Kind != args[1] || !files[0].Guessed {
		ts.Fatalf("%s was taken for %+v, want %s", args[0], files, args[1])
	}
}

// checkSARIF reads a SARIF log and looks for rules that must have results in a file: sarif LOG FILE RULE….
func checkSARIF(ts *testscript.TestScript, _ bool, args []string) {
	var log sarifLog
	decoder := json.NewDecoder(bytes.NewReader([]byte(ts.ReadFile(args[0]))))
	decoder.DisallowUnknownFields()
	ts.Check(decoder.Decode(&log))
	run := log.Runs[0]
	var found []string
	for _, result := range run.Results {
		found = append(found, result.RuleID)
		if rule := run.Tool.Driver.Rules[result.RuleIndex]; rule.ID != result.RuleID || rule.Short.Text == "" {
			ts.Fatalf("result of %s points to rule %s", result.RuleID, rule.ID)
		}
		at := result.Locations[0].Physical
		if at.Artifact.URI != args[1] || at.Region.StartLine < 1 || at.Region.StartColumn < 1 || at.Region.EndColumn < 1 || result.Message.Text == "" {
			ts.Fatalf("result of %s is at %+v", result.RuleID, at)
		}
	}
	for _, rule := range args[2:] {
		if !slices.Contains(found, rule) {
			ts.Fatalf("no result of %s among %v", rule, found)
		}
	}
}
