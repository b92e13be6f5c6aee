package ops

import (
	"context"
	"strconv"
	"strings"

	"github.com/espalier-cloud/espalier/internal/api/iam"
	"github.com/espalier-cloud/espalier/policy"
)

// GetContextKeysForCustomPolicy lists the context keys that policies refer to, in
// conditions and in variables. It answers InvalidInput.
func (i *IAM) GetContextKeysForCustomPolicy(_ context.Context, _ Caller, in *iam.GetContextKeysForCustomPolicyInput) (*iam.GetContextKeysForCustomPolicyOutput, error) {
	var keys contextKeys
	for n, text := range in.PolicyInputList {
		document, err := policy.Parse(policy.IdentityPolicy, []byte(text))
		if err != nil {
			resource, noResource := policy.Parse(policy.ResourcePolicy, []byte(text))
			if noResource != nil {
				return nil, malformedInput(policyInput+strconv.Itoa(n+1), err)
			}
			document = resource
		}
		keys.add(document)
	}
	return &iam.GetContextKeysForCustomPolicyOutput{ContextKeyNames: keys.without(nil)}, nil
}

// contextKeys are the context keys that policies refer to, in the order in which
// they come, each once. Keys are not distinguished by case.
type contextKeys struct {
	names []string
	known map[string]bool
}

// add adds the keys of a document.
func (k *contextKeys) add(d *policy.Document) {
	variables := d.Version == policy.Version2012
	for _, statement := range d.Statements {
		if variables {
			k.addVariables(statement.Resources)
		}
		for _, condition := range statement.Conditions {
			k.addName(condition.Key)
			if variables {
				k.addVariables(condition.Values)
			}
		}
	}
}

// addVariables adds the keys of the policy variables in texts: ${key} and
// ${key, 'default'}, but not ${*}, ${?} and ${$}, which stand for characters.
func (k *contextKeys) addVariables(texts []string) {
	for _, text := range texts {
		for {
			_, rest, more := strings.Cut(text, "${")
			variable, after, closed := strings.Cut(rest, "}")
			if !more || !closed {
				break
			}
			name, _, _ := strings.Cut(variable, ",")
			if name = strings.TrimSpace(name); strings.Contains(name, ":") {
				k.addName(name)
			}
			text = after
		}
	}
}

func (k *contextKeys) addName(name string) {
	folded := strings.ToLower(name)
	if k.known[folded] {
		return
	}
	if k.known == nil {
		k.known = map[string]bool{}
	}
	k.known[folded] = true
	k.names = append(k.names, name)
}

// without returns the keys for which there is no entry.
func (k *contextKeys) without(entries []iam.ContextEntry) []string {
	given := map[string]bool{}
	for _, entry := range entries {
		if entry.ContextKeyName != nil {
			given[strings.ToLower(*entry.ContextKeyName)] = true
		}
	}
	missing := []string{}
	for _, name := range k.names {
		if !given[strings.ToLower(name)] {
			missing = append(missing, name)
		}
	}
	return missing
}
