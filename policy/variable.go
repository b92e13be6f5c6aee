package policy

import (
	"math"
	"strings"
	"sync"
	"unsafe"
)

// template is a text with policy variables.
type template []fragment

// fragment is either fixed text, with marks for wildcards in a pattern, or a variable.
type fragment struct {
	text     string // of fixed text; of a variable its default
	key      contextKey
	variable bool
	fallback bool // the variable has a default
	stars    int  // in the fixed text of a pattern
}

// compileTemplate returns the template of a text whose variables have a meaning, and nil when there are
// none.
func compileTemplate(text string, variables bool, fix func(string) string) *template {
	if !variables || !strings.Contains(text, "${") {
		return nil // like nearly all of them: memory is for the others
	}
	t := parseTemplate(text, fix)
	if t == nil {
		return nil
	}
	return &t
}

// parseTemplate finds the variables in a text: ${key} and ${key, 'default'}, and ${*}, ${?} and
// ${$}, which stand for a character that would have a meaning of its own. It returns nil for a text
// without any. Fixed text is what fix makes of it. What looks like a variable but is none is text.
func parseTemplate(text string, fix func(string) string) template {
	var t template
	var fixed strings.Builder
	cut := func() {
		if fixed.Len() > 0 {
			t = append(t, fragment{text: fixed.String(), stars: strings.Count(fixed.String(), anyRunText)})
			fixed.Reset()
		}
	}
	found, at := false, 0
	for {
		start := strings.Index(text[at:], "${")
		if start < 0 {
			break
		}
		start += at
		f, after, ok := parseVariable(text[start+len("${"):])
		if !ok {
			at = start + len("${")
			continue
		}
		found = true
		fixed.WriteString(fix(text[:start]))
		if f.variable {
			cut()
			t = append(t, f)
		} else {
			fixed.WriteString(f.text)
		}
		text, at = after, 0
	}
	if !found {
		return nil
	}
	fixed.WriteString(fix(text))
	cut()
	return t
}

// parseVariable reads a variable behind its "${", and returns the text behind its "}".
func parseVariable(text string) (f fragment, after string, ok bool) {
	end := strings.IndexByte(text, '}')
	if end <= 0 {
		return fragment{}, "", false
	}
	if name := text[:end]; name == "*" || name == "?" || name == "$" {
		return fragment{text: name}, text[end+1:], true
	}
	name, rest, defaulted := strings.Cut(text, ",")
	if !defaulted || len(name) > end {
		return fragment{key: newKey(strings.TrimSpace(text[:end])), variable: true}, text[end+1:], true
	}
	rest = strings.TrimLeft(rest, " ")
	if !strings.HasPrefix(rest, "'") {
		return fragment{}, "", false
	}
	value, rest, closed := strings.Cut(rest[1:], "'")
	rest = strings.TrimLeft(rest, " ")
	if !closed || !strings.HasPrefix(rest, "}") {
		return fragment{}, "", false
	}
	return fragment{key: newKey(strings.TrimSpace(name)), variable: true, fallback: true, text: value}, rest[1:], true
}

// value returns the text that a fragment stands for in a request, and false for a variable that has
// none: its key is absent or multivalued, and there is no default.
func (f *fragment) value(c *Context) (string, bool) {
	if !f.variable {
		return f.text, true
	}
	if v := c.find(&f.key, new(Value)); v != nil && !v.multi {
		return v.text, true
	}
	return f.text, f.fallback
}

// expander puts the values of a request into templates. What it returns is good until it is used
// again. The zero expander is ready; release it after use.
type expander struct{ *expansion }

// expansion is the memory of an expander.
type expansion struct {
	text   []byte
	value  string // that was put in lower case last
	folded []byte // its lower case
}

var expansions = sync.Pool{New: func() any { return new(expansion) }}

// expand returns the text of a template in a request, and false when a variable has no value.
func (x *expander) expand(t *template, c *Context) (string, bool) {
	return x.expandWithin(t, c, math.MaxInt)
}

// expandWithin is expand for a text that is to match a value of that many bytes. It reports false as
// soon as the text, stars aside, is longer.
func (x *expander) expandWithin(t *template, c *Context, most int) (string, bool) {
	x.borrow()
	x.text = x.text[:0]
	for i := range *t {
		f := &(*t)[i]
		value, ok := f.value(c)
		if !ok {
			return "", false
		}
		if most -= len(value) - f.stars; most < 0 {
			return "", false
		}
		x.text = append(x.text, value...)
	}
	return textOf(x.text), true
}

// textOf returns bytes as a text, which nobody keeps: as strings.Builder does.
func textOf(bytes []byte) string {
	return unsafe.String(unsafe.SliceData(bytes), len(bytes)) //nolint:gosec // see above
}

// lowered returns the lower case of a value, good until that of another one is asked for. The next condition
// is often about the same value.
func (x *expander) lowered(value string) string {
	x.borrow()
	if x.value != value {
		x.value, x.folded = value, appendLower(x.folded[:0], value)
	}
	return textOf(x.folded)
}

// borrow makes the expander ready.
func (x *expander) borrow() {
	if x.expansion == nil {
		x.expansion = expansions.Get().(*expansion)
	}
}

// match tells whether a value fits a template as a pattern, in which the values of variables are
// literal. A variable without a value fits nothing.
func (x *expander) match(t *template, c *Context, value string, f *finder) bool {
	text, ok := x.expandWithin(t, c, len(value))
	return ok && matchMarked(text, value, f)
}

// release returns what the expander borrowed.
func (x *expander) release() {
	if x.expansion != nil {
		x.value = "" // it may be of a request that is gone
		expansions.Put(x.expansion)
		x.expansion = nil
	}
}
