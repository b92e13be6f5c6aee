package ops

import (
	"context"

	"github.com/espalier-cloud/espalier/internal/api/iam"
	"github.com/espalier-cloud/espalier/internal/identity"
)

// TagUser gives tags to a user.
func (i *IAM) TagUser(ctx context.Context, by Caller, in *iam.TagUserInput) (*iam.TagUserOutput, error) {
	return apply[iam.TagUserOutput](ctx, i, by, func(d *identity.Draft) error {
		if err := d.Tag(identity.UserNamed(in.UserName), identityTags(in.Tags)); err != nil {
			return err
		}
		return i.enforceTags(by, typeIAMUser, in.Tags)
	})
}

// UntagUser takes tags from a user.
func (i *IAM) UntagUser(ctx context.Context, by Caller, in *iam.UntagUserInput) (*iam.UntagUserOutput, error) {
	return apply[iam.UntagUserOutput](ctx, i, by, func(d *identity.Draft) error {
		return d.Untag(identity.UserNamed(in.UserName), in.TagKeys)
	})
}

// ListUserTags lists the tags of a user.
func (i *IAM) ListUserTags(_ context.Context, by Caller, in *iam.ListUserTagsInput) (*iam.ListUserTagsOutput, error) {
	tags, page, err := i.tagsOf(by, identity.UserNamed(in.UserName), paging{in.MaxItems, in.Marker})
	if err != nil {
		return nil, err
	}
	return &iam.ListUserTagsOutput{Tags: tags, IsTruncated: page.truncated, Marker: page.marker}, nil
}

// TagRole gives tags to a role.
func (i *IAM) TagRole(ctx context.Context, by Caller, in *iam.TagRoleInput) (*iam.TagRoleOutput, error) {
	return apply[iam.TagRoleOutput](ctx, i, by, func(d *identity.Draft) error {
		if err := d.Tag(identity.RoleNamed(in.RoleName), identityTags(in.Tags)); err != nil {
			return err
		}
		return i.enforceTags(by, typeIAMRole, in.Tags)
	})
}

// UntagRole takes tags from a role.
func (i *IAM) UntagRole(ctx context.Context, by Caller, in *iam.UntagRoleInput) (*iam.UntagRoleOutput, error) {
	return apply[iam.UntagRoleOutput](ctx, i, by, func(d *identity.Draft) error {
		return d.Untag(identity.RoleNamed(in.RoleName), in.TagKeys)
	})
}

// ListRoleTags lists the tags of a role.
func (i *IAM) ListRoleTags(_ context.Context, by Caller, in *iam.ListRoleTagsInput) (*iam.ListRoleTagsOutput, error) {
	tags, page, err := i.tagsOf(by, identity.RoleNamed(in.RoleName), paging{in.MaxItems, in.Marker})
	if err != nil {
		return nil, err
	}
	return &iam.ListRoleTagsOutput{Tags: tags, IsTruncated: page.truncated, Marker: page.marker}, nil
}

// TagPolicy gives tags to a managed policy.
func (i *IAM) TagPolicy(ctx context.Context, by Caller, in *iam.TagPolicyInput) (*iam.TagPolicyOutput, error) {
	return apply[iam.TagPolicyOutput](ctx, i, by, func(d *identity.Draft) error {
		if err := d.TagPolicy(in.PolicyArn, identityTags(in.Tags)); err != nil {
			return err
		}
		return i.enforceTags(by, typeIAMPolicy, in.Tags)
	})
}

// UntagPolicy takes tags from a managed policy.
func (i *IAM) UntagPolicy(ctx context.Context, by Caller, in *iam.UntagPolicyInput) (*iam.UntagPolicyOutput, error) {
	return apply[iam.UntagPolicyOutput](ctx, i, by, func(d *identity.Draft) error { return d.UntagPolicy(in.PolicyArn, in.TagKeys) })
}

// ListPolicyTags lists the tags of a managed policy.
func (i *IAM) ListPolicyTags(_ context.Context, by Caller, in *iam.ListPolicyTagsInput) (*iam.ListPolicyTagsOutput, error) {
	p, err := by.View.Account.ExistingPolicy(in.PolicyArn)
	if err != nil {
		return nil, err
	}
	tags, page, err := list(i, by, paging{in.MaxItems, in.Marker}, in.PolicyArn, numbered(p.Tags), showTag)
	if err != nil {
		return nil, err
	}
	return &iam.ListPolicyTagsOutput{Tags: tags, IsTruncated: page.truncated, Marker: page.marker}, nil
}

// TagOpenIDConnectProvider gives tags to an OpenID Connect provider.
func (i *IAM) TagOpenIDConnectProvider(ctx context.Context, by Caller, in *iam.TagOpenIDConnectProviderInput) (*iam.TagOpenIDConnectProviderOutput, error) {
	return apply[iam.TagOpenIDConnectProviderOutput](ctx, i, by, func(d *identity.Draft) error {
		if err := d.TagOIDCProvider(in.OpenIDConnectProviderArn, identityTags(in.Tags)); err != nil {
			return err
		}
		return i.enforceTags(by, typeIAMOIDCProvider, in.Tags)
	})
}

// UntagOpenIDConnectProvider takes tags from an OpenID Connect provider.
func (i *IAM) UntagOpenIDConnectProvider(ctx context.Context, by Caller, in *iam.UntagOpenIDConnectProviderInput) (*iam.UntagOpenIDConnectProviderOutput, error) {
	return apply[iam.UntagOpenIDConnectProviderOutput](ctx, i, by, func(d *identity.Draft) error {
		return d.UntagOIDCProvider(in.OpenIDConnectProviderArn, in.TagKeys)
	})
}

// ListOpenIDConnectProviderTags lists the tags of an OpenID Connect provider.
func (i *IAM) ListOpenIDConnectProviderTags(_ context.Context, by Caller, in *iam.ListOpenIDConnectProviderTagsInput) (*iam.ListOpenIDConnectProviderTagsOutput, error) {
	p, err := by.View.Account.OIDCProvider(in.OpenIDConnectProviderArn)
	if err != nil {
		return nil, err
	}
	tags, page, err := list(i, by, paging{in.MaxItems, in.Marker}, in.OpenIDConnectProviderArn, numbered(p.Tags), showTag)
	if err != nil {
		return nil, err
	}
	return &iam.ListOpenIDConnectProviderTagsOutput{Tags: tags, IsTruncated: page.truncated, Marker: page.marker}, nil
}

func (i *IAM) tagsOf(by Caller, of identity.Ref, in paging) ([]iam.Tag, listed, error) {
	e, err := by.View.Account.Entity(of)
	if err != nil {
		return nil, listed{}, err
	}
	return list(i, by, in, e.Name, numbered(e.Tags), showTag)
}

// identityTags maps the tags of an input.
func identityTags(in []iam.Tag) []identity.Tag {
	var tags []identity.Tag
	for _, t := range in {
		tags = append(tags, identity.Tag{Key: t.Key, Value: given(t.Value)})
	}
	return tags
}

func showTag(t identity.Tag) iam.Tag { return iam.Tag{Key: t.Key, Value: new(t.Value)} }

// showTags returns nil for no tags: they are left out of an answer then.
func showTags(tags []identity.Tag) []iam.Tag {
	var shown []iam.Tag
	for _, t := range tags {
		shown = append(shown, showTag(t))
	}
	return shown
}
