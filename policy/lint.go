package policy

import (
	"cmp"
	"errors"
	"slices"
)

// Severity is how much a [Finding] matters.
type Severity int

// The severities.
const (
	// Note is worth knowing, and may well be meant.
	Note Severity = iota + 1
	// Warning is most likely not what was meant.
	Warning
	// Error is refused by AWS.
	Error
)

var severityNames = [...]string{Note: "note", Warning: "warning", Error: "error"}

// String returns "note", "warning" or "error".
func (s Severity) String() string { return severityNames[s] }

// Finding is one thing that a document most likely should not say.
type Finding struct {
	Rule     string   `json:"rule"` // the id of the [LintRule], such as "redundant-statement"
	Severity Severity `json:"severity"`
	Path     string   `json:"path"` // a JSON pointer to the value that it is about, such as /Statement/0/Action/2
	// Start and End enclose that value in the text. End is Start where only a place is known.
	Start   Position `json:"start"`
	End     Position `json:"end"`
	Message string   `json:"message"`       // what is wrong with this value
	Help    string   `json:"help,omitzero"` // what to do about it; "" when the message says it
}

// LintRule is one thing that [Lint] looks for.
type LintRule struct {
	ID       string
	Severity Severity
	Doc      string // what it finds, in one sentence
	Help     string // what to do about it

	document  func(*linter)
	statement func(*linter, *place)
	condition func(*linter, *place, *Condition)
}

// LintOptions say what [Lint] shall look for. The zero LintOptions are good.
type LintOptions struct {
	// Actions are the actions that exist; nil stands for those that this package knows.
	Actions *Actions
	// BreakGlass are the roles that no organization policy may lock out, by the pattern of their name,
	// such as "BreakGlass*", or of their ARN.
	BreakGlass []string
	// Disabled are the ids of rules that shall not be applied.
	Disabled []string
}

// LintRules returns everything that [Lint] looks for. The first rule is the one of texts that are no
// document of their kind.
func LintRules() []LintRule { return slices.Clone(lintRules) }

// Lint tells what is wrong with a text that shall be a document of a kind, in the order of the text.
// A text that [Parse] refuses has its defects as findings; in any other, Lint looks for what is legal
// and yet most likely not meant. What it says of statements is never guessed: a statement that it
// calls redundant or unreachable can be left out without changing any decision.
func Lint(kind Kind, text []byte, options LintOptions) []Finding {
	l := &linter{text: text, options: options, effort: lintEffort}
	d, err := Parse(kind, text)
	if err != nil {
		return l.defects(err)
	}
	if l.options.Actions == nil {
		l.options.Actions = KnownActions()
	}
	l.document = d
	l.spans = readSpans(text)
	l.places = findPlaces(d, l.spans)
	for i := range lintRules {
		if l.rule = &lintRules[i]; !slices.Contains(options.Disabled, l.rule.ID) {
			l.apply()
		}
	}
	slices.SortStableFunc(l.findings, func(a, b Finding) int { return cmp.Compare(a.Start.Offset, b.Start.Offset) })
	return l.findings
}

// linter looks through one document.
type linter struct {
	text     []byte
	document *Document
	options  LintOptions
	spans    map[string]span
	places   []*place  // of the statements
	rule     *LintRule // the one that is being applied
	findings []Finding
	effort   int // what comparing patterns may still cost
}

// lintEffort bounds the work for a text far larger than any that AWS takes, in comparisons.
const lintEffort = 2_000_000

// maxFindings is how many findings of one rule are reported. Nobody reads more.
const maxFindings = 100

// defects reports what Parse refused.
func (l *linter) defects(err error) []Finding {
	defects, _ := errors.AsType[Defects](err)
	l.rule = &lintRules[0]
	for _, d := range defects {
		message := d.Problem
		if d.Expected != "" {
			message += "; expected " + d.Expected
		}
		l.add(d.Path, span{d.Position, d.Position}, message)
	}
	return l.findings
}

// apply applies a rule to the document, to each statement or to each condition, as it wants.
func (l *linter) apply() {
	before := len(l.findings)
	if l.rule.document != nil {
		l.rule.document(l)
	}
	for _, p := range l.places {
		if l.rule.statement != nil {
			l.rule.statement(l, p)
		}
		for c := range p.Conditions {
			if l.rule.condition != nil {
				l.rule.condition(l, p, &p.Conditions[c])
			}
		}
		if len(l.findings)-before > maxFindings {
			l.findings = l.findings[:before+maxFindings]
			return
		}
	}
}

// report adds a finding about the value that a path leads to.
func (l *linter) report(path, message string) { l.add(path, l.spans[path], message) }

func (l *linter) add(path string, at span, message string) {
	l.findings = append(l.findings, Finding{
		Rule: l.rule.ID, Severity: l.rule.Severity, Help: l.rule.Help,
		Path: path, Start: at.start, End: at.end, Message: message,
	})
}

// variables tells whether policy variables have a meaning in the document.
func (l *linter) variables() bool { return l.document.Version == Version2012 }
