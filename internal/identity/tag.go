package identity

import (
	"slices"
	"strings"
)

// Tag is a key and a value attached to an entity or a session.
type Tag struct {
	Key   string `json:"k"`
	Value string `json:"v"`
}

// Pair returns the key and the value.
func (t Tag) Pair() (key, value string) { return t.Key, t.Value }

// Tag gives tags to a user or role; a tag whose key it has, case apart, is replaced. It refuses a name that does not
// exist as NoSuchEntity, a key given twice or one that is AWS's own as InvalidInput, and more tags than it can have as
// LimitExceeded. Service-linked roles have tags, too.
func (d *Draft) Tag(of Ref, tags []Tag) error {
	return d.edit(of, func(e *Entity) (err error) {
		e.Tags, err = d.tagged(e.Tags, tags)
		return err
	})
}

// Untag takes tags from a user or role; keys that it does not have are ignored. It refuses a name that does not exist as
// NoSuchEntity.
func (d *Draft) Untag(of Ref, keys []string) error {
	return d.edit(of, func(e *Entity) error {
		e.Tags = untagged(e.Tags, keys)
		return nil
	})
}

// tagged returns tags with more tags.
func (d *Draft) tagged(tags, more []Tag) ([]Tag, error) {
	all := slices.Clone(tags)
	for i, t := range more {
		if strings.HasPrefix(nameKey(t.Key), "aws:") {
			return tags, refuse(InvalidInput, "Tag keys starting with aws: are reserved for internal use.")
		}
		if slices.ContainsFunc(more[:i], sameKey(t.Key)) {
			return tags, refuse(InvalidInput, "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
		}
		if at := slices.IndexFunc(all, sameKey(t.Key)); at >= 0 {
			all[at] = t
		} else {
			all = append(all, t)
		}
	}
	if len(all) > d.quotas.Tags {
		return tags, refuse(LimitExceeded, "The number of tags has reached the maximum limit.")
	}
	return all, nil
}

// untagged returns tags without those of some keys.
func untagged(tags []Tag, keys []string) []Tag {
	rest := slices.DeleteFunc(slices.Clone(tags), func(t Tag) bool {
		return slices.ContainsFunc(keys, func(key string) bool { return strings.EqualFold(key, t.Key) })
	})
	if len(rest) == 0 {
		return nil
	}
	return rest
}

func sameKey(key string) func(Tag) bool {
	return func(t Tag) bool { return strings.EqualFold(t.Key, key) }
}
