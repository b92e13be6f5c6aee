package policy

import (
	"fmt"
	"strings"
)

// PrincipalType is the sort of identity that makes a request.
type PrincipalType int

// The types of principals.
const (
	// Anonymous is nobody: a request without credentials.
	Anonymous PrincipalType = iota
	// RootUser is the root user of an account.
	RootUser
	// User is an IAM user.
	User
	// Role is a role itself, as policies name it and as AuthZEN clients may send it.
	Role
	// RoleSession is a session of a role, arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION.
	RoleSession
	// FederatedUser is a session made by GetFederationToken.
	FederatedUser
	// Federated is an identity of a SAML or OpenID Connect provider that has no session yet.
	Federated
	// Service is an AWS service, by its service principal.
	Service
	// CanonicalUser is an account by its canonical user id, as Amazon S3 names it.
	CanonicalUser
)

// Principal is who makes a request.
type Principal struct {
	Type PrincipalType
	// ARN identifies the principal: an ARN, the service principal of a [Service], the provider of a
	// [Federated] identity, "" for [Anonymous].
	ARN     string
	Account string // twelve digits; "" for Anonymous, Service and CanonicalUser
	// Issuer is the ARN of the role that a [RoleSession] is of, with its path, or of the user that a
	// [FederatedUser] acts for.
	Issuer string
	// ServiceLinked marks the sessions of a service-linked role. Organization policies do not bind
	// them.
	ServiceLinked bool
}

// ParsePrincipal reads the ARN of a principal, a service principal such as
// cloudtrail.amazonaws.com, a provider such as accounts.google.com, or "" and "*" for nobody in
// particular. The ARN of a role session does not hold the path of its role: set Issuer where the
// role has one.
func ParsePrincipal(text string) (Principal, error) {
	if text == "" || text == "*" {
		return Principal{Type: Anonymous}, nil
	}
	parts, ok := splitARN(text)
	if !ok {
		return parseOutsider(text)
	}
	p := Principal{ARN: text, Account: parts[4]}
	kind, name, _ := strings.Cut(parts[5], "/")
	switch {
	case parts[2] == "iam" && parts[5] == "root":
		p.Type = RootUser
	case parts[2] == "iam" && kind == "user" && name != "":
		p.Type = User
	case parts[2] == "iam" && kind == "role" && name != "":
		p.Type, p.ServiceLinked = Role, strings.HasPrefix(name, "aws-service-role/")
	case parts[2] == "iam" && (kind == "oidc-provider" || kind == "saml-provider") && name != "":
		p.Type = Federated
	case parts[2] == "sts" && kind == "assumed-role" && strings.Contains(name, "/"):
		role, _, _ := strings.Cut(name, "/")
		p.Type, p.Issuer = RoleSession, "arn:"+parts[1]+":iam::"+parts[4]+":role/"+role
	case parts[2] == "sts" && kind == "federated-user" && name != "":
		p.Type = FederatedUser
	default:
		return Principal{}, fmt.Errorf("%q is not the ARN of a principal: expected a root user, user, role, session or identity provider", text)
	}
	if len(p.Account) != 12 {
		return Principal{}, fmt.Errorf("%q does not name an account of twelve digits", text)
	}
	return p, nil
}

// parseOutsider reads a principal that has no ARN.
func parseOutsider(text string) (Principal, error) {
	switch {
	case strings.HasSuffix(text, ".amazonaws.com") || strings.HasSuffix(text, ".amazonaws.com.cn"):
		return Principal{Type: Service, ARN: text}, nil
	case strings.HasPrefix(text, "arn:") || strings.ContainsAny(text, " *?"):
		return Principal{}, fmt.Errorf("%q is not a principal: expected an ARN, a service principal or *", text)
	case strings.Contains(text, "."):
		return Principal{Type: Federated, ARN: text}, nil
	case len(text) == 64:
		return Principal{Type: CanonicalUser, ARN: text}, nil
	}
	return Principal{}, fmt.Errorf("%q is not a principal: expected an ARN, a service principal or *", text)
}
