package authz

import (
	"strconv"
	"strings"

	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/policy"
)

// asked is a request with what was found out about its parties.
type asked struct {
	*policy.Request
	principal     *principal
	above, around *chain // of the accounts of the principal and of the owner
}

// facts are the condition keys that every request has:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html. The
// place of an account outside of any organization is absent.
var facts = policy.NewFacts(map[string]func(asked) string{
	"aws:PrincipalAccount":      func(a asked) string { return a.Principal.Account },
	"aws:PrincipalArn":          asked.principalARN,
	"aws:PrincipalIsAWSService": func(a asked) string { return strconv.FormatBool(a.Principal.Type == policy.Service) },
	"aws:PrincipalOrgID":        func(a asked) string { return a.above.organization },
	"aws:PrincipalServiceName":  asked.serviceName,
	"aws:PrincipalType":         asked.principalType,
	"aws:ResourceAccount":       func(a asked) string { return a.ResourceAccount },
	"aws:ResourceOrgID":         func(a asked) string { return a.around.organization },
	"aws:userid":                asked.userID,
	"aws:username":              asked.username,
}, map[string]func(asked) []string{
	"aws:PrincipalOrgPaths": func(a asked) []string { return a.above.paths },
	"aws:ResourceOrgPaths":  func(a asked) []string { return a.around.paths },
})

// principalARN returns aws:PrincipalArn: that of the role for its sessions.
func (a asked) principalARN() string {
	switch a.Principal.Type {
	case policy.RoleSession:
		return a.Principal.Issuer
	case policy.RootUser, policy.User, policy.Role, policy.FederatedUser:
		return a.Principal.ARN
	case policy.Anonymous, policy.Federated, policy.Service, policy.CanonicalUser:
	}
	return ""
}

// principalType returns aws:PrincipalType (IAM user guide, principal key values).
func (a asked) principalType() string {
	switch a.Principal.Type {
	case policy.RootUser:
		return "Account"
	case policy.User:
		return "User"
	case policy.Role, policy.RoleSession:
		return "AssumedRole"
	case policy.FederatedUser:
		return "FederatedUser"
	case policy.Anonymous, policy.Federated, policy.Service, policy.CanonicalUser:
	}
	return "Anonymous"
}

// userID returns aws:userid, "" for users and roles of whom nothing is known.
func (a asked) userID() string {
	switch a.Principal.Type {
	case policy.User:
		return a.principal.id
	case policy.RootUser:
		return a.Principal.Account
	case policy.RoleSession:
		if a.principal.id != "" {
			return a.principal.id + ":" + lastElement(a.Principal.ARN)
		}
	case policy.FederatedUser:
		return a.Principal.Account + ":" + lastElement(a.Principal.ARN)
	case policy.Anonymous, policy.Role, policy.Federated, policy.Service, policy.CanonicalUser:
	}
	return ""
}

func (a asked) username() string {
	if a.Principal.Type == policy.User {
		return lastElement(a.Principal.ARN)
	}
	return ""
}

func (a asked) serviceName() string {
	if a.Principal.Type == policy.Service {
		return a.Principal.ARN
	}
	return ""
}

// about is a resource of an organization or an account, and the type of the policies
// that a call is about, "" for one that is not.
type about struct {
	*org.Resource
	policyType org.PolicyType
}

// resourceFacts are the condition keys that some resources have beside tags.
var resourceFacts = policy.NewFacts(map[string]func(about) string{
	"organizations:PolicyType":        func(a about) string { return string(a.policyType) },
	"organizations:TransferDirection": func(a about) string { return string(a.Direction) },
	"organizations:TransferType":      about.transferType,
}, map[string]func(about) []string{
	"account:AccountResourceOrgPaths": func(a about) []string { return a.Paths },
})

func (a about) transferType() string {
	if a.Direction == "" {
		return ""
	}
	return org.TransferOfBilling
}

// describe lays a request over the condition keys about a resource. For tags IAM has
// a key of its own, too, and Account Management only that.
func describe(c *policy.Context, action string, a about) {
	if a.policyType != "" || a.Direction != "" || len(a.Paths) > 0 {
		c.Over(resourceFacts.Of(a))
	}
	service, _, _ := strings.Cut(action, ":")
	switch {
	case len(a.Tags) == 0:
	case service == "account":
		tags := new(policy.Context)
		for _, t := range a.Tags {
			tags.SetList("account:AccountResourceOrgTags/"+t.Key, []string{t.Value})
		}
		c.Over(tags)
	case service == "iam":
		c.Over(policy.Tagged("aws:ResourceTag/", a.Tags), policy.Tagged("iam:ResourceTag/", a.Tags))
	default:
		c.Over(policy.Tagged("aws:ResourceTag/", a.Tags))
	}
}

// lastElement returns what follows the last slash.
func lastElement(text string) string { return text[strings.LastIndexByte(text, '/')+1:] }
