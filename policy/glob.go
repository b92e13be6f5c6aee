package policy

import (
	"strings"
	"unicode/utf8"
)

// The wildcards of a compiled pattern. These bytes occur in no UTF-8 text, so that a "*" or "?" that
// a policy variable brings along stays an ordinary character.
const (
	anyRun  = 0xfe // "*"
	anyChar = 0xff // "?"
)

// wildcards turns the wildcards of a pattern's text into marks.
func wildcards(text string) string {
	return strings.ReplaceAll(markAnyChar(text), "*", anyRunText)
}

func markAnyChar(text string) string { return strings.ReplaceAll(text, "?", anyCharText) }

const (
	anyRunText  = "\xfe"
	anyCharText = "\xff"
)

// firstWildcard returns where the first wildcard of a pattern's text is, and -1 when there is none.
func firstWildcard(text string) int {
	star := strings.IndexByte(text, '*')
	if star < 0 {
		return strings.IndexByte(text, '?')
	}
	if first := strings.IndexByte(text[:star], '?'); first >= 0 {
		return first
	}
	return star
}

// glob is a pattern with the wildcards "*", any run of characters, and "?", one character. It is
// read as split at its stars: a value must begin with the first piece, end with the last, and hold
// those of the middle in between, in order. Taking the first place where a piece fits is always
// right, so nothing is ever tried twice. Policies hold very many patterns: one is as small as can be.
type glob struct {
	text        string // in which anyChar stands for "?"
	first, last int32  // the lengths of the pieces before the first and after the last star
	min         int32  // the length in bytes of the shortest value that matches
	star        byte   // the byte that stands for "*" in text; 0 when there is none
	anyChars    bool   // some piece holds anyChar
}

// anyText is the pattern "*".
var anyText = newGlob("*")

// newGlob compiles the text of a pattern.
func newGlob(text string) glob { return markedGlob(markAnyChar(text), "*") }

// markedGlob compiles a pattern whose "?" are marked and whose stars are as given.
func markedGlob(text, star string) glob {
	g := glob{text: text, min: int32(len(text)), anyChars: strings.IndexByte(text, anyChar) >= 0}
	first := strings.IndexByte(text, star[0])
	if first < 0 {
		g.first = g.min
		return g
	}
	g.star, g.first, g.last = star[0], int32(first), g.min-1-int32(strings.LastIndexByte(text, star[0]))
	g.min -= int32(strings.Count(text, star))
	return g
}

// matchMarked tells whether a value fits a pattern with marks for wildcards.
func matchMarked(pattern, value string, f *finder) bool {
	g := markedGlob(pattern, anyRunText)
	return g.match(value, f)
}

// match tells whether a value fits the pattern.
func (g *glob) match(value string, f *finder) bool {
	if len(value) < int(g.min) {
		return false
	}
	lo, hi, ok := 0, len(value), true
	if g.first|g.last != 0 {
		lo, hi, ok = g.ends(value)
	}
	if !ok || g.star == 0 {
		return ok && lo == hi
	}
	for rest := g.text[g.first+1 : len(g.text)-int(g.last)]; rest != ""; { // pieces with a star behind each
		end := 0
		for rest[end] != g.star { // not far: half of a hostile pattern are stars
			end++
		}
		if end > 0 {
			if lo = f.after(value, lo, hi, rest[:end]); lo < 0 {
				return false
			}
		}
		rest = rest[end+1:]
	}
	return true
}

// ends fits the pieces before the first and after the last star, and returns what is in between.
func (g *glob) ends(value string) (lo, hi int, ok bool) {
	first, last := g.text[:g.first], g.text[len(g.text)-int(g.last):]
	if !g.anyChars {
		return len(first), len(value) - len(last), strings.HasPrefix(value, first) && strings.HasSuffix(value, last)
	}
	lo, ok = leads(value, first)
	if !ok {
		return 0, 0, false
	}
	n, ok := trails(value[lo:], last)
	return lo, len(value) - n, ok
}

// leads tells whether a value begins with a piece, and how many bytes of it do.
func leads(value, piece string) (int, bool) {
	at := 0
	for i := range len(piece) {
		if at == len(value) {
			return 0, false
		}
		switch piece[i] {
		case value[at]:
			at++
		case anyChar:
			_, size := utf8.DecodeRuneInString(value[at:])
			at += size
		default:
			return 0, false
		}
	}
	return at, true
}

// trails tells whether a value ends with a piece, and how many bytes of it do.
func trails(value, piece string) (int, bool) {
	at := len(value)
	for i := len(piece) - 1; i >= 0; i-- {
		if at == 0 {
			return 0, false
		}
		if piece[i] == anyChar {
			_, size := utf8.DecodeLastRuneInString(value[:at])
			at -= size
			continue
		}
		at--
		if piece[i] != value[at] {
			return 0, false
		}
	}
	return len(value) - at, true
}
