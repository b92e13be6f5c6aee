package org

import "time"

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

// Policy is a policy of the organization, or one that AWS manages.
type Policy struct {
	ID          PolicyID   `json:"id"`
	Type        PolicyType `json:"type"`
	Name        string     `json:"name"`
	Description string     `json:"description"`
	Content     string     `json:"content"`
	AWSManaged  bool       `json:"-"` // managed policies are part of the program, never stored
	Created     time.Time  `json:"created"`
	Tags        Tags       `json:"tags,omitempty"`
}

func (p *Policy) kind() string { return kindPolicy }
func (p *Policy) id() string   { return string(p.ID) }

func (p *Policy) put(o *Organization) {
	o.policies.Set(string(p.ID), p)
	o.policiesByType.Set(key(string(p.Type), at(p.Created), string(p.ID)), p)
	o.policyNames.Set(key(string(p.Type), p.Name), p.ID)
}

func (p *Policy) remove(o *Organization) {
	o.policies.Delete(string(p.ID))
	o.policiesByType.Delete(key(string(p.Type), at(p.Created), string(p.ID)))
	o.policyNames.Delete(key(string(p.Type), p.Name))
}
