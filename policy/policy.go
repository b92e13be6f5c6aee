package policy

// Policy is a compiled document. It never changes and may be used by any number of goroutines, and
// wherever the same text is attached.
type Policy struct {
	document   *Document
	statements []statement
	entries    [2]int // how many entries of an index the statements of an effect need
	everything bool   // a statement allows everything, unconditionally
}

// Compile prepares a document for deciding. The document must not be changed afterwards.
func Compile(d *Document) *Policy {
	p := &Policy{document: d, statements: make([]statement, len(d.Statements))}
	actions, conditions := 0, 0
	for i := range d.Statements {
		actions += len(d.Statements[i].Actions)
		conditions += len(d.Statements[i].Conditions)
	}
	allPatterns, allConditions := make([]actionPattern, actions), make([]condition, conditions)
	for i := range d.Statements {
		source := &d.Statements[i]
		patterns := cut(&allPatterns, len(source.Actions))
		for j, text := range source.Actions {
			patterns[j] = compileAction(text)
		}
		s := &p.statements[i]
		*s = compileStatement(source, d, patterns, cut(&allConditions, len(source.Conditions)))
		p.entries[s.effect] += len(s.indexed())
		p.everything = p.everything || s.allowsEverything()
	}
	return p
}

// cut takes the first n of a list away.
func cut[T any](list *[]T, n int) []T {
	first := (*list)[:n:n]
	*list = (*list)[n:]
	return first
}

// Document returns the document that the policy was compiled from. It must not be changed.
func (p *Policy) Document() *Document { return p.document }

// enter adds the entries of the statements of an effect for an index, in which the policy has a number.
func (p *Policy) enter(entries []indexEntry, effect Effect, number int) []indexEntry {
	for i := range p.statements {
		s := &p.statements[i]
		if s.effect != effect {
			continue
		}
		patterns := s.indexed()
		for j := range patterns {
			entries = append(entries, indexEntry{patterns[j].lead, patterns[j].mask, &patterns[j], s, int32(number), int32(i)})
		}
	}
	return entries
}
