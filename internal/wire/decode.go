package wire

import (
	"bytes"
	"errors"
	"io"
	"math"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// decodeJSON reads a JSON body into a pointer to an input. No body is an empty object and null is
// an absent member. Members that the input does not have are passed over, unless only the case of
// a letter differs. A member given twice, text that is no UTF-8, a value of another type and
// whatever is no JSON are SerializationException.
func decodeJSON(body []byte, in any) error {
	if len(bytes.TrimSpace(body)) == 0 {
		return nil
	}
	d := jsonDecoder{decoders.Get().(*jsontext.Decoder)}
	defer decoders.Put(d.Decoder)
	d.Reset(bytes.NewBuffer(body))
	s := reflect.ValueOf(in).Elem()
	if err := d.member(s, planOf(s.Type())); err != nil {
		return asMalformed(err)
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return malformed("The body has text after the end of the JSON object.")
	}
	return nil
}

// decoders are used again: a new one is most of what reading a small body costs.
var decoders = sync.Pool{New: func() any { return new(jsontext.Decoder) }}

// asMalformed makes an error of the JSON reader one that is fit for the client, without the text
// of the body.
func asMalformed(err error) error {
	var known Error
	if errors.As(err, &known) {
		return known
	}
	var syntactic *jsontext.SyntacticError
	switch {
	case errors.Is(err, jsontext.ErrDuplicateName):
		return malformed("The body has a member twice in the same object.")
	case errors.As(err, &syntactic):
		return malformed("The body is not valid JSON at byte " + strconv.FormatInt(syntactic.ByteOffset, 10) + ".")
	}
	return malformed("The body is not valid JSON.")
}

type jsonDecoder struct{ *jsontext.Decoder }

// member reads the next value into v; null leaves v as it is.
func (d jsonDecoder) member(v reflect.Value, p *plan) error {
	if d.PeekKind() == 'n' {
		_, err := d.ReadToken()
		return err
	}
	return d.value(v, p)
}

// value reads the next value, which must not be null, into v.
func (d jsonDecoder) value(v reflect.Value, p *plan) error {
	switch p.kind {
	case text, integer, boolean, timestamp:
		return d.scalar(v, p)
	case structure:
		return d.structure(v, p)
	case list:
		return d.list(v, p)
	case dictionary:
		return d.dictionary(v, p)
	case pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return d.value(v.Elem(), p.element)
	}
	return nil
}

func (d jsonDecoder) structure(v reflect.Value, p *plan) error {
	if err := d.open('{', "structure or map"); err != nil {
		return err
	}
	for d.PeekKind() != '}' {
		name, err := d.ReadToken()
		if err != nil {
			return err
		}
		f, err := p.field(name.String())
		switch {
		case err != nil:
		case f == nil:
			err = d.SkipValue()
		default:
			err = d.member(v.Field(f.index), f.plan)
		}
		if err != nil {
			return err
		}
	}
	_, err := d.ReadToken()
	return err
}

// field finds a member by its name. It returns nil when the structure has none.
func (p *plan) field(name string) (*field, error) {
	for i := range p.fields {
		if p.fields[i].name == name {
			return &p.fields[i], nil
		}
	}
	for i := range p.fields {
		if strings.EqualFold(p.fields[i].name, name) {
			return nil, malformed("The member " + p.fields[i].name + " is written " + name + ".")
		}
	}
	return nil, nil
}

func (d jsonDecoder) list(v reflect.Value, p *plan) error {
	if err := d.open('[', "list"); err != nil {
		return err
	}
	items := reflect.MakeSlice(v.Type(), 0, 0)
	for d.PeekKind() != ']' {
		item := reflect.New(v.Type().Elem()).Elem()
		if err := d.value(item, p.element); err != nil {
			return err
		}
		items = reflect.Append(items, item)
	}
	v.Set(items)
	_, err := d.ReadToken()
	return err
}

func (d jsonDecoder) dictionary(v reflect.Value, p *plan) error {
	if err := d.open('{', "structure or map"); err != nil {
		return err
	}
	v.Set(reflect.MakeMap(v.Type()))
	for d.PeekKind() != '}' {
		name, err := d.ReadToken()
		if err != nil {
			return err
		}
		key := reflect.ValueOf(name.String()).Convert(v.Type().Key())
		value := reflect.New(v.Type().Elem()).Elem()
		if err := d.value(value, p.element); err != nil {
			return err
		}
		v.SetMapIndex(key, value)
	}
	_, err := d.ReadToken()
	return err
}

// open reads the start of an object or a list.
func (d jsonDecoder) open(want jsontext.Kind, what string) error {
	token, err := d.ReadToken()
	if err != nil {
		return err
	}
	if token.Kind() != want {
		return unexpected(token.Kind(), what)
	}
	return nil
}

func (d jsonDecoder) scalar(v reflect.Value, p *plan) error {
	token, err := d.ReadToken()
	if err != nil {
		return err
	}
	k := token.Kind()
	switch {
	case p.kind == text && k == '"':
		v.SetString(token.String())
	case p.kind == integer && k == '0':
		n, err := strconv.ParseInt(token.String(), 10, v.Type().Bits())
		if err != nil {
			return unexpected(k, scalarName[p.kind])
		}
		v.SetInt(n)
	case p.kind == boolean && (k == 't' || k == 'f'):
		v.SetBool(token.Bool())
	case p.kind == timestamp && (k == '0' || k == '"'):
		t, ok := parseTime(token.String(), k == '0')
		if !ok {
			return unexpected(k, scalarName[p.kind])
		}
		v.Set(reflect.ValueOf(t))
	default:
		return unexpected(k, scalarName[p.kind])
	}
	return nil
}

// scalarName is what AWS calls a kind of value when another is found in its place.
var scalarName = map[kind]string{text: "a String", integer: "an Integer", boolean: "a Boolean", timestamp: "a Timestamp"}

// unexpected is the error for a value of a kind that does not belong where it is.
func unexpected(found jsontext.Kind, wanted string) error {
	if found == '{' {
		return malformed("Start of structure or map found where not expected.")
	}
	if found == '[' {
		return malformed("Start of list found where not expected.")
	}
	return malformed(valueName[found] + " can not be converted to " + wanted)
}

// valueName is what AWS calls a kind of JSON that is found where another is wanted.
var valueName = map[jsontext.Kind]string{
	'"': "STRING_VALUE", '0': "NUMBER_VALUE", 't': "TRUE_VALUE", 'f': "FALSE_VALUE", 'n': "NULL_VALUE",
}

// lastSecond is the last second of the year 9999; no time that a client means is further from 1970.
const lastSecond = 253402300799

// parseTime reads a time: a number of seconds since 1970, which may have a fraction and an
// exponent, or the text of an ISO 8601 time. Times are kept to the millisecond. The zero time is
// refused, because it means absent.
func parseTime(s string, number bool) (time.Time, bool) {
	if !number {
		t, err := time.Parse(time.RFC3339, s)
		return t.UTC().Truncate(time.Millisecond), err == nil && math.Abs(float64(t.Unix())) <= lastSecond
	}
	seconds, err := strconv.ParseFloat(s, 64)
	if err != nil || math.Abs(seconds) > lastSecond {
		return time.Time{}, false
	}
	t := time.UnixMilli(int64(math.Round(seconds * 1000))).UTC()
	return t, !t.IsZero()
}
