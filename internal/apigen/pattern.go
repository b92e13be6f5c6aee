package main

import (
	"fmt"
	"regexp"
	"strings"
)

// rewrites holds the patterns that cannot be said in Go's syntax word by word, with an equivalent.
var rewrites = map[string]string{
	// A hyphen may not follow a hyphen. The length is a constraint of its own, 3 to 63.
	`^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$`: `[a-z0-9](-?[a-z0-9])+`,
}

// supplementary is how the models write the code points above U+FFFF, which is not what a regular
// expression of theirs would take it for.
const supplementary = `\u10000-\u10FFFF`

var codePoint = regexp.MustCompile(`\\u([0-9A-Fa-f]{4})`)

// expression translates a pattern of a model to Go's syntax. It returns "" for a pattern that
// every string matches.
func expression(pattern string) (string, error) {
	if rewritten, ok := rewrites[pattern]; ok {
		return rewritten, nil
	}
	if pattern == `[\s\S]*` {
		return "", nil
	}
	e := strings.ReplaceAll(pattern, supplementary, `\x{10000}-\x{10FFFF}`)
	e = codePoint.ReplaceAllString(e, `\x{$1}`)
	if _, err := regexp.Compile(e); err != nil {
		return "", fmt.Errorf("pattern %s: %w", pattern, err)
	}
	return e, nil
}

// matchesEmpty reports whether the whole pattern matches the empty string.
func matchesEmpty(expression string) bool {
	return regexp.MustCompile(`\A(?:` + expression + `)\z`).MatchString("")
}
