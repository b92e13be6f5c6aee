package policy

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestExplanationInJSON(t *testing.T) {
	want := []Filter{
		{Kind: ServiceControlPolicy, Target: "r-abcd", Result: ExplicitDeny, Statements: []StatementReason{
			{Policy: "p", Index: 1, Sid: "S", Effect: Deny, Start: Position{Line: 1, Column: 2}, End: Position{Line: 3, Column: 4}, Matched: true},
			{Policy: "q", Effect: Allow, Mismatch: &Mismatch{Element: "Condition", Operator: "Bool", Key: "k", Policy: []string{"true"}, Absent: true}},
		}},
		{Kind: IdentityPolicy, Exempt: "root user", Result: Allowed},
	}
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	const is = `[{"kind":"service control policy","target":"r-abcd","result":"ExplicitDeny","statements":[` +
		`{"policy":"p","index":1,"sid":"S","effect":"Deny","start":{"line":1,"column":2},"end":{"line":3,"column":4},"matched":true},` +
		`{"policy":"q","index":0,"effect":"Allow","matched":false,"mismatch":{"element":"Condition","operator":"Bool","key":"k","policy":["true"],"absent":true}}]},` +
		`{"kind":"identity-based policy","exempt":"root user","result":"Allowed"}]`
	if diff := cmp.Diff(is, string(text)); diff != "" {
		t.Error(diff)
	}
	var back []Filter
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, back); diff != "" {
		t.Error(diff)
	}
	if err := json.Unmarshal([]byte(`[{"kind":"policy"}]`), &back); err == nil {
		t.Error("there is a kind without a name")
	}
	var severity Severity
	if err := json.Unmarshal([]byte(`"warning"`), &severity); err != nil || severity != Warning {
		t.Errorf("read %v (%v)", severity, err)
	}
}
