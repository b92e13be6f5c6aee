package policy

import "strings"

// conditions reads a Condition element: operators, their keys, and the values of each. An operator
// without keys and a key without values are legal.
func (p *parser) conditions() []Condition {
	var all []Condition
	if !p.is("an object of condition operators", '{') {
		return nil
	}
	seen := map[Operator]bool{}
	p.members(func(name string, at Position) {
		operator, ok := ParseOperator(name)
		switch {
		case !ok:
			p.report(at, "unknown condition operator "+quote(name), "")
			return
		case seen[operator]:
			p.report(at, "the condition operator "+quote(name)+" is there in another case", "each operator once")
		}
		seen[operator] = true
		if p.is("an object of condition keys", '{') {
			all = p.conditionKeys(operator, all)
		}
	})
	return all
}

// conditionKeys reads the keys of an operator. Two keys that differ in case only are one key.
func (p *parser) conditionKeys(operator Operator, all []Condition) []Condition {
	seen := map[string]bool{}
	p.members(func(key string, at Position) {
		switch folded := strings.ToLower(key); {
		case key == "":
			p.report(at, "a condition key is empty", "prefix:Name")
		case seen[folded]:
			p.report(at, "the condition key "+quote(key)+" is there in another case", "each key once")
		default:
			seen[folded] = true
		}
		all = append(all, Condition{Operator: operator, Key: key, Values: p.operands(operator.Test), Start: at})
	})
	return all
}

// operands reads the values of a condition.
func (p *parser) operands(test Test) []string {
	values := []string{}
	p.elements(func() {
		at := p.here()
		if !p.is("a string, a number or a boolean", '"', '0', 't', 'f') {
			return
		}
		value := p.next()
		if expected := p.grammar.checkOperand(test, value); expected != "" {
			p.report(at, "the value is "+quote(value), expected)
		}
		values = append(values, value)
	})
	return values
}
