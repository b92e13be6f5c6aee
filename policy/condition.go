package policy

import (
	"cmp"
	"net/netip"
)

// condition is a compiled condition: an operator, a key, and the alternatives.
type condition struct {
	source   *Condition
	key      contextKey
	operands *operands // of its policy: its own are those of its family from first on
	first    int32
	count    int32
	family   family
	negated  bool
	listed   bool    // it has a set operator
	absent   verdict // for requests without the key
	present  verdict // of Null, for requests with it
}

// The operands of the families of operators, in the order of the policy.
type (
	textOperands   []textOperand
	likeOperands   []likeOperand
	numberOperands []numberOperand
	dateOperands   []dateOperand
	prefixOperands []prefixOperand
	arnOperands    []arnPattern
)

type textOperand struct {
	text      string
	variables *template // in place of text, when not nil
}

type likeOperand struct {
	glob      glob
	variables *template // in place of glob, when not nil
}

type numberOperand struct {
	number number
	ok     bool
}

type dateOperand struct {
	millis int64
	ok     bool
}

type prefixOperand struct {
	prefix netip.Prefix
	ok     bool
}

// isTrue reads a truth value as Bool and Null do: everything that is not "true" is false.
func isTrue(text string) bool { return equalFold(text, "true") }

func isFalse(text string) bool { return !isTrue(text) }

// holds tells whether the condition holds for a request. A key with several values never passes an
// operator without a set operator.
func (c *condition) holds(e *evaluation) verdict {
	context := &e.request.Context
	value := context.set.known(c.key.number)
	if value == nil {
		value = context.findOther(&c.key, &e.found)
	}
	switch {
	case value.absent():
		return c.absent
	case c.family == presenceFamily:
		return c.present
	case c.family == textFamily && !value.multi: // as with nearly all conditions
		return verdictOf((own(c, c.operands.texts).match(value.text, e) == yes) != c.negated)
	case !value.multi:
		return c.passes(value.text, e)
	case !c.listed:
		return no
	}
	return c.passesAll(value.list, e)
}

// passesAll is passes for a condition with a set operator and a key with several values.
func (c *condition) passesAll(values []string, e *evaluation) verdict {
	set := c.source.Operator.Set
	enough := verdictOf(set == ForAnyValue) // one such value decides
	for _, text := range values {
		if v := c.passes(text, e); v == enough || v == invalid {
			return v
		}
	}
	return verdictOf(set == ForAllValues)
}

// passes tells whether one value of the request passes: a value of the wrong form may pass neither
// an operator nor its negation. A method of an interface in place of the switch would let the
// evaluation escape to the heap.
func (c *condition) passes(value string, e *evaluation) (v verdict) {
	switch c.family {
	case presenceFamily: // asks whether there is a value at all
	case textFamily:
		v = own(c, c.operands.texts).match(value, e)
	case truthFamily:
		v = own(c, c.operands.texts).matchTruth(value, e)
	case foldFamily:
		v = own(c, c.operands.texts).matchFold(value, e)
	case likeFamily:
		v = own(c, c.operands.likes).match(value, e)
	case numberFamily:
		v = own(c, c.operands.numbers).match(c.source.Operator.Test, value, e)
	case dateFamily:
		v = own(c, c.operands.dates).match(c.source.Operator.Test, value, e)
	case addressFamily:
		v = own(c, c.operands.prefixes).match(value, e)
	case arnFamily:
		v = own(c, c.operands.arns).match(value, e)
	}
	if v == invalid {
		return invalid
	}
	return verdictOf(v != unfit && (v == yes) != c.negated)
}

// own returns the operands of a condition, of those of its family.
func own[S ~[]O, O any](c *condition, all S) S { return all[c.first:][:c.count] }

func (operands textOperands) match(value string, e *evaluation) verdict {
	for i := range operands {
		o := &operands[i]
		if o.variables == nil {
			if o.text == value {
				return yes
			}
			continue
		}
		if text, ok := e.expander.expandWithin(o.variables, &e.request.Context, len(value)); ok && text == value {
			return yes
		}
	}
	return no
}

func (operands textOperands) matchTruth(value string, e *evaluation) verdict {
	truth := isTrue(value)
	for i := range operands {
		text, ok := operands[i].text, true
		if operands[i].variables != nil {
			text, ok = e.expander.expand(operands[i].variables, &e.request.Context)
		}
		if ok && isTrue(text) == truth {
			return yes
		}
	}
	return no
}

func (operands textOperands) matchFold(value string, e *evaluation) verdict {
	folded, ok := e.request.Context.prepared(value)
	if !ok && !ascii(value) { // facts and tags are not prepared
		folded, ok = e.expander.lowered(value), true
	}
	for i := range operands {
		o := &operands[i]
		switch {
		case o.variables != nil:
			if text, ok := e.expander.expand(o.variables, &e.request.Context); ok && equalLower(text, value) {
				return yes
			}
		case ok && folded == o.text, !ok && equalFold(value, o.text):
			return yes
		}
	}
	return no
}

func (operands likeOperands) match(value string, e *evaluation) verdict {
	for i := range operands {
		o := &operands[i]
		if o.variables == nil && o.glob.match(value, &e.finder) || o.variables != nil && e.expander.match(o.variables, &e.request.Context, value, &e.finder) {
			return yes
		}
	}
	return no
}

func (operands numberOperands) match(test Test, value string, e *evaluation) verdict {
	n, ok := e.number.read(value, parseNumber)
	for i := range operands {
		if ok && operands[i].ok && ordered(test, n.compare(operands[i].number)) {
			return yes
		}
	}
	return no
}

func (operands dateOperands) match(test Test, value string, e *evaluation) verdict {
	millis, ok := e.date.read(value, parseDate)
	for i := range operands {
		if ok && operands[i].ok && ordered(test, cmp.Compare(millis, operands[i].millis)) {
			return yes
		}
	}
	return no
}

// orders are the orders of value and operand for which a test, or the test that it negates, holds:
// less, equal, greater.
var orders = [...][3]bool{
	NumericEquals: {1: true}, NumericNotEquals: {1: true}, DateEquals: {1: true}, DateNotEquals: {1: true},
	NumericLessThan: {0: true}, DateLessThan: {0: true},
	NumericLessThanEquals: {0: true, 1: true}, DateLessThanEquals: {0: true, 1: true},
	NumericGreaterThan: {2: true}, DateGreaterThan: {2: true},
	NumericGreaterThanEquals: {1: true, 2: true}, DateGreaterThanEquals: {1: true, 2: true},
}

// ordered tells whether an order, below, equal to or above 0, is one that a test asks for.
func ordered(test Test, order int) bool { return orders[test][cmp.Compare(order, 0)+1] }

func (operands prefixOperands) match(value string, e *evaluation) verdict {
	addr, ok := e.address.read(value, parseAddress)
	if !ok {
		return unfit
	}
	for i := range operands {
		if operands[i].ok && operands[i].prefix.Contains(addr) {
			return yes
		}
	}
	return no
}

func (operands arnOperands) match(value string, e *evaluation) verdict {
	head, ok := e.arn.read(value, headOfARN)
	if !ok {
		return unfit
	}
	for i := range operands {
		if v := operands[i].matchARN(value, head, e); v != no {
			return v
		}
	}
	return no
}
