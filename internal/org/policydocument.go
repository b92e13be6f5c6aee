package org

import (
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/espalier-cloud/espalier/effective"
	"github.com/espalier-cloud/espalier/policy"
)

// authorizationPolicies are the types whose documents are in the policy language
// of IAM.
var authorizationPolicies = map[PolicyType]policy.Kind{
	ServiceControlPolicy:  policy.ServiceControlPolicy,
	ResourceControlPolicy: policy.ResourceControlPolicy,
}

// checkContent returns a policy's document as it is kept. It refuses one that is
// too long, counted in characters as AWS counts them, white space included, and
// one that is not written as its type wants it. What exactly is wrong AWS does
// not tell the client; it is the cause of the error.
func (d *Draft) checkContent(t PolicyType, content string) (string, error) {
	if utf8.RuneCountInString(content) > d.rules.Policies[t].Characters {
		return "", violate("POLICY_CONTENT_LIMIT_EXCEEDED")
	}
	if t.merges() {
		if _, err := effective.Parse(effective.Type(t), []byte(content)); err != nil {
			return "", Refuse(MalformedPolicyDocument, "", err)
		}
		return content, nil
	}
	kind := authorizationPolicies[t]
	if _, err := policy.Parse(kind, []byte(content)); err != nil {
		return "", Refuse(MalformedPolicyDocument, "", err)
	}
	if t != ResourceControlPolicy {
		return content, nil
	}
	canonical, err := policy.Canonical([]byte(content)) // AWS was seen to keep no other type in another form
	return string(canonical), err
}

// isObject tells whether a text is one JSON object in which no name occurs
// twice.
func isObject(text string) bool {
	value := jsontext.Value(text)
	return value.Kind() == '{' && value.IsValid()
}
