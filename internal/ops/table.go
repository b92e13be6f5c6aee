package ops

import (
	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/org"
)

// Access is what an operation does, as the service authorization reference
// classifies it.
type Access int

// The access levels.
const (
	Read Access = iota
	List
	Write
	Tagging
)

// Rule says who may call an operation and what the call is about:
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsorganizations.html.
type Rule struct {
	Operation string
	Access    Access
	Callers   org.Callers
	// About returns what a decoded input is about. It is nil for operations
	// that are authorized on "*" alone.
	About func(in any) About
}

// ReadOnly tells whether the operation changes nothing.
func (r *Rule) ReadOnly() bool { return r.Access == Read || r.Access == List }

// About is what a call is about, before any of it was checked.
type About struct {
	IDs        []string // of the resources that the call names
	PolicyType string   // the condition key organizations:PolicyType
	NewPolicy  bool     // the call makes a policy of PolicyType
}

// about adapts a function of one operation's input to the table.
func about[In any](f func(*In) About) func(any) About {
	return func(in any) About { return f(in.(*In)) }
}

// aboutTarget is what an invitation is about: an account, where it names one by its
// id.
func aboutTarget(target *organizations.HandshakeParty) About {
	if target == nil || target.Type != organizations.HandshakePartyTypeAccount {
		return About{}
	}
	return About{IDs: []string{target.Id}}
}

// ifGiven returns the id of a resource that the call need not name.
func ifGiven(id *string) []string {
	if id == nil {
		return nil
	}
	return []string{*id}
}

// Rules returns the rules of AWS Organizations by operation: for each one line.
func Rules() map[string]*Rule { //nolint:funlen // one line for each operation
	rules := []Rule{
		{"AcceptHandshake", Write, org.AnyAccount, about(func(in *organizations.AcceptHandshakeInput) About { return About{IDs: []string{in.HandshakeId}} })},
		{"AttachPolicy", Write, org.ManagementOrPolicy, about(func(in *organizations.AttachPolicyInput) About { return About{IDs: []string{in.PolicyId, in.TargetId}} })},
		{"CancelHandshake", Write, org.AnyAccount, about(func(in *organizations.CancelHandshakeInput) About { return About{IDs: []string{in.HandshakeId}} })},
		{"CloseAccount", Write, org.ManagementOnly, about(func(in *organizations.CloseAccountInput) About { return About{IDs: []string{in.AccountId}} })},
		{"CreateAccount", Write, org.ManagementOnly, nil},
		{"CreateGovCloudAccount", Write, org.ManagementOnly, nil},
		{"CreateOrganization", Write, org.StandaloneAccount, nil},
		{"CreateOrganizationalUnit", Write, org.ManagementOnly, about(func(in *organizations.CreateOrganizationalUnitInput) About { return About{IDs: []string{in.ParentId}} })},
		{"CreatePolicy", Write, org.ManagementOrPolicy, about(func(in *organizations.CreatePolicyInput) About {
			return About{PolicyType: string(in.Type), NewPolicy: true}
		})},
		{"DeclineHandshake", Write, org.AnyAccount, about(func(in *organizations.DeclineHandshakeInput) About { return About{IDs: []string{in.HandshakeId}} })},
		{"DeleteOrganization", Write, org.ManagementOnly, nil},
		{"DeleteOrganizationalUnit", Write, org.ManagementOnly, about(func(in *organizations.DeleteOrganizationalUnitInput) About {
			return About{IDs: []string{in.OrganizationalUnitId}}
		})},
		{"DeletePolicy", Write, org.ManagementOrPolicy, about(func(in *organizations.DeletePolicyInput) About { return About{IDs: []string{in.PolicyId}} })},
		{"DeleteResourcePolicy", Write, org.ManagementOnly, nil},
		{"DeregisterDelegatedAdministrator", Write, org.ManagementOnly, about(func(in *organizations.DeregisterDelegatedAdministratorInput) About {
			return About{IDs: []string{in.AccountId}}
		})},
		{"DescribeAccount", Read, org.ManagementOrDelegate, about(func(in *organizations.DescribeAccountInput) About { return About{IDs: []string{in.AccountId}} })},
		{"DescribeCreateAccountStatus", Read, org.ManagementOrDelegate, nil},
		{"DescribeEffectivePolicy", Read, org.AnyInOrganization, about(func(in *organizations.DescribeEffectivePolicyInput) About {
			return About{IDs: ifGiven(in.TargetId), PolicyType: string(in.PolicyType)}
		})},
		{"DescribeHandshake", Read, org.AnyAccount, about(func(in *organizations.DescribeHandshakeInput) About { return About{IDs: []string{in.HandshakeId}} })},
		{"DescribeOrganization", Read, org.AnyInOrganization, nil},
		{"DescribeOrganizationalUnit", Read, org.ManagementOrDelegate, about(func(in *organizations.DescribeOrganizationalUnitInput) About {
			return About{IDs: []string{in.OrganizationalUnitId}}
		})},
		{"DescribePolicy", Read, org.ManagementOrDelegate, about(func(in *organizations.DescribePolicyInput) About { return About{IDs: []string{in.PolicyId}} })},
		{"DescribeResourcePolicy", Read, org.ManagementOrDelegate, nil},
		{"DescribeResponsibilityTransfer", Read, org.ManagementOnly, nil},
		{"DetachPolicy", Write, org.ManagementOrPolicy, about(func(in *organizations.DetachPolicyInput) About { return About{IDs: []string{in.PolicyId, in.TargetId}} })},
		{"DisableAWSServiceAccess", Write, org.ManagementOnly, nil},
		{"DisablePolicyType", Write, org.ManagementOrPolicy, about(func(in *organizations.DisablePolicyTypeInput) About {
			return About{IDs: []string{in.RootId}, PolicyType: string(in.PolicyType)}
		})},
		{"EnableAWSServiceAccess", Write, org.ManagementOnly, nil},
		{"EnableAllFeatures", Write, org.ManagementOnly, nil},
		{"EnablePolicyType", Write, org.ManagementOrPolicy, about(func(in *organizations.EnablePolicyTypeInput) About {
			return About{IDs: []string{in.RootId}, PolicyType: string(in.PolicyType)}
		})},
		{"InviteAccountToOrganization", Write, org.ManagementOnly, about(func(in *organizations.InviteAccountToOrganizationInput) About {
			return aboutTarget(in.Target)
		})},
		{"InviteOrganizationToTransferResponsibility", Write, org.ManagementOnly, nil},
		{"LeaveOrganization", Write, org.MemberOnly, nil},
		{"ListAWSServiceAccessForOrganization", List, org.ManagementOrDelegate, nil},
		{"ListAccounts", List, org.ManagementOrDelegate, nil},
		{"ListAccountsForParent", List, org.ManagementOrDelegate, about(func(in *organizations.ListAccountsForParentInput) About { return About{IDs: []string{in.ParentId}} })},
		{"ListAccountsWithInvalidEffectivePolicy", List, org.ManagementOrDelegate, about(func(in *organizations.ListAccountsWithInvalidEffectivePolicyInput) About {
			return About{PolicyType: string(in.PolicyType)}
		})},
		{"ListChildren", List, org.ManagementOrDelegate, about(func(in *organizations.ListChildrenInput) About { return About{IDs: []string{in.ParentId}} })},
		{"ListCreateAccountStatus", List, org.ManagementOrDelegate, nil},
		{"ListDelegatedAdministrators", List, org.ManagementOrDelegate, nil},
		{"ListDelegatedServicesForAccount", List, org.ManagementOrDelegate, about(func(in *organizations.ListDelegatedServicesForAccountInput) About {
			return About{IDs: []string{in.AccountId}}
		})},
		{"ListEffectivePolicyValidationErrors", List, org.ManagementOrDelegate, about(func(in *organizations.ListEffectivePolicyValidationErrorsInput) About {
			return About{IDs: []string{in.AccountId}, PolicyType: string(in.PolicyType)}
		})},
		{"ListHandshakesForAccount", List, org.AnyAccount, nil},
		{"ListHandshakesForOrganization", List, org.ManagementOrDelegate, nil},
		{"ListInboundResponsibilityTransfers", List, org.ManagementOnly, nil},
		{"ListOrganizationalUnitsForParent", List, org.ManagementOrDelegate, about(func(in *organizations.ListOrganizationalUnitsForParentInput) About {
			return About{IDs: []string{in.ParentId}}
		})},
		{"ListOutboundResponsibilityTransfers", List, org.ManagementOnly, nil},
		{"ListParents", List, org.ManagementOrDelegate, about(func(in *organizations.ListParentsInput) About { return About{IDs: []string{in.ChildId}} })},
		{"ListPolicies", List, org.ManagementOrDelegate, about(func(in *organizations.ListPoliciesInput) About { return About{PolicyType: string(in.Filter)} })},
		{"ListPoliciesForTarget", List, org.ManagementOrDelegate, about(func(in *organizations.ListPoliciesForTargetInput) About {
			return About{IDs: []string{in.TargetId}, PolicyType: string(in.Filter)}
		})},
		{"ListRoots", List, org.ManagementOrDelegate, nil},
		{"ListTagsForResource", List, org.ManagementOrDelegate, about(func(in *organizations.ListTagsForResourceInput) About { return About{IDs: []string{in.ResourceId}} })},
		{"ListTargetsForPolicy", List, org.ManagementOrDelegate, about(func(in *organizations.ListTargetsForPolicyInput) About { return About{IDs: []string{in.PolicyId}} })},
		{"MoveAccount", Write, org.ManagementOnly, about(func(in *organizations.MoveAccountInput) About {
			return About{IDs: []string{in.AccountId, in.SourceParentId, in.DestinationParentId}}
		})},
		{"PutResourcePolicy", Write, org.ManagementOnly, nil},
		{"RegisterDelegatedAdministrator", Write, org.ManagementOnly, about(func(in *organizations.RegisterDelegatedAdministratorInput) About {
			return About{IDs: []string{in.AccountId}}
		})},
		{"RemoveAccountFromOrganization", Write, org.ManagementOnly, about(func(in *organizations.RemoveAccountFromOrganizationInput) About {
			return About{IDs: []string{in.AccountId}}
		})},
		{"TagResource", Tagging, org.ManagementOrPolicy, about(func(in *organizations.TagResourceInput) About { return About{IDs: []string{in.ResourceId}} })},
		{"TerminateResponsibilityTransfer", Write, org.ManagementOnly, nil},
		{"UntagResource", Tagging, org.ManagementOrPolicy, about(func(in *organizations.UntagResourceInput) About { return About{IDs: []string{in.ResourceId}} })},
		{"UpdateOrganizationalUnit", Write, org.ManagementOnly, about(func(in *organizations.UpdateOrganizationalUnitInput) About {
			return About{IDs: []string{in.OrganizationalUnitId}}
		})},
		{"UpdatePolicy", Write, org.ManagementOrPolicy, about(func(in *organizations.UpdatePolicyInput) About { return About{IDs: []string{in.PolicyId}} })},
		{"UpdateResponsibilityTransfer", Write, org.ManagementOnly, nil},
	}
	byName := make(map[string]*Rule, len(rules))
	for i := range rules {
		byName[rules[i].Operation] = &rules[i]
	}
	return byName
}
