package authzen

import (
	"bytes"
	"errors"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// decode reads a body: JSON without duplicate names, of which unknown members are
// left to later versions of the API.
//
// The members are read by hand: most of the time of a request for many decisions
// would go into finding out where to put them.
func decode(body []byte) (*request, error) {
	q := new(request)
	err := json.Unmarshal(body, q)
	var unfit *json.SemanticError
	var malformed *jsontext.SyntacticError
	switch {
	case err == nil:
		return q, nil
	case errors.As(err, &malformed):
		return nil, refuse("the body is not JSON: %v, at byte %d", malformed.Err, malformed.ByteOffset)
	case errors.Is(err, errTooMany):
		return nil, refuse("a key of the context has more than %d values", maxValues)
	case errors.As(err, &unfit):
		return nil, refuse("the value at %q is not what the API says", string(unfit.JSONPointer))
	}
	return nil, refuse("the body is not a request")
}

// maxValues is how many values a key of the context may have: many times more than AWS has for any. Each is
// compared with each value of a condition.
const maxValues = 1000

// errTooMany says that there are more than maxValues.
var errTooMany = errors.New("too many values")

// errUnfit says that a value is of another kind than the API says.
var errUnfit = errors.New("another kind of value is expected")

// UnmarshalJSONFrom reads a request.
func (q *request) UnmarshalJSONFrom(in *jsontext.Decoder) error {
	o := open(in, jsontext.KindBeginObject)
	for o.next() {
		switch string(o.name) {
		case `"evaluations"`:
			o.err = q.readEvaluations(in)
		case `"options"`:
			o.err = json.UnmarshalDecode(in, &q.Options)
		default:
			o.err = q.readMember(in, o.name)
		}
	}
	return o.err
}

func (q *request) readEvaluations(in *jsontext.Decoder) error {
	list := open(in, jsontext.KindBeginArray)
	for list.next() {
		q.Evaluations = append(q.Evaluations, tuple{})
		last := &q.Evaluations[len(q.Evaluations)-1]
		o := open(in, jsontext.KindBeginObject)
		for o.next() {
			o.err = last.readMember(in, o.name)
		}
		list.err = o.err
	}
	return list.err
}

// readMember reads a member of a question.
func (t *tuple) readMember(in *jsontext.Decoder, name jsontext.Value) error {
	if in.PeekKind() == jsontext.KindNull {
		return in.SkipValue() // as if it were not there
	}
	switch string(name) {
	case `"subject"`:
		t.Subject = new(subject)
		return t.Subject.read(in)
	case `"action"`:
		t.Action = new(action)
		return t.Action.read(in)
	case `"resource"`:
		t.Resource = new(resource)
		return t.Resource.read(in)
	case `"context"`:
		t.Context = conditions{}
		return t.Context.read(in)
	}
	return in.SkipValue()
}

func (s *subject) read(in *jsontext.Decoder) error {
	o := open(in, jsontext.KindBeginObject)
	for o.next() {
		switch string(o.name) {
		case `"type"`:
			s.Typed, o.err = readPresence(in)
		case `"id"`:
			s.ID, o.err = readText(in)
		default:
			o.err = in.SkipValue()
		}
	}
	return o.err
}

func (a *action) read(in *jsontext.Decoder) error {
	o := open(in, jsontext.KindBeginObject)
	for o.next() {
		if string(o.name) == `"name"` {
			a.Name, o.err = readText(in)
		} else {
			o.err = in.SkipValue()
		}
	}
	return o.err
}

func (r *resource) read(in *jsontext.Decoder) error {
	o := open(in, jsontext.KindBeginObject)
	for o.next() {
		switch string(o.name) {
		case `"type"`:
			r.Typed, o.err = readPresence(in)
		case `"id"`:
			r.ID, o.err = readText(in)
		case `"properties"`:
			o.err = r.readProperties(in)
		default:
			o.err = in.SkipValue()
		}
	}
	return o.err
}

func (r *resource) readProperties(in *jsontext.Decoder) error {
	o := open(in, jsontext.KindBeginObject)
	for o.next() {
		if string(o.name) == `"account"` {
			r.Account, o.err = readText(in)
		} else {
			o.err = in.SkipValue()
		}
	}
	return o.err
}

// read reads an object whose members are strings, numbers, booleans, or lists of
// such.
func (c *conditions) read(in *jsontext.Decoder) error {
	o := open(in, jsontext.KindBeginObject)
	for o.next() {
		var one condition
		if one.key, o.err = unquoted(o.name); o.err != nil {
			break
		}
		if in.PeekKind() == jsontext.KindBeginArray {
			one.list, o.err = readList(in)
		} else {
			one.text, o.err = readScalar(in)
		}
		*c = append(*c, one)
	}
	return o.err
}

func readList(in *jsontext.Decoder) ([]string, error) {
	list, all := open(in, jsontext.KindBeginArray), []string{}
	for list.next() {
		var text string
		if text, list.err = readScalar(in); len(all) == maxValues {
			list.err = errTooMany
		}
		all = append(all, text)
	}
	return all, list.err
}

// collection is an object or a list that is being read: what follows next is one of
// its values, which has to be read before the next one.
type collection struct {
	in   *jsontext.Decoder
	end  jsontext.Kind
	name jsontext.Value // of an object's member: in quotes, without escapes that it does not need, and until more is read
	err  error          // ends it
}

// open begins to read an object or a list. Null is an empty one.
func open(in *jsontext.Decoder, begin jsontext.Kind) collection {
	c := collection{in: in, end: jsontext.KindEndObject}
	if begin == jsontext.KindBeginArray {
		c.end = jsontext.KindEndArray
	}
	switch kind := in.PeekKind(); kind { //nolint:exhaustive // the others do not fit
	case jsontext.KindNull:
		c.end, c.err = jsontext.KindInvalid, in.SkipValue()
	case begin, jsontext.KindInvalid: // of which the decoder knows why
		_, c.err = in.ReadToken()
	default:
		c.err = errUnfit
	}
	return c
}

// next tells whether there is one more value, and reads its name.
func (c *collection) next() bool {
	if c.err != nil || c.end == jsontext.KindInvalid {
		return false
	}
	if c.in.PeekKind() == c.end {
		c.end = jsontext.KindInvalid
		_, c.err = c.in.ReadToken()
		return false
	}
	if c.end == jsontext.KindEndObject {
		c.name, c.err = c.in.ReadValue()
		if c.err == nil && bytes.IndexByte(c.name, '\\') >= 0 {
			c.name = c.name.Clone()
			c.err = c.name.Canonicalize()
		}
	}
	return c.err == nil
}

// readText reads a string. Null is none.
func readText(in *jsontext.Decoder) (string, error) {
	raw, err := readString(in)
	if err != nil || raw.Kind() != jsontext.KindString {
		return "", err
	}
	return unquoted(raw)
}

// readPresence reads a string and tells whether there is something in it.
func readPresence(in *jsontext.Decoder) (bool, error) {
	raw, err := readString(in)
	return raw.Kind() == jsontext.KindString && len(raw) > len(`""`), err
}

// readString reads a string or null.
func readString(in *jsontext.Decoder) (jsontext.Value, error) {
	if kind := in.PeekKind(); kind != jsontext.KindString && kind != jsontext.KindNull && kind != jsontext.KindInvalid {
		return nil, errUnfit
	}
	return in.ReadValue()
}

// readScalar reads a value as the text that policies compare it with.
func readScalar(in *jsontext.Decoder) (string, error) {
	switch kind := in.PeekKind(); kind { //nolint:exhaustive // the others are not scalars
	case jsontext.KindNull, jsontext.KindBeginObject, jsontext.KindBeginArray:
		return "", errUnfit
	default:
		raw, err := in.ReadValue()
		if err != nil || kind != jsontext.KindString {
			return string(raw), err
		}
		return unquoted(raw)
	}
}

// unquoted returns the text of a JSON string.
func unquoted(raw jsontext.Value) (string, error) {
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw[1 : len(raw)-1]), nil
	}
	text, err := jsontext.AppendUnquote(nil, raw)
	return string(text), err
}
