package ops

import (
	"context"

	"github.com/espalier-cloud/espalier/internal/api/iam"
	"github.com/espalier-cloud/espalier/internal/identity"
)

// GetAccountSummary counts what the caller's account holds, beside the quotas.
func (i *IAM) GetAccountSummary(_ context.Context, by Caller, _ *iam.GetAccountSummaryInput) (*iam.GetAccountSummaryOutput, error) {
	q := i.Registry.Quotas
	if q == nil {
		q = identity.AWSQuotas()
	}
	summary := quotaSummary(q)
	count := by.View.Account.Count()
	for key, n := range map[iam.SummaryKeyType]int{
		iam.SummaryKeyTypeUsers:                    count.Users,
		iam.SummaryKeyTypeGroups:                   count.Groups,
		iam.SummaryKeyTypeRoles:                    count.Roles,
		iam.SummaryKeyTypePolicies:                 count.Policies,
		iam.SummaryKeyTypePolicyVersionsInUse:      count.PolicyVersions,
		iam.SummaryKeyTypeProviders:                count.OIDCProviders,
		iam.SummaryKeyTypeAccountAccessKeysPresent: min(count.RootAccessKeys, 1),
	} {
		summary[key] = int32(n)
	}
	return &iam.GetAccountSummaryOutput{SummaryMap: summary}, nil
}

// quotaSummary is the summary of an empty account. What Espalier does not have,
// such as instance profiles, is there none of, with AWS's quota.
func quotaSummary(q *identity.Quotas) map[iam.SummaryKeyType]int32 {
	return map[iam.SummaryKeyType]int32{
		iam.SummaryKeyTypeUsersQuota:                        int32(q.Users),
		iam.SummaryKeyTypeGroupsQuota:                       int32(q.Groups),
		iam.SummaryKeyTypeRolesQuota:                        int32(q.Roles),
		iam.SummaryKeyTypePoliciesQuota:                     int32(q.Policies),
		iam.SummaryKeyTypePolicySizeQuota:                   int32(q.PolicyCharacters),
		iam.SummaryKeyTypeVersionsPerPolicyQuota:            int32(q.VersionsPerPolicy),
		iam.SummaryKeyTypePolicyVersionsInUseQuota:          10_000,
		iam.SummaryKeyTypeUserPolicySizeQuota:               int32(q.UserPolicyCharacters),
		iam.SummaryKeyTypeGroupPolicySizeQuota:              int32(q.GroupPolicyCharacters),
		iam.SummaryKeyTypeRolePolicySizeQuota:               int32(q.RolePolicyCharacters),
		iam.SummaryKeyTypeAssumeRolePolicySizeQuota:         int32(q.TrustPolicyCharacters),
		iam.SummaryKeyTypeGroupsPerUserQuota:                int32(q.GroupsPerUser),
		iam.SummaryKeyTypeAccessKeysPerUserQuota:            int32(q.AccessKeysPerUser),
		iam.SummaryKeyTypeAttachedPoliciesPerUserQuota:      int32(q.PoliciesPerUser),
		iam.SummaryKeyTypeAttachedPoliciesPerGroupQuota:     int32(q.PoliciesPerGroup),
		iam.SummaryKeyTypeAttachedPoliciesPerRoleQuota:      int32(q.PoliciesPerRole),
		iam.SummaryKeyTypeGlobalEndpointTokenVersion:        1,
		iam.SummaryKeyTypeSigningCertificatesPerUserQuota:   2,
		iam.SummaryKeyTypeServerCertificatesQuota:           20,
		iam.SummaryKeyTypeInstanceProfilesQuota:             1000,
		iam.SummaryKeyTypeServerCertificates:                0,
		iam.SummaryKeyTypeInstanceProfiles:                  0,
		iam.SummaryKeyTypeMFADevices:                        0,
		iam.SummaryKeyTypeMFADevicesInUse:                   0,
		iam.SummaryKeyTypeAccountMFAEnabled:                 0,
		iam.SummaryKeyTypeAccountPasswordPresent:            0,
		iam.SummaryKeyTypeAccountSigningCertificatesPresent: 0,
	}
}
