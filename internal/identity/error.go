package identity

import "fmt"

// ErrorKind classifies the refusal of a rule. Most kinds are named after IAM's exception for the same refusal.
type ErrorKind int

// The kinds of refusal.
const (
	// NoSuchEntity refuses to name an entity that the account does not have.
	NoSuchEntity ErrorKind = iota + 1
	// EntityAlreadyExists refuses a second entity of the same name.
	EntityAlreadyExists
	// LimitExceeded refuses to go beyond a quota of the account.
	LimitExceeded
	// ValidationError refuses a value that breaks a constraint of its member.
	ValidationError
	// InvalidParameterValue refuses session tags that make no sense. It is STS's name for it.
	InvalidParameterValue
	// PackedPolicyTooLarge refuses session policies and tags that take too much room in a session token.
	PackedPolicyTooLarge
	// InvalidIdentityToken refuses the token of an OpenID Connect provider.
	InvalidIdentityToken
	// IDPCommunicationError refuses such a token because its provider cannot be reached.
	IDPCommunicationError
	// ExpiredToken refuses such a token after its time.
	ExpiredToken
	// InvalidInput refuses a value that is well formed and makes no sense.
	InvalidInput
	// MalformedPolicyDocument refuses a policy that is not written in the policy language.
	MalformedPolicyDocument
	// DeleteConflict refuses to delete an entity that others hang on.
	DeleteConflict
	// PolicyNotAttachable refuses to attach a policy that is for a service's own role.
	PolicyNotAttachable
	// UnmodifiableEntity refuses a change that only the service owning the entity may make.
	UnmodifiableEntity
	// AccessDenied refuses a caller who may not do what he asks for.
	AccessDenied
	// AlreadyInOrganization refuses to add an account that is a member of an organization.
	AlreadyInOrganization
	// NotInOrganization refuses to remove an account that is a member of no organization.
	NotInOrganization
	// AccountClosed refuses what a closed account cannot do.
	AccountClosed
	// SessionRevoked refuses a session whose principal is gone.
	SessionRevoked
	// Conflict refuses what contradicts a change that is under way.
	Conflict
)

// String returns the name of the kind.
func (k ErrorKind) String() string {
	names := [...]string{
		NoSuchEntity: "NoSuchEntity", EntityAlreadyExists: "EntityAlreadyExists", LimitExceeded: "LimitExceeded",
		ValidationError: "ValidationError", InvalidParameterValue: "InvalidParameterValue", PackedPolicyTooLarge: "PackedPolicyTooLarge",
		InvalidIdentityToken: "InvalidIdentityToken", IDPCommunicationError: "IDPCommunicationError", ExpiredToken: "ExpiredTokenException",
		InvalidInput: "InvalidInput", MalformedPolicyDocument: "MalformedPolicyDocument", DeleteConflict: "DeleteConflict",
		PolicyNotAttachable: "PolicyNotAttachable", UnmodifiableEntity: "UnmodifiableEntity", AccessDenied: "AccessDenied",
		AlreadyInOrganization: "AlreadyInOrganization", NotInOrganization: "NotInOrganization",
		AccountClosed: "AccountClosed", SessionRevoked: "SessionRevoked", Conflict: "Conflict",
	}
	if k < NoSuchEntity || int(k) >= len(names) {
		return fmt.Sprintf("ErrorKind(%d)", int(k))
	}
	return names[k]
}

// Error is the refusal of a rule.
type Error struct {
	Kind    ErrorKind
	Message string // what the client is told, in AWS's words where they are known
	Field   string // the member at fault, where the refusal is about one, as validation messages write it
	Err     error  // what the log is told beside it, or nil
}

// Error returns the kind and the message, and the cause when there is one.
func (e *Error) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("%v: %s: %v", e.Kind, e.Message, e.Err)
	}
	return fmt.Sprintf("%v: %s", e.Kind, e.Message)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

func refuse(kind ErrorKind, format string, args ...any) *Error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...)}
}

// refuseField is a ValidationError about one member.
func refuseField(field, format string, args ...any) *Error {
	e := refuse(ValidationError, format, args...)
	e.Field = field
	return e
}
