package policy

import (
	"slices"
	"strings"
)

// KnowingOnly returns the document for requests of which only some condition keys are told. What
// depends on another key, by a condition or by a policy variable, is on the safe side: an Allow that
// does is left out, and in a Deny such a condition is taken to hold and such a resource to be any.
// The statements count anew.
func (d *Document) KnowingOnly(keys ...string) *Document {
	p := partial{keys: map[string]bool{}, variables: d.Version == Version2012}
	for _, key := range keys {
		p.keys[strings.ToLower(key)] = true
	}
	known := *d
	known.Statements = nil
	for _, s := range d.Statements {
		conditions := slices.DeleteFunc(slices.Clone(s.Conditions), p.open)
		anyResource := slices.ContainsFunc(s.Resources, p.openText)
		if s.Effect == Allow && (anyResource || len(conditions) < len(s.Conditions)) {
			continue
		}
		if s.Conditions = conditions; anyResource {
			s.Resources, s.NotResource = []string{"*"}, false
		}
		known.Statements = append(known.Statements, s)
	}
	return &known
}

// partial is what is known of requests.
type partial struct {
	keys      map[string]bool // in lower case
	variables bool            // the document may have policy variables
}

// open tells whether a condition depends on what is not known.
func (p partial) open(c Condition) bool {
	return !p.keys[strings.ToLower(c.Key)] || slices.ContainsFunc(c.Values, p.openText)
}

func (p partial) openText(text string) bool {
	return p.variables && slices.ContainsFunc(parseTemplate(text, verbatim), func(f fragment) bool {
		return f.variable && !p.keys[strings.ToLower(f.key.name)]
	})
}
