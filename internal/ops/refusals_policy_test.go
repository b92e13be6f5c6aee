package ops_test

import (
	"strings"

	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/org"
)

const (
	fullAWSAccess    = "p-FullAWSAccess"
	rcpFullAWSAccess = "p-RCPFullAWSAccess"
)

// limit returns a change of one quota of service control policies.
func limit(change func(*org.PolicyLimits)) func(*org.Rules) {
	return func(r *org.Rules) {
		limits := r.Policies[org.ServiceControlPolicy]
		change(&limits)
		r.Policies[org.ServiceControlPolicy] = limits
	}
}

func (g *garden) policyRefusals() []refusal {
	const scp = organizations.PolicyTypeServiceControlPolicy
	create := func(of organizations.PolicyType, name, content string, tags ...organizations.Tag) *organizations.CreatePolicyInput {
		return &organizations.CreatePolicyInput{Type: of, Name: name, Description: new(""), Content: content, Tags: tags}
	}
	rename := func(id, name string) *organizations.UpdatePolicyInput {
		return &organizations.UpdatePolicyInput{PolicyId: id, Name: &name}
	}
	rewrite := func(id, content string) *organizations.UpdatePolicyInput {
		return &organizations.UpdatePolicyInput{PolicyId: id, Content: &content}
	}
	few := limit(func(l *org.PolicyLimits) { l.Policies = 2 })
	long := strings.Repeat(" ", 10_241-len("{}")) + "{}"
	return []refusal{
		{in: create(scp, "", "{}"), code: "InvalidInput", reason: "INPUT_REQUIRED:NAME"},
		{in: create(scp, "New", ""), code: "InvalidInput", reason: "INPUT_REQUIRED:CONTENT"},
		{in: create("", "New", "{}"), code: "InvalidInput", reason: "INPUT_REQUIRED:TYPE"},
		{in: &organizations.CreatePolicyInput{Type: scp, Name: "New", Content: "{}"}, code: "InvalidInput", reason: "INPUT_REQUIRED:DESCRIPTION"},
		{in: create("PERMISSION_POLICY", "New", "{}"), code: "InvalidInput", reason: "INVALID_ENUM_POLICY_TYPE"},
		{in: create(scp, strings.Repeat("x", 129), "{}"), code: "InvalidInput", reason: "MAX_LENGTH_EXCEEDED:NAME"},
		{in: create(scp, "New", "{}", tagged("a", "", "a", "")...), code: "InvalidInput", reason: "DUPLICATE_TAG_KEY"},
		{in: create(scp, "New", "{}", tagged("aws:a", "")...), code: "InvalidInput", reason: "INVALID_SYSTEM_TAGS_PARAMETER"},
		{in: create(scp, "New", "{}", tagged("a", "", "b", "")...), code: "ConstraintViolation", reason: "MAX_TAG_LIMIT_EXCEEDED", rules: func(r *org.Rules) { r.Tags = 1 }},
		{in: create(scp, "New", "no JSON"), code: "MalformedPolicyDocument"},
		{in: create(scp, "New", `{"Statement":[],"Statement":[]}`), code: "MalformedPolicyDocument"},
		{in: create(scp, "New", `{"Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}}`), code: "MalformedPolicyDocument"},
		{in: create(organizations.PolicyTypeResourceControlPolicy, "New", contentOf(scp)), code: "MalformedPolicyDocument"},
		{in: create(organizations.PolicyTypeBackupPolicy, "New", `["plans"]`), code: "MalformedPolicyDocument"},
		{in: create(scp, "New", long), code: "ConstraintViolation", reason: "POLICY_CONTENT_LIMIT_EXCEEDED"},
		{in: create(scp, "New", contentOf(scp)), code: "ConstraintViolation", reason: "POLICY_NUMBER_LIMIT_EXCEEDED", rules: few},
		{in: create(scp, "Spare", contentOf(scp)), code: "DuplicatePolicy"},
		{in: create(scp, "FullAWSAccess", contentOf(scp)), code: "DuplicatePolicy"},

		{in: rename("", "New"), code: "InvalidInput", reason: "INPUT_REQUIRED:POLICY_ID"},
		{in: rename("policy", "New"), code: "InvalidInput", reason: "INVALID_SYNTAX_POLICY_ID"},
		{in: rename(g.spare, ""), code: "InvalidInput", reason: "MIN_LENGTH_EXCEEDED:NAME"},
		{in: rename(fullAWSAccess, "New"), code: "InvalidInput", reason: "IMMUTABLE_POLICY"},
		{in: rename(unknownPolicy, "New"), code: "PolicyNotFound"},
		{in: rename(g.spare, "NoStorage"), code: "DuplicatePolicy"},
		{in: rewrite(g.spare, "{}"), code: "MalformedPolicyDocument"},
		{in: rewrite(g.spare, long), code: "ConstraintViolation", reason: "POLICY_CONTENT_LIMIT_EXCEEDED"},
		{in: rename(g.chatbotPolicy, "New"), code: "PolicyChangesInProgress"},

		{in: &organizations.DeletePolicyInput{PolicyId: "p-1"}, code: "InvalidInput", reason: "INVALID_SYNTAX_POLICY_ID"},
		{in: &organizations.DeletePolicyInput{PolicyId: rcpFullAWSAccess}, code: "InvalidInput", reason: "IMMUTABLE_POLICY"},
		{in: &organizations.DeletePolicyInput{PolicyId: unknownPolicy}, code: "PolicyNotFound"},
		{in: &organizations.DeletePolicyInput{PolicyId: g.scp}, code: "PolicyInUse"},
		{in: &organizations.DescribePolicyInput{}, code: "InvalidInput", reason: "INPUT_REQUIRED:POLICY_ID"},
		{in: &organizations.DescribePolicyInput{PolicyId: unknownPolicy}, code: "PolicyNotFound"},
		{in: &organizations.ListPoliciesInput{}, code: "InvalidInput", reason: "INPUT_REQUIRED:FILTER"},
		{in: &organizations.ListPoliciesInput{Filter: "ALL"}, code: "InvalidInput", reason: "INVALID_ENUM_POLICY_TYPE"},
	}
}

func (g *garden) policyTypeRefusals() []refusal {
	const (
		scp       = organizations.PolicyTypeServiceControlPolicy
		backup    = organizations.PolicyTypeBackupPolicy
		inspector = organizations.PolicyTypeInspectorPolicy
		chatbot   = organizations.PolicyTypeChatbotPolicy          // being enabled
		optOut    = organizations.PolicyTypeAiservicesOptOutPolicy // being disabled
	)
	enable := func(root string, of organizations.PolicyType) *organizations.EnablePolicyTypeInput {
		return &organizations.EnablePolicyTypeInput{RootId: root, PolicyType: of}
	}
	disable := func(root string, of organizations.PolicyType) *organizations.DisablePolicyTypeInput {
		return &organizations.DisablePolicyTypeInput{RootId: root, PolicyType: of}
	}
	return []refusal{
		{in: enable("", backup), code: "InvalidInput", reason: "INPUT_REQUIRED:ROOT_ID"},
		{in: enable(g.empty, backup), code: "InvalidInput", reason: "INVALID_PATTERN:ROOT_ID"},
		{in: enable(g.root, ""), code: "InvalidInput", reason: "INPUT_REQUIRED:POLICY_TYPE"},
		{in: enable(g.root, "backup_policy"), code: "InvalidInput", reason: "INVALID_ENUM_POLICY_TYPE"},
		{in: enable(unknownRoot, backup), code: "RootNotFound"},
		{in: enable(g.root, scp), code: "PolicyTypeAlreadyEnabled"},
		{in: enable(g.root, chatbot), code: "PolicyTypeAlreadyEnabled"},
		{in: enable(g.root, optOut), code: "PolicyChangesInProgress"},
		{in: enable(g.root, inspector), code: "ConstraintViolation", reason: "SERVICE_ACCESS_NOT_ENABLED"},
		{in: disable(g.root, "BACKUP"), code: "InvalidInput", reason: "INVALID_ENUM_POLICY_TYPE"},
		{in: disable("root", scp), code: "InvalidInput", reason: "INVALID_PATTERN:ROOT_ID"},
		{in: disable(unknownRoot, scp), code: "RootNotFound"},
		{in: disable(g.root, backup), code: "PolicyTypeNotEnabled"},
		{in: disable(g.root, chatbot), code: "PolicyChangesInProgress"},
		{in: disable(g.root, optOut), code: "PolicyChangesInProgress"},
	}
}

func (g *garden) attachmentRefusals() []refusal {
	attach := func(policy, target string) *organizations.AttachPolicyInput {
		return &organizations.AttachPolicyInput{PolicyId: policy, TargetId: target}
	}
	detach := func(policy, target string) *organizations.DetachPolicyInput {
		return &organizations.DetachPolicyInput{PolicyId: policy, TargetId: target}
	}
	member := string(g.member.Account)
	return []refusal{
		{in: attach("", g.root), code: "InvalidInput", reason: "INPUT_REQUIRED:POLICY_ID"},
		{in: attach(g.spare, ""), code: "InvalidInput", reason: "INPUT_REQUIRED:TARGET_ID"},
		{in: attach("policy", g.root), code: "InvalidInput", reason: "INVALID_SYNTAX_POLICY_ID"},
		{in: attach(g.spare, g.root+"!"), code: "InvalidInput", reason: "INVALID_PATTERN_TARGET_ID"},
		{in: attach(unknownPolicy, g.root), code: "PolicyNotFound"},
		{in: attach(g.spare, unknownRoot), code: "TargetNotFound"},
		{in: attach(g.spare, unknownUnit), code: "TargetNotFound"},
		{in: attach(g.spare, unknownAccount), code: "TargetNotFound"},
		{in: attach(g.backupPolicy, g.root), code: "PolicyTypeNotEnabled"},
		{in: attach(g.chatbotPolicy, g.root), code: "PolicyChangesInProgress"},
		{in: attach(g.scp, member), code: "DuplicatePolicyAttachment"},
		{in: attach(fullAWSAccess, member), code: "DuplicatePolicyAttachment"},
		{in: attach(g.spare, member), code: "ConstraintViolation", reason: "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
			rules: limit(func(l *org.PolicyLimits) { l.Attachments = 2 })},

		{in: detach(g.spare, "root"), code: "InvalidInput", reason: "INVALID_PATTERN_TARGET_ID"},
		{in: detach(rcpFullAWSAccess, g.root), code: "InvalidInput", reason: "NON_DETACHABLE_POLICY"},
		{in: detach(unknownPolicy, g.root), code: "PolicyNotFound"},
		{in: detach(g.scp, unknownUnit), code: "TargetNotFound"},
		{in: detach(g.scp, g.root), code: "PolicyNotAttached"},
		{in: detach(g.backupPolicy, g.root), code: "PolicyNotAttached"},
		{in: detach(g.chatbotPolicy, g.root), code: "PolicyChangesInProgress"},
		{in: detach(fullAWSAccess, g.root), code: "ConstraintViolation", reason: "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED"},

		{in: &organizations.ListPoliciesForTargetInput{Filter: "TAG_POLICY", TargetId: "x"}, code: "InvalidInput", reason: "INVALID_PATTERN_TARGET_ID"},
		{in: &organizations.ListPoliciesForTargetInput{Filter: "TAGS", TargetId: g.root}, code: "InvalidInput", reason: "INVALID_ENUM_POLICY_TYPE"},
		{in: &organizations.ListPoliciesForTargetInput{Filter: "TAG_POLICY", TargetId: unknownAccount}, code: "TargetNotFound"},
		{in: &organizations.ListTargetsForPolicyInput{PolicyId: "x"}, code: "InvalidInput", reason: "INVALID_SYNTAX_POLICY_ID"},
		{in: &organizations.ListTargetsForPolicyInput{PolicyId: unknownPolicy}, code: "PolicyNotFound"},
	}
}

func (g *garden) tagRefusals() []refusal {
	tag := func(id string, tags ...organizations.Tag) *organizations.TagResourceInput {
		return &organizations.TagResourceInput{ResourceId: id, Tags: tags}
	}
	untag := func(id string, keys ...string) *organizations.UntagResourceInput {
		return &organizations.UntagResourceInput{ResourceId: id, TagKeys: keys}
	}
	one := tagged("a", "1")
	two := func(r *org.Rules) { r.Tags = 2 }
	return []refusal{
		{in: tag("", one...), code: "InvalidInput", reason: "INPUT_REQUIRED:RESOURCE_ID"},
		{in: tag(g.root), code: "InvalidInput", reason: "INPUT_REQUIRED:TAGS"},
		{in: tag("resource", one...), code: "InvalidInput", reason: "INVALID_PATTERN:RESOURCE_ID"},
		{in: tag(g.root, tagged("a!", "1")...), code: "InvalidInput", reason: "INVALID_PATTERN:TAGS_KEY"},
		{in: tag(g.root, tagged("a", "1;2")...), code: "InvalidInput", reason: "INVALID_PATTERN:TAGS_VALUE"},
		{in: tag(g.root, tagged(strings.Repeat("k", 129), "")...), code: "InvalidInput", reason: "MAX_LENGTH_EXCEEDED:TAGS_KEY"},
		{in: tag(g.root, tagged("a", strings.Repeat("v", 257))...), code: "InvalidInput", reason: "MAX_LENGTH_EXCEEDED:TAGS_VALUE"},
		{in: tag(g.root, tagged("a", "1", "a", "2")...), code: "InvalidInput", reason: "DUPLICATE_TAG_KEY"},
		{in: tag(g.root, tagged("Aws:a", "1")...), code: "InvalidInput", reason: "INVALID_SYSTEM_TAGS_PARAMETER"},
		{in: tag(fullAWSAccess, one...), code: "InvalidInput", reason: "TARGET_NOT_SUPPORTED"},
		{in: tag(unknownAccount, one...), code: "TargetNotFound"},
		{in: tag(unknownUnit, one...), code: "TargetNotFound"},
		{in: tag(unknownPolicy, one...), code: "TargetNotFound"},
		{in: tag("rp-zzzzzzzz", one...), code: "TargetNotFound"},
		{in: tag("rt-zzzzzzzz", one...), code: "TargetNotFound"},
		{in: tag(g.resourcePolicy, tagged("a", "", "b", "")...), code: "ConstraintViolation", reason: "MAX_TAG_LIMIT_EXCEEDED", rules: two},

		{in: untag(g.root), code: "InvalidInput", reason: "INPUT_REQUIRED:TAG_KEYS"},
		{in: untag(g.root, "a!"), code: "InvalidInput", reason: "INVALID_PATTERN:TAG_KEYS"},
		{in: untag(g.root, "aws:a"), code: "InvalidInput", reason: "INVALID_SYSTEM_TAGS_PARAMETER"},
		{in: untag(g.root, "a", "a"), code: "InvalidInput", reason: "DUPLICATE_TAG_KEY"},
		{in: untag(rcpFullAWSAccess, "a"), code: "InvalidInput", reason: "TARGET_NOT_SUPPORTED"},
		{in: untag(unknownUnit, "a"), code: "TargetNotFound"},
		{in: &organizations.ListTagsForResourceInput{}, code: "InvalidInput", reason: "INPUT_REQUIRED:RESOURCE_ID"},
		{in: &organizations.ListTagsForResourceInput{ResourceId: unknownPolicy}, code: "TargetNotFound"},
	}
}
