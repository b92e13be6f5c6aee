package ops

import (
	"context"

	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
)

// TagResource gives tags to a resource.
func (o *Organizations) TagResource(ctx context.Context, by Caller, in *organizations.TagResourceInput) (*organizations.TagResourceOutput, error) {
	return write(ctx, &o.Core, by, func(_ *registry.Tx, d *org.Draft) (*organizations.TagResourceOutput, error) {
		if err := d.Tag(org.ResourceID(in.ResourceId), tagsOf(in.Tags)); err != nil {
			return nil, err
		}
		return &organizations.TagResourceOutput{}, o.enforceTags(by, typeOf(in.ResourceId), in.Tags)
	})
}

// UntagResource takes tags off a resource.
func (o *Organizations) UntagResource(ctx context.Context, by Caller, in *organizations.UntagResourceInput) (*organizations.UntagResourceOutput, error) {
	return write(ctx, &o.Core, by, func(_ *registry.Tx, d *org.Draft) (*organizations.UntagResourceOutput, error) {
		return &organizations.UntagResourceOutput{}, d.Untag(org.ResourceID(in.ResourceId), in.TagKeys)
	})
}

// ListTagsForResource lists the tags of a resource. Its pages have no size in
// the API: all tags fit on one.
func (o *Organizations) ListTagsForResource(_ context.Context, by Caller, in *organizations.ListTagsForResourceInput) (*organizations.ListTagsForResourceOutput, error) {
	p, err := o.page(by, new(int32(o.Registry.Rules.Tags)), in.NextToken, in.ResourceId)
	if err != nil {
		return nil, err
	}
	tags, err := by.View.Organization.TagsOf(org.ResourceID(in.ResourceId), p.after)
	if err != nil {
		return nil, err
	}
	shown, next := collect(p, tags, func(t org.Tag) organizations.Tag {
		return organizations.Tag{Key: t.Key, Value: new(t.Value)}
	})
	return &organizations.ListTagsForResourceOutput{Tags: shown, NextToken: next}, nil
}
