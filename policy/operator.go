package policy

// Operator is a condition operator with its modifiers, such as ForAnyValue:StringLikeIfExists.
type Operator struct {
	Test     Test
	Set      SetOperator
	IfExists bool
}

// Test is the comparison of a condition operator. ArnEquals and ArnLike are one comparison under
// two names, as are their negations.
type Test int

// The comparisons.
const (
	StringEquals Test = iota + 1
	StringNotEquals
	StringEqualsIgnoreCase
	StringNotEqualsIgnoreCase
	StringLike
	StringNotLike
	NumericEquals
	NumericNotEquals
	NumericLessThan
	NumericLessThanEquals
	NumericGreaterThan
	NumericGreaterThanEquals
	DateEquals
	DateNotEquals
	DateLessThan
	DateLessThanEquals
	DateGreaterThan
	DateGreaterThanEquals
	Bool
	BinaryEquals
	IPAddress
	NotIPAddress
	ArnEquals
	ArnNotEquals
	ArnLike
	ArnNotLike
	Null
)

var testNames = [...]string{
	StringEquals:              "StringEquals",
	StringNotEquals:           "StringNotEquals",
	StringEqualsIgnoreCase:    "StringEqualsIgnoreCase",
	StringNotEqualsIgnoreCase: "StringNotEqualsIgnoreCase",
	StringLike:                "StringLike",
	StringNotLike:             "StringNotLike",
	NumericEquals:             "NumericEquals",
	NumericNotEquals:          "NumericNotEquals",
	NumericLessThan:           "NumericLessThan",
	NumericLessThanEquals:     "NumericLessThanEquals",
	NumericGreaterThan:        "NumericGreaterThan",
	NumericGreaterThanEquals:  "NumericGreaterThanEquals",
	DateEquals:                "DateEquals",
	DateNotEquals:             "DateNotEquals",
	DateLessThan:              "DateLessThan",
	DateLessThanEquals:        "DateLessThanEquals",
	DateGreaterThan:           "DateGreaterThan",
	DateGreaterThanEquals:     "DateGreaterThanEquals",
	Bool:                      "Bool",
	BinaryEquals:              "BinaryEquals",
	IPAddress:                 "IpAddress",
	NotIPAddress:              "NotIpAddress",
	ArnEquals:                 "ArnEquals",
	ArnNotEquals:              "ArnNotEquals",
	ArnLike:                   "ArnLike",
	ArnNotLike:                "ArnNotLike",
	Null:                      "Null",
}

// SetOperator says how a condition reads a key that has several values.
type SetOperator int

// The set operators.
const (
	// NoSet is the absence of a set operator: the key has one value.
	NoSet SetOperator = iota
	// ForAllValues holds when every value of the key passes, and when there is none.
	ForAllValues
	// ForAnyValue holds when at least one value of the key passes.
	ForAnyValue
)

var setNames = [...]string{NoSet: "", ForAllValues: "ForAllValues:", ForAnyValue: "ForAnyValue:"}

// ParseOperator reads the name of a condition operator, in any case: AWS itself publishes a policy
// with "Stringlike". Null takes no IfExists. It reports false for a name that does not exist.
func ParseOperator(name string) (Operator, bool) {
	var op Operator
	for _, set := range []SetOperator{ForAllValues, ForAnyValue} {
		if n := len(setNames[set]); len(name) > n && equalFold(name[:n], setNames[set]) {
			op.Set, name = set, name[n:]
			break
		}
	}
	const suffix = "IfExists"
	if n := len(name) - len(suffix); n > 0 && equalFold(name[n:], suffix) {
		op.IfExists, name = true, name[:n]
	}
	for test, known := range testNames {
		if known != "" && equalFold(known, name) {
			op.Test = Test(test)
			return op, !op.IfExists || op.Test != Null
		}
	}
	return Operator{}, false
}

// String returns the operator as policies spell it.
func (o Operator) String() string {
	name := setNames[o.Set] + testNames[o.Test]
	if o.IfExists {
		name += "IfExists"
	}
	return name
}

// negated tells whether the comparison holds when no operand matches. A condition with a negated
// operator holds when its key is absent.
func (t Test) negated() bool {
	switch t {
	case StringNotEquals, StringNotEqualsIgnoreCase, StringNotLike, NumericNotEquals, DateNotEquals, NotIPAddress, ArnNotEquals, ArnNotLike:
		return true
	case StringEquals, StringEqualsIgnoreCase, StringLike, NumericEquals, NumericLessThan, NumericLessThanEquals,
		NumericGreaterThan, NumericGreaterThanEquals, DateEquals, DateLessThan, DateLessThanEquals, DateGreaterThan,
		DateGreaterThanEquals, Bool, BinaryEquals, IPAddress, ArnEquals, ArnLike, Null:
		return false
	}
	return false
}
