package policy

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// maxDefects is how many defects are reported of one text. Nobody reads more, and a hostile text
// shall not cost more.
const maxDefects = 100

// maxName is the length in bytes of the longest name in a path. Of what has a longer name the path is
// that of what is around it.
const maxName = 1024

// reader reads JSON token by token, knows the place of each, and collects what is wrong. After an
// error of syntax there are no more tokens.
type reader struct {
	text    []byte
	decoder *jsontext.Decoder
	path    []string // the names and indexes that lead to what is being read
	place   Position // of some token; positions are counted on from here
	defects Defects
	ended   bool
}

func newReader(text []byte) reader {
	return reader{
		text:    text,
		decoder: jsontext.NewDecoder(bytes.NewBuffer(text), jsontext.AllowDuplicateNames(true)), // members reports them, and goes on
		place:   Position{Line: 1, Column: 1},
	}
}

// peek returns the kind of the next token, and 0 when there is none.
func (r *reader) peek() jsontext.Kind {
	if r.ended {
		return 0
	}
	kind := r.decoder.PeekKind()
	if kind == 0 {
		r.next()
	}
	return kind
}

// next reads a token, and returns its text: of a string what it stands for, of others what is
// written.
func (r *reader) next() string {
	if r.ended {
		return ""
	}
	token, err := r.decoder.ReadToken()
	if err != nil {
		r.fail(err)
		return ""
	}
	return token.String()
}

// skip reads a value that nobody wants to know.
func (r *reader) skip() {
	if r.ended {
		return
	}
	if err := r.decoder.SkipValue(); err != nil {
		r.fail(err)
	}
}

// finish reports what follows the document.
func (r *reader) finish() {
	if r.ended {
		return
	}
	at := r.here()
	if _, err := r.decoder.ReadToken(); !errors.Is(err, io.EOF) {
		r.report(at, "text after the end of the document", "")
	}
}

// members reads an object. What value leaves unread of a member is skipped.
func (r *reader) members(value func(name string, at Position)) {
	r.next()
	seen := map[string]bool{}
	for kind := r.peek(); kind != '}' && kind != 0; kind = r.peek() {
		at := r.here()
		name := r.next()
		end := r.decoder.InputOffset()
		r.within(name, func() {
			if seen[name] {
				r.report(at, "duplicate element "+quote(name), "")
				return
			}
			seen[name] = true
			value(name, at)
		})
		if r.decoder.InputOffset() == end {
			r.skip()
		}
	}
	r.next()
}

// elements reads the elements of a list, each by a call of value, or one value that stands without
// a list. It returns how many there are.
func (r *reader) elements(value func()) int {
	if r.peek() != '[' {
		value()
		return 1
	}
	r.next()
	n := 0
	for kind := r.peek(); kind != ']' && kind != 0; kind = r.peek() {
		r.within(strconv.Itoa(n), value)
		n++
	}
	r.next()
	return n
}

// is tells whether the next value is of one of some kinds. Any other is skipped and reported.
func (r *reader) is(expected string, kinds ...jsontext.Kind) bool {
	kind := r.peek()
	if slices.Contains(kinds, kind) {
		return true
	}
	at := r.here()
	r.skip()
	r.report(at, "the value is "+valueNames[kind], expected)
	return false
}

// here returns the place of the next token.
func (r *reader) here() Position {
	offset := int(r.decoder.InputOffset())
	for offset < len(r.text) && bytes.IndexByte([]byte(" \t\r\n,:"), r.text[offset]) >= 0 {
		offset++
	}
	return r.position(offset)
}

// end returns the place behind the last token.
func (r *reader) end() Position { return r.position(int(r.decoder.InputOffset())) }

// position returns the place of an offset. It is cheap when offsets grow.
func (r *reader) position(offset int) Position {
	if offset < r.place.Offset {
		r.place = Position{Line: 1, Column: 1}
	}
	for _, b := range r.text[r.place.Offset:offset] {
		switch {
		case b == '\n':
			r.place.Line++
			r.place.Column = 1
		case b&0xC0 != 0x80: // not inside of a character
			r.place.Column++
		}
	}
	r.place.Offset = offset
	return r.place
}

// within reads what has a name or an index.
func (r *reader) within(name string, read func()) {
	r.path = append(r.path, name)
	read()
	r.path = r.path[:len(r.path)-1]
}

// report adds a defect of what is being read.
func (r *reader) report(at Position, problem, expected string) {
	if r.ended {
		return
	}
	var path jsontext.Pointer
	for _, name := range r.path {
		if len(name) > maxName {
			break
		}
		path = path.AppendToken(name)
	}
	r.defects = append(r.defects, Defect{Position: at, Path: string(path), Problem: problem, Expected: expected})
	r.ended = len(r.defects) == maxDefects
}

// fail reports an error of syntax, the last of all defects.
func (r *reader) fail(err error) {
	at, problem := len(r.text), "the text ends too early"
	if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		at = min(int(syntax.ByteOffset), at)
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			problem = "this is not JSON: " + syntax.Err.Error()
		}
	}
	r.report(r.position(at), problem, "")
	r.ended = true
}

// valueNames are what the kinds of JSON values are called.
var valueNames = map[jsontext.Kind]string{
	'{': "an object", '[': "a list", '"': "a string", '0': "a number", 't': "a boolean", 'f': "a boolean", 'n': "null",
}

// quote quotes a text from a document, or the beginning of a long one.
func quote(text string) string {
	const most = 80
	if runes := []rune(text[:min(len(text), 4*(most+1))]); len(runes) > most {
		return strconv.Quote(string(runes[:most]) + "…")
	}
	return strconv.Quote(text)
}
