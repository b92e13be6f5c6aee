package policy

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// lowerText returns the lower case of a text, as the IgnoreCase operators of AWS compare it: each
// character by Unicode's full mapping, with the final form of sigma at the end of a word. It does
// not fold: "ß" and "ss", or "ſ" and "s", stay different.
func lowerText(text string) string {
	return string(appendLower(nil, text))
}

// appendLower appends the lower case of a text.
func appendLower(to []byte, text string) []byte {
	for l := (lowered{text: text}); ; {
		r, ok := l.next()
		if !ok {
			return to
		}
		to = utf8.AppendRune(to, r)
	}
}

// equalLower tells whether two texts are equal in lower case.
func equalLower(a, b string) bool {
	la, lb := lowered{text: a}, lowered{text: b}
	for {
		ra, more := la.next()
		rb, ok := lb.next()
		if ra != rb || more != ok {
			return false
		}
		if !more {
			return true
		}
	}
}

// lowered reads the lower case of a text, character by character.
type lowered struct {
	text string
	at   int
	dot  bool // the combining dot of a capital I with a dot is still to come
}

func (l *lowered) next() (rune, bool) {
	if l.dot {
		l.dot = false
		return '\u0307', true
	}
	if l.at == len(l.text) {
		return 0, false
	}
	at := l.at
	r, size := utf8.DecodeRuneInString(l.text[at:])
	l.at += size
	switch {
	case r == 'İ':
		l.dot = true
		return 'i', true
	case r == 'Σ' && finalSigma(l.text, at):
		return 'ς', true
	}
	return unicode.ToLower(r), true
}

// finalSigma tells whether the sigma at an offset ends a word: a cased letter comes before it and
// none after it, characters that do not count for case aside (Unicode, SpecialCasing.txt).
func finalSigma(text string, at int) bool {
	before := false
	for rest := text[:at]; rest != ""; {
		r, size := utf8.DecodeLastRuneInString(rest)
		rest = rest[:len(rest)-size]
		if !caseIgnorable(r) {
			before = cased(r)
			break
		}
	}
	if !before {
		return false
	}
	for _, r := range text[at+len("Σ"):] {
		if !caseIgnorable(r) {
			return !cased(r)
		}
	}
	return true
}

func cased(r rune) bool {
	return unicode.In(r, unicode.Lu, unicode.Ll, unicode.Lt, unicode.Other_Lowercase, unicode.Other_Uppercase)
}

func caseIgnorable(r rune) bool {
	return strings.ContainsRune("'.:^`¨\u00ad·´¸\u2018\u2019\u2024\u2027\ufe13\ufe52\ufe55\uff07\uff0e\uff1a", r) ||
		unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf, unicode.Lm, unicode.Sk)
}
