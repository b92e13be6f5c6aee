package policy

import (
	"fmt"
	"strings"
)

// Defect is one thing that makes a text no document of its kind.
type Defect struct {
	Position Position
	Path     string // a JSON pointer to the offending value, such as /Statement/0/Effect
	Problem  string // what is wrong, such as `unknown element "Efect"`
	Expected string // what would be right, such as `"Allow" or "Deny"`; may be ""
}

// String returns the defect as one line: "3:17 /Statement/0/Effect: problem; expected …".
func (d Defect) String() string {
	text := fmt.Sprintf("%d:%d %s: %s", d.Position.Line, d.Position.Column, d.Path, d.Problem)
	if d.Expected != "" {
		text += "; expected " + d.Expected
	}
	return text
}

// Defects are all defects of a text, in its order: the error that [Parse] returns.
type Defects []Defect

// Error returns the defects, one a line.
func (d Defects) Error() string {
	lines := make([]string, len(d))
	for i, defect := range d {
		lines[i] = defect.String()
	}
	return strings.Join(lines, "\n")
}
