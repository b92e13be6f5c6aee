package effective

import (
	"bytes"
	"errors"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// maxDepth is how deeply a policy may nest. No type needs half of it.
const maxDepth = 32

// value is a JSON value with its place in the document.
type value struct {
	kind    jsontext.Kind
	offset  int    // of its first byte
	text    string // of a scalar: the string, or the literal
	members []member
	items   []value
}

type member struct {
	name   string
	offset int // of the name
	value  value
}

var errTooDeep = errors.New("nested too deeply")

// readValue reads a document of one JSON value. Names may come twice: who reads
// the members reports that, because there may be more than one. The defect is
// where the text stops being JSON.
func readValue(content []byte) (value, *Defect) {
	reader := reader{jsontext.NewDecoder(bytes.NewBuffer(content), jsontext.AllowDuplicateNames(true))}
	document, err := reader.value(0)
	if err != nil {
		return value{}, reader.defect(err)
	}
	end := reader.end()
	if rest := bytes.TrimLeft(content[end:], " \t\r\n"); len(rest) > 0 {
		return value{}, notJSON(len(content)-len(rest), "something follows the document")
	}
	return document, nil
}

type reader struct{ decoder *jsontext.Decoder }

func (r reader) end() int { return int(r.decoder.InputOffset()) }

func (r reader) defect(err error) *Defect {
	var syntactic *jsontext.SyntacticError
	if !errors.As(err, &syntactic) {
		return notJSON(r.end(), err.Error())
	}
	defect := notJSON(int(syntactic.ByteOffset), syntactic.Err.Error())
	defect.Path = strings.Join(slices.Collect(syntactic.JSONPointer.Tokens()), "/")
	return defect
}

func notJSON(offset int, problem string) *Defect {
	return &Defect{Position: Position{Offset: offset}, Problem: problem, Expected: "JSON"}
}

func (r reader) value(depth int) (value, error) {
	if depth > maxDepth {
		return value{}, errTooDeep
	}
	kind := r.decoder.PeekKind()
	if kind == jsontext.KindBeginObject {
		return r.object(depth)
	}
	if kind == jsontext.KindBeginArray {
		return r.array(depth)
	}
	return r.scalar()
}

func (r reader) scalar() (value, error) {
	raw, err := r.decoder.ReadValue()
	if err != nil {
		return value{}, err
	}
	v := value{kind: raw.Kind(), offset: r.end() - len(raw), text: string(raw)}
	if v.kind == jsontext.KindString {
		v.text = unquote(v.text)
	}
	return v, nil
}

func (r reader) object(depth int) (value, error) {
	v, err := r.open()
	for err == nil && r.decoder.PeekKind() != jsontext.KindEndObject {
		var named, of value
		if named, err = r.scalar(); err == nil {
			of, err = r.value(depth + 1)
		}
		v.members = append(v.members, member{named.text, named.offset, of})
	}
	return r.close(v, err)
}

func (r reader) array(depth int) (value, error) {
	v, err := r.open()
	for err == nil && r.decoder.PeekKind() != jsontext.KindEndArray {
		var item value
		item, err = r.value(depth + 1)
		v.items = append(v.items, item)
	}
	return r.close(v, err)
}

// open reads the bracket with which an object or an array begins.
func (r reader) open() (value, error) {
	token, err := r.decoder.ReadToken()
	return value{kind: token.Kind(), offset: r.end() - 1}, err
}

func (r reader) close(v value, err error) (value, error) {
	if err != nil {
		return value{}, err
	}
	_, err = r.decoder.ReadToken()
	return v, err
}
