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
	AccountAlreadyClosed
	AccountAlreadyRegistered
	AccountNotFound
	AccountNotRegistered
	AlreadyInOrganization
	ChildNotFound
	Conflict
	ConstraintViolation
	CreateAccountStatusNotFound
	DestinationParentNotFound
	DuplicateAccount
	DuplicateOrganizationalUnit
	DuplicatePolicyAttachment
	DuplicatePolicy
	FinalizingOrganization
	InvalidInput
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
	RootNotFound
	SourceParentNotFound
	TargetNotFound
	UnsupportedAPIEndpoint
)

// Reason is the Reason member of ConstraintViolationException or
// InvalidInputException, as the model spells it.
type Reason string

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

// refuse returns the error of a kind that has no reason, with AWS's sentence.
func refuse(kind Kind) *Error { return &Error{Kind: kind, Message: messages[kind]} }

// violate returns a ConstraintViolation with AWS's sentence for the reason.
func violate(reason Reason) *Error {
	return &Error{Kind: ConstraintViolation, Reason: reason, Message: reasons[reason]}
}

// invalid returns an InvalidInput with AWS's sentence for the reason.
func invalid(reason Reason) *Error {
	return &Error{Kind: InvalidInput, Reason: reason, Message: reasons[reason]}
}
