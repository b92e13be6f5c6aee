package authzen

import (
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

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
		Type string `json:"type"`
		ID   string `json:"id"`
	}
	action struct {
		Name string `json:"name"`
	}
	resource struct {
		Type       string     `json:"type"`
		ID         string     `json:"id"`
		Properties properties `json:"properties"`
	}
	properties struct {
		Account string `json:"account"` // the owner, where the ARN does not tell
	}
)

// tuple is one question.
type tuple struct {
	Subject  *subject   `json:"subject"`
	Action   *action    `json:"action"`
	Resource *resource  `json:"resource"`
	Context  conditions `json:"context"`
}

// options say how a request is to be carried out.
type options struct {
	Semantic string `json:"evaluations_semantic"`
	Explain  bool   `json:"explain"` // of Espalier: tell of every statement whether it applied
}

// request is the body of both endpoints.
type request struct {
	tuple
	Evaluations []tuple `json:"evaluations"`
	Options     options `json:"options"`
}

// decode reads a body: JSON without duplicate names, of which unknown members are
// left to later versions of the API.
func decode(body []byte) (*request, error) {
	q := new(request)
	err := json.Unmarshal(body, q)
	var unfit *json.SemanticError
	var malformed *jsontext.SyntacticError
	switch {
	case err == nil:
		return q, nil
	case errors.As(err, &malformed):
		return nil, refuse("the body is not JSON: %v, at byte %d", malformed.Err, malformed.ByteOffset)
	case errors.As(err, &unfit):
		return nil, refuse("the value at %q is not what the API says", string(unfit.JSONPointer))
	}
	return nil, refuse("the body is not a request")
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
	case t.Subject.Type == "":
		return refuse("subject.type is missing")
	case t.Subject.ID == "":
		return refuse("subject.id is missing")
	case t.Action == nil:
		return refuse("action is missing")
	case t.Action.Name == "":
		return refuse("action.name is missing")
	case t.Resource == nil:
		return refuse("resource is missing")
	case t.Resource.Type == "":
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

// errUnfit says that a context holds something else than condition keys.
var errUnfit = errors.New("not a string, a number, a boolean or a list of them")

// UnmarshalJSONFrom reads an object whose members are strings, numbers, booleans,
// or lists of such.
func (c *conditions) UnmarshalJSONFrom(in *jsontext.Decoder) error {
	if kind := in.PeekKind(); kind == jsontext.KindNull {
		return in.SkipValue()
	} else if kind != jsontext.KindBeginObject {
		return errUnfit
	}
	*c = conditions{}
	return readUntil(in, '}', func() error {
		name, err := in.ReadToken()
		if err != nil {
			return err
		}
		one := condition{key: name.String()}
		if in.PeekKind() != '[' {
			one.text, err = readScalar(in)
		} else {
			one.list = []string{}
			err = readUntil(in, ']', func() error {
				text, err := readScalar(in)
				one.list = append(one.list, text)
				return err
			})
		}
		*c = append(*c, one)
		return err
	})
}

// readUntil reads an object or a list, member by member.
func readUntil(in *jsontext.Decoder, end jsontext.Kind, member func() error) error {
	if _, err := in.ReadToken(); err != nil {
		return err
	}
	for in.PeekKind() != end {
		if err := member(); err != nil {
			return err
		}
	}
	_, err := in.ReadToken()
	return err
}

// readScalar reads a value as the text that policies compare it with.
func readScalar(in *jsontext.Decoder) (string, error) {
	token, err := in.ReadToken()
	if err != nil {
		return "", err
	}
	if !strings.ContainsRune(`"0tf`, rune(token.Kind())) {
		return "", errUnfit
	}
	return token.String(), nil
}
