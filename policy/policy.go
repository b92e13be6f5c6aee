package policy

// Policy is a compiled document. It never changes and may be used by any number of goroutines, and
// wherever the same text is attached.
type Policy struct {
	document   *Document
	statements []statement
	patterns   []actionPattern // of all statements, in their order
	everything bool            // a statement allows everything, unconditionally
}

// Compile prepares a document for deciding. The document must not be changed afterwards.
func Compile(d *Document) *Policy {
	p := &Policy{document: d, statements: make([]statement, len(d.Statements))}
	patterns := 0
	for i := range d.Statements {
		patterns += len(d.Statements[i].Actions)
	}
	p.patterns = make([]actionPattern, 0, patterns)
	for i := range d.Statements {
		source := &d.Statements[i]
		first := len(p.patterns)
		for _, text := range source.Actions {
			p.patterns = append(p.patterns, compileAction(text))
		}
		p.statements[i] = compileStatement(source, d, p.patterns[first:len(p.patterns):len(p.patterns)])
		p.everything = p.everything || p.statements[i].allowsEverything()
	}
	return p
}

// Document returns the document that the policy was compiled from. It must not be changed.
func (p *Policy) Document() *Document { return p.document }

// entries adds the entries of the policy's statements for an index.
func (p *Policy) entries(all []indexEntry, policy int) []indexEntry {
	for i := range p.statements {
		s := &p.statements[i]
		patterns := s.actions
		if s.source.NotAction {
			patterns = []actionPattern{anyAction}
		}
		for j := range patterns {
			all = append(all, indexEntry{patterns[j].lead, patterns[j].mask, &patterns[j], int32(policy), int32(i)})
		}
	}
	return all
}
