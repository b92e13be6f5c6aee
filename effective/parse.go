package effective

import (
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Parse reads the content of a policy and checks it as CreatePolicy does. The
// error is of type [Defects] and lists everything for which AWS would answer
// MalformedPolicyDocumentException; where single defects allow it the policy is
// returned with them, so that its effect can be shown all the same.
//
// A policy that can be parsed may still make an effective policy invalid: what
// must be there, how often, and what goes together is asked of the effective
// policy only.
func Parse(t Type, content []byte) (*Policy, error) {
	s := schemas()[t]
	if s == nil {
		return nil, Defects{{Position: Position{0, 1, 1}, Problem: fmt.Sprintf("%q is not a type of management policy", t)}}
	}
	document, defect := readValue(content)
	if defect == nil && document.kind != jsontext.KindBeginObject {
		defect = &Defect{Position: Position{Offset: document.offset}, Problem: "the document is not an object", Expected: "an object"}
	}
	if defect != nil {
		defects := Defects{*defect}
		defects.locate(content)
		return nil, defects
	}
	var a admission
	root := a.document(s.Document, document)
	for _, element := range root.elements {
		element.settle()
	}
	if len(a.defects) == 0 {
		return &Policy{s, root}, nil
	}
	a.defects.locate(content)
	return &Policy{s, root}, a.defects
}

// admission checks one document, and makes elements of it.
type admission struct {
	path    []string
	defects Defects
}

// report adds a defect of the member that is being checked.
func (a *admission) report(offset int, expected, problem string, args ...any) {
	a.defects = append(a.defects, Defect{
		Position: Position{Offset: offset},
		Path:     strings.Join(a.path, "/"),
		Problem:  fmt.Sprintf(problem, args...),
		Expected: expected,
	})
}

func (a *admission) enter(member string) { a.path = append(a.path, member) }
func (a *admission) leave()              { a.path = a.path[:len(a.path)-1] }

// document checks the whole. Beside the member that gives the type its name
// AWS takes value operators, and does nothing with them, unless their operand
// is an object.
func (a *admission) document(f *field, v value) *element {
	e := &element{field: f, control: allOperators}
	a.unique(v.members)
	for _, m := range v.members {
		a.enter(m.name)
		_, isOperator := operatorNamed(m.name)
		switch {
		case isOperator && m.value.kind == jsontext.KindBeginObject:
			a.report(m.value.offset, "a scalar or a list", "an operator beside the members of the document has an object")
		case !isOperator:
			a.member(e, m)
		}
		a.leave()
	}
	if e.elements == nil {
		a.report(v.offset, f.expectedMembers(), "the document says nothing")
	}
	e.sort()
	return e
}

// unique reports names that come twice, in any case.
func (a *admission) unique(members []member) {
	seen := make(map[string]bool, len(members))
	for _, m := range members {
		folded := fold(m.name)
		if seen[folded] {
			a.report(m.offset, "", "%q comes twice", m.name)
		}
		seen[folded] = true
	}
}

// member checks one member of a container and adds what it says.
func (a *admission) member(e *element, m member) {
	switch _, isOperator := operatorNamed(m.name); {
	case strings.EqualFold(m.name, controlName):
		e.control &= a.control(m.value)
		return
	case isOperator:
		a.report(m.offset, e.field.expectedMembers(), "a container takes no value operators")
		return
	case strings.HasPrefix(m.name, "@@"):
		a.report(m.offset, "@@assign, @@append, @@remove or "+controlName, "there is no operator %q", m.name)
		return
	}
	name, field := e.field.member(m.name)
	if field == nil && e.field != nil {
		a.report(m.offset, e.field.expectedMembers(), "%q is not known here", m.name)
	}
	if added := a.element(name, field, m.value); added != nil {
		e.elements = append(e.elements, added)
	}
}

// element checks the value of a member. Where the schema knows nothing, a
// setting is what has an operator.
func (a *admission) element(name *name, f *field, v value) *element {
	if v.kind != jsontext.KindBeginObject {
		a.report(v.offset, "an object", "a value stands where operators or members must be")
		return nil
	}
	a.unique(v.members)
	e := &element{name: name, field: f, control: allOperators}
	if f == nil || f.Value == anything {
		e.field = nil
		a.guess(e, v)
	} else if f.isSetting() {
		a.setting(e, v)
	} else {
		a.container(e, v)
	}
	return e
}

func (a *admission) container(e *element, v value) {
	for _, m := range v.members {
		a.enter(m.name)
		a.member(e, m)
		a.leave()
	}
	e.sort()
}

// guess reads an element of which the schema knows nothing.
func (a *admission) guess(e *element, v value) {
	for _, m := range v.members {
		if _, isOperator := operatorNamed(m.name); isOperator {
			a.setting(e, v)
			return
		}
	}
	a.container(e, v)
}

// control checks a list of operators that policies below may use. It returns their set.
func (a *admission) control(v value) operators {
	const expected = "a list of @@all, @@none, @@assign, @@append and @@remove"
	if v.kind != jsontext.KindBeginArray || len(v.items) == 0 {
		a.report(v.offset, expected, "the allowed operators are not a list that says something")
		return allOperators
	}
	var allowed operators
	seen := map[string]bool{}
	for _, item := range v.items {
		set, known := controlNamed(item.text)
		switch {
		case item.kind != jsontext.KindString || !known:
			a.report(item.offset, expected, "there is no such operator to allow")
		case seen[item.text]:
			a.report(item.offset, "", "%q comes twice", item.text)
		case set == 0 && len(v.items) > 1:
			a.report(item.offset, "@@none alone, or not at all", "%s stands beside others", item.text)
		}
		seen[item.text] = true
		allowed |= set
	}
	return allowed
}
