package authzen

import "fmt"

// RequestError refuses a request as a whole: its body is none of the API.
type RequestError struct{ Message string }

// Error returns the message, which is for the client.
func (e *RequestError) Error() string { return e.Message }

func refuse(format string, args ...any) error {
	return &RequestError{fmt.Sprintf(format, args...)}
}

// The members of a question. What else clients say of them means nothing here:
// what counts is in the context.
type (
	subject struct {
		Typed bool // has a type, whatever it is
		ID    string
	}
	action   struct{ Name string }
	resource struct {
		Typed   bool // has a type, whatever it is
		ID      string
		Account string // the owner by the properties, where the ARN does not tell
	}
)

// tuple is one question.
type tuple struct {
	Subject  *subject
	Action   *action
	Resource *resource
	Context  conditions // nil when absent
}

// options say how a request is to be carried out.
type options struct {
	Semantic string `json:"evaluations_semantic"`
	Explain  bool   `json:"explain"` // of Espalier: tell of every statement whether it applied
}

// request is the body of both endpoints.
type request struct {
	tuple
	Evaluations []tuple
	Options     options
}

// or returns the question with the members that it lacks from the defaults.
func (t tuple) or(defaults *tuple) tuple {
	if t.Subject == nil {
		t.Subject = defaults.Subject
	}
	if t.Action == nil {
		t.Action = defaults.Action
	}
	if t.Resource == nil {
		t.Resource = defaults.Resource
	}
	if t.Context == nil {
		t.Context = defaults.Context
	}
	return t
}

// check refuses a question that lacks what the API requires.
func (t *tuple) check() error {
	switch {
	case t.Subject == nil:
		return refuse("subject is missing")
	case !t.Subject.Typed:
		return refuse("subject.type is missing")
	case t.Subject.ID == "":
		return refuse("subject.id is missing")
	case t.Action == nil:
		return refuse("action is missing")
	case t.Action.Name == "":
		return refuse("action.name is missing")
	case t.Resource == nil:
		return refuse("resource is missing")
	case !t.Resource.Typed:
		return refuse("resource.type is missing")
	case t.Resource.ID == "":
		return refuse("resource.id is missing")
	}
	return nil
}

// conditions are the condition keys of a question, in order.
type conditions []condition

// condition is one condition key: a list for those that are multivalued.
type condition struct {
	key  string
	text string
	list []string // not nil for a list
}

// same tells whether both are the same conditions, not just equal ones.
func (c conditions) same(other conditions) bool {
	return len(c) == len(other) && (len(c) == 0 || &c[0] == &other[0])
}
