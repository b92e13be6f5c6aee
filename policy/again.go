package policy

import "fmt"

// Again makes next a request by the same principal in the same circumstances, to do something else
// to another resource. It shares the Context, which must not be changed any more. The error is that
// of [NewRequest].
func (r *Request) Again(next *Request, action, resource string) error {
	*next = *r
	var err error
	if next.action, err = parseAction(action); err != nil {
		return fmt.Errorf("action: %w", err)
	}
	if next.resource, err = parseResource(resource); err != nil {
		return fmt.Errorf("resource: %w", err)
	}
	if next.ResourceAccount = next.resource.parts[4]; next.ResourceAccount == "" {
		next.ResourceAccount = r.Principal.Account
	}
	return nil
}
