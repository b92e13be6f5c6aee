package policy

// Explanation is a [Decision] with its reasons.
type Explanation struct {
	Decision
	// Filters are the parts of the evaluation, in its order. Each level of an organization's path is
	// one.
	Filters []Filter
}

// Filter is what one policy type, or one level of it, said.
type Filter struct {
	Kind   Kind
	Target string // the level, for organization policies
	// Exempt says why the filter does not apply to the request, "" when it does.
	Exempt string
	// Result is the filter's own: for a path of levels each level's.
	Result     Result
	Statements []StatementReason
}

// StatementReason is what became of one statement.
type StatementReason struct {
	Policy     string // the id of the policy
	Index      int    // of the statement in the policy, from 0
	Sid        string
	Effect     Effect
	Start, End Position // of the statement in the text of the policy
	// Matched tells whether the statement applies to the request. When it does not, Mismatch is the
	// first of its elements that failed.
	Matched  bool
	Mismatch *Mismatch
}

// Mismatch is the element of a statement that a request does not fit.
type Mismatch struct {
	// Element is Action, NotAction, Resource, NotResource, Principal, NotPrincipal or Condition.
	Element  string
	Operator string   // of the condition, such as "StringEquals"
	Key      string   // of the condition
	Policy   []string // the values in the policy
	Request  []string // the values in the request
	// Absent tells that the request does not carry the condition key.
	Absent bool
	// Invalid tells that the condition could not be evaluated: an operand is not an ARN. A Deny
	// statement applies then, and an Allow statement does not.
	Invalid bool
}
