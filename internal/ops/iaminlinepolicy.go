package ops

import (
	"context"

	"github.com/espalier-cloud/espalier/internal/api/iam"
	"github.com/espalier-cloud/espalier/internal/identity"
)

// PutUserPolicy adds an inline policy to a user, or replaces one.
func (i *IAM) PutUserPolicy(ctx context.Context, by Caller, in *iam.PutUserPolicyInput) (*iam.PutUserPolicyOutput, error) {
	return apply[iam.PutUserPolicyOutput](ctx, i, by, func(d *identity.Draft) error {
		return d.PutInlinePolicy(identity.UserNamed(in.UserName), in.PolicyName, in.PolicyDocument)
	})
}

// PutGroupPolicy adds an inline policy to a group, or replaces one.
func (i *IAM) PutGroupPolicy(ctx context.Context, by Caller, in *iam.PutGroupPolicyInput) (*iam.PutGroupPolicyOutput, error) {
	return apply[iam.PutGroupPolicyOutput](ctx, i, by, func(d *identity.Draft) error {
		return d.PutInlinePolicy(identity.GroupNamed(in.GroupName), in.PolicyName, in.PolicyDocument)
	})
}

// PutRolePolicy adds an inline policy to a role, or replaces one.
func (i *IAM) PutRolePolicy(ctx context.Context, by Caller, in *iam.PutRolePolicyInput) (*iam.PutRolePolicyOutput, error) {
	return apply[iam.PutRolePolicyOutput](ctx, i, by, func(d *identity.Draft) error {
		return d.PutInlinePolicy(identity.RoleNamed(in.RoleName), in.PolicyName, in.PolicyDocument)
	})
}

// DeleteUserPolicy deletes an inline policy of a user.
func (i *IAM) DeleteUserPolicy(ctx context.Context, by Caller, in *iam.DeleteUserPolicyInput) (*iam.DeleteUserPolicyOutput, error) {
	return apply[iam.DeleteUserPolicyOutput](ctx, i, by, func(d *identity.Draft) error {
		return d.DeleteInlinePolicy(identity.UserNamed(in.UserName), in.PolicyName)
	})
}

// DeleteGroupPolicy deletes an inline policy of a group.
func (i *IAM) DeleteGroupPolicy(ctx context.Context, by Caller, in *iam.DeleteGroupPolicyInput) (*iam.DeleteGroupPolicyOutput, error) {
	return apply[iam.DeleteGroupPolicyOutput](ctx, i, by, func(d *identity.Draft) error {
		return d.DeleteInlinePolicy(identity.GroupNamed(in.GroupName), in.PolicyName)
	})
}

// DeleteRolePolicy deletes an inline policy of a role.
func (i *IAM) DeleteRolePolicy(ctx context.Context, by Caller, in *iam.DeleteRolePolicyInput) (*iam.DeleteRolePolicyOutput, error) {
	return apply[iam.DeleteRolePolicyOutput](ctx, i, by, func(d *identity.Draft) error {
		return d.DeleteInlinePolicy(identity.RoleNamed(in.RoleName), in.PolicyName)
	})
}

// GetUserPolicy shows an inline policy of a user.
func (i *IAM) GetUserPolicy(_ context.Context, by Caller, in *iam.GetUserPolicyInput) (*iam.GetUserPolicyOutput, error) {
	p, err := by.View.Account.InlinePolicy(identity.UserNamed(in.UserName), in.PolicyName)
	if err != nil {
		return nil, err
	}
	return &iam.GetUserPolicyOutput{UserName: in.UserName, PolicyName: p.Name, PolicyDocument: encoded(p.Document)}, nil
}

// GetGroupPolicy shows an inline policy of a group.
func (i *IAM) GetGroupPolicy(_ context.Context, by Caller, in *iam.GetGroupPolicyInput) (*iam.GetGroupPolicyOutput, error) {
	p, err := by.View.Account.InlinePolicy(identity.GroupNamed(in.GroupName), in.PolicyName)
	if err != nil {
		return nil, err
	}
	return &iam.GetGroupPolicyOutput{GroupName: in.GroupName, PolicyName: p.Name, PolicyDocument: encoded(p.Document)}, nil
}

// GetRolePolicy shows an inline policy of a role.
func (i *IAM) GetRolePolicy(_ context.Context, by Caller, in *iam.GetRolePolicyInput) (*iam.GetRolePolicyOutput, error) {
	p, err := by.View.Account.InlinePolicy(identity.RoleNamed(in.RoleName), in.PolicyName)
	if err != nil {
		return nil, err
	}
	return &iam.GetRolePolicyOutput{RoleName: in.RoleName, PolicyName: p.Name, PolicyDocument: encoded(p.Document)}, nil
}

// ListUserPolicies lists the names of a user's inline policies.
func (i *IAM) ListUserPolicies(_ context.Context, by Caller, in *iam.ListUserPoliciesInput) (*iam.ListUserPoliciesOutput, error) {
	names, page, err := i.inlinePoliciesOf(by, identity.UserNamed(in.UserName), paging{in.MaxItems, in.Marker})
	if err != nil {
		return nil, err
	}
	return &iam.ListUserPoliciesOutput{PolicyNames: names, IsTruncated: page.truncated, Marker: page.marker}, nil
}

// ListGroupPolicies lists the names of a group's inline policies.
func (i *IAM) ListGroupPolicies(_ context.Context, by Caller, in *iam.ListGroupPoliciesInput) (*iam.ListGroupPoliciesOutput, error) {
	names, page, err := i.inlinePoliciesOf(by, identity.GroupNamed(in.GroupName), paging{in.MaxItems, in.Marker})
	if err != nil {
		return nil, err
	}
	return &iam.ListGroupPoliciesOutput{PolicyNames: names, IsTruncated: page.truncated, Marker: page.marker}, nil
}

// ListRolePolicies lists the names of a role's inline policies.
func (i *IAM) ListRolePolicies(_ context.Context, by Caller, in *iam.ListRolePoliciesInput) (*iam.ListRolePoliciesOutput, error) {
	names, page, err := i.inlinePoliciesOf(by, identity.RoleNamed(in.RoleName), paging{in.MaxItems, in.Marker})
	if err != nil {
		return nil, err
	}
	return &iam.ListRolePoliciesOutput{PolicyNames: names, IsTruncated: page.truncated, Marker: page.marker}, nil
}

func (i *IAM) inlinePoliciesOf(by Caller, of identity.Ref, in paging) ([]string, listed, error) {
	e, err := by.View.Account.Entity(of)
	if err != nil {
		return nil, listed{}, err
	}
	return list(i, by, in, e.Name, numbered(e.InlinePolicies), func(p identity.InlinePolicy) string { return p.Name })
}

// showInline shows the inline policies of a user, group or role with their
// documents.
func showInline(e *identity.Entity) []iam.PolicyDetail {
	shown := make([]iam.PolicyDetail, 0, len(e.InlinePolicies))
	for _, p := range e.InlinePolicies {
		shown = append(shown, iam.PolicyDetail{PolicyName: new(p.Name), PolicyDocument: new(encoded(p.Document))})
	}
	return shown
}
