package main

import "github.com/espalier-cloud/espalier/policy"

// answerDocument is a decision as --format json prints it.
type answerDocument struct {
	Decision  policy.Result   `json:"decision"`
	Kind      policy.Kind     `json:"kind,omitzero"`
	Target    string          `json:"target,omitzero"`
	Policy    string          `json:"policy,omitzero"`
	Statement *int            `json:"statement,omitzero"` // from 0
	Message   string          `json:"message,omitzero"`
	Filters   []policy.Filter `json:"filters,omitzero"`
}

// answerJSON returns what is to be printed of an answer, with or without its reasons.
func answerJSON(r *policy.Request, a *policy.Explanation, reasons bool) answerDocument {
	d := answerDocument{Decision: a.Result, Kind: a.Kind, Target: a.Target, Policy: a.Policy, Message: a.Message(r)}
	if a.Statement >= 0 {
		d.Statement = &a.Statement
	}
	if reasons {
		d.Filters = a.Filters
	}
	return d
}
