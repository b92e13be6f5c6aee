package api

import (
	"regexp"
	"sync"
)

// TextRule is what the model says about the strings of one shape.
type TextRule struct {
	Shape     string
	Min       int64    // least number of code points
	Max       int64    // greatest number of code points; 0 is no limit
	Pattern   *Regexp  // nil is no pattern
	Enum      []string // nil when any value is legal
	Sensitive bool     // values must not be repeated to anyone
}

// IntegerRule is what the model says about the numbers of one shape. Both limits are inclusive.
type IntegerRule struct {
	Shape    string
	Min, Max int64
}

// ListRule is what the model says about the length of the lists, or the maps, of one shape.
type ListRule struct {
	Shape string
	Min   int64
	Max   int64 // 0 is no limit
}

// Regexp is a pattern of the model, compiled when it is first needed.
type Regexp struct {
	source  string
	compile func() *regexp.Regexp
}

// NewRegexp returns the pattern that the model writes as source. Expression is the same in Go's
// syntax; a value matches when the expression matches the whole of it.
func NewRegexp(source, expression string) *Regexp {
	compile := func() *regexp.Regexp { return regexp.MustCompile(`\A(?:` + expression + `)\z`) }
	return &Regexp{source: source, compile: sync.OnceValue(compile)}
}

// Matches reports whether the whole value matches.
func (r *Regexp) Matches(value string) bool { return r.compile().MatchString(value) }

// String returns the pattern as the model writes it.
func (r *Regexp) String() string { return r.source }
