package org

import "fmt"

// Kind classifies an error as the exceptions of the AWS Organizations API do.
// A Kind is named after its exception, without the word Exception.
type Kind int

// The kinds of errors that an organization's rules return.
const (
	Internal Kind = iota // a defect or a damaged document: never explained to a client
	NotInUse
	AccessDenied
	AccessDeniedForDependency
	AccountAlreadyClosed
	AccountAlreadyRegistered
	AccountNotFound
	AccountNotRegistered
	AccountOwnerNotVerified
	AlreadyInOrganization
	ChildNotFound
	Conflict
	ConstraintViolation
	CreateAccountStatusNotFound
	DestinationParentNotFound
	DuplicateAccount
	DuplicateHandshake
	DuplicateOrganizationalUnit
	DuplicatePolicyAttachment
	DuplicatePolicy
	EffectivePolicyNotFound
	FinalizingOrganization
	HandshakeAlreadyInState
	HandshakeConstraintViolation
	HandshakeNotFound
	InvalidHandshakeTransition
	InvalidInput
	InvalidResponsibilityTransferTransition
	MalformedPolicyDocument
	MasterCannotLeaveOrganization
	OrganizationNotEmpty
	OrganizationalUnitNotEmpty
	OrganizationalUnitNotFound
	ParentNotFound
	PolicyChangesInProgress
	PolicyInUse
	PolicyNotAttached
	PolicyNotFound
	PolicyTypeAlreadyEnabled
	PolicyTypeNotAvailableForOrganization
	PolicyTypeNotEnabled
	ResourcePolicyNotFound
	ResponsibilityTransferAlreadyInStatus
	ResponsibilityTransferNotFound
	RootNotFound
	SourceParentNotFound
	TargetNotFound
	TooManyRequests
	UnsupportedAPIEndpoint
)

// Reason is the Reason member of ConstraintViolationException,
// HandshakeConstraintViolationException, AccessDeniedForDependencyException or
// InvalidInputException, as the model spells it. Where one parameter is at
// fault, its name follows behind a colon.
type Reason string

// The reasons of TooManyRequests. Its exception has no Reason member, and AWS
// does not document the values of its Type member: they tell its two sentences
// apart.
const (
	RequestInProgress Reason = "REQUEST_IN_PROGRESS" // too many requests of a kind are being worked on
	RequestRate       Reason = "REQUEST_RATE"        // requests come too fast
)

// Error is a refusal by one of the organization's rules.
type Error struct {
	Kind    Kind
	Reason  Reason // empty when the exception has none
	Message string // what the client reads
	Err     error  // what only the log reads
}

// Error returns the client's message and, behind it, the cause for the log.
func (e *Error) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("%s: %v", e.Message, e.Err)
	}
	return e.Message
}

// Unwrap returns the cause that only the log reads.
func (e *Error) Unwrap() error { return e.Err }

// Refuse returns the refusal of a kind, and of a reason where its exception has
// one, with AWS's sentence, for those who refuse in the organization's place. The
// cause is for the log and may be nil.
func Refuse(kind Kind, reason Reason, cause error) *Error {
	message := messages[kind]
	if reason != "" {
		message = reasons[reason]
	}
	return &Error{Kind: kind, Reason: reason, Message: message, Err: cause}
}

// refuse returns the error of a kind that has no reason, with AWS's sentence.
func refuse(kind Kind) *Error { return Refuse(kind, "", nil) }

// violate returns a ConstraintViolation with AWS's sentence for the reason.
func violate(reason Reason) *Error { return Refuse(ConstraintViolation, reason, nil) }

// violateHandshake returns a HandshakeConstraintViolation with AWS's sentence for
// the reason.
func violateHandshake(reason Reason) *Error { return Refuse(HandshakeConstraintViolation, reason, nil) }

// invalid returns an InvalidInput with AWS's sentence for the reason.
func invalid(reason Reason) *Error { return Refuse(InvalidInput, reason, nil) }

// invalidParameter returns an InvalidInput that names the parameter at fault,
// in upper snake case.
func invalidParameter(reason Reason, parameter string) *Error {
	return &Error{Kind: InvalidInput, Reason: reason + Reason(":"+parameter), Message: reasons[reason]}
}

// tooMany returns a TooManyRequests: RequestInProgress or RequestRate.
func tooMany(reason Reason) *Error { return Refuse(TooManyRequests, reason, nil) }

// saying returns the error with another sentence, for an operation in which AWS
// words it differently.
func (e *Error) saying(message string) *Error {
	other := *e
	other.Message = message
	return &other
}
