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

// glob is a pattern with the wildcards "*", any run of characters, and "?", one character. It is
// kept split at its stars: a value must begin with first, end with last, and hold the pieces of
// mid in between, in order. Taking the first place where a piece fits is always right, so nothing
// is ever tried twice.
type glob struct {
	first, last string
	mid         []string
	min         int32 // the length in bytes of the shortest value that matches
	star        bool  // there is at least one star; otherwise first is the whole pattern
	anyChars    bool  // some piece holds anyChar
}

// newGlob compiles the text of a pattern.
func newGlob(text string) glob {
	g, _ := splitGlob(markAnyChar(text), "*", nil)
	return g
}

// splitGlob compiles a pattern whose "?" are marked and whose stars are as given. The pieces between
// its stars are appended to mid, which is returned for the next use of its memory.
func splitGlob(pattern, star string, mid []string) (glob, []string) {
	var g glob
	var rest string
	g.anyChars = strings.IndexByte(pattern, anyChar) >= 0
	g.first, rest, g.star = strings.Cut(pattern, star)
	g.min = int32(len(g.first))
	start := len(mid)
	for more := g.star; more; {
		var piece string
		piece, rest, more = strings.Cut(rest, star)
		g.min += int32(len(piece))
		if !more {
			g.last = piece
		} else if piece != "" {
			mid = append(mid, piece)
		}
	}
	g.mid = mid[start:len(mid):len(mid)]
	return g, mid
}

// everything tells whether the pattern is made of stars.
func (g *glob) everything() bool { return g.star && g.min == 0 }

// match tells whether a value fits the pattern.
func (g *glob) match(value string, f *finder) bool {
	if len(value) < int(g.min) {
		return false
	}
	lo, hi, ok := g.ends(value)
	if !ok || !g.star {
		return ok && lo == hi
	}
	for _, piece := range g.mid {
		if lo = f.after(value, lo, hi, piece); lo < 0 {
			return false
		}
	}
	return true
}

// ends fits the pieces before the first and after the last star, and returns what is in between.
func (g *glob) ends(value string) (lo, hi int, ok bool) {
	if !g.anyChars {
		return len(g.first), len(value) - len(g.last), strings.HasPrefix(value, g.first) && strings.HasSuffix(value, g.last)
	}
	lo, ok = leads(value, g.first)
	if !ok {
		return 0, 0, false
	}
	n, ok := trails(value[lo:], g.last)
	return lo, len(value) - n, ok
}

// leads tells whether a value begins with a piece, and how many bytes of it do.
func leads(value, piece string) (int, bool) {
	at := 0
	for i := range len(piece) {
		if at == len(value) {
			return 0, false
		}
		if piece[i] == anyChar {
			_, size := utf8.DecodeRuneInString(value[at:])
			at += size
			continue
		}
		if piece[i] != value[at] {
			return 0, false
		}
		at++
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
