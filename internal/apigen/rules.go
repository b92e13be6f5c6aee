package main

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
)

// rules are the constraints that inputs are checked against. Asking for the checks of a structure
// collects the rules that they use.
type rules struct {
	model   *model
	used    map[string]bool // shapes whose rule is needed
	checked map[string]bool // structures that need a check method
}

func newRules(m *model) *rules {
	return &rules{model: m, used: map[string]bool{}, checked: map[string]bool{}}
}

// rule is a rule as the templates see it.
type rule struct {
	Name      string
	Shape     string
	Min, Max  string // numbers in Go; "" is left out
	Pattern   string // the variable of the pattern; "" is left out
	Enum      []string
	Sensitive bool
}

// pattern is a regular expression shared by the rules of all shapes that have it.
type pattern struct {
	Name, Source, Expression string
}

// Text, Integers and Lists return the rules that checks use, by the type of shape.
func (r *rules) Text() ([]rule, error)     { return r.ofType("string") }
func (r *rules) Integers() ([]rule, error) { return r.ofType("integer") }
func (r *rules) Lists() ([]rule, error)    { return r.ofType("list", "map") }

func (r *rules) ofType(kinds ...string) ([]rule, error) {
	patterns, err := r.Patterns()
	if err != nil {
		return nil, err
	}
	var list []rule
	for _, name := range slices.Sorted(maps.Keys(r.used)) {
		sh := r.model.Shapes[name]
		if !slices.Contains(kinds, sh.Type) {
			continue
		}
		view := rule{Name: ruleName(name), Shape: name, Enum: sh.Enum, Sensitive: sh.Sensitive, Min: number(sh.Min), Max: number(sh.Max)}
		if sh.Type == "integer" {
			view.Min, view.Max = orElse(view.Min, strconv.Itoa(math.MinInt32)), orElse(view.Max, strconv.Itoa(math.MaxInt32))
		}
		if i := slices.IndexFunc(patterns, func(p pattern) bool { return p.Source == sh.Pattern }); i >= 0 {
			view.Pattern = patterns[i].Name
		}
		list = append(list, view)
	}
	return list, nil
}

// Patterns returns the distinct patterns of the rules in use, named after the first shape that has
// each.
func (r *rules) Patterns() ([]pattern, error) {
	var list []pattern
	for _, name := range slices.Sorted(maps.Keys(r.used)) {
		source := r.model.Shapes[name].Pattern
		e, err := expression(source)
		if err != nil {
			return nil, fmt.Errorf("shape %s: %w", name, err)
		}
		if e == "" || slices.ContainsFunc(list, func(p pattern) bool { return p.Source == source }) {
			continue
		}
		list = append(list, pattern{Name: "pattern" + exported(name), Source: source, Expression: e})
	}
	return list, nil
}

// forbidsEmpty reports whether no legal value of a scalar is the zero value of its Go type.
func (r *rules) forbidsEmpty(sh *shape) bool {
	if sh.Type != "string" {
		return false
	}
	if sh.Enum != nil || (sh.Min != nil && *sh.Min > 0) {
		return true
	}
	e, err := expression(sh.Pattern)
	return err == nil && e != "" && !matchesEmpty(e)
}

// constrained reports whether a scalar or list shape says anything about its values.
func (r *rules) constrained(sh *shape) bool {
	e, err := expression(sh.Pattern)
	return sh.Enum != nil || sh.Max != nil || (sh.Min != nil && *sh.Min != 0) || e != "" || err != nil
}

// checks returns the statements that check the members of a structure. The variable in is the
// structure, c the checker.
func (r *rules) checks(ref *reference) ([]string, error) {
	if ref == nil {
		return nil, nil
	}
	sh := r.model.Shapes[ref.Shape]
	var statements []string
	for _, m := range sh.Members {
		more, err := r.checksOf(m, slices.Contains(sh.Required, m.Name))
		if err != nil {
			return nil, fmt.Errorf("member %s: %w", m.Name, err)
		}
		statements = append(statements, more...)
	}
	return statements, nil
}

func (r *rules) checksOf(m member, required bool) ([]string, error) {
	sh := r.model.Shapes[m.Shape]
	value := "in." + exported(m.Name)
	if required && r.forbidsEmpty(sh) {
		return []string{fmt.Sprintf("api.RequiredText(c, %q, %s, &%s)", m.Name, value, r.use(m.Shape))}, nil
	}
	var statements []string
	if required {
		present := value + " != nil"
		if sh.Type == "timestamp" {
			present = "!" + value + ".IsZero()"
		}
		statements = append(statements, fmt.Sprintf("c.Require(%q, %q, %s)", m.Name, m.Shape, present))
	}
	var more []string
	var err error
	switch sh.Type {
	case "string":
		more = r.scalarCheck("api.Text(c, %q, %s, &%s)", m, value)
	case "integer":
		more = r.scalarCheck("c.Integer(%q, %s, &%s)", m, value)
	case "structure":
		more, err = r.structureChecks(m, value)
	case "list":
		more, err = r.listChecks(m, value)
	case "map":
		more, err = r.mapChecks(m, value)
	case "long":
		err = fmt.Errorf("%s: longs in inputs are not generated", m.Shape)
	}
	return append(statements, more...), err
}

func (r *rules) scalarCheck(format string, m member, value string) []string {
	if !r.constrained(r.model.Shapes[m.Shape]) {
		return nil
	}
	return []string{fmt.Sprintf(format, m.Name, value, r.use(m.Shape))}
}

func (r *rules) structureChecks(m member, value string) ([]string, error) {
	if ok, err := r.hasChecks(m.Shape); !ok {
		return nil, err
	}
	return []string{
		fmt.Sprintf("if %s != nil {", value),
		fmt.Sprintf("c.Enter(%q)", m.Name),
		value + ".check(c)",
		"c.Leave()",
		"}",
	}, nil
}

func (r *rules) listChecks(m member, value string) ([]string, error) {
	var statements []string
	if r.constrained(r.model.Shapes[m.Shape]) {
		statements = append(statements, fmt.Sprintf("api.Items(c, %q, %s, &%s)", m.Name, value, r.use(m.Shape)))
	}
	element := r.model.Shapes[m.Shape].Member.Shape
	switch sh := r.model.Shapes[element]; sh.Type {
	case "string":
		if r.constrained(sh) {
			statements = append(statements, fmt.Sprintf("api.Texts(c, %q, %s, &%s)", m.Name, value, r.use(element)))
		}
		return statements, nil
	case "structure":
		if ok, err := r.hasChecks(element); !ok {
			return statements, err
		}
		return append(statements,
			fmt.Sprintf("c.Enter(%q)", m.Name),
			fmt.Sprintf("for i := range %s {", value),
			value+"[i].check(c)",
			"}",
			"c.Leave()",
		), nil
	default:
		return nil, fmt.Errorf("%s: lists of %s in inputs are not generated", m.Shape, sh.Type)
	}
}

// mapChecks checks the number of entries, then the keys, then the values.
func (r *rules) mapChecks(m member, value string) ([]string, error) {
	var statements []string
	sh := r.model.Shapes[m.Shape]
	if r.constrained(sh) {
		statements = append(statements, fmt.Sprintf("api.Entries(c, %q, %s, &%s)", m.Name, value, r.use(m.Shape)))
	}
	for _, part := range []struct{ name, shape string }{{"Keys", sh.Key.Shape}, {"Values", sh.Value.Shape}} {
		element := r.model.Shapes[part.shape]
		if element.Type != "string" {
			return nil, fmt.Errorf("%s: maps of %s in inputs are not generated", m.Shape, element.Type)
		}
		if r.constrained(element) {
			statements = append(statements, fmt.Sprintf("api.Texts(c, %q, api.%s(%s), &%s)", m.Name, part.name, value, r.use(part.shape)))
		}
	}
	return statements, nil
}

// hasChecks reports whether a structure needs a check method.
func (r *rules) hasChecks(shape string) (bool, error) {
	if r.checked[shape] {
		return true, nil
	}
	r.checked[shape] = true // for a structure that contains itself
	statements, err := r.checks(&reference{Shape: shape})
	if len(statements) == 0 {
		delete(r.checked, shape)
	}
	return r.checked[shape], err
}

// use returns the name of the variable of a rule, which will be generated.
func (r *rules) use(shape string) string {
	r.used[shape] = true
	return ruleName(shape)
}

func ruleName(shape string) string { return "rule" + exported(shape) }

func number(n *int64) string {
	if n == nil || *n == 0 {
		return ""
	}
	return strconv.FormatInt(*n, 10)
}

func orElse(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}
