package policy

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// maxDefects is how many defects are reported of one text. Nobody reads more, and a hostile text
// shall not cost more.
const maxDefects = 100

// maxPath is the length of the longest path in bytes. Of what lies deeper the path is that of
// something around it.
const maxPath = 1024

// reader reads JSON token by token, knows the place of each, and collects what is wrong. After an
// error of syntax there are no more tokens.
type reader struct {
	text    []byte
	decoder *jsontext.Decoder
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
		if seen[name] {
			r.report(at, "duplicate element "+quote(name), "")
		} else {
			seen[name] = true
			value(name, at)
		}
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
		value()
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
	r.report(at, "the value is "+kindName(kind), expected)
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

// report adds a defect of the value, or of the name, that was read last.
func (r *reader) report(at Position, problem, expected string) {
	r.reportIn(string(r.decoder.StackPointer()), at, problem, expected)
}

func (r *reader) reportIn(path string, at Position, problem, expected string) {
	if r.ended {
		return
	}
	if len(path) > maxPath {
		path = path[:strings.LastIndexByte(path[:maxPath], '/')]
	}
	r.defects = append(r.defects, Defect{Position: at, Path: path, Problem: problem, Expected: expected})
	r.ended = len(r.defects) == maxDefects
}

// fail reports an error of syntax, the last of all defects.
func (r *reader) fail(err error) {
	at, path, problem := len(r.text), string(r.decoder.StackPointer()), "the text ends too early"
	if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		at, path = min(int(syntax.ByteOffset), at), string(syntax.JSONPointer)
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			problem = "this is not JSON: " + syntax.Err.Error()
		}
	}
	r.reportIn(path, r.position(at), problem, "")
	r.ended = true
}

// kindName returns what a kind of value is called.
func kindName(kind jsontext.Kind) string {
	switch kind {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '"':
		return "a string"
	case '0':
		return "a number"
	case 't', 'f':
		return "a boolean"
	default:
		return "null"
	}
}

// quote quotes a text from a document, or the beginning of a long one.
func quote(text string) string {
	const most = 80
	if runes := []rune(text[:min(len(text), 4*most)]); len(runes) > most {
		return strconv.Quote(string(runes[:most]) + "…")
	}
	return strconv.Quote(text)
}
