package effective

import "strings"

// Operator is a value-setting operator of a policy, such as "@@assign".
type Operator string

// The value-setting operators. Append and remove work on lists only.
const (
	Assign Operator = "@@assign"
	Append Operator = "@@append"
	Remove Operator = "@@remove"
)

// controlName is the member by which a policy says what policies below it may do.
const controlName = "@@operators_allowed_for_child_policies"

// operators is a set of value-setting operators.
type operators uint8

const (
	assigning operators = 1 << iota
	appending
	removing

	allOperators = assigning | appending | removing
	// adding is what a container must allow before a policy below may add to it.
	adding = assigning | appending
)

// valueOperators lists the operators in the order in which one policy's take effect.
var valueOperators = [...]struct {
	set  operators
	name Operator
}{{assigning, Assign}, {appending, Append}, {removing, Remove}}

// operatorNamed returns the value-setting operator of that name, in any case.
func operatorNamed(name string) (operators, bool) {
	for _, operator := range valueOperators {
		if strings.EqualFold(name, string(operator.name)) {
			return operator.set, true
		}
	}
	return 0, false
}

// controlNamed returns what one entry of a list of allowed operators allows.
func controlNamed(name string) (operators, bool) {
	switch {
	case strings.EqualFold(name, "@@all"):
		return allOperators, true
	case strings.EqualFold(name, "@@none"):
		return 0, true
	}
	return operatorNamed(name)
}
