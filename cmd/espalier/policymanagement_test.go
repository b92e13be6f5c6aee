package main

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/espalier-cloud/espalier/effective"
	"github.com/espalier-cloud/espalier/policy"
)

func TestEveryManagementTypeIsGuessed(t *testing.T) {
	for root, of := range managementRoots {
		if got := guessManagementType([]byte(`{"` + strings.ToUpper(root) + `": {}}`)); got != of {
			t.Errorf("%s is taken for %q", root, got)
		}
		if root != "chatbot" { // the member of older documents
			if _, err := effective.Parse(of, []byte(`{"`+root+`": {}}`)); err != nil {
				t.Errorf("%s does not begin with %s: %v", of, root, err)
			}
		}
	}
	guessed := slices.Compact(slices.Sorted(maps.Values(managementRoots)))
	if !slices.Equal(guessed, effective.Types()) {
		t.Errorf("guessed are %v, there are %v", guessed, effective.Types())
	}
	for _, text := range []string{`{"Statement": []}`, `[]`, `{`, ``} {
		if got := guessManagementType([]byte(text)); got != "" {
			t.Errorf("%s is taken for %s", text, got)
		}
	}
}

func TestLintManagementFindsWhatIsTooLarge(t *testing.T) {
	text := []byte(`{"services": {}` + strings.Repeat(" ", 2_500) + `}`)
	never := func(string) bool { return false }
	if found := lintManagement("AISERVICES_OPT_OUT_POLICY", text, never); len(found) != 1 || found[0].Rule != "too-large" || found[0].Severity != policy.Error {
		t.Errorf("found %+v", found)
	}
}
