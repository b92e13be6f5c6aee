package policy_test

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"strings"

	"github.com/espalier-cloud/espalier/policy"
)

// This file draws chains of policies and requests at random, from small alphabets and around one
// request, so that a good part of the statements matches. Everything drawn is legal.

// generator draws from a source of numbers: IntN draws one from 0 to below n.
type generator struct{ IntN func(n int) int }

func newGenerator(seed, stream uint64) generator {
	return generator{rand.New(rand.NewPCG(seed, stream)).IntN}
}

func (g generator) chance(percent int) bool { return g.IntN(100) < percent }

func pick[T any](g generator, from []T) T { return from[g.IntN(len(from))] }

// some draws between one and three.
func some[T any](g generator, draw func() T) []T {
	all := []T{draw()}
	for len(all) < 3 && g.chance(40) {
		all = append(all, draw())
	}
	return all
}

const (
	deployRole    = "arn:aws:iam::" + homeAccount + ":role/path/deploy"
	canonicalUser = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"
	homeAccount   = "111111111111"
	otherAccount  = "222222222222"
)

// Requests.

// The principals that ask and are named: those of accounts first.
var principals = []policy.Principal{
	{Type: policy.RootUser, ARN: "arn:aws:iam::" + homeAccount + ":root", Account: homeAccount},
	{Type: policy.User, ARN: "arn:aws:iam::" + homeAccount + ":user/ann", Account: homeAccount},
	{Type: policy.User, ARN: "arn:aws:iam::" + homeAccount + ":user/team/bob", Account: homeAccount},
	{Type: policy.User, ARN: "arn:aws:iam::" + otherAccount + ":user/ann", Account: otherAccount},
	{Type: policy.Role, ARN: deployRole, Account: homeAccount},
	{Type: policy.RoleSession, ARN: "arn:aws:sts::" + homeAccount + ":assumed-role/deploy/s1", Account: homeAccount, Issuer: deployRole},
	{Type: policy.RoleSession, ARN: "arn:aws:sts::" + homeAccount + ":assumed-role/app/s2", Account: homeAccount, Issuer: "arn:aws:iam::" + homeAccount + ":role/app"},
	{Type: policy.RoleSession, ARN: "arn:aws:sts::" + otherAccount + ":assumed-role/app/s1", Account: otherAccount, Issuer: "arn:aws:iam::" + otherAccount + ":role/app"},
	{Type: policy.RoleSession, ARN: "arn:aws:sts::" + homeAccount + ":assumed-role/AWSServiceRoleForX/s", Account: homeAccount,
		Issuer: "arn:aws:iam::" + homeAccount + ":role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX", ServiceLinked: true},
	{Type: policy.FederatedUser, ARN: "arn:aws:sts::" + homeAccount + ":federated-user/fred", Account: homeAccount, Issuer: "arn:aws:iam::" + homeAccount + ":user/ann"},
	{Type: policy.FederatedUser, ARN: "arn:aws:sts::" + homeAccount + ":federated-user/gina", Account: homeAccount, Issuer: "arn:aws:iam::" + homeAccount + ":user/team/bob"},
	{Type: policy.Federated, ARN: "arn:aws:iam::" + homeAccount + ":saml-provider/corp", Account: homeAccount},
	{Type: policy.Federated, ARN: "accounts.google.com"},
	{Type: policy.Service, ARN: "cloudtrail.amazonaws.com"},
	{Type: policy.CanonicalUser, ARN: canonicalUser},
	{Type: policy.Anonymous},
}

var actions = []string{"s3:GetObject", "s3:GetObject", "s3:PutObject", "s3:getobjectacl", "kms:Decrypt", "kms:RetireGrant", "sts:AssumeRole",
	"sts:TagSession", "sqs:SendMessage", "secretsmanager:GetSecretValue", "ec2:RunInstances", "organizations:LeaveOrganization", "sts:GetCallerIdentity"}

var resources = []string{"*", "arn:aws:s3:::data", "arn:aws:s3:::data/a/b", "arn:aws:s3:::data/ann/x", "arn:aws:s3:::data/red:x", "arn:aws:s3:::Data/a/b",
	"arn:aws:s3:::data/*", "arn:aws:s3:::data/é", "arn:aws:s3:::data/$/x", "arn:aws:kms:eu-west-1:" + homeAccount + ":key/k1", "arn:aws:kms:eu-west-1:" + homeAccount + ":alias/k1",
	"arn:aws:iam::" + homeAccount + ":role/app", "arn:aws:iam::" + otherAccount + ":role/app",
	"arn:aws:iam::" + homeAccount + ":role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX",
	"arn:aws:sqs:us-east-1:" + homeAccount + ":q", "arn:aws:sqs:us-east-1:" + homeAccount + ":", "arn:aws:ec2:us-east-1:" + homeAccount + ":instance/*"}

// request draws a request from nothing.
func (g generator) request() naiveRequest {
	r := naiveRequest{Principal: g.principal(), Action: pick(g, actions), Resource: pick(g, resources), Context: map[string]any{}}
	switch service, _, _ := strings.Cut(r.Action, ":"); {
	case service == "kms" && g.chance(60):
		r.Resource = "arn:aws:kms:eu-west-1:" + homeAccount + ":key/k1"
	case service == "sts" && g.chance(60):
		r.Resource = pick(g, []string{"arn:aws:iam::" + homeAccount + ":role/app", "arn:aws:iam::" + homeAccount + ":role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"})
	case service == "s3" && g.chance(60):
		r.Resource = pick(g, []string{"arn:aws:s3:::data", "arn:aws:s3:::data/a/b", "arn:aws:s3:::data/ann/x"})
	}
	g.place(&r)
	for _, key := range conditionKeys {
		if g.chance(70) {
			r.Context[key.name] = g.contextValue(key)
		}
	}
	return r
}

// principal draws more principals of accounts than others.
func (g generator) principal() policy.Principal {
	if g.chance(60) {
		return pick(g, principals[:11])
	}
	return pick(g, principals)
}

// place draws where principal and resource are.
func (g generator) place(r *naiveRequest) {
	if part := strings.SplitN(r.Resource, ":", 6); len(part) == 6 && part[4] != "" {
		r.ResourceAccount = part[4]
	} else if r.ResourceAccount = homeAccount; g.chance(25) {
		r.ResourceAccount = otherAccount
	}
	memberships := []policy.Membership{policy.Member, policy.Member, policy.Member, policy.Member, policy.ManagementAccount, policy.NoOrganization}
	r.PrincipalMembership, r.ResourceMembership = pick(g, memberships), pick(g, memberships)
}

// vary draws a request that differs in something from a given one.
func (g generator) vary(r naiveRequest) naiveRequest {
	if g.chance(40) {
		r.Principal = g.principal()
	}
	if g.chance(25) {
		r.Action = pick(g, actions)
	}
	if g.chance(25) {
		r.Resource = pick(g, resources)
	}
	if g.chance(30) {
		g.place(&r)
	}
	r.Context = maps.Clone(r.Context)
	for range g.IntN(5) {
		key := pick(g, conditionKeys)
		if delete(r.Context, key.name); g.chance(70) {
			r.Context[key.name] = g.contextValue(key)
		}
	}
	return r
}

// conditionKey is a condition key and the sort of its values.
type conditionKey struct {
	name        string
	sort        sort
	multivalued bool
}

var conditionKeys = []conditionKey{
	{"aws:PrincipalTag/team", textual, false}, {"aws:username", textual, false}, {"aws:RequestTag/Ébène", textual, false},
	{"aws:TagKeys", textual, true}, {"aws:CalledVia", textual, true},
	{"s3:max-keys", numeric, false}, {"svc:Sizes", numeric, true},
	{"aws:CurrentTime", dated, false}, {"svc:Days", dated, true},
	{"aws:SecureTransport", boolean, false}, {"svc:Flags", boolean, true},
	{"aws:SourceIp", address, false}, {"svc:Addresses", address, true},
	{"aws:SourceArn", named, false}, {"svc:Origins", named, true},
	{"svc:Blob", binary, false}, {"svc:Blobs", binary, true},
}

func (g generator) contextValue(key conditionKey) any {
	draw := func() string {
		if g.chance(8) {
			return g.value(pick(g, everySort()))
		}
		return g.value(key.sort)
	}
	if !key.multivalued {
		return draw()
	}
	if g.chance(10) {
		return []string{}
	}
	return some(g, draw)
}

// value draws a value of a sort, sound or odd.
func (g generator) value(s sort) string {
	sound, odd := sorts[s].operands, sorts[s].odd
	at := g.IntN(len(sound) + len(odd))
	if at >= len(sound) {
		return odd[at-len(sound)]
	}
	return sound[at]
}

// Policies.

// chain draws the policies around a request.
func (g generator) chain(focus naiveRequest) chain {
	d := drafter{g, focus}
	c := chain{ServiceControl: d.levels(policy.ServiceControlPolicy), ResourceControl: d.levels(policy.ResourceControlPolicy)}
	c.Identity = d.documents(policy.IdentityPolicy, 60)
	if g.chance(25) {
		c.Boundary = d.documents(policy.PermissionsBoundary, 60)
	}
	if g.chance(35) {
		c.Session = d.documents(policy.SessionPolicy, 50)
	}
	if g.chance(15) {
		c.Endpoint = d.documents(policy.EndpointPolicy, 70)
	}
	if g.chance(80) {
		c.Resource = new(d.document(resourceKind(focus.Action)))
	}
	return c
}

// resourceKind is the kind of the policies of the resources that an action is about.
func resourceKind(action string) policy.Kind {
	switch service, _, _ := strings.Cut(action, ":"); service {
	case "sts":
		return policy.TrustPolicy
	case "organizations":
		return policy.DelegationPolicy
	default:
		return policy.ResourcePolicy
	}
}

// drafter drafts policies that have a good chance to match one request.
type drafter struct {
	generator
	focus naiveRequest
}

func (d drafter) levels(kind policy.Kind) [][]document {
	var levels [][]document
	for d.chance(55) && len(levels) < 3 {
		levels = append(levels, d.documents(kind, 88))
	}
	return levels
}

// documents drafts up to three documents, with one that allows everything by the given chance.
func (d drafter) documents(kind policy.Kind, everything int) []document {
	documents := []document{}
	if d.chance(everything) {
		documents = append(documents, allowEverything(kind))
	}
	for d.chance(45) && len(documents) < 3 {
		documents = append(documents, d.document(kind))
	}
	return documents
}

// allowEverything is the policy that allows everything, such as p-FullAWSAccess.
func allowEverything(kind policy.Kind) document {
	statement := map[string]any{"Effect": "Allow", "Action": "*", "Resource": "*"}
	if kind == policy.ResourceControlPolicy || kind == policy.EndpointPolicy {
		statement["Principal"] = "*"
	}
	return encode(kind, map[string]any{"Version": "2012-10-17", "Statement": []any{statement}})
}

func encode(kind policy.Kind, content map[string]any) document {
	text, err := json.Marshal(content)
	if err != nil {
		panic(err)
	}
	return document{kind, string(text)}
}

func (d drafter) document(kind policy.Kind) document {
	content := map[string]any{"Statement": some(d.generator, func() map[string]any { return d.statement(kind) })}
	switch version := d.IntN(100); {
	case version < 75:
		content["Version"] = "2012-10-17"
	case version < 87 && kind != policy.ServiceControlPolicy:
		content["Version"] = "2008-10-17"
	}
	if statements := content["Statement"].([]map[string]any); len(statements) == 1 && d.chance(50) {
		content["Statement"] = statements[0]
	}
	return encode(kind, content)
}

func (d drafter) statement(kind policy.Kind) map[string]any {
	s := map[string]any{"Effect": "Allow"}
	if kind == policy.ResourceControlPolicy || d.chance(45) {
		s["Effect"] = "Deny"
	}
	d.namePrincipals(kind, s)
	if !narrow(kind) && d.chance(15) {
		s["NotAction"] = d.oneOrMany(func() string { return d.action(kind, 30) })
	} else {
		s["Action"] = d.oneOrMany(func() string { return d.action(kind, 80) })
	}
	switch {
	case kind == policy.TrustPolicy, kind == policy.ResourcePolicy && d.chance(10):
	case kind != policy.DelegationPolicy && d.chance(15):
		s["NotResource"] = d.oneOrMany(func() string { return d.resource(kind, 30) })
	default:
		s["Resource"] = d.oneOrMany(func() string { return d.resource(kind, 80) })
	}
	if d.chance(60) {
		s["Condition"] = d.conditions(kind)
	}
	return s
}

// narrow tells whether documents of a kind speak of some services only.
func narrow(kind policy.Kind) bool {
	return kind == policy.ResourceControlPolicy || kind == policy.TrustPolicy || kind == policy.DelegationPolicy
}

// oneOrMany draws a value of an element: a string, or a list of strings.
func (d drafter) oneOrMany(draw func() string) any {
	if many := some(d.generator, draw); len(many) > 1 || d.chance(30) {
		return many
	}
	return draw()
}

// action drafts a pattern, from the request's action by the given chance in a hundred.
func (d drafter) action(kind policy.Kind, near int) string {
	action := pick(d.generator, actions)
	if d.chance(near) {
		action = d.focus.Action
	}
	service, name, _ := strings.Cut(action, ":")
	switch {
	case kind == policy.ResourceControlPolicy && (service == "ec2" || service == "organizations"):
		service = "s3"
	case kind == policy.TrustPolicy:
		service = "sts"
	case kind == policy.DelegationPolicy:
		service = "organizations"
	}
	switch d.IntN(9) {
	case 0:
		name = "*"
	case 1:
		name = name[:3] + "*"
	case 2:
		name = "*" + name[len(name)-4:]
	case 3:
		name = "?" + name[1:]
	case 4:
		name = name[:1] + "*" + name[4:5] + "*"
	case 5:
		return strings.ToUpper(service + ":" + name)
	case 6:
		if !narrow(kind) {
			return "*"
		}
	}
	return service + ":" + name
}

// resource drafts a pattern, from the request's resource by the given chance in a hundred.
func (d drafter) resource(kind policy.Kind, near int) string {
	arn := pick(d.generator, resources)
	if d.chance(near) {
		arn = d.focus.Resource
	}
	if arn == "*" || d.chance(25) {
		return "*"
	}
	part := strings.SplitN(arn, ":", 6)
	switch d.IntN(12) {
	case 0:
		part[5] = "*"
	case 1:
		part[5] = d.wild(part[5])
	case 2:
		part[3], part[4] = "*", "*"
	case 3:
		part[2], part[3] = strings.ToUpper(part[2]), strings.ToUpper(part[3])
	case 4:
		part[1] = "a?*"
		part[5] = d.wild(part[5])
	case 5:
		part[5] = strings.Replace(part[5], "a", d.variable(), 1)
	case 6:
		part[5] = "data/" + d.variable() + "/*"
	case 7:
		part[5] = strings.ReplaceAll(part[5], "*", "${*}")
	case 8:
		if pattern, ok := short(kind, part, d.IntN(3)+2); ok {
			return pattern
		}
	}
	if part[5] == "" {
		part[5] = "*"
	}
	return strings.Join(part, ":")
}

// short cuts an ARN to fewer than six parts, where the kind of document permits that.
func short(kind policy.Kind, part []string, length int) (string, bool) {
	pattern := strings.Join(part[:length], ":")
	switch kind {
	case policy.ResourceControlPolicy, policy.DelegationPolicy:
		return "", false
	case policy.ServiceControlPolicy:
		pattern += "*"
	default:
	}
	return pattern, true
}

// wild puts a wildcard into a text.
func (d drafter) wild(text string) string {
	runes := []rune(text)
	if len(runes) == 0 {
		return "*"
	}
	from := d.IntN(len(runes))
	to := from + d.IntN(len(runes)-from)
	switch d.IntN(3) {
	case 0:
		return string(runes[:from]) + "?" + string(runes[from+1:])
	case 1:
		return string(runes[:from]) + "*" + string(runes[to:])
	default:
		return "*" + string(runes[from:to]) + "*"
	}
}

func (d drafter) variable() string {
	return pick(d.generator, []string{"${aws:username}", "${aws:username}", "${AWS:UserName}", "${aws:PrincipalTag/team}", "${aws:PrincipalTag/team, 'red'}",
		"${aws:TagKeys}", "${aws:TagKeys, 'a'}", "${svc:Nothing}", "${svc:Nothing, 'ann'}", "${*}", "${?}", "${$}", "${aws:SourceArn}"})
}

// namePrincipals drafts Principal or NotPrincipal where the kind of document has one.
func (d drafter) namePrincipals(kind policy.Kind, s map[string]any) {
	switch kind {
	case policy.ResourceControlPolicy:
		s["Principal"] = pick(d.generator, []any{"*", map[string]any{"AWS": "*"}})
	case policy.EndpointPolicy:
		s["Principal"] = d.principalElement(kind, 40)
	case policy.ResourcePolicy, policy.TrustPolicy:
		if s["Effect"] == "Deny" && d.chance(30) {
			s["NotPrincipal"] = d.principalElement(kind, 0)
			return
		}
		s["Principal"] = d.principalElement(kind, 15)
	case policy.DelegationPolicy:
		entries := some(d.generator, func() string {
			return pick(d.generator, []string{homeAccount, otherAccount, deployRole, "arn:aws:iam::" + homeAccount + ":user/ann"})
		})
		s["Principal"] = map[string]any{"AWS": entries}
	default:
	}
}

// named draws whom to name, by half the request's principal.
func (d drafter) named() policy.Principal {
	if d.chance(50) {
		return d.focus.Principal
	}
	return pick(d.generator, principals)
}

// principalElement drafts the value of Principal or NotPrincipal.
func (d drafter) principalElement(kind policy.Kind, everybody int) any {
	if d.chance(everybody) {
		return pick(d.generator, []any{"*", map[string]any{"AWS": "*"}})
	}
	byType := map[string]any{}
	for _, p := range some(d.generator, d.named) {
		who, entry := "AWS", p.ARN
		switch p.Type {
		case policy.Anonymous:
			entry = "*"
		case policy.Service:
			who = "Service"
		case policy.Federated:
			who = "Federated"
		case policy.CanonicalUser:
			if who = "CanonicalUser"; kind == policy.TrustPolicy {
				who, entry = "AWS", homeAccount
			}
		default:
			if d.chance(25) {
				entry = pick(d.generator, []string{p.Account, "arn:aws:iam::" + p.Account + ":root"})
			} else if p.Issuer != "" && d.chance(60) {
				entry = p.Issuer
			}
		}
		listed, _ := byType[who].([]string)
		byType[who] = append(listed, entry)
	}
	for who, listed := range byType {
		if entries := listed.([]string); len(entries) == 1 && d.chance(50) {
			byType[who] = entries[0]
		}
	}
	return byType
}
