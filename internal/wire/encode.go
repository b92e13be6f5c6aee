package wire

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/espalier-cloud/espalier/internal/api"
)

// jsonEncoder appends any structure as JSON to b. With trail, it is the JSON of CloudTrail records. Outputs, which are
// most of what is written, write themselves.
type jsonEncoder struct {
	b     []byte
	trail bool
}

func (e *jsonEncoder) value(v reflect.Value, p *plan) {
	switch p.kind {
	case text:
		e.text(v.String())
	case integer:
		e.b = strconv.AppendInt(e.b, v.Int(), 10)
	case boolean:
		e.b = strconv.AppendBool(e.b, v.Bool())
	case timestamp:
		e.time(timeOf(v))
	case structure:
		e.structure(v, p, "")
	case list:
		e.list(v, p)
	case dictionary:
		e.dictionary(v, p)
	case pointer:
		e.value(v.Elem(), p.element)
	}
}

// structure writes the members that have a value. Code is the __type that comes first in an
// exception, "" in everything else.
func (e *jsonEncoder) structure(v reflect.Value, p *plan, code string) {
	e.b = append(e.b, '{')
	first := true
	if code != "" {
		e.b = append(e.b, `"__type":`...)
		e.text(code)
		first = false
	}
	for i := range p.fields {
		f := &p.fields[i]
		member := v.Field(f.index)
		if f.plan.absent(member) {
			continue
		}
		if !first {
			e.b = append(e.b, ',')
		}
		first = false
		if e.trail {
			e.recorded(v, member, f)
			continue
		}
		e.member(member, f)
	}
	e.b = append(e.b, '}')
}

func (e *jsonEncoder) member(v reflect.Value, f *field) {
	e.b = append(e.b, f.key...)
	if f.iso8601 {
		e.b = api.AppendDate(e.b, timeOf(v))
		return
	}
	e.value(v, f.plan)
}

func (e *jsonEncoder) list(v reflect.Value, p *plan) {
	e.b = append(e.b, '[')
	for i := range v.Len() {
		if i > 0 {
			e.b = append(e.b, ',')
		}
		e.value(v.Index(i), p.element)
	}
	e.b = append(e.b, ']')
}

func (e *jsonEncoder) dictionary(v reflect.Value, p *plan) {
	e.b = append(e.b, '{')
	for i, key := range sortedKeys(v) {
		if i > 0 {
			e.b = append(e.b, ',')
		}
		e.text(key.String())
		e.b = append(e.b, ':')
		e.value(v.MapIndex(key), p.element)
	}
	e.b = append(e.b, '}')
}

func (e *jsonEncoder) text(s string) { e.b = api.AppendText(e.b, s) }

// time writes a time: seconds since 1970 with three decimals, or text in a record.
func (e *jsonEncoder) time(t time.Time) {
	if e.trail {
		e.text(t.UTC().Format(trailTime))
		return
	}
	e.b = api.AppendTime(e.b, t)
}

// sortedKeys returns the keys of a map in order, so that an answer is always the same bytes.
func sortedKeys(v reflect.Value) []reflect.Value {
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	return keys
}
