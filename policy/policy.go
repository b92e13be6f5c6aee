package policy

// Policy is a compiled document. It never changes and may be used by any number of goroutines, and
// wherever the same text is attached.
type Policy struct {
	document   *Document
	statements []statement
	operands   operands
	entries    [2]int // how many entries of an index the statements of an effect need
	everything bool   // a statement allows everything, unconditionally
}

// Compile prepares a document for deciding. The document must not be changed afterwards.
func Compile(d *Document) *Policy {
	p := &Policy{document: d, statements: make([]statement, len(d.Statements))}
	room := p.room()
	for i := range p.statements {
		s := &p.statements[i]
		s.compile(&d.Statements[i], d, &room)
		p.entries[s.effect] += len(s.indexed())
		p.everything = p.everything || s.allowsEverything()
	}
	return p
}

// room is what is left of the lists of which each statement has a part. A policy has one of each kind:
// lists of their own for each statement would take most of the time of compiling.
type room struct {
	actions    []actionPattern
	resources  []arnPattern
	conditions []condition
	operands   *operands
}

// room makes room for everything that the statements hold.
func (p *Policy) room() room {
	actions, resources, conditions := 0, 0, 0
	var values [families]int
	for i := range p.document.Statements {
		source := &p.document.Statements[i]
		actions += len(source.Actions)
		if !source.everywhere() {
			resources += len(source.Resources)
		}
		conditions += len(source.Conditions)
		for j := range source.Conditions {
			c := &source.Conditions[j]
			values[c.Operator.Test.family()] += len(c.Values)
		}
	}
	p.operands = newOperands(&values)
	return room{make([]actionPattern, actions), make([]arnPattern, resources), make([]condition, conditions), &p.operands}
}

// cut takes the first n of a list away.
func cut[T any](list *[]T, n int) []T {
	first := (*list)[:n:n]
	*list = (*list)[n:]
	return first
}

// Document returns the document that the policy was compiled from. It must not be changed.
func (p *Policy) Document() *Document { return p.document }

// enter adds the entries of the statements that deny, and of those that allow where they matter, for an
// index in which the policy has a number.
func (p *Policy) enter(entries []indexEntry, allows bool, number int) []indexEntry {
	for i := range p.statements {
		s := &p.statements[i]
		if s.effect == Allow && !allows {
			continue
		}
		patterns := s.indexed()
		for j := range patterns {
			entries = append(entries, indexEntry{patterns[j].lead, patterns[j].mask, &patterns[j], s, int32(number), int32(i)})
		}
	}
	return entries
}
