package policy

import "fmt"

// Action is the action of a request, prepared for those who ask for it in many requests. The zero
// Action is none.
type Action struct{ prepared *action }

// NewAction prepares an action, service:Name. What is none is prepared, too: only requests for it
// fail.
func NewAction(name string) Action {
	prepared, err := parseAction(name)
	if err != nil {
		prepared = action{name: name}
	}
	return Action{&prepared}
}

// String returns the action, as it was given.
func (a Action) String() string {
	if a.prepared == nil {
		return ""
	}
	return a.prepared.name
}

// Ask is [Principal.Request] for a prepared action.
func (p Principal) Ask(a Action, resource string) (*Request, error) {
	if a.prepared == nil || a.prepared.lower == "" {
		_, err := parseAction(a.String())
		return nil, fmt.Errorf("action: %w", err)
	}
	r := newRequest()
	r.Principal, r.action = p, *a.prepared
	if err := r.about(resource); err != nil {
		return nil, err
	}
	return r, nil
}

// usualSources is how many sources most requests lie over: the circumstances, the parties, and the
// tags of the principal and of the resource.
const usualSources = 4

// newRequest returns a request whose Context has room for the usual sources.
func newRequest() *Request {
	var r struct {
		Request
		sources [usualSources]Source
	}
	r.Context.sources = r.sources[:0]
	return &r.Request
}
