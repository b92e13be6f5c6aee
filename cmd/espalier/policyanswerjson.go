package main

import "github.com/espalier-cloud/espalier/policy"

// answerDocument is a decision as --format json prints it.
type answerDocument struct {
	Decision  string           `json:"decision"`
	Kind      string           `json:"kind,omitempty"`
	Level     string           `json:"level,omitempty"`
	Policy    string           `json:"policy,omitempty"`
	Statement *int             `json:"statement,omitempty"` // from 0
	Message   string           `json:"message,omitempty"`
	Filters   []filterDocument `json:"filters,omitempty"`
}

type filterDocument struct {
	Kind       string              `json:"kind"`
	Level      string              `json:"level,omitempty"`
	Exempt     string              `json:"exempt,omitempty"`
	Result     string              `json:"result"`
	Statements []statementDocument `json:"statements"`
}

type statementDocument struct {
	Policy   string            `json:"policy"`
	Index    int               `json:"index"`
	Sid      string            `json:"sid,omitempty"`
	Effect   string            `json:"effect"`
	Start    positionJSON      `json:"start"`
	End      positionJSON      `json:"end"`
	Matched  bool              `json:"matched"`
	Mismatch *mismatchDocument `json:"mismatch,omitempty"`
}

type mismatchDocument struct {
	Element  string   `json:"element"`
	Operator string   `json:"operator,omitempty"`
	Key      string   `json:"key,omitempty"`
	Policy   []string `json:"policy"`
	Request  []string `json:"request,omitempty"`
	Absent   bool     `json:"absent,omitempty"`
	Invalid  bool     `json:"invalid,omitempty"`
}

// answerJSON returns what is to be printed of an answer, with or without its reasons.
func answerJSON(r *policy.Request, a *policy.Explanation, reasons bool) answerDocument {
	d := answerDocument{Decision: a.Result.String(), Level: a.Target, Policy: a.Policy, Message: a.Message(r)}
	if a.Kind != 0 {
		d.Kind = a.Kind.String()
	}
	if a.Statement >= 0 {
		d.Statement = &a.Statement
	}
	if !reasons {
		return d
	}
	for _, f := range a.Filters {
		filter := filterDocument{Kind: f.Kind.String(), Level: f.Target, Exempt: f.Exempt, Result: f.Result.String(), Statements: []statementDocument{}}
		for _, s := range f.Statements {
			filter.Statements = append(filter.Statements, statementDocument{
				Policy: s.Policy, Index: s.Index, Sid: s.Sid, Effect: s.Effect.String(), Matched: s.Matched,
				Start: positionJSON{s.Start.Line, s.Start.Column}, End: positionJSON{s.End.Line, s.End.Column},
				Mismatch: mismatchJSON(s.Mismatch),
			})
		}
		d.Filters = append(d.Filters, filter)
	}
	return d
}

func mismatchJSON(m *policy.Mismatch) *mismatchDocument {
	if m == nil {
		return nil
	}
	return &mismatchDocument{m.Element, m.Operator, m.Key, m.Policy, m.Request, m.Absent, m.Invalid}
}
