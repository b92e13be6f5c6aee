package ops

import (
	"context"
	"slices"
	"strings"

	"github.com/espalier-cloud/espalier/internal/api/iam"
	"github.com/espalier-cloud/espalier/internal/identity"
)

// AttachUserPolicy attaches a managed policy to a user.
func (i *IAM) AttachUserPolicy(ctx context.Context, by Caller, in *iam.AttachUserPolicyInput) (*iam.AttachUserPolicyOutput, error) {
	return apply[iam.AttachUserPolicyOutput](ctx, i, by, func(d *identity.Draft) error {
		return d.AttachPolicy(identity.UserNamed(in.UserName), in.PolicyArn)
	})
}

// AttachGroupPolicy attaches a managed policy to a group.
func (i *IAM) AttachGroupPolicy(ctx context.Context, by Caller, in *iam.AttachGroupPolicyInput) (*iam.AttachGroupPolicyOutput, error) {
	return apply[iam.AttachGroupPolicyOutput](ctx, i, by, func(d *identity.Draft) error {
		return d.AttachPolicy(identity.GroupNamed(in.GroupName), in.PolicyArn)
	})
}

// AttachRolePolicy attaches a managed policy to a role.
func (i *IAM) AttachRolePolicy(ctx context.Context, by Caller, in *iam.AttachRolePolicyInput) (*iam.AttachRolePolicyOutput, error) {
	return apply[iam.AttachRolePolicyOutput](ctx, i, by, func(d *identity.Draft) error {
		return d.AttachPolicy(identity.RoleNamed(in.RoleName), in.PolicyArn)
	})
}

// DetachUserPolicy detaches a managed policy from a user.
func (i *IAM) DetachUserPolicy(ctx context.Context, by Caller, in *iam.DetachUserPolicyInput) (*iam.DetachUserPolicyOutput, error) {
	return apply[iam.DetachUserPolicyOutput](ctx, i, by, func(d *identity.Draft) error {
		return d.DetachPolicy(identity.UserNamed(in.UserName), in.PolicyArn)
	})
}

// DetachGroupPolicy detaches a managed policy from a group.
func (i *IAM) DetachGroupPolicy(ctx context.Context, by Caller, in *iam.DetachGroupPolicyInput) (*iam.DetachGroupPolicyOutput, error) {
	return apply[iam.DetachGroupPolicyOutput](ctx, i, by, func(d *identity.Draft) error {
		return d.DetachPolicy(identity.GroupNamed(in.GroupName), in.PolicyArn)
	})
}

// DetachRolePolicy detaches a managed policy from a role.
func (i *IAM) DetachRolePolicy(ctx context.Context, by Caller, in *iam.DetachRolePolicyInput) (*iam.DetachRolePolicyOutput, error) {
	return apply[iam.DetachRolePolicyOutput](ctx, i, by, func(d *identity.Draft) error {
		return d.DetachPolicy(identity.RoleNamed(in.RoleName), in.PolicyArn)
	})
}

// ListAttachedUserPolicies lists the managed policies attached to a user.
func (i *IAM) ListAttachedUserPolicies(_ context.Context, by Caller, in *iam.ListAttachedUserPoliciesInput) (*iam.ListAttachedUserPoliciesOutput, error) {
	policies, page, err := i.attachedTo(by, identity.UserNamed(in.UserName), in.PathPrefix, paging{in.MaxItems, in.Marker})
	if err != nil {
		return nil, err
	}
	return &iam.ListAttachedUserPoliciesOutput{AttachedPolicies: policies, IsTruncated: page.truncated, Marker: page.marker}, nil
}

// ListAttachedGroupPolicies lists the managed policies attached to a group.
func (i *IAM) ListAttachedGroupPolicies(_ context.Context, by Caller, in *iam.ListAttachedGroupPoliciesInput) (*iam.ListAttachedGroupPoliciesOutput, error) {
	policies, page, err := i.attachedTo(by, identity.GroupNamed(in.GroupName), in.PathPrefix, paging{in.MaxItems, in.Marker})
	if err != nil {
		return nil, err
	}
	return &iam.ListAttachedGroupPoliciesOutput{AttachedPolicies: policies, IsTruncated: page.truncated, Marker: page.marker}, nil
}

// ListAttachedRolePolicies lists the managed policies attached to a role.
func (i *IAM) ListAttachedRolePolicies(_ context.Context, by Caller, in *iam.ListAttachedRolePoliciesInput) (*iam.ListAttachedRolePoliciesOutput, error) {
	policies, page, err := i.attachedTo(by, identity.RoleNamed(in.RoleName), in.PathPrefix, paging{in.MaxItems, in.Marker})
	if err != nil {
		return nil, err
	}
	return &iam.ListAttachedRolePoliciesOutput{AttachedPolicies: policies, IsTruncated: page.truncated, Marker: page.marker}, nil
}

func (i *IAM) attachedTo(by Caller, of identity.Ref, pathPrefix *string, in paging) ([]iam.AttachedPolicy, listed, error) {
	prefix := underPath(pathPrefix)
	e, err := by.View.Account.Entity(of)
	if err != nil {
		return nil, listed{}, err
	}
	attached := slices.DeleteFunc(showAttached(e), func(p iam.AttachedPolicy) bool { return !strings.HasPrefix(pathOf(*p.PolicyArn), prefix) })
	return list(i, by, in, e.Name+"\x00"+prefix, numbered(attached), same)
}

// pathOf returns the path in the ARN of a policy.
func pathOf(arn string) string {
	_, path, _ := strings.Cut(arn, ":policy")
	return path[:strings.LastIndexByte(path, '/')+1]
}

// showAttached shows the managed policies of a user, group or role by their
// names.
func showAttached(e *identity.Entity) []iam.AttachedPolicy {
	attached := make([]iam.AttachedPolicy, 0, len(e.ManagedPolicies))
	for _, arn := range e.ManagedPolicies {
		attached = append(attached, iam.AttachedPolicy{PolicyName: new(identity.NameOf(arn)), PolicyArn: new(arn)})
	}
	slices.SortFunc(attached, func(a, b iam.AttachedPolicy) int { return strings.Compare(*a.PolicyName, *b.PolicyName) })
	return attached
}
