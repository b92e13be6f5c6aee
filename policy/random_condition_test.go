package policy_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/espalier-cloud/espalier/policy"
)

// sort is the sort of values that a condition key has and an operator compares.
type sort int

const (
	textual sort = iota
	numeric
	dated
	boolean
	address
	named
	binary
)

// sortOf is what there is to draw of one sort.
type sortOf struct {
	operators []string // the comparisons
	operands  []string // what every kind of policy may say
	odd       []string // what requests say and most policies may not
}

// The sorts, which are never changed.
var sorts = map[sort]sortOf{
	textual: {
		operators: []string{"StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringLike", "StringNotLike"},
		operands: []string{"ann", "Ann", "a", "red", "red", "Red", "team", "env", "", "true", "r*d", "*", "É", "é", "K", "k", "ß", "ẞ", "SS", "ΟΣ", "ος", "οσ",
			"ΟΣ ΟΣ", "ος ος", "Σ", "σ", "ſ", "s", "İ", "i", "ı", "I", "i\u0307", "ΑΣ\u0301Α", "ασ\u0301α", "ΟΣΟ", "οσο", "ΣΑΣ", "σας", "$", "?", "arn:aws:s3:::data/a", "${x"},
	},
	numeric: {
		operators: []string{"NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan", "NumericGreaterThanEquals"},
		operands: []string{"1", "1", "01", "+1", "1.", "1.0", "1e0", "10E-1", ".5", "0.5", ".05", "5e-2", "0.050", "0", "-0", "-1", "-1.5", "9007199254740993", "9007199254740992",
			"1e400", "1E+400", "2", "0.1e-400"},
		odd: []string{"no-number", "", "NaN", "Infinity", " 1", "1e", "1e2147483648", "0x10", "--1", "1.2.3", ".", "+", "1_000"},
	},
	dated: {
		operators: []string{"DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals"},
		operands: []string{"2026-01-01", "2026-01-01T00:00:00Z", "2026-01-01T00:00", "2026-01-01T00:00:00", "2026-01-01T01:00:00+01:00", "2025-12-31T23:00:00-01",
			"2026-01-01T01:30+0130", "1767225600", "+1767225600", "2026-01-01T00:00:00.123Z", "2026-01-01T00:00:00.1231Z", "2026-01-01T00:00:00.1239+00:00",
			"1969-12-31T23:59:59.9999Z", "-1", "2024-02-29", "2020", "1767225600123"},
		odd: []string{"never", "", "2026-13-01", "2026-02-29", "2026-01-01 00:00:00", "2026-01-01Z", "2026-01-01T24:61", "2026-1-1", "1767225600.5",
			"2026-01-01T00:00:00.Z", "2026-01-01T00"},
	},
	boolean: {
		operators: []string{"Bool"},
		operands:  []string{"true", "true", "TRUE", "True", "false", "yes", "1", "", " true "},
	},
	address: {
		operators: []string{"IpAddress", "NotIpAddress"},
		operands:  []string{"192.0.2.1", "192.0.2.1", "192.000.2.1", "192.0.002.77", "10.0.0.1", "2001:db8::1", "2001:DB8:0::1", "2001:db8:1::"},
		odd:       []string{"", "text", "192.0.2.1/32", "192.0.2", "192.0.2.256", "2001:db8::1/128", "2001:db8::zz", "192.0.2.1 "},
	},
	named: {
		operators: []string{"ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike"},
		operands: []string{"arn:aws:s3:::data/a", "arn:aws:s3:::data/a", "arn:aws:s3:::data/ann:x", "arn:aws:s3:::Data/a", "arn:aws:sns:us-east-1:111111111111:t",
			"arn:aws:iam::111111111111:role/app"},
		odd: []string{"", "not-an-arn", "arn:aws:s3::data", "arn:aws:s3", "xarn:aws:s3:::data/a", "*"},
	},
	binary: {
		operators: []string{"BinaryEquals"},
		operands:  []string{"YQ==", "YR==", "YWFh"},
		odd:       []string{"YQ", "YQ== ", ""},
	},
}

func everySort() []sort { return []sort{textual, numeric, dated, boolean, address, named, binary} }

// The operands of IpAddress that are no plain addresses.
var networks = []string{"192.0.2.0/24", "192.0.2.5/24", "192.0.2.5/024", "192.0.2.5/+24", "0.0.0.0/0", "::/0", "2001:db8::/32", "2001:db8::/64", "10.0.0.0/8", "192.0.2.0/31"}

// conditions drafts a Condition element.
func (d drafter) conditions(kind policy.Kind) map[string]any {
	byOperator := map[string]map[string]any{}
	for range 1 + d.IntN(2) {
		key := pick(d.generator, conditionKeys)
		sort := key.sort
		if d.chance(8) {
			sort = pick(d.generator, everySort())
		}
		operator, operands := d.condition(kind, key, sort)
		if byOperator[operator] == nil {
			byOperator[operator] = map[string]any{}
		}
		if !slices.ContainsFunc(slices.Collect(maps.Keys(byOperator[operator])), func(k string) bool { return strings.EqualFold(k, key.name) }) {
			byOperator[operator][d.respell(key.name)] = operands
		}
	}
	conditions := map[string]any{}
	for _, operator := range slices.Sorted(maps.Keys(byOperator)) {
		spelled := operator
		if d.chance(10) {
			spelled = d.respell(operator)
		}
		conditions[spelled] = byOperator[operator]
	}
	return conditions
}

// condition drafts an operator and its operands.
func (d drafter) condition(kind policy.Kind, key conditionKey, sort sort) (operator string, operands any) {
	set := ""
	if key.multivalued && d.chance(85) || d.chance(10) {
		set = pick(d.generator, []string{"ForAllValues:", "ForAnyValue:"})
	}
	if d.chance(10) {
		return set + "Null", pick(d.generator, []any{"true", "false", true, false, "TRUE", "yes", []any{"true", "false"}, []string{""}})
	}
	operator = pick(d.generator, sorts[sort].operators)
	operands = d.oneOrMany(func() string { return d.operand(kind, key, sort, operator) })
	if n, ok := operands.(string); ok && d.chance(50) {
		switch {
		case sort == numeric && json.Valid([]byte(n)) && strings.TrimSpace(n) == n:
			operands = json.Number(n)
		case n == "true" || n == "false":
			operands = n == "true"
		}
	}
	if d.chance(25) {
		operator += "IfExists"
	}
	return set + operator, operands
}

// anyOperand tells whether documents of a kind may compare with what cannot be compared.
func anyOperand(kind policy.Kind) bool {
	switch kind {
	case policy.SessionPolicy, policy.ServiceControlPolicy, policy.ResourceControlPolicy, policy.EndpointPolicy, policy.ResourcePolicy:
		return true
	default:
		return false
	}
}

// operand drafts one operand, near the request's value by half.
func (d drafter) operand(kind policy.Kind, key conditionKey, sort sort, operator string) string {
	if d.chance(8) && sort != numeric && sort != dated {
		return d.variableOperand(sort)
	}
	operand := pick(d.generator, sorts[sort].operands)
	if sort == address && d.chance(50) {
		operand = pick(d.generator, networks)
	}
	if anyOperand(kind) && sort != binary && d.chance(12) && sorts[sort].odd != nil {
		operand = pick(d.generator, sorts[sort].odd)
	}
	if value := d.requested(key); d.chance(50) && value != "" && sort == key.sort && slices.Contains(sorts[sort].operands, value) {
		operand = value
	}
	switch {
	case strings.HasSuffix(operator, "IgnoreCase") && d.chance(50):
		lower := strings.ToLower(operand)
		return pick(d.generator, []string{strings.ToUpper(operand), lower, strings.ReplaceAll(lower, "σ", "ς")})
	case strings.HasSuffix(operator, "Like") && sort == textual && d.chance(50):
		return d.wild(operand)
	case sort == named && d.chance(40) && strings.Count(operand, ":") >= 5 && strings.HasPrefix(operand, "arn:"):
		part := strings.SplitN(operand, ":", 6)
		at := 1 + d.IntN(5)
		part[at] = d.wild(part[at])
		return strings.Join(part, ":")
	}
	return operand
}

// variableOperand drafts an operand with a variable.
func (d drafter) variableOperand(sort sort) string {
	variable := d.variable()
	switch {
	case sort == named && d.chance(60):
		return "arn:aws:s3:::data/" + variable
	case sort == textual && d.chance(40):
		return "*" + variable
	case sort == binary:
		return "YQ=="
	case sort == address:
		return "192.0.2.0/" + variable
	}
	return variable
}

// requested is a value that the request gives for a key, or "".
func (d drafter) requested(key conditionKey) string {
	switch v := d.focus.Context[key.name].(type) {
	case string:
		return v
	case []string:
		if len(v) > 0 {
			return pick(d.generator, v)
		}
	}
	return ""
}

// respell changes the letter case of a key or an operator now and then.
func (d drafter) respell(key string) string {
	switch d.IntN(6) {
	case 0:
		return strings.ToUpper(key)
	case 1:
		return strings.ToLower(key)
	default:
		return key
	}
}
