package org

import (
	"fmt"
	"slices"
	"testing"
)

// taggables returns an organization's resources of every kind.
func taggables(t testing.TB, d *Draft) []ResourceID {
	t.Helper()
	put, err := d.PutResourcePolicy(delegating(`"organizations:ListRoots"`), nil)
	must(t, err)
	return []ResourceID{
		ResourceID(d.root.ID), ResourceID(unit(t, d, ParentID(d.root.ID), "unit")), ResourceID(management.ID),
		ResourceID(scp(t, d, "tagged")), ResourceID(put.ID),
	}
}

func tagsOf(t testing.TB, o *Organization, id ResourceID) Tags {
	t.Helper()
	tags, err := o.TagsOf(id, "")
	must(t, err)
	return values(tags)
}

func TestTagEveryKindOfResource(t *testing.T) {
	d := founded(t)
	for _, id := range taggables(t, d) {
		published := d.Fork(d.now)
		must(t, d.Tag(id, Tags{{"b", "1"}, {"a", "1"}}))
		must(t, d.Tag(id, Tags{{"c", ""}, {"b", "2"}}))
		if got, want := tagsOf(t, d.Organization, id), (Tags{{"a", "1"}, {"b", "2"}, {"c", ""}}); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", id, got, want)
		}
		must(t, d.Untag(id, []string{"a", "c", "never there"}))
		if got, want := tagsOf(t, d.Organization, id), (Tags{{"b", "2"}}); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", id, got, want)
		}
		if got := tagsOf(t, published.Organization, id); len(got) != 0 {
			t.Errorf("%s: the tags of what was published changed: %v", id, got)
		}
	}
}

func TestTagsChangeNothingElse(t *testing.T) {
	d := founded(t)
	for _, id := range taggables(t, d) {
		must(t, d.Tag(id, Tags{{"a", "1"}}))
		before := len(d.Changes())
		must(t, d.Tag(id, Tags{{"a", "1"}}))
		must(t, d.Untag(id, []string{"b"}))
		if len(d.Changes()) != before {
			t.Errorf("%s: the same tags are a change", id)
		}
	}
	if n, _ := d.policyCounts.Get(string(ServiceControlPolicy)); n != 1 {
		t.Errorf("%d policies after tagging one", n)
	}
	if !d.DelegatedByPolicy(callBy("arn:aws:iam::222222222222:root", "ListRoots"), Resource{ARN: "*"}) {
		t.Error("tagging the resource policy took its effect")
	}
}

func TestTagRefusals(t *testing.T) {
	d := founded(t)
	root := ResourceID(d.root.ID)
	for name, c := range map[string]struct {
		id     ResourceID
		keys   []string
		kind   Kind
		reason Reason
	}{
		"duplicate":    {root, []string{"a", "b", "a"}, InvalidInput, "DUPLICATE_TAG_KEY"},
		"reserved":     {root, []string{"aws:a"}, InvalidInput, "INVALID_SYSTEM_TAGS_PARAMETER"},
		"reserved too": {root, []string{"AwS:a"}, InvalidInput, "INVALID_SYSTEM_TAGS_PARAMETER"},
		"managed":      {"p-FullAWSAccess", []string{"a"}, InvalidInput, "TARGET_NOT_SUPPORTED"},
		"policy":       {"p-aaaaaaaaaa", []string{"a"}, TargetNotFound, ""},
		"root":         {"r-none", []string{"a"}, TargetNotFound, ""},
		"unit":         {"ou-none-11111111", []string{"a"}, TargetNotFound, ""},
		"account":      {"999999999999", []string{"a"}, TargetNotFound, ""},
		"resource":     {"rp-11111111", []string{"a"}, TargetNotFound, ""},
		"transfer":     {"rt-11111111", []string{"a"}, TargetNotFound, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var tags Tags
			for _, key := range c.keys {
				tags = append(tags, Tag{Key: key})
			}
			refused(t, d.Tag(c.id, tags), c.kind, c.reason)
			refused(t, d.Untag(c.id, c.keys), c.kind, c.reason)
			if c.kind == TargetNotFound {
				_, err := d.TagsOf(c.id, "")
				refused(t, err, TargetNotFound, "")
			}
		})
	}
	if got := tagsOf(t, d.Organization, "p-FullAWSAccess"); len(got) != 0 {
		t.Errorf("a managed policy has tags: %v", got)
	}
}

func TestTagLimitCountsAfterMerging(t *testing.T) {
	d := founded(t)
	var tags Tags
	for i := range d.rules.Tags {
		tags = append(tags, Tag{Key: fmt.Sprint(i), Value: "old"})
	}
	ou, err := d.CreateOrganizationalUnit(ParentID(d.root.ID), "unit", tags)
	must(t, err)
	must(t, d.Tag(ResourceID(ou.ID), tags))
	refused(t, d.Tag(ResourceID(ou.ID), Tags{{"0", "new"}, {"one more", ""}}), ConstraintViolation, "MAX_TAG_LIMIT_EXCEEDED")
	if got := tagsOf(t, d.Organization, ResourceID(ou.ID)); len(got) != d.rules.Tags || got[0].Value != "old" {
		t.Errorf("%d tags, the first is %v", len(got), got[0])
	}
	_, err = d.CreateOrganizationalUnit(ParentID(d.root.ID), "another", append(tags, Tag{Key: "one more"}))
	refused(t, err, ConstraintViolation, "MAX_TAG_LIMIT_EXCEEDED")
	rest, err := d.TagsOf(ResourceID(ou.ID), "8")
	must(t, err)
	if got := values(rest); len(got) != 1 || got[0].Key != "9" {
		t.Errorf("behind the cursor: %v", got)
	}
}

func TestTagged(t *testing.T) {
	d := founded(t)
	below := unit(t, d, ParentID(d.root.ID), "Unit")
	policy := newPolicy(t, d, TagPolicy, "P")
	_, err := d.PutResourcePolicy(delegationTo(management.ID), nil)
	must(t, err)
	ids := []ResourceID{ResourceID(d.root.ID), ResourceID(d.resourcePolicy.ID), ResourceID(below), ResourceID(management.ID), ResourceID(policy)}
	for i, id := range ids {
		must(t, d.Tag(id, Tags{{"team", "red"}}))
		var found []ResourceID
		for cursor, tagged := range d.Tagged("") {
			if len(tagged.Tags) != 1 {
				t.Errorf("%s has %v", tagged.ID, tagged.Tags)
			}
			found = append(found, tagged.ID)
			rest := 0
			for range d.Tagged(cursor) {
				rest++
			}
			if want := i + 1 - len(found); rest != want {
				t.Errorf("behind %s are %d, want %d", tagged.ID, rest, want)
			}
		}
		if !slices.Equal(found, ids[:i+1]) {
			t.Errorf("found %v, want %v", found, ids[:i+1])
		}
		for range d.Tagged("") {
			break
		}
	}
}
