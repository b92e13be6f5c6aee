package policies

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/espalier-cloud/espalier/policy"
)

// regoDeny writes the rules of a statement that denies: one for each sort of action patterns and each resource.
func regoDeny(s policy.Statement) (string, error) {
	var conditions []string
	for _, c := range nullFirst(s) {
		lines, err := regoCondition(c)
		if err != nil {
			return "", err
		}
		conditions = append(conditions, lines...)
	}
	actions := regoActions(s.Actions)
	if s.NotAction {
		var none []string
		for _, alternative := range actions {
			none = append(none, "not "+alternative[0])
		}
		actions = [][]string{none}
	}
	resources := regoOneOf("resource", s.Resources)
	if s.NotResource {
		helpers, none := regoNoneOf("resource", s)
		resources = [][]string{none}
		return helpers + regoRules(actions, resources, conditions), nil
	}
	return regoRules(actions, resources, conditions), nil
}

func regoRules(actions, resources [][]string, conditions []string) string {
	var rules strings.Builder
	for _, a := range actions {
		for _, r := range resources {
			fmt.Fprintf(&rules, "deny if {\n%s\n}\n\n", strings.Join(append(append(append([]string{}, a...), r...), conditions...), "\n"))
		}
	}
	return rules.String()
}

// regoActions returns the ways to be one of the actions that patterns name.
func regoActions(patterns []string) [][]string {
	var exact, services, prefixes []string
	var found [][]string
	for _, p := range patterns {
		service, name, _ := strings.Cut(p, ":")
		begin, end, star := strings.Cut(name, "*")
		switch {
		case !star:
			exact = append(exact, p)
		case name == "*":
			services = append(services, service)
		case end == "":
			prefixes = append(prefixes, service+":"+begin)
		default:
			found = append(found, []string{"input.service == " + strconv.Quote(service), "glob.match(" + strconv.Quote(p) + ", null, input.action)"})
		}
	}
	add := func(values []string, test func([]string) string) {
		if len(values) > 0 {
			found = append(found, []string{test(values)})
		}
	}
	add(exact, func(v []string) string { return regoIn("input.action", v) })
	add(services, func(v []string) string { return regoIn("input.service", v) })
	add(prefixes, func(v []string) string { return regoAffix("prefix", "startswith", "input.action", v) })
	return found
}

// regoOneOf returns the ways to be one of the principals or resources that patterns of ARNs name.
func regoOneOf(subject string, patterns []string) [][]string {
	var found [][]string
	for _, pattern := range patterns {
		if pattern == "*" {
			return [][]string{nil}
		}
		e := newEntity(pattern)
		lines := []string{"input." + subject + ".type == " + strconv.Quote(e.kind)}
		for _, attribute := range [][2]string{{"account", e.account}, {"name", e.name}} {
			if attribute[1] != "" && attribute[1] != "*" {
				lines = append(lines, regoLike("input."+subject+"."+attribute[0], attribute[1]))
			}
		}
		found = append(found, lines)
	}
	return found
}

// regoNoneOf returns the test of a NotResource, and the rules that it needs.
func regoNoneOf(subject string, s policy.Statement) (helpers string, test []string) {
	name := fmt.Sprintf("%s_%d_%d", subject, s.Start.Offset, len(s.Resources))
	for _, lines := range regoOneOf(subject, s.Resources) {
		helpers += name + " if {\n" + strings.Join(lines, "\n") + "\n}\n\n"
	}
	return helpers, []string{"not " + name}
}

// regoLike compares with a text that may hold "*" at its end or its beginning.
func regoLike(value, pattern string) string {
	if begin, star := strings.CutSuffix(pattern, "*"); star {
		return "startswith(" + value + ", " + strconv.Quote(begin) + ")"
	}
	if end, star := strings.CutPrefix(pattern, "*"); star {
		return "endswith(" + value + ", " + strconv.Quote(end) + ")"
	}
	return value + " == " + strconv.Quote(pattern)
}

func regoIn(value string, values []string) string {
	if len(values) == 1 {
		return value + " == " + strconv.Quote(values[0])
	}
	return value + " in {" + strings.Join(quoted(values), ", ") + "}"
}

func regoAffix(affix, one, value string, values []string) string {
	if len(values) == 1 {
		return one + "(" + value + ", " + strconv.Quote(values[0]) + ")"
	}
	return "strings.any_" + affix + "_match(" + value + ", {" + strings.Join(quoted(values), ", ") + "})"
}

// regoCondition returns what must hold for a condition. A comparison with a key that is absent is undefined, and its
// negation therefore holds, as in the language of AWS.
func regoCondition(c policy.Condition) ([]string, error) {
	key := "input.context[" + strconv.Quote(c.Key) + "]"
	if c.Operator.Set == policy.ForAnyValue && c.Operator.Test == policy.StringEquals {
		return []string{"some value in " + key, regoIn("value", c.Values)}, nil
	}
	if c.Operator.Set != policy.NoSet {
		return nil, fmt.Errorf("%v is not translated", c.Operator)
	}
	switch c.Operator.Test { //nolint:exhaustive // the workload knows no others
	case policy.Null:
		if c.Values[0] == "true" {
			return []string{"not " + key}, nil
		}
		return []string{key}, nil
	case policy.StringEquals:
		return []string{regoEquals(c, key)}, nil
	case policy.StringNotEquals:
		return []string{"not " + regoEquals(c, key)}, nil
	case policy.StringNotLike:
		return regoNone(c.Values, func(v string) string { return regoLike(key, v) }), nil
	case policy.NotIPAddress:
		return regoNone(c.Values, func(v string) string { return "net.cidr_contains(" + strconv.Quote(v) + ", " + key + ")" }), nil
	case policy.Bool:
		if c.Operator.IfExists {
			return []string{"not " + key + " == " + strconv.FormatBool(c.Values[0] == "false")}, nil
		}
		return []string{key + " == " + c.Values[0]}, nil
	case policy.NumericLessThan:
		return []string{key + " < " + c.Values[0]}, nil
	case policy.ArnLike:
		return regoOneOf("principal", c.Values)[0], nil
	case policy.ArnNotLike:
		lines := regoOneOf("principal", c.Values)[0]
		// The kind of the principal needs no test: only roles have the names that are exempt.
		return []string{"not " + lines[len(lines)-1]}, nil
	}
	return nil, fmt.Errorf("%v is not translated", c.Operator)
}

func regoNone(values []string, test func(string) string) []string {
	lines := make([]string, len(values))
	for i, v := range values {
		lines[i] = "not " + test(v)
	}
	return lines
}

func regoEquals(c policy.Condition, key string) string {
	if variable, ok := variable(c); ok {
		return key + " == input.context[" + strconv.Quote(variable) + "]"
	}
	return regoIn(key, c.Values)
}
