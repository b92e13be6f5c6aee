package policy

import (
	"strconv"
	"strings"
)

// span is where a value stands in a text.
type span struct{ start, end Position }

// readSpans returns where each value of a JSON text stands, by its JSON pointer.
func readSpans(text []byte) map[string]span {
	spans := map[string]span{}
	r := newReader(text)
	r.spans("", spans)
	return spans
}

// spans notes where the next value stands, and each that it holds.
func (r *reader) spans(path string, found map[string]span) {
	start := r.here()
	if kind := r.peek(); kind == '{' {
		r.members(func(name string, _ Position) { r.spans(path+"/"+escapePointer.Replace(name), found) })
	} else if kind == '[' {
		i := 0
		r.elements(func() {
			r.spans(path+"/"+strconv.Itoa(i), found)
			i++
		})
	} else {
		r.skip()
	}
	found[path] = span{start, r.end()}
}

var escapePointer = strings.NewReplacer("~", "~0", "/", "~1")

// place is a statement in its text.
type place struct {
	*Statement
	index int
	path  string // the JSON pointer of the statement
	spans map[string]span
}

// findPlaces returns the places of all statements. A document with one statement may do without a list.
func findPlaces(d *Document, spans map[string]span) []*place {
	places := make([]*place, len(d.Statements))
	for i := range places {
		p := &place{Statement: &d.Statements[i], index: i, path: "/Statement/" + strconv.Itoa(i), spans: spans}
		if !p.has(p.path) {
			p.path = "/Statement"
		}
		places[i] = p
	}
	return places
}

// element returns the path of an element of the statement.
func (p *place) element(name string) string { return p.path + "/" + name }

// actions returns the path of Action or NotAction, and resources that of Resource or NotResource.
func (p *place) actions() string   { return p.element(negatable("Action", p.NotAction)) }
func (p *place) resources() string { return p.element(negatable("Resource", p.NotResource)) }

// condition returns the path of a condition.
func (p *place) condition(c *Condition) string {
	return p.element("Condition") + "/" + c.Operator.String() + "/" + escapePointer.Replace(c.Key)
}

// value returns the path of the i-th value behind a path. One value may do without a list.
func (p *place) value(path string, i int) string {
	if listed := path + "/" + strconv.Itoa(i); p.has(listed) {
		return listed
	}
	return path
}

func (p *place) has(path string) bool {
	_, ok := p.spans[path]
	return ok
}

// name is what a statement is called in messages.
func (p *place) name() string {
	name := "statement " + strconv.Itoa(p.index+1)
	if p.Sid != "" {
		name += " (" + p.Sid + ")"
	}
	return name
}
