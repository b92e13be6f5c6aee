package org

// PolicyType is a type of policy.
type PolicyType string

// The policy types of the model.
const (
	ServiceControlPolicy    PolicyType = "SERVICE_CONTROL_POLICY"
	ResourceControlPolicy   PolicyType = "RESOURCE_CONTROL_POLICY"
	TagPolicy               PolicyType = "TAG_POLICY"
	BackupPolicy            PolicyType = "BACKUP_POLICY"
	AIServicesOptOut        PolicyType = "AISERVICES_OPT_OUT_POLICY"
	Chatbot                 PolicyType = "CHATBOT_POLICY"
	DeclarativeEC2          PolicyType = "DECLARATIVE_POLICY_EC2"
	SecurityHub             PolicyType = "SECURITYHUB_POLICY"
	Inspector               PolicyType = "INSPECTOR_POLICY"
	UpgradeRollout          PolicyType = "UPGRADE_ROLLOUT_POLICY"
	Bedrock                 PolicyType = "BEDROCK_POLICY"
	S3                      PolicyType = "S3_POLICY"
	NetworkSecurityDirector PolicyType = "NETWORK_SECURITY_DIRECTOR_POLICY"
	GuardDuty               PolicyType = "GUARDDUTY_POLICY"
)

// PolicyTypes returns all policy types.
func PolicyTypes() []PolicyType {
	return []PolicyType{
		ServiceControlPolicy, ResourceControlPolicy, TagPolicy, BackupPolicy, AIServicesOptOut, Chatbot, DeclarativeEC2,
		SecurityHub, Inspector, UpgradeRollout, Bedrock, S3, NetworkSecurityDirector, GuardDuty,
	}
}

// PolicyTypeStatus is the state of a policy type in the root; it is empty while
// the type is disabled.
type PolicyTypeStatus string

// The policy type states of the model.
const (
	PolicyTypeEnabled        PolicyTypeStatus = "ENABLED"
	PolicyTypePendingEnable  PolicyTypeStatus = "PENDING_ENABLE"
	PolicyTypePendingDisable PolicyTypeStatus = "PENDING_DISABLE"
)

// Pending tells whether a background job is working on the type.
func (s PolicyTypeStatus) Pending() bool {
	return s == PolicyTypePendingEnable || s == PolicyTypePendingDisable
}

// attachmentsAtOnce is how many attachments one rule removes: a type with more
// is disabled in portions by a background job.
const attachmentsAtOnce = 500

// requireSettled refuses changes to a policy type while a background job is
// working on it.
func (o *Organization) requireSettled(t PolicyType) error {
	if o.root.Status(t).Pending() {
		return refuse(PolicyChangesInProgress)
	}
	return nil
}

// policyTypeEnabled tells whether policies of the type are in force.
func (o *Organization) policyTypeEnabled(t PolicyType) bool {
	return o.root.Status(t) == PolicyTypeEnabled
}

// DelayPolicyTypes makes the draft's changes of policy types wait for a job, as
// [Rules] does for all drafts. A fork knows nothing of it.
func (d *Draft) DelayPolicyTypes() { d.delayed = true }

// delaysPolicyTypes tells whether changes of policy types wait for a job.
func (d *Draft) delaysPolicyTypes() bool { return d.delayed || d.rules.DelayPolicyTypes }

// EnablePolicyType brings the policies of a type into force: its default policy
// is then attached everywhere. In the root that it returns, the type may be
// pending; then the caller arranges for [Draft.FinishEnabling]. It returns
// PolicyTypeNotAvailableForOrganization, RootNotFound, PolicyTypeAlreadyEnabled,
// PolicyChangesInProgress, and ConstraintViolation SERVICE_ACCESS_NOT_ENABLED.
func (d *Draft) EnablePolicyType(root RootID, t PolicyType) (*Root, error) {
	if d.settings.FeatureSet != AllFeatures {
		return nil, refuse(PolicyTypeNotAvailableForOrganization)
	}
	if root != d.root.ID {
		return nil, refuse(RootNotFound)
	}
	switch d.root.Status(t) {
	case PolicyTypeEnabled, PolicyTypePendingEnable:
		return nil, refuse(PolicyTypeAlreadyEnabled)
	case PolicyTypePendingDisable:
		return nil, refuse(PolicyChangesInProgress)
	}
	for _, service := range d.rules.Services.boundTo(t) {
		if !d.Trusts(service) {
			return nil, violate("SERVICE_ACCESS_NOT_ENABLED").saying("You must enable service access before you enable this policy type. Call the AWS API EnableAWSServiceAccess first.")
		}
	}
	status := PolicyTypeEnabled
	if d.delaysPolicyTypes() {
		status = PolicyTypePendingEnable
	}
	d.put(d.root.with(t, status))
	return d.root, nil
}

// FinishEnabling ends the enabling of a policy type; it does nothing when the
// type is not about to be enabled.
func (d *Draft) FinishEnabling(t PolicyType) {
	if d.root.Status(t) == PolicyTypePendingEnable {
		d.put(d.root.with(t, PolicyTypeEnabled))
	}
}

// DisablePolicyType takes the policies of a type out of force and detaches them
// everywhere, for good. In the root that it returns, the type may be pending;
// then the caller arranges for [Draft.DetachSome] until it is done. It returns
// RootNotFound, PolicyTypeNotEnabled, PolicyChangesInProgress and
// ConstraintViolation ORGANIZATION_NOT_IN_ALL_FEATURES_MODE.
func (d *Draft) DisablePolicyType(root RootID, t PolicyType) (*Root, error) {
	if err := d.requireAllFeatures(); err != nil {
		return nil, err
	}
	if root != d.root.ID {
		return nil, refuse(RootNotFound)
	}
	if err := d.requireSettled(t); err != nil {
		return nil, err
	}
	if !d.policyTypeEnabled(t) {
		return nil, refuse(PolicyTypeNotEnabled)
	}
	d.put(d.root.with(t, PolicyTypePendingDisable))
	if !d.delaysPolicyTypes() && len(d.attachmentsOf(t, attachmentsAtOnce+1)) <= attachmentsAtOnce {
		d.DetachSome(t, attachmentsAtOnce+1)
	}
	return d.root, nil
}

// DetachSome removes up to limit attachments of a policy type that is about to be
// disabled, and tells whether the type is disabled now. It does nothing when the
// type is not about to be disabled.
func (d *Draft) DetachSome(t PolicyType, limit int) (done bool) {
	if d.root.Status(t) != PolicyTypePendingDisable {
		return true
	}
	some := d.attachmentsOf(t, limit)
	for _, e := range some {
		d.drop(e)
	}
	if len(some) == limit {
		return false
	}
	d.put(d.root.with(t, ""))
	return true
}
