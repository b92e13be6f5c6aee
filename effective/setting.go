package effective

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// setting checks the operators of a setting and their operands.
func (a *admission) setting(e *element, v value) {
	e.operands = &operands{}
	for _, m := range v.members {
		a.enter(m.name)
		switch set, isOperator := operatorNamed(m.name); {
		case isOperator:
			a.operand(e, set, m)
		case strings.EqualFold(m.name, controlName):
			e.control &= a.control(m.value)
		default:
			a.report(m.offset, "@@assign, @@append, @@remove or "+controlName, "a setting takes operators only")
		}
		a.leave()
	}
}

// operand checks the operand of one operator and adds its values.
func (a *admission) operand(e *element, set operators, m member) {
	list := m.value.kind == jsontext.KindBeginArray
	switch f := e.field; {
	case f == nil:
	case f.operators()&set == 0:
		a.report(m.offset, string(Assign), "this setting is no list, and takes no %s", fold(m.name))
	case f.Value == aList && !list:
		a.report(m.value.offset, "a list", "this setting is a list")
		return
	case f.Value != aList && list:
		a.report(m.value.offset, "one value", "this setting is no list")
		return
	}
	items := m.value.items
	if !list {
		items = []value{m.value}
	}
	values := make([]string, 0, len(items))
	for _, item := range items {
		if a.scalar(e.field, item) {
			values = append(values, quote(item.text))
		}
	}
	if !list && len(values) == 0 {
		return
	}
	e.operands.given |= set
	e.operands.isList = e.operands.isList || list
	for i, operator := range valueOperators {
		if operator.set == set {
			e.operands.values[i] = values
		}
	}
}

// scalar checks one value and reports whether it can be shown.
func (a *admission) scalar(f *field, v value) bool {
	if v.kind == jsontext.KindBeginObject || v.kind == jsontext.KindBeginArray {
		a.report(v.offset, "a string, number, boolean or null", "this is not a single value")
		return false
	}
	if f == nil {
		return true
	}
	container := ""
	if len(a.path) >= 3 { // container/setting/operator
		container = a.path[len(a.path)-3]
	}
	if !f.takes(v.text, container) {
		a.report(v.offset, f.expectedValue(container), "%q is not a value of this setting", v.text)
	}
	return true
}

// takes reports whether a setting, in a container of that name, takes a value.
func (f *field) takes(text, container string) bool {
	if f.Value == aNumber {
		number, err := strconv.ParseInt(text, 10, 64)
		if err != nil || f.Min != nil && number < *f.Min || f.Max != nil && number > *f.Max {
			return false
		}
	}
	if f.Value == aBoolean && !strings.EqualFold(text, "true") && !strings.EqualFold(text, "false") {
		return false
	}
	return (f.Enum == nil || slices.Contains(f.Enum, text)) &&
		(f.pattern == nil || f.pattern.MatchString(text)) &&
		(f.SameAs == "" || strings.EqualFold(text, container))
}

// expectedValue says which values a setting takes.
func (f *field) expectedValue(container string) string {
	switch {
	case f.SameAs != "":
		return fmt.Sprintf("%q in any case", container)
	case f.Enum != nil:
		return strings.Join(f.Enum, ", ")
	case f.Pattern != "":
		return f.Expected
	case f.Value == aNumber:
		return "an integer" + f.expectedRange()
	}
	return "true or false"
}

func (f *field) expectedRange() string {
	var text string
	if f.Min != nil {
		text += fmt.Sprintf(" from %d", *f.Min)
	}
	if f.Max != nil {
		text += fmt.Sprintf(" to %d", *f.Max)
	}
	return text
}
