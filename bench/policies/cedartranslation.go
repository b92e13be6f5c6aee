package policies

import (
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/cedar-policy/cedar-go/types"

	"github.com/espalier-cloud/espalier/policy"
)

// cedarTranslation writes statements in Cedar.
type cedarTranslation struct {
	groups map[string]string // ids of groups of actions, by their patterns
}

func newCedarTranslation() *cedarTranslation {
	return &cedarTranslation{groups: map[string]string{}}
}

// group returns the group of the actions that match patterns.
func (t *cedarTranslation) group(patterns []string) string {
	key := strings.Join(patterns, " ")
	if t.groups[key] == "" {
		t.groups[key] = fmt.Sprint("group-", len(t.groups))
	}
	return `Action::"` + t.groups[key] + `"`
}

// entities returns all actions, each with its groups.
func (t *cedarTranslation) entities() types.EntityMap {
	entities := types.EntityMap{}
	for _, actions := range newCatalogue().actions {
		for _, action := range actions {
			var parents []types.EntityUID
			for patterns, group := range t.groups {
				if matchesAny(strings.Fields(patterns), action) {
					parents = append(parents, types.NewEntityUID("Action", types.String(group)))
				}
			}
			id := types.NewEntityUID("Action", types.String(action))
			entities[id] = types.Entity{UID: id, Parents: types.NewEntityUIDSet(parents...)}
		}
	}
	return entities
}

func matchesAny(patterns []string, action string) bool {
	for _, p := range patterns {
		if ok, _ := path.Match(p, action); ok {
			return true
		}
	}
	return false
}

// forbid writes a statement that denies.
func (t *cedarTranslation) forbid(s policy.Statement) (string, error) {
	scope := "action"
	var tests []string
	switch literal := len(s.Actions) == 1 && !strings.Contains(s.Actions[0], "*"); {
	case s.NotAction:
		tests = append(tests, "!(action in "+t.group(s.Actions)+")")
	case literal:
		scope = `action == Action::"` + s.Actions[0] + `"`
	default:
		scope = "action in " + t.group(s.Actions)
	}
	if resources := cedarOneOf("resource", s.Resources); s.NotResource {
		tests = append(tests, "!("+resources+")")
	} else if resources != "" {
		tests = append(tests, "("+resources+")")
	}
	known := present(s)
	for _, c := range nullFirst(s) {
		test, err := cedarCondition(c, known)
		if err != nil {
			return "", err
		}
		tests = append(tests, test)
	}
	text := "forbid (principal, " + scope + ", resource)"
	if len(tests) > 0 {
		text += " when { " + strings.Join(tests, " && ") + " }"
	}
	return text + ";\n", nil
}

// cedarOneOf tests whether a principal or resource is one of those that patterns of ARNs name, "" for any.
func cedarOneOf(subject string, patterns []string) string {
	var alternatives []string
	for _, pattern := range patterns {
		if pattern == "*" {
			return ""
		}
		e := newEntity(pattern)
		test := subject + " is " + e.kind
		for _, attribute := range [][2]string{{"account", e.account}, {"name", e.name}} {
			if attribute[1] != "" && attribute[1] != "*" {
				test += " && " + cedarLike(subject+"."+attribute[0], attribute[1])
			}
		}
		alternatives = append(alternatives, test)
	}
	return strings.Join(alternatives, " || ")
}

// cedarLike compares with a text that may hold "*". No text of the workload holds a "?".
func cedarLike(value, pattern string) string {
	if strings.Contains(pattern, "*") {
		return value + " like " + strconv.Quote(pattern)
	}
	return value + " == " + strconv.Quote(pattern)
}

// cedarCondition writes a condition of a statement that knows some keys to be present.
func cedarCondition(c policy.Condition, known map[string]bool) (string, error) {
	key := "context[" + strconv.Quote(c.Key) + "]"
	has := "context has " + strconv.Quote(c.Key)
	positive, negated, err := cedarTest(c, key)
	if err != nil {
		return "", err
	}
	switch {
	case c.Operator.Test == policy.Null && c.Values[0] == "true":
		return "!(" + has + ")", nil
	case c.Operator.Test == policy.Null:
		return has, nil
	case negated && known[c.Key]:
		return "!(" + positive + ")", nil
	case negated:
		return "!(" + has + " && (" + positive + "))", nil
	case known[c.Key]:
		return "(" + positive + ")", nil
	case c.Operator.IfExists:
		return "(!(" + has + ") || (" + positive + "))", nil
	}
	return has + " && (" + positive + ")", nil
}

// cedarTest writes the comparison of a condition, without the negation of its operator.
func cedarTest(c policy.Condition, key string) (positive string, negated bool, err error) {
	switch {
	case c.Operator.Test == policy.Null:
		return "", false, nil
	case c.Operator.Set == policy.ForAnyValue && c.Operator.Test == policy.StringEquals:
		return key + ".containsAny(" + cedarSet(c.Values) + ")", false, nil
	case c.Operator.Set != policy.NoSet:
		return "", false, fmt.Errorf("%v is not translated", c.Operator)
	}
	switch c.Operator.Test { //nolint:exhaustive // the workload knows no others
	case policy.StringEquals, policy.StringNotEquals:
		return cedarEquals(c, key), c.Operator.Test == policy.StringNotEquals, nil
	case policy.StringLike, policy.StringNotLike:
		return alternatives(c.Values, func(v string) string { return cedarLike(key, v) }), c.Operator.Test == policy.StringNotLike, nil
	case policy.ArnLike, policy.ArnNotLike:
		return cedarOneOf("principal", c.Values), c.Operator.Test == policy.ArnNotLike, nil
	case policy.Bool:
		return key + " == " + c.Values[0], false, nil
	case policy.NumericLessThan:
		return key + " < " + c.Values[0], false, nil
	case policy.NotIPAddress:
		return alternatives(c.Values, func(v string) string { return key + ".isInRange(ip(" + strconv.Quote(v) + "))" }), true, nil
	}
	return "", false, fmt.Errorf("%v is not translated", c.Operator)
}

func cedarEquals(c policy.Condition, key string) string {
	if variable, ok := variable(c); ok {
		return "context has " + strconv.Quote(variable) + " && " + key + " == context[" + strconv.Quote(variable) + "]"
	}
	if len(c.Values) == 1 {
		return key + " == " + strconv.Quote(c.Values[0])
	}
	return cedarSet(c.Values) + ".contains(" + key + ")"
}

// variable returns the policy variable that is the only value of a condition.
func variable(c policy.Condition) (string, bool) {
	name, ok := strings.CutPrefix(c.Values[0], "${")
	return strings.TrimSuffix(name, "}"), ok
}

func alternatives(values []string, test func(string) string) string {
	tests := make([]string, len(values))
	for i, v := range values {
		tests[i] = test(v)
	}
	return strings.Join(tests, " || ")
}

func cedarSet(values []string) string {
	return "[" + strings.Join(quoted(values), ", ") + "]"
}

func quoted(values []string) []string {
	list := make([]string, len(values))
	for i, v := range values {
		list[i] = strconv.Quote(v)
	}
	return list
}
