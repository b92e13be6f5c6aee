package policy

import "slices"

// family is the operators whose operands are compiled to one form, the cheaper ones first.
type family uint8

const (
	presenceFamily family = iota
	textFamily
	truthFamily
	foldFamily
	numberFamily
	dateFamily
	addressFamily
	likeFamily
	arnFamily
)

// families is how many there are.
const families = int(arnFamily) + 1

func (t Test) family() family {
	switch t {
	case Null:
		return presenceFamily
	case StringEquals, StringNotEquals, BinaryEquals:
		return textFamily
	case Bool:
		return truthFamily
	case StringEqualsIgnoreCase, StringNotEqualsIgnoreCase:
		return foldFamily
	case NumericEquals, NumericNotEquals, NumericLessThan, NumericLessThanEquals, NumericGreaterThan, NumericGreaterThanEquals:
		return numberFamily
	case DateEquals, DateNotEquals, DateLessThan, DateLessThanEquals, DateGreaterThan, DateGreaterThanEquals:
		return dateFamily
	case IPAddress, NotIPAddress:
		return addressFamily
	case StringLike, StringNotLike:
		return likeFamily
	case ArnEquals, ArnNotEquals, ArnLike, ArnNotLike:
		return arnFamily
	}
	return presenceFamily
}

// operands are the compiled values of all conditions of a policy, those of a condition side by side.
// They are kept together because a policy has many conditions with few values each.
type operands struct {
	texts    textOperands // in lower case those of foldFamily
	numbers  numberOperands
	dates    dateOperands
	prefixes prefixOperands
	likes    likeOperands
	arns     arnOperands
}

// newOperands makes room for as many values as the conditions of each family have.
func newOperands(values *[families]int) operands {
	return operands{
		texts:    make(textOperands, 0, values[textFamily]+values[truthFamily]+values[foldFamily]),
		numbers:  make(numberOperands, 0, values[numberFamily]),
		dates:    make(dateOperands, 0, values[dateFamily]),
		prefixes: make(prefixOperands, 0, values[addressFamily]),
		likes:    make(likeOperands, 0, values[likeFamily]),
		arns:     make(arnOperands, 0, values[arnFamily]),
	}
}

// compile adds a condition. Null has no operands: what it says is known here.
func (o *operands) compile(source *Condition, variables bool) condition {
	test := source.Operator.Test
	c := condition{
		source: source, key: newKey(source.Key), operands: o, count: int32(len(source.Values)), family: test.family(),
		negated: test.negated(), listed: source.Operator.Set != NoSet,
	}
	c.absent = verdictOf(source.Operator.IfExists || source.Operator.Set == ForAllValues || !c.listed && c.negated)
	switch c.family {
	case presenceFamily:
		c.absent, c.present = verdictOf(slices.ContainsFunc(source.Values, isTrue)), verdictOf(slices.ContainsFunc(source.Values, isFalse))
	case textFamily, truthFamily:
		c.first = add(&o.texts, source, func(text string) textOperand { return compileText(text, variables && test != BinaryEquals) })
	case foldFamily:
		c.first = add(&o.texts, source, func(text string) textOperand { return compileFold(text, variables) })
	case numberFamily:
		c.first = add(&o.numbers, source, compileNumber)
	case dateFamily:
		c.first = add(&o.dates, source, compileDate)
	case addressFamily:
		c.first = add(&o.prefixes, source, compilePrefix)
	case likeFamily:
		c.first = add(&o.likes, source, func(text string) likeOperand { return compileLike(text, variables) })
	case arnFamily:
		c.first = add(&o.arns, source, func(text string) arnPattern { return compileARN(text, variables) })
	}
	return c
}

// add adds the values of a condition to the operands of its family, and returns where they begin.
func add[S ~[]O, O any](all *S, source *Condition, compile func(string) O) (first int32) {
	first = int32(len(*all))
	for _, text := range source.Values {
		*all = append(*all, compile(text))
	}
	return first
}

func compileText(text string, variables bool) textOperand {
	if t := compileTemplate(text, variables, verbatim); t != nil {
		return textOperand{variables: t}
	}
	return textOperand{text: text}
}

func compileFold(text string, variables bool) textOperand {
	o := compileText(text, variables)
	o.text = lowerText(o.text)
	return o
}

func compileLike(text string, variables bool) likeOperand {
	if t := compileTemplate(text, variables, wildcards); t != nil {
		return likeOperand{variables: t}
	}
	return likeOperand{glob: newGlob(text)}
}

func compileNumber(text string) (o numberOperand) {
	o.number, o.ok = parseNumber(text)
	return o
}

func compileDate(text string) (o dateOperand) {
	o.millis, o.ok = parseDate(text)
	return o
}

func compilePrefix(text string) (o prefixOperand) {
	o.prefix, o.ok = parsePrefix(text)
	return o
}
