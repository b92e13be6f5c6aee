package policy

// Document is a policy as it was written: the elements in the order of the text, nothing expanded.
type Document struct {
	Kind    Kind
	Version string // Version2012, Version2008 or "" when the document names none
	ID      string // the Id element, "" when absent
	// Size is the length of the text in characters, white space included, as quotas count it.
	Size       int
	Statements []Statement
}

// The versions of the policy language. Policy variables exist in [Version2012] only; a document
// without a Version is one of [Version2008].
const (
	Version2012 = "2012-10-17"
	Version2008 = "2008-10-17"
)

// Effect is what a statement does to the requests that it matches.
type Effect int

// The effects of a statement.
const (
	Deny Effect = iota
	Allow
)

// String returns "Allow" or "Deny".
func (e Effect) String() string {
	if e == Allow {
		return "Allow"
	}
	return "Deny"
}

// Statement is one statement of a document.
type Statement struct {
	Sid    string
	Effect Effect
	// Principals is nil where the kind of document has none.
	Principals   []Principals
	NotPrincipal bool // the statement says NotPrincipal
	Actions      []string
	NotAction    bool // the statement says NotAction
	// Resources is nil in a trust policy, which stands for the role that it belongs to.
	Resources   []string
	NotResource bool // the statement says NotResource
	Conditions  []Condition
	// Start and End enclose the text of the statement: its "{", and the character after its "}".
	Start, End Position
}

// Principals are principals of one type in a Principal or NotPrincipal element.
type Principals struct {
	// Type is AWS, Service, Federated or CanonicalUser; the bare "*" is a Type of "*".
	Type   string
	Values []string
}

// Condition is one operator applied to one key. All conditions of a statement must hold.
type Condition struct {
	Operator Operator
	Key      string   // as written; keys compare without regard to case
	Values   []string // alternatives; booleans and numbers by their JSON text
	Start    Position // of the key
}

// Position is a place in the text of a document.
type Position struct {
	Offset int `json:"-"`      // in bytes, from 0
	Line   int `json:"line"`   // from 1
	Column int `json:"column"` // in characters, from 1
}
