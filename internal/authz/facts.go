package authz

import (
	"strconv"
	"strings"

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

// lastElement returns what follows the last slash.
func lastElement(text string) string { return text[strings.LastIndexByte(text, '/')+1:] }
