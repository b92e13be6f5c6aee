package ops

import (
	"context"

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
	return change(ctx, i, by, func(_ *registry.Tx, d *identity.Draft) (*iam.DeleteServiceLinkedRoleOutput, error) {
		task, err := d.DeleteServiceLinkedRole(in.RoleName, neededRole(by, in.RoleName))
		if err != nil {
			return nil, err
		}
		return &iam.DeleteServiceLinkedRoleOutput{DeletionTaskId: task.ID}, nil
	})
}

// neededRole tells why a service needs its role in the caller's account, or
// returns nil. AWS Organizations needs its own in the accounts of an
// organization with all features.
func neededRole(by Caller, role string) *identity.RoleUsage {
	o := by.View.Organization
	r, ok := by.View.Account.Role(role)
	if !ok || o == nil || o.Settings().FeatureSet != org.AllFeatures || r.Path != identity.ServiceRolePath(identity.OrganizationsService) {
		return nil
	}
	return &identity.RoleUsage{
		Reason:    "The account belongs to an organization that has all features enabled.",
		Resources: []string{o.ResourceARN(org.ResourceID(by.Account))},
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
