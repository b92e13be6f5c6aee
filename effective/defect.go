package effective

import (
	"bytes"
	"fmt"
	"slices"
	"unicode/utf8"
)

// Position is a place in a document.
type Position struct {
	Offset int // bytes before it
	Line   int // from 1
	Column int // in characters, from 1
}

// Defect is one reason for which AWS refuses a document.
type Defect struct {
	Position Position
	Path     string // of the member, by names and slashes; "" is the document
	Problem  string // what is wrong
	Expected string // what may stand there, or ""
}

// Error returns the place, the problem and what was expected in one line.
func (d Defect) Error() string {
	text := fmt.Sprintf("%d:%d: ", d.Position.Line, d.Position.Column)
	if d.Path != "" {
		text += d.Path + ": "
	}
	text += d.Problem
	if d.Expected != "" {
		text += "; expected " + d.Expected
	}
	return text
}

// Defects is everything for which AWS refuses a document, in the order of the
// text. AWS itself only answers MalformedPolicyDocumentException, without a reason.
type Defects []Defect

// Error returns the first defect and how many more there are.
func (d Defects) Error() string {
	if len(d) == 1 {
		return d[0].Error()
	}
	return fmt.Sprintf("%v (and %d more)", d[0], len(d)-1)
}

// locate sorts defects by their offsets and works out their lines and columns.
func (d Defects) locate(content []byte) {
	slices.SortStableFunc(d, func(a, b Defect) int { return a.Position.Offset - b.Position.Offset })
	line, begin := 1, 0
	for i := range d {
		at := &d[i].Position
		at.Offset = min(at.Offset, len(content))
		line += bytes.Count(content[begin:at.Offset], []byte{'\n'})
		begin = bytes.LastIndexByte(content[:at.Offset], '\n') + 1
		at.Line, at.Column = line, utf8.RuneCount(content[begin:at.Offset])+1
	}
}
