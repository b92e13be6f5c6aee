package policy

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed conditionkeys.tsv
var conditionKeysText string

// keyValues is how many values a request has for a condition key.
type keyValues int

const (
	unknownKey keyValues = iota
	oneValue
	manyValues
)

// conditionKeys are the condition keys that the linter knows, in lower case: see the text.
var conditionKeys = sync.OnceValue(func() map[string]keyValues {
	keys := map[string]keyValues{}
	for line := range strings.Lines(conditionKeysText) {
		if key, values, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok {
			keys[strings.ToLower(key)] = oneValue
			if values == "many" {
				keys[strings.ToLower(key)] = manyValues
			}
		}
	}
	return keys
})

// valuesOf returns how many values a request has for a key.
func valuesOf(key string) keyValues {
	key = strings.ToLower(key)
	if head, tag, ok := strings.Cut(key, "/"); ok && tag != "" {
		key = head + "/"
	}
	return conditionKeys()[key]
}

// isKey tells whether a condition is about a key.
func (c *Condition) isKey(key string) bool { return strings.EqualFold(c.Key, key) }
