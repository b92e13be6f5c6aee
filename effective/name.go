package effective

import (
	"cmp"
	"encoding/binary"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// name is the name of a member of a policy. Members are matched without regard
// to case, between policies and within one.
type name struct {
	rank   uint64 // the first bytes of folded: it decides most comparisons
	folded string
	text   string // as the effective policy spells it
	quoted string // text in JSON, with the colon behind it
}

func newName(folded, text string) *name {
	var first [8]byte
	copy(first[:], folded)
	return &name{binary.BigEndian.Uint64(first[:]), folded, text, quote(text) + ":"}
}

// fold returns the form in which names are compared.
func fold(s string) string { return strings.ToLower(s) }

func compareNames(a, b *name) int {
	if a == b {
		return 0
	}
	if c := cmp.Compare(a.rank, b.rank); c != 0 {
		return c
	}
	return strings.Compare(a.folded, b.folded)
}

// quote returns a string as a JSON string. There is one way to write each, so
// quoted strings are equal when what they stand for is.
func quote(s string) string {
	quoted, _ := jsontext.AppendQuote(nil, s) // fails for invalid UTF-8 only, which it replaces
	return string(quoted)
}

// unquote returns what a quoted string stands for.
func unquote(quoted string) string {
	s, _ := jsontext.AppendUnquote(nil, quoted) // what quote wrote is valid
	return string(s)
}
