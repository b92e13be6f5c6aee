package policy

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Parse reads a document of a kind. Its error is a [Defects] with everything that is wrong, in the
// order of the text; after a hundred defects it gives up. JSON is read strictly: no duplicate names,
// valid UTF-8, names in their exact case. The size of the text is not limited here: see
// [Document.Size].
func Parse(kind Kind, text []byte) (*Document, error) {
	g, known := grammars[kind]
	if !known {
		return nil, Defects{{Position: Position{Line: 1, Column: 1}, Problem: "there is no such kind of policy"}}
	}
	p := &parser{reader: newReader(text), kind: kind, grammar: &g, sids: map[string]bool{}}
	d := &Document{Kind: kind, Size: utf8.RuneCount(text)}
	p.document(d)
	p.finish()
	if len(p.defects) > 0 {
		slices.SortStableFunc(p.defects, func(a, b Defect) int { return cmp.Compare(a.Position.Offset, b.Position.Offset) })
		return nil, p.defects
	}
	return d, nil
}

// parser reads a document by the grammar of its kind.
type parser struct {
	reader
	kind    Kind
	grammar *grammar
	sids    map[string]bool
}

func (p *parser) document(d *Document) {
	at := p.here()
	if !p.is("an object with a Statement", '{') {
		return
	}
	stated := false
	p.members(func(name string, at Position) {
		switch {
		case name == "Version":
			d.Version = p.oneOf(p.grammar.versions)
		case name == "Id" && p.grammar.id:
			d.ID, _ = p.text("a string")
		case name == "Statement":
			stated = true
			p.statements(d)
		default:
			p.unknown(name, at, p.documentElements())
		}
	})
	if !stated {
		p.report(at, "the document has no Statement", "")
	}
}

func (p *parser) documentElements() []string {
	if p.grammar.id {
		return []string{"Version", "Id", "Statement"}
	}
	return []string{"Version", "Statement"}
}

func (p *parser) statements(d *Document) {
	at := p.here()
	n := p.elements(func() {
		if p.is("a statement, which is an object", '{') {
			d.Statements = append(d.Statements, p.statement())
		}
	})
	if n == 0 {
		p.report(at, "the list is empty", "at least one statement")
	}
}

// statement reads one statement, and sees to it that what it must have is there.
func (p *parser) statement() Statement {
	s := Statement{Start: p.here()}
	seen := map[string]Position{}
	p.members(func(name string, at Position) { p.element(&s, seen, name, at) })
	s.End = p.end()
	if _, ok := seen["Effect"]; !ok {
		p.report(s.Start, "the statement has no Effect", list(p.grammar.effects))
	}
	for _, pair := range p.grammar.pairs() {
		_, has := seen[pair.element]
		_, not := seen[pair.negation()]
		if !has && !not && pair.presence != absent && pair.presence != optional {
			p.report(s.Start, "the statement has no "+pair.element, "")
		}
	}
	if s.NotPrincipal && s.Effect == Allow {
		p.within("NotPrincipal", func() {
			p.report(seen["NotPrincipal"], "NotPrincipal with the Effect Allow", `the Effect "Deny"`)
		})
	}
	return s
}

// element reads one element of a statement.
func (p *parser) element(s *Statement, seen map[string]Position, name string, at Position) {
	seen[name] = at
	if !p.allowed(seen, name, at) {
		return
	}
	switch name {
	case "Sid":
		s.Sid = p.sid()
	case "Effect":
		if p.oneOf(p.grammar.effects) == Allow.String() {
			s.Effect = Allow
		}
	case "Principal", "NotPrincipal":
		s.Principals, s.NotPrincipal = p.principals(), name == "NotPrincipal"
	case "Action", "NotAction":
		s.Actions, s.NotAction = p.texts(check{p.isAction, p.actionForm()}), name == "NotAction"
	case "Resource", "NotResource":
		s.Resources, s.NotResource = p.texts(check{p.isResource, p.resourceForm()}), name == "NotResource"
	case "Condition":
		s.Conditions = p.conditions()
	}
}

// allowed tells whether a statement may have an element, beside those that it has.
func (p *parser) allowed(seen map[string]Position, name string, at Position) bool {
	if name == "Sid" || name == "Effect" || name == "Condition" {
		return true
	}
	for _, pair := range p.grammar.pairs() {
		if name != pair.element && name != pair.negation() {
			continue
		}
		other := pair.element
		if name == other {
			other = pair.negation()
		}
		_, both := seen[other]
		switch {
		case pair.presence == absent:
			p.report(at, "no "+p.kind.String()+" has a "+name, "")
		case pair.presence == positive && name != pair.element:
			p.report(at, "no "+p.kind.String()+" has a "+name, pair.element)
		case both:
			p.report(at, "the statement has "+other+" and "+name, "one of them")
		default:
			return true
		}
		return false
	}
	p.unknown(name, at, p.grammar.statementElements())
	return false
}

// unknown reports an element that does not exist. Most are known ones in another case.
func (p *parser) unknown(name string, at Position, known []string) {
	expected := list(known)
	for _, k := range known {
		if strings.EqualFold(k, name) {
			expected = quote(k)
		}
	}
	p.report(at, "unknown element "+quote(name), expected)
}

// sid reads a Sid. The empty one, which tools write, is none.
func (p *parser) sid() string {
	at := p.here()
	sid, ok := p.text("a string")
	switch {
	case !ok || sid == "":
	case !p.grammar.anySid && strings.ContainsFunc(sid, func(c rune) bool { return !isAlphanumeric(c) }):
		p.report(at, "the value is "+quote(sid), "letters and digits")
	case p.sids[sid]:
		p.report(at, "the Sid "+quote(sid)+" is that of another statement", "a Sid of its own")
	}
	p.sids[sid] = true
	return sid
}

// text reads a string.
func (p *parser) text(expected string) (text string, ok bool) {
	if !p.is(expected, '"') {
		return "", false
	}
	return p.next(), true
}

// oneOf reads a string that is one of some.
func (p *parser) oneOf(values []string) string {
	at := p.here()
	value, ok := p.text(list(values))
	if ok && !slices.Contains(values, value) {
		p.report(at, "the value is "+quote(value), list(values))
	}
	return value
}

// texts reads a string, or a list of at least one string, that are as expected.
func (p *parser) texts(c check) []string {
	var texts []string
	at := p.here()
	n := p.elements(func() {
		at := p.here()
		text, ok := p.text(c.expected)
		if ok && !c.ok(text) {
			p.report(at, "the value is "+quote(text), c.expected)
		}
		texts = append(texts, text)
	})
	if n == 0 {
		p.report(at, "the list is empty", c.expected)
	}
	return texts
}

// list writes alternatives.
func list(values []string) string {
	quoted := make([]string, len(values))
	for i, value := range values {
		quoted[i] = quote(value)
	}
	return strings.Join(quoted, " or ")
}

func isAlphanumeric(c rune) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}
