package policy

import "fmt"

// The names of results, effects, kinds and severities are also their text in JSON.

// MarshalText returns the name of the result.
func (r Result) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads the name of a result.
func (r *Result) UnmarshalText(text []byte) error { return named(r, text, ImplicitDeny, Allowed) }

// MarshalText returns "Allow" or "Deny".
func (e Effect) MarshalText() ([]byte, error) { return []byte(e.String()), nil }

// UnmarshalText reads "Allow" or "Deny".
func (e *Effect) UnmarshalText(text []byte) error { return named(e, text, Deny, Allow) }

// MarshalText returns the name of the kind in running text.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads the name of a kind.
func (k *Kind) UnmarshalText(text []byte) error {
	return named(k, text, ServiceControlPolicy, DelegationPolicy)
}

// MarshalText returns the name of the severity.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the name of a severity.
func (s *Severity) UnmarshalText(text []byte) error { return named(s, text, Note, Error) }

// enumeration is a type of named values that follow each other.
type enumeration interface {
	~int
	fmt.Stringer
}

// named sets v to that of the values from first to last whose name a text is.
func named[T enumeration](v *T, text []byte, first, last T) error {
	for value := first; value <= last; value++ {
		if value.String() == string(text) {
			*v = value
			return nil
		}
	}
	return fmt.Errorf("policy: %q is no %T", text, *v)
}
