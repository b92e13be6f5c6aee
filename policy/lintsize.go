package policy

import (
	"fmt"
	"unicode/utf8"
)

// quota is how large documents of a kind may be, in characters.
type quota struct {
	characters int
	// dense tells that white space between the tokens of JSON does not count.
	dense bool
}

// The quotas of AWS Organizations and IAM. That of a resource policy is its service's.
var quotas = map[Kind]quota{
	ServiceControlPolicy:  {10_240, false},
	ResourceControlPolicy: {5_120, false},
	EndpointPolicy:        {20_480, false},
	PermissionsBoundary:   {6_144, true},
	SessionPolicy:         {2_048, false},
	IdentityPolicy:        {6_144, true},
	TrustPolicy:           {2_048, true},
	DelegationPolicy:      {40_000, false},
}

// size returns the size of the document as AWS counts it, and how large it may be.
func (l *linter) size() (size, limit int) {
	q := quotas[l.document.Kind]
	if !q.dense {
		return l.document.Size, q.characters
	}
	return utf8.RuneCount(compact(l.text)), q.characters
}

func tooLarge(l *linter) {
	if size, limit := l.size(); limit > 0 && size > limit {
		l.report("", fmt.Sprintf("the document has %d characters, %d more than a %v may have", size, size-limit, l.document.Kind))
	}
}

func nearlyFull(l *linter) {
	if size, limit := l.size(); size <= limit && size*10 > limit*9 {
		l.report("", fmt.Sprintf("the document has %d of %d characters: %d are left", size, limit, limit-size))
	}
}

// longest is how long a statement may be without being hard to read, in bytes.
const longest = 2_000

func longStatement(l *linter, p *place) {
	if length := len(compact(l.text[p.Start.Offset:p.End.Offset])); length > longest {
		l.report(p.path, fmt.Sprintf("%s has %d characters", p.name(), length))
	}
}

func noVersion(l *linter) {
	if l.document.Version == "" {
		l.report("", "the document has no Version")
	}
}

func variableIn2008(l *linter) {
	if l.variables() {
		return
	}
	for _, p := range l.places {
		l.reportVariables(p, p.resources(), p.Resources)
		for c := range p.Conditions {
			l.reportVariables(p, p.condition(&p.Conditions[c]), p.Conditions[c].Values)
		}
	}
}

func (l *linter) reportVariables(p *place, path string, values []string) {
	for i, value := range values {
		if parseTemplate(value, verbatim) != nil {
			l.report(p.value(path, i), quote(value)+" holds a variable that is plain text here")
		}
	}
}
