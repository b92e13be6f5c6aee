package api

// Kind is the sort of constraint that a value breaks.
type Kind int

// The constraints of the service models.
const (
	Required   Kind = iota // a required member is missing, or empty where empty is never legal
	MinLength              // a string has too few code points
	MaxLength              // a string has too many code points
	MinValue               // a number is too small
	MaxValue               // a number is too large
	Pattern                // a string does not match its regular expression
	Enum                   // a string is none of the values of its enumeration
	ListMember             // an element of a list is none of the values of its enumeration
	MinItems               // a list has too few elements
	MaxItems               // a list has too many elements
)

// Violation is a value that breaks a constraint of the model.
type Violation struct {
	Kind    Kind
	Path    []string // member names from the input down; list elements add nothing
	Shape   string   // the model's name of the type of the value
	Limit   int64    // what a length, number or list is held to
	Pattern string   // the regular expression as the model writes it
	Enum    []string // the values that are legal
	Value   string   // the offending value; empty when missing or sensitive
}
