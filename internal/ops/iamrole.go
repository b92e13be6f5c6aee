package ops

import (
	"context"
	"iter"

	"github.com/espalier-cloud/espalier/internal/api/iam"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
)

// CreateRole adds a role to the caller's account.
func (i *IAM) CreateRole(ctx context.Context, by Caller, in *iam.CreateRoleInput) (*iam.CreateRoleOutput, error) {
	return change(ctx, i, by, func(_ *registry.Tx, d *identity.Draft) (*iam.CreateRoleOutput, error) {
		r, err := d.CreateRole(identity.NewRole{
			Name: in.RoleName, Path: given(in.Path), Description: given(in.Description), TrustPolicy: in.AssumeRolePolicyDocument,
			MaxSessionDuration: given(in.MaxSessionDuration), PermissionsBoundary: given(in.PermissionsBoundary), Tags: identityTags(in.Tags),
		})
		if err != nil {
			return nil, err
		}
		return &iam.CreateRoleOutput{Role: new(showRole(d.Account(), r))}, i.enforceTags(by, typeIAMRole, in.Tags)
	})
}

// GetRole shows a role.
func (i *IAM) GetRole(_ context.Context, by Caller, in *iam.GetRoleInput) (*iam.GetRoleOutput, error) {
	account := by.View.Account
	r, ok := account.Role(in.RoleName)
	if !ok {
		return nil, missing(account, identity.RoleNamed(in.RoleName))
	}
	shown := showRole(account, r)
	shown.RoleLastUsed = showRoleUse(r)
	return &iam.GetRoleOutput{Role: &shown}, nil
}

// ListRoles lists the roles of the caller's account.
func (i *IAM) ListRoles(_ context.Context, by Caller, in *iam.ListRolesInput) (*iam.ListRolesOutput, error) {
	prefix, account := underPath(in.PathPrefix), by.View.Account
	roles, page, err := list(i, by, paging{in.MaxItems, in.Marker}, prefix, func(after string) iter.Seq2[org.Cursor, *identity.Role] {
		return named(account.Roles(prefix, after), roleName)
	}, func(r *identity.Role) iam.Role { return summarizeRole(account, r) })
	if err != nil {
		return nil, err
	}
	return &iam.ListRolesOutput{Roles: roles, IsTruncated: page.truncated, Marker: page.marker}, nil
}

// UpdateRole gives a role another description, another maximum session duration
// or both.
func (i *IAM) UpdateRole(ctx context.Context, by Caller, in *iam.UpdateRoleInput) (*iam.UpdateRoleOutput, error) {
	return apply[iam.UpdateRoleOutput](ctx, i, by, func(d *identity.Draft) error {
		return d.UpdateRole(in.RoleName, in.Description, in.MaxSessionDuration)
	})
}

// UpdateRoleDescription gives a role another description, as UpdateRole does, and
// shows it: the older operation, which Terraform uses.
func (i *IAM) UpdateRoleDescription(ctx context.Context, by Caller, in *iam.UpdateRoleDescriptionInput) (*iam.UpdateRoleDescriptionOutput, error) {
	return change(ctx, i, by, func(_ *registry.Tx, d *identity.Draft) (*iam.UpdateRoleDescriptionOutput, error) {
		if err := d.UpdateRole(in.RoleName, in.Description, nil); err != nil {
			return nil, err
		}
		r, _ := d.Role(in.RoleName)
		return &iam.UpdateRoleDescriptionOutput{Role: new(showRole(d.Account(), r))}, nil
	})
}

// UpdateAssumeRolePolicy gives a role another trust policy.
func (i *IAM) UpdateAssumeRolePolicy(ctx context.Context, by Caller, in *iam.UpdateAssumeRolePolicyInput) (*iam.UpdateAssumeRolePolicyOutput, error) {
	return apply[iam.UpdateAssumeRolePolicyOutput](ctx, i, by, func(d *identity.Draft) error {
		return d.UpdateAssumeRolePolicy(in.RoleName, in.PolicyDocument)
	})
}

// DeleteRole deletes a role.
func (i *IAM) DeleteRole(ctx context.Context, by Caller, in *iam.DeleteRoleInput) (*iam.DeleteRoleOutput, error) {
	return apply[iam.DeleteRoleOutput](ctx, i, by, func(d *identity.Draft) error { return d.DeleteRole(in.RoleName) })
}

// ListInstanceProfilesForRole lists nothing: there are no instances to have
// profiles.
func (i *IAM) ListInstanceProfilesForRole(_ context.Context, by Caller, in *iam.ListInstanceProfilesForRoleInput) (*iam.ListInstanceProfilesForRoleOutput, error) {
	if err := missing(by.View.Account, identity.RoleNamed(in.RoleName)); err != nil {
		return nil, err
	}
	return &iam.ListInstanceProfilesForRoleOutput{InstanceProfiles: []iam.InstanceProfile{}, IsTruncated: new(false)}, nil
}

func roleName(r *identity.Role) string { return r.Name }

// showRole shows a role in full, but for its last use.
func showRole(a *identity.Account, r *identity.Role) iam.Role {
	shown := summarizeRole(a, r)
	shown.Tags, shown.PermissionsBoundary = showTags(r.Tags), showBoundary(&r.Entity)
	return shown
}

// summarizeRole shows a role as lists do.
func summarizeRole(a *identity.Account, r *identity.Role) iam.Role {
	return iam.Role{
		Path: r.Path, RoleName: r.Name, RoleId: string(r.ID), Arn: a.RoleARN(r), CreateDate: r.Created,
		AssumeRolePolicyDocument: new(encoded(r.TrustPolicy)), Description: optional(r.Description),
		MaxSessionDuration: new(r.MaxSessionDuration),
	}
}

// showRoleUse shows the last use of a role: empty for one that was never used.
func showRoleUse(r *identity.Role) *iam.RoleLastUsed {
	if r.LastUsed == nil {
		return &iam.RoleLastUsed{}
	}
	return &iam.RoleLastUsed{LastUsedDate: r.LastUsed.At, Region: new(r.LastUsed.Region)}
}
