package policy

import "strings"

// grammar is what documents of a kind may say, beyond what all of them may.
type grammar struct {
	versions []string // what Version may be; no document needs one
	id       bool     // the document may have an Id
	anySid   bool     // a Sid may hold any characters, and not letters and digits only
	effects  []string

	principal, action, resource presence

	// principals are the types of principals that may be named, each with the check of its values.
	principals   map[string]check
	onePrincipal bool // a type's value is no list
	// services are the services whose actions may be named. Without any it is all of them, and the
	// action "*" too.
	services []string
	// short tells whether a resource may be an ARN of fewer than six parts.
	short func(arn string) bool
	// operands are not checked, but for those of BinaryEquals: sessions were seen to be made with any,
	// and AWS publishes organization policies and resource policies with placeholders for them.
	anyOperand bool
}

// check tells whether a text is what is expected, which it says in words.
type check struct {
	ok       func(text string) bool
	expected string
}

// presence says which of an element and its negation a statement has: Action and NotAction,
// Resource and NotResource, Principal and NotPrincipal.
type presence int

const (
	absent   presence = iota // neither
	positive                 // the element
	either                   // one of the two
	optional                 // one of the two, or none
)

var (
	anyVersion = []string{Version2008, Version2012}
	anyEffect  = []string{Allow.String(), Deny.String()}
	everyone   = map[string]check{
		"AWS":           {isAWSPrincipal, `"*", an account id, or the ARN of an account's root, a user, a role or a session, without wildcards`},
		"Service":       {isServicePrincipal, `a service principal such as "cloudtrail.amazonaws.com"`},
		"Federated":     {isFederatedPrincipal, `a provider such as "accounts.google.com", or the ARN of a SAML or OpenID Connect provider`},
		"CanonicalUser": {isCanonicalUser, "a canonical user id of 64 hexadecimal digits"},
	}
)

// The grammars of the kinds, as the IAM and AWS Organizations user guides give them and as AWS was
// seen to apply them. A role's trust policy speaks of the role alone and has no Resource; the policy
// of a resource may leave it out, as those of Amazon ECR repositories do, and then speaks of the
// resource that it belongs to.
var grammars = map[Kind]grammar{
	ServiceControlPolicy: {
		versions: []string{Version2012}, effects: anyEffect,
		action: either, resource: either, short: endsInWildcard, anyOperand: true,
	},
	ResourceControlPolicy: {
		versions: anyVersion, effects: []string{Deny.String()},
		principal: positive, action: positive, resource: either,
		principals: map[string]check{"AWS": {isEverybody, `"*"`}}, onePrincipal: true,
		services: resourceControlServices(), short: never, anyOperand: true,
	},
	EndpointPolicy: {
		versions: anyVersion, id: true, anySid: true, effects: anyEffect,
		principal: either, action: either, resource: either,
		principals: everyone, short: always, anyOperand: true,
	},
	PermissionsBoundary: {
		versions: anyVersion, effects: anyEffect,
		action: either, resource: either, short: always,
	},
	SessionPolicy: {
		versions: anyVersion, effects: anyEffect,
		action: either, resource: either, short: always, anyOperand: true,
	},
	IdentityPolicy: {
		versions: anyVersion, effects: anyEffect,
		action: either, resource: either, short: always,
	},
	ResourcePolicy: {
		versions: anyVersion, id: true, anySid: true, effects: anyEffect,
		principal: either, action: either, resource: optional,
		principals: everyone, short: always, anyOperand: true,
	},
	TrustPolicy: {
		versions: anyVersion, id: true, effects: anyEffect,
		principal: either, action: positive,
		principals: only(everyone, "AWS", "Service", "Federated"), services: []string{"sts"},
	},
	DelegationPolicy: {
		versions: anyVersion, id: true, effects: anyEffect,
		principal: positive, action: positive, resource: positive,
		principals: map[string]check{"AWS": {isNamedAWSPrincipal, "an account id, or the ARN of an account's root, a user, a role or a session, without wildcards"}},
		services:   []string{"organizations"}, short: never,
	},
}

// pair is an element of statements that has a negation.
type pair struct {
	element  string
	presence presence
}

func (p pair) negation() string { return "Not" + p.element }

func (g *grammar) pairs() [3]pair {
	return [...]pair{{"Principal", g.principal}, {"Action", g.action}, {"Resource", g.resource}}
}

// statementElements are the elements that a statement may have.
func (g *grammar) statementElements() []string {
	names := []string{"Sid", "Effect"}
	for _, pair := range g.pairs() {
		if pair.presence != absent {
			names = append(names, pair.element)
		}
		if pair.presence == either || pair.presence == optional {
			names = append(names, pair.negation())
		}
	}
	return append(names, "Condition")
}

func always(string) bool { return true }

func never(string) bool { return false }

func endsInWildcard(arn string) bool { return strings.HasSuffix(arn, "*") }

// only returns some of the checks.
func only(checks map[string]check, names ...string) map[string]check {
	some := map[string]check{}
	for _, name := range names {
		some[name] = checks[name]
	}
	return some
}
