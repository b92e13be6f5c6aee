package identity

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// The bounds of session tags (IAM user guide, "Pass session tags in AWS STS"), in characters.
const (
	maxSessionTags = 50
	maxTagKey      = 128
	maxTagValue    = 256
)

// sessionTags returns the tags of a session and the keys of those that are transitive: what the caller's session hands
// on, which nobody can change, and what is asked for.
func sessionTags(by Caller, asked []Tag, transitive []string) ([]Tag, []string, error) {
	inherited, keys := by.inheritedTags(), slices.Clone(by.TransitiveTagKeys)
	for i, t := range asked {
		switch {
		case slices.ContainsFunc(asked[:i], sameKey(t.Key)):
			return nil, nil, refuse(InvalidParameterValue, "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
		case slices.ContainsFunc(inherited, sameKey(t.Key)):
			return nil, nil, refuse(InvalidParameterValue, "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.")
		case strings.HasPrefix(nameKey(t.Key), "aws:"):
			return nil, nil, refuse(InvalidParameterValue, "Tag keys starting with aws: are reserved for internal use.")
		case t.Key == "" || utf8.RuneCountInString(t.Key) > maxTagKey || utf8.RuneCountInString(t.Value) > maxTagValue:
			return nil, nil, refuse(ValidationError, "A session tag has a key of 1 to %d characters and a value of at most %d.", maxTagKey, maxTagValue)
		}
	}
	tags := append(inherited, asked...)
	if len(tags) > maxSessionTags {
		return nil, nil, refuse(ValidationError, "A session has at most %d tags, with those that it inherits.", maxSessionTags)
	}
	for _, key := range transitive {
		if !slices.ContainsFunc(asked, sameKey(key)) {
			return nil, nil, refuse(InvalidParameterValue, "The specified transitive tag key must be included in the requested tags.")
		}
		if !slices.ContainsFunc(keys, func(other string) bool { return strings.EqualFold(other, key) }) {
			keys = append(keys, key)
		}
	}
	return tags, keys, nil
}

// inheritedTags returns the tags that sessions begun by the caller inherit.
func (c *Caller) inheritedTags() []Tag {
	var tags []Tag
	for _, key := range c.TransitiveTagKeys {
		if i := slices.IndexFunc(c.SessionTags, sameKey(key)); i >= 0 {
			tags = append(tags, c.SessionTags[i])
		}
	}
	return tags
}
