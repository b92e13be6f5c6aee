package ops

import (
	"fmt"
	"strings"

	"github.com/espalier-cloud/espalier/effective"
	"github.com/espalier-cloud/espalier/internal/api/iam"
	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/org"
)

// The types of taggable resources, as tag policies name them.
const (
	typeAccount        = "organizations:account"
	typeUnit           = "organizations:ou"
	typePolicy         = "organizations:policy"
	typeResourcePolicy = "organizations:resourcepolicy"
	typeRoot           = "organizations:root"
	typeTransfer       = "organizations:responsibilitytransfer"

	typeIAMOIDCProvider = "iam:oidc-provider"
	typeIAMPolicy       = "iam:policy"
	typeIAMRole         = "iam:role"
	typeIAMUser         = "iam:user"
)

// typeOf returns the type of a resource of AWS Organizations.
func typeOf(id string) string {
	for prefix, t := range map[string]string{"ou-": typeUnit, "p-": typePolicy, "rp-": typeResourcePolicy, "rt-": typeTransfer, "r-": typeRoot} {
		if strings.HasPrefix(id, prefix) {
			return t
		}
	}
	return typeAccount
}

// tagRules returns the tag policy in force for an account, or nil when there is
// none.
func (c *Core) tagRules(o *org.Organization, account org.AccountID) (*effective.TagRules, error) {
	if o == nil || !o.Exists() || o.Standing(account) == org.Outside || o.Root().Status(org.TagPolicy) != org.PolicyTypeEnabled {
		return nil, nil
	}
	policy, err := c.Effective.Of(o, org.TargetID(account), org.TagPolicy)
	if err != nil {
		return nil, err
	}
	return policy.TagRules()
}

// violation returns the first tag that the tag policy in force for an account
// forbids to set on a type of resource, or nil.
func (c *Core) violation(o *org.Organization, account org.AccountID, resourceType string, tags map[string]string) (*effective.Noncompliance, error) {
	if len(tags) == 0 {
		return nil, nil
	}
	rules, err := c.tagRules(o, account)
	if err != nil || rules == nil {
		return nil, err
	}
	if broken, refused := rules.Check(resourceType, tags).Refused(); refused {
		return &broken, nil
	}
	return nil, nil
}

// enforceTags refuses tags that the tag policy in force forbids. The resources of
// an organization are the management account's. It returns ConstraintViolation
// TAG_POLICY_VIOLATION.
func (o *Organizations) enforceTags(by Caller, resourceType string, in []organizations.Tag) error {
	tags := map[string]string{}
	for _, t := range in {
		tags[t.Key] = *t.Value
	}
	owner := by.View.Organization.Settings().ManagementAccount
	broken, err := o.violation(by.View.Organization, owner, resourceType, tags)
	if err != nil {
		return err
	}
	if broken != nil {
		return org.Refuse(org.ConstraintViolation, "TAG_POLICY_VIOLATION", broken)
	}
	return nil
}

// enforceTags refuses tags that the tag policy in force for the caller's account
// forbids.
func (i *IAM) enforceTags(by Caller, resourceType string, in []iam.Tag) error {
	tags := map[string]string{}
	for _, t := range in {
		tags[t.Key] = given(t.Value)
	}
	broken, err := i.violation(by.View.Organization, org.AccountID(by.Account), resourceType, tags)
	if err != nil {
		return err
	}
	if broken != nil {
		return &refusal{"InvalidInput", fmt.Sprintf("The tag policy does not allow the specified value for the following tag key: '%s'.", broken.Key), badRequest}
	}
	return nil
}
