package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"path/filepath"

	"github.com/espalier-cloud/espalier/policy"
)

// printFindings prints findings for people, one a line, and below the first of each rule what to do about it.
func printFindings(t terminal, files []linted) {
	for _, file := range files {
		if file.guessed {
			fmt.Fprintf(t.err, "%s: taken for %s; --kind says otherwise\n", file.name, file.article())
		}
		helped := map[string]bool{}
		for _, f := range file.findings {
			fmt.Fprintf(t.out, "%s:%d:%d: %v: %s [%s]\n", file.name, f.Start.Line, f.Start.Column, f.Severity, f.Message, f.Rule)
			if f.Help != "" && !helped[f.Rule] {
				fmt.Fprintf(t.out, "    %s\n", f.Help)
			}
			helped[f.Rule] = true
		}
	}
}

type lintedJSON struct {
	File     string           `json:"file"`
	Kind     string           `json:"kind"`
	Guessed  bool             `json:"guessed"`
	Findings []policy.Finding `json:"findings"`
}

func printFindingsJSON(w io.Writer, files []linted) error {
	out := make([]lintedJSON, len(files))
	for i, file := range files {
		out[i] = lintedJSON{File: file.name, Kind: file.kindName(), Guessed: file.guessed, Findings: file.findings}
		if file.findings == nil {
			out[i].Findings = []policy.Finding{}
		}
	}
	return printIndented(w, out)
}

func printIndented(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}

// What follows is as much of SARIF 2.1.0 as the findings need.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool       sarifTool     `json:"tool"`
		ColumnKind string        `json:"columnKind"`
		Results    []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name    string      `json:"name"`
		Version string      `json:"version"`
		Rules   []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID            string             `json:"id"`
		Short         sarifText          `json:"shortDescription"`
		Help          *sarifText         `json:"help,omitempty"`
		Configuration sarifConfiguration `json:"defaultConfiguration"`
	}
	sarifConfiguration struct {
		Level string `json:"level"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID    string          `json:"ruleId"`
		RuleIndex int             `json:"ruleIndex"`
		Level     string          `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations"`
	}
	sarifLocation struct {
		Physical sarifPhysicalLocation `json:"physicalLocation"`
		Logical  []sarifLogical        `json:"logicalLocations"`
	}
	sarifPhysicalLocation struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   sarifRegion   `json:"region"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn"`
		EndLine     int `json:"endLine"`
		EndColumn   int `json:"endColumn"`
	}
	sarifLogical struct {
		Name string `json:"fullyQualifiedName"`
	}
)

// printSARIF prints findings for code scanners.
func printSARIF(w io.Writer, files []linted) error {
	driver := sarifDriver{Name: "espalier policy lint", Version: version()}
	index := map[string]int{}
	for i, rule := range policy.LintRules() {
		index[rule.ID] = i
		r := sarifRule{ID: rule.ID, Short: sarifText{rule.Doc}, Configuration: sarifConfiguration{rule.Severity.String()}}
		if rule.Help != "" {
			r.Help = &sarifText{rule.Help}
		}
		driver.Rules = append(driver.Rules, r)
	}
	results := []sarifResult{}
	for _, file := range files {
		for _, f := range file.findings {
			results = append(results, sarifResult{
				RuleID: f.Rule, RuleIndex: index[f.Rule], Level: f.Severity.String(), Message: sarifText{f.Message},
				Locations: []sarifLocation{{
					Physical: sarifPhysicalLocation{
						Artifact: sarifArtifact{fileURI(file.name)},
						Region:   sarifRegion{f.Start.Line, f.Start.Column, f.End.Line, f.End.Column},
					},
					Logical: []sarifLogical{{f.Path}},
				}},
			})
		}
	}
	return printIndented(w, sarifLog{
		Schema:  "https://json.schemastore.org/sarif-2.1.0.json",
		Version: "2.1.0",
		Runs:    []sarifRun{{Tool: sarifTool{driver}, ColumnKind: "unicodeCodePoints", Results: results}},
	})
}

// fileURI returns the URI of a file, relative where its name is.
func fileURI(name string) string {
	u := url.URL{Path: filepath.ToSlash(name)}
	if filepath.IsAbs(name) {
		u.Scheme = "file"
	}
	return u.String()
}
