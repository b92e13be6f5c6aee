package ops

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/espalier-cloud/espalier/internal/api/iam"
	"github.com/espalier-cloud/espalier/policy"
)

// GetContextKeysForCustomPolicy lists the context keys that policies refer to, in
// conditions and in variables. It answers InvalidInput.
func (i *IAM) GetContextKeysForCustomPolicy(_ context.Context, _ Caller, in *iam.GetContextKeysForCustomPolicyInput) (*iam.GetContextKeysForCustomPolicyOutput, error) {
	documents, err := parseInput(in.PolicyInputList)
	if err != nil {
		return nil, err
	}
	return &iam.GetContextKeysForCustomPolicyOutput{ContextKeyNames: missingKeys(documents, nil)}, nil
}

// GetContextKeysForPrincipalPolicy lists the context keys that the policies of a
// user, a group or a role refer to, and those of the input. It answers NoSuchEntity
// and InvalidInput.
func (i *IAM) GetContextKeysForPrincipalPolicy(_ context.Context, by Caller, in *iam.GetContextKeysForPrincipalPolicyInput) (*iam.GetContextKeysForPrincipalPolicyOutput, error) {
	from, err := simulatedEntityAt(by.View.Account, in.PolicySourceArn)
	if err != nil {
		return nil, err
	}
	documents, err := parseInput(in.PolicyInputList)
	if err != nil {
		return nil, err
	}
	var attached []*policy.Document
	for _, p := range from.policies {
		if d, err := policy.Parse(policy.IdentityPolicy, []byte(p.text)); err == nil { // which it was when it was attached
			attached = append(attached, d)
		}
	}
	return &iam.GetContextKeysForPrincipalPolicyOutput{ContextKeyNames: missingKeys(append(attached, documents...), nil)}, nil
}

// parseInput reads policies of an input, which may be those of resources.
func parseInput(texts []string) ([]*policy.Document, error) {
	documents := make([]*policy.Document, 0, len(texts))
	for n, text := range texts {
		document, err := policy.Parse(policy.IdentityPolicy, []byte(text))
		if err != nil {
			resource, noResource := policy.Parse(policy.ResourcePolicy, []byte(text))
			if noResource != nil {
				return nil, malformedInput(policyInput+strconv.Itoa(n+1), err)
			}
			document = resource
		}
		documents = append(documents, document)
	}
	return documents, nil
}

// missingKeys returns the context keys that documents refer to and for which there
// is no entry.
func missingKeys(documents []*policy.Document, entries []iam.ContextEntry) []string {
	given := map[string]bool{}
	for _, entry := range entries {
		if entry.ContextKeyName != nil {
			given[strings.ToLower(*entry.ContextKeyName)] = true
		}
	}
	missing := []string{}
	return append(missing, slices.DeleteFunc(policy.ContextKeys(documents...), func(name string) bool { return given[strings.ToLower(name)] })...)
}
