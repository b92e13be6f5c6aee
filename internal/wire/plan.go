package wire

import (
	"reflect"
	"strings"
	"sync"
	"time"
)

// plan says how the values of one Go type travel. Plans are made once from the generated types, so
// that reading and writing look at no type and no tag.
type plan struct {
	kind    kind
	fields  []field // of a structure
	element *plan   // of a list, of the values of a dictionary, of what a pointer points to
}

// kind is what a value is on the wire.
type kind uint8

const (
	text kind = iota
	integer
	boolean
	timestamp
	structure
	list
	dictionary
	pointer
)

// field is a member of a structure.
type field struct {
	plan      *plan
	index     int
	name      string
	key       string // how JSON begins the member: the quoted name and a colon
	trailKey  string // the same in a CloudTrail record
	sensitive bool
	iso8601   bool // a time that travels as text in JSON
}

// plans holds the plans of all inputs and outputs, by the types of the structures.
var plans = sync.OnceValue(func() planner {
	p := planner{}
	for _, s := range Services() {
		for _, op := range s.Operations {
			p.plan(reflect.TypeOf(op.New()).Elem())
			p.plan(reflect.TypeOf(op.NewOutput()).Elem())
		}
	}
	return p
})

// planOf returns the plan of a structure. Those that are no input or output, such as exceptions,
// are planned anew every time.
func planOf(t reflect.Type) *plan {
	if p, known := plans()[t]; known {
		return p
	}
	return planner{}.plan(t)
}

// planner makes plans and remembers those of structures, which may contain themselves.
type planner map[reflect.Type]*plan

func (p planner) plan(t reflect.Type) *plan {
	if t == reflect.TypeFor[time.Time]() {
		return &plan{kind: timestamp}
	}
	switch t.Kind() { //nolint:exhaustive // the generated types have no others
	case reflect.Pointer:
		return &plan{kind: pointer, element: p.plan(t.Elem())}
	case reflect.Bool:
		return &plan{kind: boolean}
	case reflect.Int32, reflect.Int64:
		return &plan{kind: integer}
	case reflect.Slice:
		return &plan{kind: list, element: p.plan(t.Elem())}
	case reflect.Map:
		return &plan{kind: dictionary, element: p.plan(t.Elem())}
	case reflect.Struct:
		return p.structure(t)
	default:
		return &plan{kind: text}
	}
}

func (p planner) structure(t reflect.Type) *plan {
	if known, ok := p[t]; ok {
		return known
	}
	s := &plan{kind: structure}
	p[t] = s
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		trait := f.Tag.Get("espalier")
		s.fields = append(s.fields, field{
			plan:      p.plan(f.Type),
			index:     i,
			name:      name,
			key:       `"` + name + `":`,
			trailKey:  `"` + lowerCamel(name) + `":`,
			sensitive: trait == "sensitive",
			iso8601:   trait == "iso8601",
		})
	}
	return s
}

// lowerCamel is a member's name as CloudTrail and validation messages write it.
func lowerCamel(name string) string { return strings.ToLower(name[:1]) + name[1:] }

// absent reports whether a member has no value, so that nothing is written for it.
func (p *plan) absent(v reflect.Value) bool {
	switch p.kind {
	case pointer, list, dictionary:
		return v.IsNil()
	case text:
		return v.Len() == 0
	case timestamp:
		return timeOf(v).IsZero()
	case integer, boolean, structure:
	}
	return false
}

// timeOf returns the time in a value whose kind is timestamp.
func timeOf(v reflect.Value) time.Time {
	if v.CanAddr() {
		return *v.Addr().Interface().(*time.Time)
	}
	return v.Interface().(time.Time)
}
