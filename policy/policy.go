package policy

// Policy is a compiled document. It never changes and may be used by any number of goroutines, and
// wherever the same text is attached.
type Policy struct {
	document   *Document
	statements []statement
	actions    index
}

// Compile prepares a document for deciding. The document must not be changed afterwards.
func Compile(d *Document) *Policy {
	p := &Policy{document: d, statements: make([]statement, len(d.Statements))}
	patterns := 0
	for i := range d.Statements {
		patterns += len(d.Statements[i].Actions)
	}
	actions := newBuilder(patterns)
	for i := range d.Statements {
		source := &d.Statements[i]
		p.statements[i] = compileStatement(source, d)
		if source.NotAction {
			actions.addEvery(int32(i))
			continue
		}
		for _, pattern := range source.Actions {
			actions.add(pattern, int32(i))
		}
	}
	p.actions = actions.build()
	return p
}

// Document returns the document that the policy was compiled from. It must not be changed.
func (p *Policy) Document() *Document { return p.document }
