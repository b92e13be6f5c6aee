package policy

// Again makes next a request by the same principal in the same circumstances, to do something else
// to another resource. It shares the Context, which must not be changed any more. The error is that
// of [NewRequest].
func (r *Request) Again(next *Request, action, resource string) error {
	*next = *r
	return next.ask(action, resource)
}
