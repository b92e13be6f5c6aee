package org

import "cmp"

// PartitionGovCloud is the partition of AWS GovCloud (US), where organizations
// have all features and accounts come from elsewhere.
const PartitionGovCloud = "aws-us-gov"

// Owner is the account that creates an organization and becomes its management
// account.
type Owner struct {
	ID        AccountID
	Partition string // where the account lives, empty for the usual one
	Name      string
	Email     string
	State     AccountState // empty for Active
	Lacks     Lacks
}

// CreateOrganization makes an organization with one root and, directly below
// it, the management account. No policy type is enabled. It returns
// AlreadyInOrganization when there is an organization, and ConstraintViolation
// CREATE_ORGANIZATION_IN_BILLING_MODE_UNSUPPORTED_REGION,
// ACCOUNT_CREATION_NOT_COMPLETE, MASTER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED,
// MASTER_ACCOUNT_MISSING_CONTACT_INFO and
// MASTER_ACCOUNT_MISSING_BUSINESS_LICENSE.
func (d *Draft) CreateOrganization(id ID, features FeatureSet, owner Owner) error {
	if d.Exists() {
		return refuse(AlreadyInOrganization)
	}
	partition := cmp.Or(owner.Partition, d.rules.Partition)
	if features == ConsolidatedBilling && partition == PartitionGovCloud {
		return violate("CREATE_ORGANIZATION_IN_BILLING_MODE_UNSUPPORTED_REGION")
	}
	if err := owner.mayManage(); err != nil {
		return err
	}
	settings := &Settings{ID: id, Partition: partition, ManagementAccount: owner.ID, FeatureSet: features, Created: d.now}
	if d.rules.FinalizingPeriod > 0 {
		settings.FinalizingUntil = d.now.Add(d.rules.FinalizingPeriod)
	}
	root := &Root{ID: RootID("r-" + random(d.rand, lowerAlnum, 4))}
	d.put(settings)
	d.put(root)
	d.put(&Account{
		ID: owner.ID, Parent: ParentID(root.ID), Name: owner.Name, Email: owner.Email,
		State: Active, JoinedMethod: Invited, Joined: d.now,
	})
	return nil
}

// mayManage refuses an account that cannot become a management account.
func (owner *Owner) mayManage() error {
	if owner.State == PendingActivation {
		return violate("ACCOUNT_CREATION_NOT_COMPLETE")
	}
	if reason := owner.Lacks.forManaging(); reason != "" {
		return violate(reason)
	}
	if owner.Lacks.has(BusinessLicense) {
		return violate("MASTER_ACCOUNT_MISSING_BUSINESS_LICENSE")
	}
	return nil
}

// DeleteOrganization removes the organization with its units and policies.
// Nothing of it exists afterwards: the one change that says so stands for all
// of its documents. It returns OrganizationNotEmpty while an account besides the
// management account is listed, be it closed or not, and ConstraintViolation
// ACTIVE_RESPONSIBILITY_TRANSFER_PROCESS while it invites another organization to
// transfer its responsibility, or takes part in a transfer that has not ended.
func (d *Draft) DeleteOrganization() error {
	if d.accounts.Len() > 1 {
		return refuse(OrganizationNotEmpty)
	}
	if d.transfersResponsibility() {
		return violate("ACTIVE_RESPONSIBILITY_TRANSFER_PROCESS")
	}
	d.drop(d.settings)
	return nil
}

// AvailablePolicyTypes returns the deprecated member of that name. AWS shows
// service control policies in it whether or not they are enabled in the root.
func (o *Organization) AvailablePolicyTypes() []PolicyState {
	if o.settings.FeatureSet != AllFeatures {
		return []PolicyState{}
	}
	return []PolicyState{{Type: ServiceControlPolicy, Status: PolicyTypeEnabled}}
}
