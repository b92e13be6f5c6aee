package org

import (
	"slices"
	"strings"
)

// DelegatedByPolicy tells whether the resource policy lets a principal of a
// member account use an action on a resource: a statement allows it and none
// denies it. context holds the values of condition keys. The only condition that
// is understood compares organizations:PolicyType by StringEquals or StringLike:
// a statement with another one never allows, and denies as if it held.
func (o *Organization) DelegatedByPolicy(principalARN string, account AccountID, action, resourceARN string, context map[string][]string) bool {
	name, ours := strings.CutPrefix(action, "organizations:")
	if o.resourcePolicy == nil || !ours || !slices.Contains(delegable, name) {
		return false
	}
	allowed := false
	for i := range o.resourcePolicy.statements {
		statement := &o.resourcePolicy.statements[i]
		if !statement.covers(principalARN, account, action, resourceARN) {
			continue
		}
		holds, understood := statement.conditionHolds(context)
		switch {
		case statement.Effect == "Deny" && (holds || !understood):
			return false
		case statement.Effect == "Allow" && holds && understood:
			allowed = true
		}
	}
	return allowed
}

// covers tells whether a statement is about a call, but for its condition. A
// statement with NotPrincipal, NotAction or NotResource names nobody or nothing.
func (s *delegationStatement) covers(principalARN string, account AccountID, action, resourceARN string) bool {
	return slices.ContainsFunc(s.principals, func(named string) bool { return isPrincipal(named, principalARN, account) }) &&
		slices.ContainsFunc(s.Action, func(pattern string) bool { return matchesAction(pattern, action) }) &&
		slices.ContainsFunc(s.Resource, func(pattern string) bool { return matches(pattern, resourceARN) })
}

// isPrincipal tells whether the principal that a policy names is a caller: the
// caller's whole account, the caller itself, or the role of its session.
func isPrincipal(named, principalARN string, account AccountID) bool {
	if named == string(account) || named == principalARN {
		return true
	}
	_, rest, isARN := strings.Cut(named, ":iam::"+string(account)+":")
	if !isARN {
		return false
	}
	if rest == "root" {
		return true
	}
	_, session, ok := strings.Cut(principalARN, ":sts::"+string(account)+":assumed-role/")
	role, _, _ := strings.Cut(session, "/")
	// A session's ARN does not tell the role's path; the name is unique in the account.
	return ok && strings.HasPrefix(rest, "role/") && rest[strings.LastIndexByte(rest, '/')+1:] == role
}

// conditionHolds tells whether the condition of a statement holds, and whether
// all of it is understood.
func (s *delegationStatement) conditionHolds(context map[string][]string) (holds, understood bool) {
	holds = true
	for operator, keys := range s.Condition {
		operator, ifExists := strings.CutSuffix(operator, "IfExists")
		for key, patterns := range keys {
			if (operator != "StringEquals" && operator != "StringLike") || !strings.EqualFold(key, policyTypeKey) {
				return false, false
			}
			values, present := context[policyTypeKey]
			if !present {
				holds = holds && ifExists
				continue
			}
			holds = holds && slices.ContainsFunc(values, func(value string) bool {
				return slices.ContainsFunc(patterns, func(pattern scalar) bool {
					return string(pattern) == value || operator == "StringLike" && matches(string(pattern), value)
				})
			})
		}
	}
	return holds, true
}

// matchesAction tells whether a pattern matches an action, whose case does not
// matter.
func matchesAction(pattern, action string) bool {
	return matches(strings.ToLower(pattern), strings.ToLower(action))
}

// matches tells whether a text has the form of a pattern, in which * stands for
// any characters and ? for one. It takes no longer than the product of their
// lengths, because the parts between the stars are looked for from left to right
// and never again.
func matches(pattern, text string) bool {
	parts := strings.Split(pattern, "*")
	head, tail := parts[0], parts[len(parts)-1]
	if len(parts) == 1 {
		return len(text) == len(pattern) && matchesHere(pattern, text)
	}
	if len(text) < len(head)+len(tail) || !matchesHere(head, text) || !matchesHere(tail, text[len(text)-len(tail):]) {
		return false
	}
	text = text[len(head) : len(text)-len(tail)]
	for _, part := range parts[1 : len(parts)-1] {
		for !matchesHere(part, text) {
			if text == "" {
				return false
			}
			text = text[1:]
		}
		text = text[len(part):]
	}
	return true
}

// matchesHere tells whether a text begins with a part of a pattern that has no
// star.
func matchesHere(part, text string) bool {
	if len(text) < len(part) {
		return false
	}
	for i := range len(part) {
		if part[i] != '?' && part[i] != text[i] {
			return false
		}
	}
	return true
}
