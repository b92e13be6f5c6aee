package policy

import (
	"math"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestGlob(t *testing.T) {
	tests := []struct {
		pattern, value string
		want           bool
	}{
		{"", "", true},
		{"", "a", false},
		{"a", "a", true},
		{"a", "A", false},
		{"*", "", true},
		{"*", "anything", true},
		{"**", "anything", true},
		{"a*", "a", true},
		{"a*", "ba", false},
		{"*a", "ba", true},
		{"*a", "ab", false},
		{"a*a", "a", false},
		{"a*a", "aa", true},
		{"a*b*c", "a-b-b-c", true},
		{"a*b*c", "a-c-b", false},
		{"*ab*ab*", "abab", true},
		{"*ab*ab*", "abb", false},
		{"?", "a", true},
		{"?", "", false},
		{"?", "é", true},
		{"??", "é", false},
		{"a?c*", "abcd", true},
		{"*?c", "c", false},
		{"*?c", "bc", true},
		{"*é?*", "née", true},
		{"*é?*", "né", false},
		{"*a?b*", "aab", true},
		{"*a?b*", "ab-aab", true},
	}
	for _, tt := range tests {
		g := newGlob(tt.pattern)
		if got := g.match(tt.value, new(finder)); got != tt.want {
			t.Errorf("%q matches %q: %v, want %v", tt.pattern, tt.value, got, tt.want)
		}
	}
}

// impatient returns a finder that makes an index of a value at once.
func impatient(value string) *finder {
	f := &finder{searches: new(searches)}
	f.searches.of(value).effort = math.MaxInt32
	return f
}

// TestGlobIsRegexp compares the matcher with regular expressions, by plain search and by the index
// of a value's bytes.
func TestGlobIsRegexp(t *testing.T) {
	pattern := rapid.StringOfN(rapid.SampledFrom([]rune("ab*?é*")), 0, 12, -1)
	value := rapid.StringOfN(rapid.SampledFrom([]rune("aabbé")), 0, 150, -1)
	rapid.Check(t, func(t *rapid.T) {
		p, v := pattern.Draw(t, "pattern"), value.Draw(t, "value")
		quoted := strings.NewReplacer(`\*`, `(?s:.*)`, `\?`, `(?s:.)`).Replace(regexp.QuoteMeta(p))
		want := regexp.MustCompile(`\A` + quoted + `\z`).MatchString(v)
		g := newGlob(p)
		if got := g.match(v, new(finder)); got != want {
			t.Fatalf("%q matches %q by search: %v, want %v", p, v, got, want)
		}
		f := impatient(v)
		defer f.release()
		if got := g.match(v, f); got != want {
			t.Fatalf("%q matches %q by index: %v, want %v", p, v, got, want)
		}
	})
}

// FuzzGlob looks for a pattern that its own text, with the wildcards filled in, does not match, and
// for a difference between plain and indexed search.
func FuzzGlob(f *testing.F) {
	f.Add("a*b?c", "xyz")
	f.Add("*é?", "aéb")
	f.Fuzz(func(t *testing.T, pattern, filling string) {
		pattern, filling = valid(pattern), valid(filling)
		g := newGlob(pattern)
		value := strings.NewReplacer("*", filling, "?", "x").Replace(pattern)
		if !g.match(value, new(finder)) {
			t.Errorf("%q does not match %q", pattern, value)
		}
		f := impatient(filling)
		defer f.release()
		if g.match(filling, f) != g.match(filling, new(finder)) {
			t.Errorf("%q matches %q by one search only", pattern, filling)
		}
	})
}

// TestFinderChangesValue lets one finder go from value to value, on both sides of its patience.
func TestFinderChangesValue(t *testing.T) {
	f := new(finder)
	defer f.release()
	g := newGlob("*ab*cd*")
	long := strings.Repeat("a", 3000)
	for range 20 {
		if g.match(long, f) || !g.match(long+"ab"+"cd", f) || !g.match("abcd", f) || g.match("cdab", f) {
			t.Fatal("a finder that was used before finds something else")
		}
	}
}

// TestFinderOfManyCharacters: a long value of very many different characters is searched without places,
// which would take gigabytes.
func TestFinderOfManyCharacters(t *testing.T) {
	var b strings.Builder
	for r := rune(0x4e00); r < 0x9e00; r++ {
		b.WriteRune(r)
		b.WriteString(strings.Repeat("a", 10))
	}
	value := b.String()
	f := new(finder)
	defer f.release()
	found, missing := newGlob("*中?aa*"), newGlob("*中?ab*")
	for range 10 {
		if !found.match(value, f) || missing.match(value, f) {
			t.Fatal("a long value is searched wrongly")
		}
	}
	if f.search == nil || f.search.index != neverIndex || len(f.search.places.sets) > maxSets {
		t.Errorf("there is an index of a value of %d bytes", len(value))
	}
}
