package org

import (
	"path"
	"strings"
	"testing"
)

func TestMatches(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{"", "", true}, {"", "a", false}, {"*", "", true}, {"*", "abc", true}, {"a", "a", true}, {"a", "ab", false},
		{"a*", "abc", true}, {"*c", "abc", true}, {"a*c", "abc", true}, {"a*c", "ac", true}, {"a*a", "a", false},
		{"a*b*c", "a-b-c", true}, {"a*b*c", "a-c-b", false}, {"*b*b*", "b", false}, {"**", "", true}, {"a**b", "ab", true},
		{"?", "a", true}, {"?", "", false}, {"a?c", "abc", true}, {"*a?c*", "xxabcxx", true}, {"*?", "", false}, {"*?*?*", "ab", true},
	} {
		if got := matches(c.pattern, c.text); got != c.want {
			t.Errorf("%q matches %q: %v", c.pattern, c.text, got)
		}
	}
}

// FuzzMatches compares with the standard library's patterns, which have the
// same two wildcards.
func FuzzMatches(f *testing.F) {
	f.Add("a*b?c", "aXXbYc")
	f.Add("*a*b*", "ab")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if strings.ContainsAny(pattern, `[]\`) || strings.Contains(text, "/") || !ascii(pattern) || !ascii(text) || len(pattern) > 30 {
			t.Skip("the standard library means something else")
		}
		want, err := path.Match(pattern, text)
		must(t, err)
		if got := matches(pattern, text); got != want {
			t.Errorf("%q matches %q: %v, want %v", pattern, text, got, want)
		}
	})
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= 0x80 })
}
