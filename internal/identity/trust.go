package identity

import (
	"encoding/json"
	"slices"
	"strings"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// AssumeRoleAction is the action that a trust policy allows.
const AssumeRoleAction = "sts:AssumeRole"

// TrustPolicy is the part of a role's trust policy that is understood so far: accounts, roles, users and role sessions
// as principals, and the condition StringEquals on sts:ExternalId. What is not understood never allows: a
// statement with such an element is void when it says Allow, and applies to everybody when it says Deny.
type TrustPolicy struct {
	statements []trustStatement
}

type trustStatement struct {
	deny        bool
	opaque      bool // says something that is not understood
	principals  []string
	actions     []string
	externalIDs []string // nil when there is no condition
}

// ParseTrustPolicy reads a trust policy. It refuses as MalformedPolicyDocument what is no JSON, with no key twice, or has
// no statement with an effect, a principal and an action.
func ParseTrustPolicy(document string) (TrustPolicy, error) {
	var doc struct {
		Version   string
		ID        string `json:"Id"`
		Statement oneOrMany[map[string]jsontext.Value]
	}
	if err := jsonv2.Unmarshal([]byte(document), &doc); err != nil {
		return TrustPolicy{}, malformed("This policy contains invalid Json", err)
	}
	if len(doc.Statement) == 0 {
		return TrustPolicy{}, malformed("Syntax errors in policy.", nil)
	}
	var p TrustPolicy
	for _, members := range doc.Statement {
		s, err := parseTrustStatement(members)
		if err != nil {
			return TrustPolicy{}, malformed("Syntax errors in policy.", err)
		}
		p.statements = append(p.statements, s)
	}
	return p, nil
}

// Allows reports whether the policy lets a caller of an account perform an action with an external id, which is
// "" when he gives none. A statement that denies outweighs those that allow; without any of them the answer is no.
func (p TrustPolicy) Allows(by Caller, action, externalID string) bool {
	allowed := false
	for _, s := range p.statements {
		switch {
		case s.deny && (s.opaque || s.applies(by, action, externalID)):
			return false
		case !s.deny && !s.opaque && s.applies(by, action, externalID):
			allowed = true
		}
	}
	return allowed
}

func (s trustStatement) applies(by Caller, action, externalID string) bool {
	return slices.ContainsFunc(s.principals, by.isPrincipal) &&
		slices.ContainsFunc(s.actions, func(a string) bool { return coversAction(a, action) }) &&
		(s.externalIDs == nil || slices.Contains(s.externalIDs, externalID))
}

// isPrincipal reports whether a principal of a policy stands for the caller: everybody, his account, himself,
// or the role that he has assumed.
func (c Caller) isPrincipal(principal string) bool {
	switch {
	case principal == "*" || principal == string(c.Account) || principal == c.ARN:
		return true
	case c.Role != nil && principal == c.Role.ARN:
		return true
	default:
		return strings.HasPrefix(principal, "arn:") &&
			strings.HasSuffix(principal, ":iam::"+string(c.Account)+":root")
	}
}

// coversAction reports whether an action of a statement stands for a requested one. Actions ignore case.
func coversAction(pattern, action string) bool {
	return pattern == "*" || strings.EqualFold(pattern, "sts:*") || strings.EqualFold(pattern, action)
}

func parseTrustStatement(members map[string]jsontext.Value) (trustStatement, error) {
	var s trustStatement
	var hasPrincipal, hasAction bool
	effect := ""
	for name, value := range members {
		var err error
		switch name {
		case "Sid":
		case "Effect":
			err = jsonv2.Unmarshal(value, &effect)
		case "Principal":
			hasPrincipal = true
			err = s.parsePrincipal(value)
		case "Action":
			hasAction = true
			err = s.parseAction(value)
		case "Condition":
			s.parseCondition(value)
		default:
			s.opaque = true
			hasPrincipal = hasPrincipal || name == "NotPrincipal"
			hasAction = hasAction || name == "NotAction"
		}
		if err != nil {
			return s, err
		}
	}
	s.deny = effect == "Deny"
	if !s.deny && effect != "Allow" || !hasPrincipal || !hasAction {
		return s, refuse(MalformedPolicyDocument, "a statement needs an effect, a principal and an action")
	}
	return s, nil
}

// parsePrincipal takes the AWS principals. Those of other kinds (Service, Federated) are never a caller of an account.
func (s *trustStatement) parsePrincipal(value jsontext.Value) error {
	var byKind struct{ AWS oneOrMany[string] }
	var err error
	if value.Kind() == '"' {
		err = jsonv2.Unmarshal(value, &byKind.AWS)
	} else {
		err = jsonv2.Unmarshal(value, &byKind)
	}
	s.principals = byKind.AWS
	for _, p := range s.principals {
		s.opaque = s.opaque || !understoodPrincipal(p)
	}
	return err
}

// understoodPrincipal reports whether an AWS principal is everybody, an account or a full ARN. Unique ids are not resolved.
func understoodPrincipal(p string) bool {
	return p == "*" || IsAccountID(p) || strings.HasPrefix(p, "arn:") && !strings.Contains(p, "*")
}

func (s *trustStatement) parseAction(value jsontext.Value) error {
	err := jsonv2.Unmarshal(value, (*oneOrMany[string])(&s.actions))
	for _, a := range s.actions {
		wild := strings.ContainsAny(a, "*?")
		s.opaque = s.opaque || wild && a != "*" && !strings.EqualFold(a, "sts:*")
	}
	return err
}

func (s *trustStatement) parseCondition(value jsontext.Value) {
	var condition struct {
		StringEquals struct {
			ExternalID oneOrMany[string] `json:"sts:ExternalId"`
		}
	}
	if err := jsonv2.Unmarshal(value, &condition, jsonv2.RejectUnknownMembers(true)); err != nil {
		s.opaque = true
		return
	}
	s.externalIDs = condition.StringEquals.ExternalID
	s.opaque = s.opaque || len(s.externalIDs) == 0
}

// oneOrMany reads the policy language's lists, in which one value may stand without the brackets.
type oneOrMany[T any] []T

// UnmarshalJSONFrom reads a value or an array of values.
func (l *oneOrMany[T]) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	if dec.PeekKind() == '[' {
		return jsonv2.UnmarshalDecode(dec, (*[]T)(l))
	}
	*l = make([]T, 1)
	return jsonv2.UnmarshalDecode(dec, &(*l)[0])
}

// trustDocument writes the trust policy that lets one principal assume a role.
func trustDocument(kind, principal string) string {
	type statement struct {
		Effect    string
		Principal map[string]string
		Action    string
	}
	doc, _ := json.Marshal(struct { // strings in maps: cannot fail
		Version   string
		Statement []statement
	}{"2012-10-17", []statement{{"Allow", map[string]string{kind: principal}, AssumeRoleAction}}})
	return string(doc)
}

func malformed(message string, err error) *Error {
	return &Error{Kind: MalformedPolicyDocument, Message: message, Err: err}
}
