package org

import (
	"iter"
	"slices"
	"strings"
)

// Tag is a key and a value on a resource.
type Tag struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// Pair returns the key and the value.
func (t Tag) Pair() (key, value string) { return t.Key, t.Value }

// Tags are the tags of one resource, ordered by key.
type Tags []Tag

// A taggable is an entity that carries tags.
type taggable interface {
	entity
	tagged() Tags
	withTags(Tags) entity // a copy
}

func (r *Root) tagged() Tags                   { return r.Tags }
func (u *OrganizationalUnit) tagged() Tags     { return u.Tags }
func (a *Account) tagged() Tags                { return a.Tags }
func (p *Policy) tagged() Tags                 { return p.Tags }
func (r *ResourcePolicy) tagged() Tags         { return r.Tags }
func (t *ResponsibilityTransfer) tagged() Tags { return t.Tags }

func (r *Root) withTags(tags Tags) entity               { next := *r; next.Tags = tags; return &next }
func (u *OrganizationalUnit) withTags(tags Tags) entity { next := *u; next.Tags = tags; return &next }
func (a *Account) withTags(tags Tags) entity            { next := *a; next.Tags = tags; return &next }
func (p *Policy) withTags(tags Tags) entity             { next := *p; next.Tags = tags; return &next }
func (r *ResourcePolicy) withTags(tags Tags) entity     { next := *r; next.Tags = tags; return &next }
func (t *ResponsibilityTransfer) withTags(tags Tags) entity {
	next := *t
	next.Tags = tags
	return &next
}

// TagsOf lists the tags of a root, unit, account, policy, resource policy or
// responsibility transfer by their keys, from behind the cursor. A policy that AWS manages has none. It
// returns TargetNotFound.
func (o *Organization) TagsOf(id ResourceID, after Cursor) (iter.Seq2[Cursor, Tag], error) {
	resource := o.resource(id)
	if resource == nil {
		return nil, refuse(TargetNotFound)
	}
	return func(yield func(Cursor, Tag) bool) {
		for _, tag := range resource.tagged() {
			if Cursor(tag.Key) > after && !yield(Cursor(tag.Key), tag) {
				return
			}
		}
	}, nil
}

// Tag gives tags to a resource, all or none; a key that it has gets the new
// value. It returns InvalidInput DUPLICATE_TAG_KEY, INVALID_SYSTEM_TAGS_PARAMETER
// or, for a policy that AWS manages, TARGET_NOT_SUPPORTED; TargetNotFound; and
// ConstraintViolation MAX_TAG_LIMIT_EXCEEDED.
func (d *Draft) Tag(id ResourceID, tags Tags) error {
	if err := checkTagKeys(tagKeys(tags)); err != nil {
		return err
	}
	resource, err := d.taggable(id)
	if err != nil {
		return err
	}
	given := tagKeys(tags)
	merged := slices.DeleteFunc(slices.Clone(resource.tagged()), func(old Tag) bool { return slices.Contains(given, old.Key) })
	merged = sortedTags(append(merged, tags...))
	if len(merged) > d.rules.Tags {
		return violate("MAX_TAG_LIMIT_EXCEEDED")
	}
	d.retag(resource, merged)
	return nil
}

// Untag takes the tags with the keys off a resource; keys that it does not have
// are ignored. It returns InvalidInput DUPLICATE_TAG_KEY,
// INVALID_SYSTEM_TAGS_PARAMETER or, for a policy that AWS manages,
// TARGET_NOT_SUPPORTED; and TargetNotFound.
func (d *Draft) Untag(id ResourceID, keys []string) error {
	if err := checkTagKeys(keys); err != nil {
		return err
	}
	resource, err := d.taggable(id)
	if err != nil {
		return err
	}
	rest := slices.DeleteFunc(slices.Clone(resource.tagged()), func(old Tag) bool { return slices.Contains(keys, old.Key) })
	d.retag(resource, rest)
	return nil
}

// retag replaces the tags of a resource, unless they are the same.
func (d *Draft) retag(resource taggable, tags Tags) {
	if !slices.Equal(resource.tagged(), tags) {
		d.put(resource.withTags(tags))
	}
}

// taggable returns the resource whose tags are to be changed.
func (d *Draft) taggable(id ResourceID) (taggable, error) {
	resource := d.resource(id)
	if resource == nil {
		return nil, refuse(TargetNotFound)
	}
	if policy, ok := resource.(*Policy); ok && policy.AWSManaged {
		return nil, invalid("TARGET_NOT_SUPPORTED")
	}
	return resource, nil
}

// resource returns what carries tags under the id, or nil.
func (o *Organization) resource(id ResourceID) taggable {
	var found taggable
	var ok bool
	switch {
	case string(id) == string(o.root.ID):
		return o.root
	case o.resourcePolicy != nil && string(id) == string(o.resourcePolicy.ID):
		return o.resourcePolicy
	case strings.HasPrefix(string(id), "ou-"):
		found, ok = o.units.Get(string(id))
	case strings.HasPrefix(string(id), "p-"):
		found, ok = o.policy(PolicyID(id))
	case strings.HasPrefix(string(id), "rt-"):
		found, ok = o.transfers.Get(string(id))
	default:
		found, ok = o.accounts.Get(string(id))
	}
	if !ok {
		return nil
	}
	return found
}

// newTags returns the tags of a new resource, ordered. It returns InvalidInput
// DUPLICATE_TAG_KEY or INVALID_SYSTEM_TAGS_PARAMETER, and ConstraintViolation
// MAX_TAG_LIMIT_EXCEEDED.
func (d *Draft) newTags(tags Tags) (Tags, error) {
	if err := checkTagKeys(tagKeys(tags)); err != nil {
		return nil, err
	}
	if len(tags) > d.rules.Tags {
		return nil, violate("MAX_TAG_LIMIT_EXCEEDED")
	}
	return sortedTags(tags), nil
}

// checkTagKeys refuses keys that occur twice or are reserved for AWS, in which
// case the prefix counts in upper and lower case:
// https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html.
func checkTagKeys(keys []string) error {
	seen := make(map[string]bool, len(keys))
	for _, key := range keys {
		if seen[key] {
			return invalid("DUPLICATE_TAG_KEY")
		}
		seen[key] = true
	}
	for _, key := range keys {
		if len(key) >= len("aws:") && strings.EqualFold(key[:len("aws:")], "aws:") {
			return invalid("INVALID_SYSTEM_TAGS_PARAMETER")
		}
	}
	return nil
}

func tagKeys(tags Tags) []string {
	keys := make([]string, len(tags))
	for i, tag := range tags {
		keys[i] = tag.Key
	}
	return keys
}

// sortedTags returns the tags ordered by key, in a slice of their own.
func sortedTags(tags Tags) Tags {
	return slices.SortedFunc(slices.Values(tags), func(a, b Tag) int { return strings.Compare(a.Key, b.Key) })
}
