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
	Kind   Kind   `json:"kind"`
	Target string `json:"target,omitzero"` // the level, for organization policies
	// Exempt says why the filter does not apply to the request, "" when it does.
	Exempt string `json:"exempt,omitzero"`
	// Result is the filter's own: for a path of levels each level's.
	Result     Result            `json:"result"`
	Statements []StatementReason `json:"statements,omitzero"`
}

// StatementReason is what became of one statement.
type StatementReason struct {
	Policy string `json:"policy"` // the id of the policy
	Index  int    `json:"index"`  // of the statement in the policy, from 0
	Sid    string `json:"sid,omitzero"`
	Effect Effect `json:"effect"`
	// Start and End enclose the statement in the text of the policy.
	Start Position `json:"start,omitzero"`
	End   Position `json:"end,omitzero"`
	// Matched tells whether the statement applies to the request. When it does not, Mismatch is the
	// first of its elements that failed.
	Matched  bool      `json:"matched"`
	Mismatch *Mismatch `json:"mismatch,omitzero"`
}

// Mismatch is the element of a statement that a request does not fit.
type Mismatch struct {
	// Element is Action, NotAction, Resource, NotResource, Principal, NotPrincipal or Condition.
	Element  string   `json:"element"`
	Operator string   `json:"operator,omitzero"` // of the condition, such as "StringEquals"
	Key      string   `json:"key,omitzero"`      // of the condition
	Policy   []string `json:"policy,omitzero"`   // the values in the policy
	Request  []string `json:"request,omitzero"`  // the values in the request
	// Absent tells that the request does not carry the condition key.
	Absent bool `json:"absent,omitzero"`
	// Invalid tells that the condition could not be evaluated: an operand is not an ARN. A Deny
	// statement applies then, and an Allow statement does not.
	Invalid bool `json:"invalid,omitzero"`
}
