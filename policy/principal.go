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
	var known bool
	p.Type, known = principalTypes[parts[2]+":"+kind]
	role, session, _ := strings.Cut(name, "/")
	if !known || (name == "") != (p.Type == RootUser) || p.Type == RoleSession && session == "" {
		return Principal{}, fmt.Errorf("%q is not the ARN of a principal: expected a root user, user, role, session or identity provider", text)
	}
	if len(p.Account) != 12 {
		return Principal{}, fmt.Errorf("%q does not name an account of twelve digits", text)
	}
	if p.Type == RoleSession {
		p.Issuer = "arn:" + parts[1] + ":iam::" + parts[4] + ":role/" + role
	}
	p.ServiceLinked = p.Type == Role && role == "aws-service-role"
	return p, nil
}

// principalTypes are the types of principals by the service of their ARN and the first word of its
// resource part.
var principalTypes = map[string]PrincipalType{
	"iam:root": RootUser, "iam:user": User, "iam:role": Role, "iam:oidc-provider": Federated, "iam:saml-provider": Federated,
	"sts:assumed-role": RoleSession, "sts:federated-user": FederatedUser,
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
