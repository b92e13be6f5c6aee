package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/espalier-cloud/espalier/policy"
)

// printAnswer prints a decision in a sentence, AWS's sentence for a denial, and the statement that decided.
func printAnswer(w io.Writer, r *policy.Request, a *policy.Explanation) {
	fmt.Fprintf(w, "%s\n", verdict(&a.Decision))
	if message := a.Message(r); message != "" {
		fmt.Fprintf(w, "  %s\n", message)
	}
	if a.Statement >= 0 {
		fmt.Fprintf(w, "  %s\n", statementName(deciding(a)))
	}
}

// verdict says a decision in few words.
func verdict(d *policy.Decision) string {
	by := article(d.Kind)
	at := ""
	if d.Target != "" {
		at = " at " + d.Target
	}
	switch {
	case d.Result == policy.ExplicitDeny:
		return "Denied explicitly by " + by + at
	case d.Result == policy.ImplicitDeny:
		return "Denied implicitly: no " + d.Kind.String() + at + " allows it"
	case d.Kind == 0:
		return "Allowed"
	default:
		return "Allowed by " + by
	}
}

// article returns the name of a kind with its article.
func article(kind policy.Kind) string {
	if kind == policy.IdentityPolicy {
		return "an " + kind.String()
	}
	return "a " + kind.String()
}

// deciding returns the statement that decided.
func deciding(a *policy.Explanation) *policy.StatementReason {
	for i := range a.Filters {
		if a.Filters[i].Kind != a.Kind || a.Filters[i].Target != a.Target {
			continue
		}
		for j := range a.Filters[i].Statements {
			if s := &a.Filters[i].Statements[j]; s.Policy == a.Policy && s.Index == a.Statement {
				return s
			}
		}
	}
	return &policy.StatementReason{Policy: a.Policy, Index: a.Statement}
}

// statementName says which statement it is and where it stands.
func statementName(s *policy.StatementReason) string {
	name := fmt.Sprintf("%s, statement %d", s.Policy, s.Index+1)
	if s.Sid != "" {
		name += " (" + s.Sid + ")"
	}
	lines := fmt.Sprintf(", lines %d-%d", s.Start.Line, s.End.Line)
	if s.Start.Line == s.End.Line {
		lines = fmt.Sprintf(", line %d", s.Start.Line)
	}
	if s.Start.Line == 0 { // RCPFullAWSAccess, which is in no file
		lines = ""
	}
	return name + lines
}

// printReasons prints every part of the evaluation in its order, and in each what became of the statements.
func printReasons(w io.Writer, a *policy.Explanation) {
	for i := range a.Filters {
		f := &a.Filters[i]
		fmt.Fprintf(w, "\n%s: %s\n", filterName(f), filterResult(f))
		for j := range f.Statements {
			printReason(w, &f.Statements[j])
		}
	}
}

func filterName(f *policy.Filter) string {
	if f.Target == "" {
		return f.Kind.String()
	}
	return f.Kind.String() + " at " + f.Target
}

func filterResult(f *policy.Filter) string {
	switch {
	case f.Exempt != "":
		return "does not apply, because " + f.Exempt
	case f.Result == policy.ExplicitDeny:
		return "denies"
	case f.Result == policy.Allowed:
		return "allows"
	default:
		return "does not allow"
	}
}

func printReason(w io.Writer, s *policy.StatementReason) {
	mark, applies := " ", "does not apply"
	if s.Matched {
		mark, applies = map[policy.Effect]string{policy.Allow: "+", policy.Deny: "-"}[s.Effect], "applies"
	}
	fmt.Fprintf(w, "  %s %s: %v %s\n", mark, statementName(s), s.Effect, applies)
	if m := s.Mismatch; m != nil {
		printMismatch(w, m)
	}
}

// printMismatch prints the element that did not fit, with both sides below each other.
func printMismatch(w io.Writer, m *policy.Mismatch) {
	element := m.Element
	if m.Key != "" {
		element += " " + m.Operator + " " + m.Key
	}
	if m.Invalid {
		element += ", which cannot be evaluated: an operand is not an ARN"
	}
	request := shorten(m.Request)
	if m.Absent {
		request = "(absent)"
	}
	fmt.Fprintf(w, "      %s\n        policy   %s\n        request  %s\n", element, shorten(m.Policy), request)
}

// shorten lists values, the first of many.
func shorten(values []string) string {
	const most = 6
	if len(values) > most+1 {
		return fmt.Sprintf("%s and %d more", strings.Join(values[:most], ", "), len(values)-most)
	}
	return strings.Join(values, ", ")
}

// hint tells what those who see their first implicit denial by a service control policy miss.
func hint(w io.Writer, p *policy.Policies, a *policy.Explanation) {
	if a.Result != policy.ImplicitDeny || a.Kind != policy.ServiceControlPolicy {
		return
	}
	for _, level := range p.ServiceControl.Levels() {
		if level.Target == a.Target && !slices.ContainsFunc(level.Policies.Policies(), allowsAnything) {
			fmt.Fprintf(w, "hint: nothing at %s allows anything. In AWS, FullAWSAccess is attached to every root, unit and account until it is detached: put its document there.\n", level.Target)
		}
	}
}

func allowsAnything(a policy.Attached) bool {
	return slices.ContainsFunc(a.Policy.Document().Statements, func(s policy.Statement) bool { return s.Effect == policy.Allow })
}
