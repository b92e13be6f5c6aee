package wire

import (
	"encoding/xml"
	"reflect"
	"strconv"

	"github.com/espalier-cloud/espalier/internal/api"
)

// xmlEncoder appends XML to b.
type xmlEncoder struct{ b []byte }

// appendXMLOutput appends the answer of a Query operation: the output inside the result, where the
// operation has one, and the request id.
func appendXMLOutput(b []byte, q *Request, requestID string, out any) []byte {
	e := xmlEncoder{b}
	response := q.Operation.Name + "Response"
	e.open(response, q.Service.XMLNamespace)
	if !q.Operation.NoOutput {
		e.open(q.Operation.ResultWrapper, "")
		if s := reflect.ValueOf(out); s.IsValid() && !s.IsNil() {
			e.structure(s.Elem(), planOf(s.Type().Elem()))
		}
		e.close(q.Operation.ResultWrapper)
	}
	e.open("ResponseMetadata", "")
	e.leaf("RequestId", requestID)
	e.close("ResponseMetadata")
	e.close(response)
	return e.b
}

// appendXMLError appends the answer of a Query operation that failed.
func appendXMLError(b []byte, namespace, requestID, fault, code, message string) []byte {
	e := xmlEncoder{b}
	e.open("ErrorResponse", namespace)
	e.open("Error", "")
	e.leaf("Type", fault)
	e.leaf("Code", code)
	e.leaf("Message", message)
	e.close("Error")
	e.leaf("RequestId", requestID)
	e.close("ErrorResponse")
	return e.b
}

func (e *xmlEncoder) value(v reflect.Value, p *plan) {
	switch p.kind {
	case text:
		e.text(v.String())
	case integer:
		e.b = strconv.AppendInt(e.b, v.Int(), 10)
	case boolean:
		e.b = strconv.AppendBool(e.b, v.Bool())
	case timestamp:
		e.b = timeOf(v).UTC().AppendFormat(e.b, api.DateFormat)
	case structure:
		e.structure(v, p)
	case list:
		for i := range v.Len() {
			e.open("member", "")
			e.value(v.Index(i), p.element)
			e.close("member")
		}
	case dictionary:
		for _, key := range sortedKeys(v) {
			e.open("entry", "")
			e.leaf("key", key.String())
			e.open("value", "")
			e.value(v.MapIndex(key), p.element)
			e.close("value")
			e.close("entry")
		}
	case pointer:
		e.value(v.Elem(), p.element)
	}
}

func (e *xmlEncoder) structure(v reflect.Value, p *plan) {
	for i := range p.fields {
		f := &p.fields[i]
		member := v.Field(f.index)
		if f.plan.absent(member) {
			continue
		}
		e.open(f.name, "")
		e.value(member, f.plan)
		e.close(f.name)
	}
}

// open writes a start tag. The namespace is left out when it is "".
func (e *xmlEncoder) open(name, namespace string) {
	e.b = append(append(e.b, '<'), name...)
	if namespace != "" {
		e.b = append(append(append(e.b, ` xmlns="`...), namespace...), '"')
	}
	e.b = append(e.b, '>')
}

func (e *xmlEncoder) close(name string) {
	e.b = append(append(append(e.b, "</"...), name...), '>')
}

func (e *xmlEncoder) leaf(name, value string) {
	e.open(name, "")
	e.text(value)
	e.close(name)
}

// text writes a string. What XML cannot hold becomes U+FFFD.
func (e *xmlEncoder) text(s string) {
	_ = xml.EscapeText(e, []byte(s)) // its only errors are those of Write
}

// Write appends to what is encoded.
func (e *xmlEncoder) Write(p []byte) (int, error) {
	e.b = append(e.b, p...)
	return len(p), nil
}
