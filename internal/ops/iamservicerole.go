package ops

import (
	"context"
	"time"

	"github.com/espalier-cloud/espalier/internal/api/iam"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
)

// CreateServiceLinkedRole adds the role through which a service acts in the
// caller's account.
func (i *IAM) CreateServiceLinkedRole(ctx context.Context, by Caller, in *iam.CreateServiceLinkedRoleInput) (*iam.CreateServiceLinkedRoleOutput, error) {
	return change(ctx, i, by, func(_ *registry.Tx, d *identity.Draft) (*iam.CreateServiceLinkedRoleOutput, error) {
		linked, err := i.ServiceRoles.Role(in.AWSServiceName)
		if err != nil {
			return nil, err
		}
		r, err := d.CreateServiceLinkedRole(linked, given(in.CustomSuffix), given(in.Description))
		if err != nil {
			return nil, err
		}
		return &iam.CreateServiceLinkedRoleOutput{Role: new(showRole(d.Account(), r))}, nil
	})
}

// DeleteServiceLinkedRole has a service's role deleted, unless the service still
// needs it: GetServiceLinkedRoleDeletionStatus tells.
func (i *IAM) DeleteServiceLinkedRole(ctx context.Context, by Caller, in *iam.DeleteServiceLinkedRoleInput) (*iam.DeleteServiceLinkedRoleOutput, error) {
	return change(ctx, i, by, func(tx *registry.Tx, d *identity.Draft) (*iam.DeleteServiceLinkedRoleOutput, error) {
		var needed *identity.RoleUsage
		if role, ok := d.Role(in.RoleName); ok {
			needed = roleUsage(by, d.RoleARN(role), role, tx.Now)
		}
		task, err := d.DeleteServiceLinkedRole(in.RoleName, needed)
		if err != nil {
			return nil, err
		}
		return &iam.DeleteServiceLinkedRoleOutput{DeletionTaskId: task.ID}, nil
	})
}

// roleUsage tells why a service needs its role in the caller's account, or
// returns nil. AWS Organizations needs its own in the accounts of an organization
// with all features, every other service as long as a session lasts that it has
// begun. In such a session it may itself delete the role.
func roleUsage(by Caller, arn string, role *identity.Role, now time.Time) *identity.RoleUsage {
	service := identity.LinkedService(arn)
	o := by.View.Organization
	switch {
	case service == identity.OrganizationsService && o != nil && o.Settings().FeatureSet == org.AllFeatures:
		return &identity.RoleUsage{
			Reason:    "The account belongs to an organization that has all features enabled.",
			Resources: []string{o.ResourceARN(org.ResourceID(by.Account))},
		}
	case role.InUse == nil || !now.Before(role.InUse.Until) || by.Role != nil && identity.LinkedService(by.Role.ARN) == service:
		return nil
	}
	return &identity.RoleUsage{
		Reason:    "The service has a session until " + role.InUse.Until.Format(time.RFC3339) + ".",
		Resources: []string{role.InUse.Session},
	}
}

// GetServiceLinkedRoleDeletionStatus tells how the deletion of a service's role
// went.
func (i *IAM) GetServiceLinkedRoleDeletionStatus(_ context.Context, by Caller, in *iam.GetServiceLinkedRoleDeletionStatusInput) (*iam.GetServiceLinkedRoleDeletionStatusOutput, error) {
	task, err := by.View.Account.DeletionTask(in.DeletionTaskId)
	if err != nil {
		return nil, err
	}
	if task.Succeeded() {
		return &iam.GetServiceLinkedRoleDeletionStatusOutput{Status: iam.DeletionTaskStatusTypeSucceeded}, nil
	}
	return &iam.GetServiceLinkedRoleDeletionStatusOutput{
		Status: iam.DeletionTaskStatusTypeFailed,
		Reason: &iam.DeletionTaskFailureReasonType{
			Reason: new(task.Reason), RoleUsageList: []iam.RoleUsageType{{Resources: task.Usage}},
		},
	}, nil
}
