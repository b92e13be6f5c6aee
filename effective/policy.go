package effective

import "slices"

// Policy is the content of one policy, parsed once and merged often. It does not change.
type Policy struct {
	schema *schema
	root   *element
}

// Type returns the type of the policy.
func (p *Policy) Type() Type { return p.schema.Type }

// element is what one policy says about one member: about a container, or about a setting.
type element struct {
	name     *name
	field    *field // nil where the schema knows nothing
	control  operators
	elements []*element // of a container, by name
	operands *operands  // of a setting
	alone    *node      // what it comes to when no other policy speaks of it
}

// operands are the values of a setting's operators, as quoted strings.
type operands struct {
	given  operators
	isList bool
	values [len(valueOperators)][]string // in the order of valueOperators
}

// assigned, appended and removed return the operands of one operator.
func (o *operands) assigned() []string { return o.values[0] }
func (o *operands) appended() []string { return o.values[1] }
func (o *operands) removed() []string  { return o.values[2] }

// using returns the operands of a setting that uses an operator, or nil.
func (e *element) using(operator operators) *operands {
	if e.operands == nil || e.operands.given&operator == 0 {
		return nil
	}
	return e.operands
}

// sort orders the members of a container, and drops all but the first of those that have the same name.
func (e *element) sort() {
	slices.SortStableFunc(e.elements, func(a, b *element) int { return compareNames(a.name, b.name) })
	e.elements = slices.CompactFunc(e.elements, func(a, b *element) bool { return compareNames(a.name, b.name) == 0 })
}
