package ops

import (
	"context"

	"github.com/espalier-cloud/espalier/internal/api/iam"
	"github.com/espalier-cloud/espalier/internal/identity"
)

// PutUserPermissionsBoundary bounds what the policies of a user can grant.
func (i *IAM) PutUserPermissionsBoundary(ctx context.Context, by Caller, in *iam.PutUserPermissionsBoundaryInput) (*iam.PutUserPermissionsBoundaryOutput, error) {
	return apply[iam.PutUserPermissionsBoundaryOutput](ctx, i, by, func(d *identity.Draft) error {
		return d.SetPermissionsBoundary(identity.UserNamed(in.UserName), in.PermissionsBoundary)
	})
}

// PutRolePermissionsBoundary bounds what the policies of a role can grant.
func (i *IAM) PutRolePermissionsBoundary(ctx context.Context, by Caller, in *iam.PutRolePermissionsBoundaryInput) (*iam.PutRolePermissionsBoundaryOutput, error) {
	return apply[iam.PutRolePermissionsBoundaryOutput](ctx, i, by, func(d *identity.Draft) error {
		return d.SetPermissionsBoundary(identity.RoleNamed(in.RoleName), in.PermissionsBoundary)
	})
}

// DeleteUserPermissionsBoundary takes the boundary from a user.
func (i *IAM) DeleteUserPermissionsBoundary(ctx context.Context, by Caller, in *iam.DeleteUserPermissionsBoundaryInput) (*iam.DeleteUserPermissionsBoundaryOutput, error) {
	return apply[iam.DeleteUserPermissionsBoundaryOutput](ctx, i, by, func(d *identity.Draft) error {
		return d.DeletePermissionsBoundary(identity.UserNamed(in.UserName))
	})
}

// DeleteRolePermissionsBoundary takes the boundary from a role.
func (i *IAM) DeleteRolePermissionsBoundary(ctx context.Context, by Caller, in *iam.DeleteRolePermissionsBoundaryInput) (*iam.DeleteRolePermissionsBoundaryOutput, error) {
	return apply[iam.DeleteRolePermissionsBoundaryOutput](ctx, i, by, func(d *identity.Draft) error {
		return d.DeletePermissionsBoundary(identity.RoleNamed(in.RoleName))
	})
}

// showBoundary shows the boundary of a user or role, nil for none.
func showBoundary(e *identity.Entity) *iam.AttachedPermissionsBoundary {
	if e.PermissionsBoundary == "" {
		return nil
	}
	return &iam.AttachedPermissionsBoundary{
		PermissionsBoundaryType: new(iam.PermissionsBoundaryAttachmentTypePermissionsBoundaryPolicy),
		PermissionsBoundaryArn:  new(e.PermissionsBoundary),
	}
}
