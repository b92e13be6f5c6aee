package policy

import "strings"

// grants are the ways in which a resource policy can grant access to a principal of its own
// account. They differ in what else must allow (IAM user guide, evaluation logic: identity-based
// and resource-based policies within a single account).
type grants uint8

const (
	// toEveryone is a grant to "*".
	toEveryone grants = 1 << iota
	// toAccount delegates to the account of the principal.
	toAccount
	// toUser names the IAM user that calls.
	toUser
	// toRole names the role that the caller is a session of.
	toRole
	// toSession names the session of a role or of a federated user.
	toSession
	// toIssuer names the IAM user that the federated user who calls acts for.
	toIssuer
	// toOutsider names a service, an identity of a provider or a canonical user.
	toOutsider
)

// suffices tells whether a grant is enough, given what the principal's own policies allow.
func (g grants) suffices(identity, boundary, session bool) bool {
	return g&(toEveryone|toUser|toSession|toOutsider) != 0 ||
		g&(toRole|toIssuer) != 0 && boundary && session ||
		g&toAccount != 0 && identity && boundary && session
}

// principalPattern is one principal of a Principal or NotPrincipal element.
type principalPattern struct {
	everyone bool
	typ      string
	account  string // of an entry that stands for a whole account
	value    string
}

func compilePrincipal(typ, value string) principalPattern {
	p := principalPattern{typ: typ, value: value}
	if typ == "*" || typ == "AWS" {
		p.typ = "AWS"
		p.everyone = value == "*"
		p.account = accountOf(value)
	}
	return p
}

// accountOf returns the account that an AWS principal stands for: a bare id, or the ARN of the root
// user.
func accountOf(value string) string {
	if len(value) == 12 && digits(value) {
		return value
	}
	if parts, ok := splitARN(value); ok && parts[2] == "iam" && parts[5] == "root" {
		return parts[4]
	}
	return ""
}

// grants returns the ways in which the entry names a principal.
func (e *principalPattern) grants(p *Principal) grants {
	switch {
	case e.everyone:
		return toEveryone
	case e.typ != "AWS":
		if e.namesOutsider(p) {
			return toOutsider
		}
		return 0
	case e.account != "":
		if e.account == p.Account && p.Type != Federated {
			return toAccount
		}
		return 0
	}
	switch p.Type {
	case User:
		return when(e.value == p.ARN, toUser)
	case Role:
		return when(e.value == p.ARN, toRole)
	case RoleSession:
		return when(e.value == p.ARN, toSession) | when(e.value == p.Issuer, toRole)
	case FederatedUser:
		return when(e.value == p.ARN, toSession) | when(e.value == p.Issuer, toIssuer)
	case Anonymous, RootUser, Federated, Service, CanonicalUser:
		return 0
	}
	return 0
}

// names tells whether an entry of NotPrincipal exempts a principal. The entry of an account exempts
// its root user only.
func (e *principalPattern) names(p *Principal) bool {
	g := e.grants(p)
	return g&^toAccount != 0 || g == toAccount && p.Type == RootUser
}

func (e *principalPattern) namesOutsider(p *Principal) bool {
	switch p.Type {
	case Service:
		return e.typ == "Service" && strings.EqualFold(e.value, p.ARN)
	case Federated:
		return e.typ == "Federated" && e.value == p.ARN
	case CanonicalUser:
		return e.typ == "CanonicalUser" && e.value == p.ARN
	case Anonymous, RootUser, User, Role, RoleSession, FederatedUser:
		return false
	}
	return false
}

func when(b bool, g grants) grants {
	if b {
		return g
	}
	return 0
}
