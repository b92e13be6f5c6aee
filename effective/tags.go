package effective

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
)

// TagRules are the rules of an effective tag policy, ready to check resources.
type TagRules struct {
	rules map[string]tagRule // by tag keys in lower case
}

// tagRule is one member of "tags" in an effective tag policy.
type tagRule struct {
	Key      string   `json:"tag_key"`
	Values   []string `json:"tag_value"`
	Enforced []string `json:"enforced_for"`
	Required []string `json:"report_required_tag_for"`
}

// NewTagRules reads the content of an effective tag policy, as [Document] holds
// it. It returns an error for anything else.
func NewTagRules(content string) (*TagRules, error) {
	var document struct {
		Tags map[string]tagRule `json:"tags"`
	}
	if err := json.Unmarshal([]byte(content), &document, json.RejectUnknownMembers(true)); err != nil {
		return nil, fmt.Errorf("this is not an effective tag policy: %w", err)
	}
	rules := make(map[string]tagRule, len(document.Tags))
	for key, rule := range document.Tags {
		rules[fold(key)] = rule
	}
	return &TagRules{rules}, nil
}

// Noncompliance is what is wrong with one tag of a resource.
type Noncompliance struct {
	Key        string
	Value      string
	WrongKey   string   // the capitalization that the key must have, or "" when it is right
	WrongValue []string // the values that there may be, or nil when the value is one of them; empty when there may be none
	Enforced   bool     // AWS refuses to set such a tag on this type of resource
}

// Error says what is wrong.
func (n Noncompliance) Error() string {
	var problems []string
	if n.WrongKey != "" {
		problems = append(problems, fmt.Sprintf("the key must be %q", n.WrongKey))
	}
	if n.WrongValue != nil {
		problems = append(problems, fmt.Sprintf("the value must be one of %q", n.WrongValue))
	}
	return fmt.Sprintf("tag %q=%q: %s", n.Key, n.Value, strings.Join(problems, ", and "))
}

// Compliance is what a tag policy says about the tags of one resource.
type Compliance struct {
	Compliant    []string        // keys that the policy speaks of, with nothing wrong, sorted
	Noncompliant []Noncompliance // sorted by keys
	Missing      []string        // keys that this type of resource is reported without, sorted; AWS refuses nothing for it
}

// Refused returns the first tag for which AWS refuses to tag the resource; false when there is none.
func (c Compliance) Refused() (Noncompliance, bool) {
	for _, n := range c.Noncompliant {
		if n.Enforced {
			return n, true
		}
	}
	return Noncompliance{}, false
}

// Check checks the tags of a resource, or those that a call sets, of a type such
// as "ec2:instance". Tags that the policy does not speak of are neither
// compliant nor noncompliant.
func (r *TagRules) Check(resourceType string, tags map[string]string) Compliance {
	var compliance Compliance
	present := map[string]bool{}
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		rule, known := r.rules[fold(key)]
		if !known {
			continue
		}
		present[fold(key)] = true
		if problem := rule.check(key, tags[key]); problem != nil {
			problem.Enforced = covers(rule.Enforced, resourceType)
			compliance.Noncompliant = append(compliance.Noncompliant, *problem)
		} else {
			compliance.Compliant = append(compliance.Compliant, key)
		}
	}
	for _, folded := range slices.Sorted(maps.Keys(r.rules)) {
		if rule := r.rules[folded]; !present[folded] && covers(rule.Required, resourceType) {
			compliance.Missing = append(compliance.Missing, rule.Key)
		}
	}
	return compliance
}

// check returns what is wrong with a tag, or nil.
func (r tagRule) check(key, value string) *Noncompliance {
	problem := Noncompliance{Key: key, Value: value}
	if key != r.Key {
		problem.WrongKey = r.Key
	}
	if !slices.ContainsFunc(r.Values, func(pattern string) bool { return matchesWildcard(pattern, value) }) {
		problem.WrongValue = append([]string{}, r.Values...)
	}
	if problem.WrongKey == "" && problem.WrongValue == nil {
		return nil
	}
	return &problem
}

// matchesWildcard reports whether a value is a pattern, which may have one *.
func matchesWildcard(pattern, value string) bool {
	prefix, suffix, wild := strings.Cut(pattern, "*")
	if !wild {
		return pattern == value
	}
	return len(value) >= len(prefix)+len(suffix) && strings.HasPrefix(value, prefix) && strings.HasSuffix(value, suffix)
}

// covers reports whether a list of resource types has one, or all of its service.
func covers(types []string, resourceType string) bool {
	service, _, _ := strings.Cut(resourceType, ":")
	return slices.ContainsFunc(types, func(listed string) bool {
		return listed == resourceType || listed == service+":ALL_SUPPORTED" || listed == service+":*"
	})
}
