package policy_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/espalier-cloud/espalier/policy"
)

// This file is a second evaluator: the rules of AWS written down as directly as they can be read,
// without a thought for speed. It works on JSON as encoding/json decodes it, and shares nothing
// with the package but the names of its enumerations.

// naiveRequest is what is to be decided. A context value is a string, or a []string for a
// multivalued key.
type naiveRequest struct {
	Principal           policy.Principal
	Action, Resource    string
	ResourceAccount     string
	PrincipalMembership policy.Membership
	ResourceMembership  policy.Membership
	Context             map[string]any
}

// naiveDocument is a decoded policy document, and what it is for.
type naiveDocument struct {
	kind       policy.Kind
	version    string
	statements []map[string]any
}

// naivePolicies are the policies that have a say. Boundary, session, endpoint and resource do not
// exist where they are nil.
type naivePolicies struct {
	serviceControl, resourceControl       [][]naiveDocument
	identity, boundary, session, endpoint []naiveDocument
	resource                              *naiveDocument
}

// naiveVerdict is a decision, with the type that made it. Resource policies of all kinds are one type.
type naiveVerdict struct {
	Result policy.Result
	Kind   policy.Kind
}

// naive is one evaluation. Flip inverts the outcome of one condition operator or element wherever it
// is asked: when that changes the verdict, the operator or element was decisive.
type naive struct {
	naiveRequest
	naivePolicies
	flip string
}

func decodeNaively(kind policy.Kind, text string) (naiveDocument, error) {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var document map[string]any
	if err := decoder.Decode(&document); err != nil {
		return naiveDocument{}, err
	}
	d := naiveDocument{kind: kind}
	d.version, _ = document["Version"].(string)
	switch statement := document["Statement"].(type) {
	case map[string]any:
		d.statements = []map[string]any{statement}
	case []any:
		for _, s := range statement {
			d.statements = append(d.statements, s.(map[string]any))
		}
	}
	for _, s := range d.statements {
		if conditions, ok := s["Condition"].(map[string]any); ok {
			spelled := map[string]any{}
			for operator, keys := range conditions {
				spelled[canonical(operator)] = keys
			}
			s["Condition"] = spelled
		}
	}
	return d, nil
}

// Authorization.

func (n *naive) decide() naiveVerdict {
	if strings.EqualFold(n.Action, "sts:GetCallerIdentity") {
		return naiveVerdict{policy.Allowed, 0}
	}
	filters := n.filters()
	for _, f := range filters {
		if n.anyMatch("Deny", f.documents) {
			return naiveVerdict{policy.ExplicitDeny, f.kind}
		}
	}
	for _, f := range filters {
		for _, level := range f.levels {
			if !n.anyMatch("Allow", level) {
				return naiveVerdict{policy.ImplicitDeny, f.kind}
			}
		}
	}
	return n.grant()
}

// naiveFilter is one type of policy: all its documents, and what must allow on its own, whatever
// the others say.
type naiveFilter struct {
	kind      policy.Kind
	documents []naiveDocument
	levels    [][]naiveDocument
}

// filters are the policies that apply to the request, in the order in which a denial is reported.
func (n *naive) filters() []naiveFilter {
	var filters []naiveFilter
	if n.resourceControlApplies() {
		filters = append(filters, naiveFilter{policy.ResourceControlPolicy, slices.Concat(n.resourceControl...), n.resourceControl})
	}
	if n.serviceControlApplies() {
		filters = append(filters, naiveFilter{policy.ServiceControlPolicy, slices.Concat(n.serviceControl...), n.serviceControl})
	}
	if n.endpoint != nil {
		filters = append(filters, naiveFilter{policy.EndpointPolicy, n.endpoint, [][]naiveDocument{n.endpoint}})
	}
	if n.resource != nil {
		filters = append(filters, naiveFilter{policy.ResourcePolicy, []naiveDocument{*n.resource}, nil})
	}
	if n.hasAccount() {
		filters = append(filters,
			naiveFilter{policy.IdentityPolicy, n.identity, nil},
			naiveFilter{policy.PermissionsBoundary, n.boundary, nil},
			naiveFilter{policy.SessionPolicy, n.session, nil})
	}
	return filters
}

// hasAccount tells whether the principal is one of an account: root user, user, role or session.
func (n *naive) hasAccount() bool {
	switch n.Principal.Type {
	case policy.RootUser, policy.User, policy.Role, policy.RoleSession, policy.FederatedUser:
		return true
	default:
		return false
	}
}

func (n *naive) serviceControlApplies() bool {
	return n.hasAccount() && !n.Principal.ServiceLinked && n.PrincipalMembership == policy.Member
}

func (n *naive) resourceControlApplies() bool {
	if strings.EqualFold(n.Action, "kms:RetireGrant") {
		return false
	}
	part := strings.SplitN(n.Resource, ":", 6)
	if strings.HasPrefix(strings.ToLower(n.Action), "sts:") && len(part) == 6 && strings.HasPrefix(part[5], "role/aws-service-role/") {
		return false
	}
	return !n.Principal.ServiceLinked && n.ResourceMembership == policy.Member
}

// How much of the other policies a resource policy's Allow makes superfluous.
const (
	grantsNothing    = iota
	grantsAccount    // delegates to the account: its identity policies must allow as well
	grantsWithin     // replaces the identity policies, within boundary and session policy
	grantsAltogether // replaces all three
)

// grant decides what nothing denies explicitly and what the organization and the endpoint allow.
func (n *naive) grant() naiveVerdict {
	granted := n.resourceGrant()
	sameAccount := n.hasAccount() && n.Principal.Account == n.ResourceAccount
	if granted == grantsNothing && (!sameAccount || n.insistsOnResourcePolicy()) {
		return naiveVerdict{policy.ImplicitDeny, policy.ResourcePolicy}
	}
	if !n.hasAccount() || sameAccount && granted == grantsAltogether {
		return naiveVerdict{policy.Allowed, policy.ResourcePolicy}
	}
	identityNeeded := n.Principal.Type != policy.RootUser && (!sameAccount || granted != grantsWithin)
	if identityNeeded && !n.anyMatch("Allow", n.identity) {
		return naiveVerdict{policy.ImplicitDeny, policy.IdentityPolicy}
	}
	if n.boundary != nil && !n.anyMatch("Allow", n.boundary) {
		return naiveVerdict{policy.ImplicitDeny, policy.PermissionsBoundary}
	}
	if n.session != nil && !n.anyMatch("Allow", n.session) {
		return naiveVerdict{policy.ImplicitDeny, policy.SessionPolicy}
	}
	if identityNeeded {
		return naiveVerdict{policy.Allowed, policy.IdentityPolicy}
	}
	if granted != grantsNothing {
		return naiveVerdict{policy.Allowed, policy.ResourcePolicy}
	}
	return naiveVerdict{policy.Allowed, 0}
}

// insistsOnResourcePolicy tells whether identity policies have no effect without the resource
// policy's consent: on KMS keys and on roles to assume.
func (n *naive) insistsOnResourcePolicy() bool {
	part := strings.SplitN(n.Resource, ":", 6)
	if len(part) < 6 {
		return false
	}
	service, _, _ := strings.Cut(strings.ToLower(n.Action), ":")
	switch service {
	case "kms":
		return strings.EqualFold(part[2], "kms") && strings.HasPrefix(part[5], "key/")
	case "sts":
		return strings.EqualFold(part[2], "iam") && strings.HasPrefix(part[5], "role/")
	default:
		return false
	}
}

// resourceGrant is the most that a matching Allow of the resource policy grants.
func (n *naive) resourceGrant() int {
	most := grantsNothing
	if n.resource == nil {
		return most
	}
	for _, s := range n.resource.statements {
		if s["Effect"] == "Allow" && n.matches(*n.resource, s) {
			most = max(most, n.principalGrant(s["Principal"]))
		}
	}
	return most
}

// Statements.

func (n *naive) anyMatch(effect string, documents []naiveDocument) bool {
	for _, d := range documents {
		for _, s := range d.statements {
			if s["Effect"] == effect && n.matches(d, s) {
				return true
			}
		}
	}
	return false
}

// matches tells whether a statement applies to the request.
func (n *naive) matches(d naiveDocument, s map[string]any) bool {
	if !n.elementsMatch(d, s) {
		return false
	}
	broken := false
	conditions, _ := s["Condition"].(map[string]any)
	for operator, keys := range conditions {
		for key, operands := range keys.(map[string]any) {
			switch n.condition(d, operator, key, texts(operands)) {
			case isFalse:
				return false
			case isBroken:
				broken = true
			}
		}
	}
	return !broken || s["Effect"] == "Deny"
}

func (n *naive) elementsMatch(d naiveDocument, s map[string]any) bool {
	for element, value := range s {
		var matches bool
		switch element {
		case "Action":
			matches = n.actionMatches(texts(value))
		case "NotAction":
			matches = !n.actionMatches(texts(value))
		case "Resource":
			matches = n.resourceMatches(d, texts(value))
		case "NotResource":
			matches = !n.resourceMatches(d, texts(value))
		case "Principal":
			matches = n.principalGrant(value) != grantsNothing
		case "NotPrincipal":
			matches = !n.principalNamed(value) || n.boundary != nil && n.hasAccount()
		default:
			continue
		}
		if matches == (n.flip == element) {
			return false
		}
	}
	return true
}

func texts(value any) []string {
	switch v := value.(type) {
	case string:
		return []string{v}
	case bool:
		return []string{strconv.FormatBool(v)}
	case json.Number:
		return []string{v.String()}
	case []any:
		var all []string
		for _, item := range v {
			all = append(all, texts(item)...)
		}
		return all
	default:
		panic(fmt.Sprintf("no value of a policy: %v", value))
	}
}

func (n *naive) actionMatches(patterns []string) bool {
	for _, p := range patterns {
		if glob(literally(strings.ToLower(p), true), strings.ToLower(n.Action)) {
			return true
		}
	}
	return false
}

func (n *naive) resourceMatches(d naiveDocument, patterns []string) bool {
	for _, p := range patterns {
		if p == "*" || n.Resource != "*" && n.resourcePatternMatches(d, p) {
			return true
		}
	}
	return false
}

func (n *naive) resourcePatternMatches(d naiveDocument, pattern string) bool {
	parts, resource := strings.SplitN(pattern, ":", 6), strings.SplitN(n.Resource, ":", 6)
	if len(parts) < 6 {
		switch d.kind {
		case policy.IdentityPolicy, policy.SessionPolicy, policy.PermissionsBoundary:
		case policy.ServiceControlPolicy:
			if !strings.HasSuffix(pattern, "*") {
				return false
			}
		case policy.ResourceControlPolicy:
			return false
		default:
			if !strings.ContainsAny(pattern, "*?") {
				return false
			}
		}
		for len(parts) < 6 {
			parts = append(parts, "*")
		}
	}
	for i := range 5 {
		if !glob(literally(strings.ToLower(parts[i]), true), strings.ToLower(resource[i])) {
			return false
		}
	}
	expanded, known := n.expand(d, parts[5], true)
	return known && glob(expanded, resource[5])
}

// Principals.

// principalGrant is the most that a Principal element says about the request's principal.
func (n *naive) principalGrant(element any) int {
	if element == "*" {
		return grantsAltogether
	}
	most := grantsNothing
	for kind, values := range element.(map[string]any) {
		for _, entry := range texts(values) {
			most = max(most, n.entryGrant(kind, entry))
		}
	}
	return most
}

func (n *naive) entryGrant(kind, entry string) int {
	switch {
	case kind == "AWS" && entry == "*":
		return grantsAltogether
	case kind == "AWS" && isAccount(entry):
		if n.hasAccount() && n.Principal.Account == accountOf(entry) {
			return grantsAccount
		}
	case kind == "AWS" && n.hasAccount() && entry == n.Principal.ARN:
		if n.Principal.Type == policy.Role {
			return grantsWithin
		}
		return grantsAltogether
	case kind == "AWS" && n.hasAccount() && entry == n.Principal.Issuer:
		return grantsWithin
	case kind != "AWS" && kind == outsiderKind(n.Principal.Type) && entry == n.Principal.ARN:
		return grantsAltogether
	}
	return grantsNothing
}

func outsiderKind(t policy.PrincipalType) string {
	switch t {
	case policy.Service:
		return "Service"
	case policy.Federated:
		return "Federated"
	case policy.CanonicalUser:
		return "CanonicalUser"
	default:
		return ""
	}
}

// principalNamed tells whether a NotPrincipal element exempts the request's principal: the entry of
// an account exempts its root user only.
func (n *naive) principalNamed(element any) bool {
	switch n.principalGrant(element) {
	case grantsNothing:
		return false
	case grantsAccount:
		return n.Principal.Type == policy.RootUser
	default:
		return true
	}
}

func isAccount(entry string) bool { return accountOf(entry) != "" }

// accountOf returns the account that an entry such as 111122223333 or arn:aws:iam::111122223333:root
// names.
func accountOf(entry string) string {
	if found := accountPattern.FindStringSubmatch(entry); found != nil {
		return found[1]
	}
	return ""
}

var accountPattern = regexp.MustCompile(`^(?:arn:[^:]*:iam::)?([0-9]{12})(?::root)?$`)

// Conditions.

type truth int

const (
	isFalse truth = iota
	isTrue
	isBroken // an operand is not an ARN: Allow statements do not apply, Deny statements do
)

func truthOf(b bool) truth {
	if b {
		return isTrue
	}
	return isFalse
}

// condition evaluates one operator on one key.
func (n *naive) condition(d naiveDocument, operator, key string, operands []string) truth {
	outcome := n.plainCondition(d, operator, key, operands)
	if n.flip == operator && outcome != isBroken {
		return isTrue - outcome
	}
	return outcome
}

func (n *naive) plainCondition(d naiveDocument, operator, key string, operands []string) truth {
	forAll, forAny := strings.HasPrefix(operator, "ForAllValues:"), strings.HasPrefix(operator, "ForAnyValue:")
	name := operator[strings.IndexByte(operator, ':')+1:]
	name, ifExists := strings.CutSuffix(name, "IfExists")
	values, multivalued := n.lookup(key)
	absent := len(values) == 0
	if name == "Null" {
		return truthOf(slices.ContainsFunc(operands, func(o string) bool { return strings.EqualFold(o, "true") == absent }))
	}
	switch {
	case absent && ifExists, absent && forAll:
		return isTrue
	case absent && forAny:
		return isFalse
	case absent:
		return truthOf(strings.Contains(name, "Not"))
	case multivalued && !forAll && !forAny:
		return isFalse
	}
	for _, v := range values {
		passes := n.test(d, name, v, operands)
		if forAll && passes != isTrue || forAny && passes != isFalse || !forAll && !forAny {
			return passes
		}
	}
	return truthOf(forAll)
}

// lookup returns the values of a condition key, none when it is absent.
func (n *naive) lookup(key string) (values []string, multivalued bool) {
	key = strings.ToLower(key)
	for k, v := range n.Context {
		if strings.ToLower(k) != key {
			continue
		}
		if list, ok := v.([]string); ok {
			return list, true
		}
		return []string{v.(string)}, false
	}
	return nil, false
}

// test compares one value with the alternatives of a policy.
func (n *naive) test(d naiveDocument, name, value string, operands []string) truth {
	base, negated := strings.CutPrefix(name, "Not")
	if !negated {
		base = strings.Replace(name, "Not", "", 1)
		negated = base != name
	}
	if strings.HasPrefix(base, "Arn") && !isARN(value) {
		return isFalse
	}
	if _, ok := parseNaiveAddress(value); base == "IpAddress" && !ok {
		return isFalse
	}
	for _, operand := range operands {
		switch n.compare(d, base, value, operand) {
		case isTrue:
			return truthOf(!negated)
		case isBroken:
			return isBroken
		}
	}
	return truthOf(negated)
}

// compare is the comparison of an operator that is not negated.
func (n *naive) compare(d naiveDocument, base, value, operand string) truth {
	if strings.HasPrefix(base, "String") || strings.HasPrefix(base, "Arn") || base == "Bool" {
		expanded, known := n.expand(d, operand, base == "StringLike" || strings.HasPrefix(base, "Arn"))
		if !known {
			return isFalse
		}
		return compareText(base, value, expanded)
	}
	switch {
	case base == "BinaryEquals":
		return truthOf(value == operand)
	case base == "IpAddress":
		return truthOf(addressWithin(value, operand))
	case strings.HasPrefix(base, "Numeric"):
		a, b := parseNaiveNumber(value), parseNaiveNumber(operand)
		return truthOf(a != nil && b != nil && ordered(strings.TrimPrefix(base, "Numeric"), a.compare(b)))
	case strings.HasPrefix(base, "Date"):
		a, b := parseNaiveDate(value), parseNaiveDate(operand)
		return truthOf(a != nil && b != nil && ordered(strings.TrimPrefix(base, "Date"), a.Compare(*b)))
	default:
		panic("no operator: " + base)
	}
}

func compareText(base, value string, operand []glyph) truth {
	switch base {
	case "StringEquals":
		return truthOf(value == text(operand))
	case "StringEqualsIgnoreCase":
		return truthOf(lowerAsJava(value) == lowerAsJava(text(operand)))
	case "StringLike":
		return truthOf(glob(operand, value))
	case "Bool":
		return truthOf(strings.EqualFold(value, "true") == strings.EqualFold(text(operand), "true"))
	default:
		return compareARN(value, operand)
	}
}

func compareARN(value string, operand []glyph) truth {
	if !isARN(text(operand)) {
		return isBroken
	}
	parts := strings.SplitN(value, ":", 6)
	for i := range 6 {
		end := slices.Index(operand, glyph{':', false})
		if i == 5 {
			end = len(operand)
		}
		if !glob(operand[:end], parts[i]) {
			return isFalse
		}
		operand = operand[min(end+1, len(operand)):]
	}
	return isTrue
}

func isARN(s string) bool { return strings.HasPrefix(s, "arn:") && strings.Count(s, ":") >= 5 }

func ordered(name string, order int) bool {
	switch name {
	case "Equals":
		return order == 0
	case "LessThan":
		return order < 0
	case "LessThanEquals":
		return order <= 0
	case "GreaterThan":
		return order > 0
	case "GreaterThanEquals":
		return order >= 0
	default:
		panic("no comparison: " + name)
	}
}

// Patterns and variables.

// glyph is a character of a pattern; a wild one is * or ? and not the character itself.
type glyph struct {
	r    rune
	wild bool
}

// literally makes glyphs of a text, in which * and ? are wild or not.
func literally(s string, wild bool) []glyph {
	glyphs := make([]glyph, 0, len(s))
	for _, r := range s {
		glyphs = append(glyphs, glyph{r, wild && (r == '*' || r == '?')})
	}
	return glyphs
}

func text(glyphs []glyph) string {
	var b strings.Builder
	for _, g := range glyphs {
		b.WriteRune(g.r)
	}
	return b.String()
}

// glob tells whether the whole of s fits the pattern.
func glob(pattern []glyph, s string) bool {
	return globRunes(pattern, []rune(s))
}

func globRunes(pattern []glyph, s []rune) bool {
	switch {
	case len(pattern) == 0:
		return len(s) == 0
	case pattern[0] == glyph{'*', true}:
		return globRunes(pattern[1:], s) || len(s) > 0 && globRunes(pattern, s[1:])
	case len(s) == 0:
		return false
	default:
		return (pattern[0] == glyph{'?', true} || pattern[0].r == s[0] && !pattern[0].wild) && globRunes(pattern[1:], s[1:])
	}
}

var variablePattern = regexp.MustCompile(`\$\{([^}]*)\}`)

// expand replaces the variables of a text by values, which hold no wildcards. It reports false when
// a variable has no value and no default.
func (n *naive) expand(d naiveDocument, s string, wild bool) ([]glyph, bool) {
	if d.version != "2012-10-17" {
		return literally(s, wild), true
	}
	var glyphs []glyph
	end := 0
	for _, found := range variablePattern.FindAllStringSubmatchIndex(s, -1) {
		glyphs = append(glyphs, literally(s[end:found[0]], wild)...)
		end = found[1]
		value, known := n.variable(s[found[2]:found[3]])
		if !known {
			return nil, false
		}
		glyphs = append(glyphs, literally(value, false)...)
	}
	return append(glyphs, literally(s[end:], wild)...), true
}

// variable returns the value of what stands between ${ and }.
func (n *naive) variable(name string) (string, bool) {
	if name == "*" || name == "?" || name == "$" {
		return name, true
	}
	key, otherwise, hasDefault := strings.Cut(name, ",")
	if values, multivalued := n.lookup(strings.TrimSpace(key)); len(values) == 1 && !multivalued {
		return values[0], true
	}
	return strings.Trim(strings.TrimSpace(otherwise), "'"), hasDefault
}
