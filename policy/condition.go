package policy

import (
	"cmp"
	"math"
	"net/netip"
	"slices"
)

// condition is a compiled condition: an operator, a key, and the alternatives.
type condition struct {
	source   *Condition
	key      contextKey
	operands *operands // of its policy: its own are those of its family from first on, one for each value
	first    int32
	family   family
	negated  bool
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

// holds tells whether the condition holds for a request. A key with several values never passes an
// operator without a set operator.
func (c *condition) holds(e *evaluation) verdict {
	value := e.request.Context.find(c.key, &e.found)
	set := c.source.Operator.Set
	switch {
	case c.family == truthFamily:
		return verdictOf(slices.Contains(own(c, c.operands.truths), value.absent()))
	case value.absent():
		return verdictOf(c.source.Operator.IfExists || set == ForAllValues || set == NoSet && c.negated)
	case !value.multi:
		return c.passes(value.text, e)
	case set == NoSet:
		return no
	}
	enough := verdictOf(set == ForAnyValue) // one such value decides
	for _, text := range value.list {
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
	test := c.source.Operator.Test
	switch c.family {
	case truthFamily: // asks whether there is a value at all
	case textFamily:
		v = own(c, c.operands.texts).match(test, value, e)
	case foldFamily:
		v = own(c, c.operands.texts).matchFold(value, e)
	case likeFamily:
		v = own(c, c.operands.likes).match(value, e)
	case numberFamily:
		v = own(c, c.operands.numbers).match(test, value, e)
	case dateFamily:
		v = own(c, c.operands.dates).match(test, value, e)
	case addressFamily:
		v = own(c, c.operands.prefixes).match(value)
	case arnFamily:
		v = own(c, c.operands.arns).match(value, e)
	}
	switch v {
	case unfit:
		return no
	case invalid:
		return invalid
	case no, yes:
	}
	return verdictOf((v == yes) != c.negated)
}

// own returns the operands of a condition, of those of its family.
func own[S ~[]O, O any](c *condition, all S) S { return all[c.first:][:len(c.source.Values)] }

func (operands textOperands) match(test Test, value string, e *evaluation) verdict {
	for i := range operands {
		text := operands[i].text
		if operands[i].variables != nil {
			most := len(value)
			if test == Bool {
				most = math.MaxInt
			}
			var ok bool
			if text, ok = e.expander.expandWithin(operands[i].variables, &e.request.Context, most); !ok {
				continue
			}
		}
		if text == value || test == Bool && isTrue(text) == isTrue(value) {
			return yes
		}
	}
	return no
}

func (operands textOperands) matchFold(value string, e *evaluation) verdict {
	for i := range operands {
		if operands[i].variables == nil {
			if e.request.Context.isLower(value, operands[i].text) {
				return yes
			}
			continue
		}
		if text, ok := e.expander.expand(operands[i].variables, &e.request.Context); ok && equalLower(text, value) {
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

func (operands prefixOperands) match(value string) verdict {
	addr, ok := parseAddress(value)
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
	if !isARN(value) {
		return unfit
	}
	for i := range operands {
		if v := operands[i].matchARN(value, e); v != no {
			return v
		}
	}
	return no
}
