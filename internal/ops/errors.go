package ops

import (
	"errors"

	"github.com/espalier-cloud/espalier/internal/api"
	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
)

// Exception returns the exception that tells a client of an error, or nil for
// one that is nobody's business but the log's.
func Exception(err error) api.Error {
	var known api.Error
	if errors.As(err, &known) {
		return known
	}
	var refused *org.Error
	if errors.As(err, &refused) {
		return exception(refused)
	}
	var unable *identity.Error
	if errors.As(err, &unable) {
		return identityException(unable)
	}
	if errors.Is(err, registry.ErrConcurrentModification) {
		return &organizations.ConcurrentModificationException{Message: conflictMessage}
	}
	return nil
}

// RateExceeded is AWS's answer to calls that come too fast.
func RateExceeded() api.Error {
	return exception(org.Refuse(org.TooManyRequests, org.RequestRate, nil))
}

// RequestInProgress is AWS's answer to a call while others like it are worked on.
func RequestInProgress() api.Error {
	return exception(org.Refuse(org.TooManyRequests, org.RequestInProgress, nil))
}

// Finalizing is AWS's answer while a new organization is being set up.
func Finalizing() api.Error { return exception(org.Refuse(org.FinalizingOrganization, "", nil)) }

const conflictMessage = "AWS Organizations can't complete your request because it conflicts with another attempt to modify the same entity. Try again later."

// exception maps the kinds of the domain to the exceptions of the API.
func exception(e *org.Error) api.Error { //nolint:gocyclo,funlen // one flat list
	m := e.Message
	switch e.Kind {
	case org.Internal:
		return nil
	case org.NotInUse:
		return &organizations.AWSOrganizationsNotInUseException{Message: m}
	case org.AccessDenied:
		return &organizations.AccessDeniedException{Message: m}
	case org.AccessDeniedForDependency:
		return &organizations.AccessDeniedForDependencyException{Message: m, Reason: organizations.AccessDeniedForDependencyExceptionReason(e.Reason)}
	case org.AccountAlreadyClosed:
		return &organizations.AccountAlreadyClosedException{Message: m}
	case org.AccountAlreadyRegistered:
		return &organizations.AccountAlreadyRegisteredException{Message: m}
	case org.AccountNotFound:
		return &organizations.AccountNotFoundException{Message: m}
	case org.AccountNotRegistered:
		return &organizations.AccountNotRegisteredException{Message: m}
	case org.AccountOwnerNotVerified:
		return &organizations.AccountOwnerNotVerifiedException{Message: m}
	case org.AlreadyInOrganization:
		return &organizations.AlreadyInOrganizationException{Message: m}
	case org.ChildNotFound:
		return &organizations.ChildNotFoundException{Message: m}
	case org.Conflict:
		return &organizations.ConflictException{Message: m}
	case org.ConstraintViolation:
		return &organizations.ConstraintViolationException{Message: m, Reason: organizations.ConstraintViolationExceptionReason(e.Reason)}
	case org.CreateAccountStatusNotFound:
		return &organizations.CreateAccountStatusNotFoundException{Message: m}
	case org.DestinationParentNotFound:
		return &organizations.DestinationParentNotFoundException{Message: m}
	case org.DuplicateAccount:
		return &organizations.DuplicateAccountException{Message: m}
	case org.DuplicateHandshake:
		return &organizations.DuplicateHandshakeException{Message: m}
	case org.DuplicateOrganizationalUnit:
		return &organizations.DuplicateOrganizationalUnitException{Message: m}
	case org.DuplicatePolicyAttachment:
		return &organizations.DuplicatePolicyAttachmentException{Message: m}
	case org.DuplicatePolicy:
		return &organizations.DuplicatePolicyException{Message: m}
	case org.EffectivePolicyNotFound:
		return &organizations.EffectivePolicyNotFoundException{Message: m}
	case org.FinalizingOrganization:
		return &organizations.FinalizingOrganizationException{Message: m}
	case org.HandshakeAlreadyInState:
		return &organizations.HandshakeAlreadyInStateException{Message: m}
	case org.HandshakeConstraintViolation:
		return &organizations.HandshakeConstraintViolationException{Message: m, Reason: organizations.HandshakeConstraintViolationExceptionReason(e.Reason)}
	case org.HandshakeNotFound:
		return &organizations.HandshakeNotFoundException{Message: m}
	case org.InvalidHandshakeTransition:
		return &organizations.InvalidHandshakeTransitionException{Message: m}
	case org.InvalidInput:
		return &organizations.InvalidInputException{Message: m, Reason: organizations.InvalidInputExceptionReason(e.Reason)}
	case org.InvalidResponsibilityTransferTransition:
		return &organizations.InvalidResponsibilityTransferTransitionException{Message: m}
	case org.MalformedPolicyDocument:
		return &organizations.MalformedPolicyDocumentException{Message: m}
	case org.MasterCannotLeaveOrganization:
		return &organizations.MasterCannotLeaveOrganizationException{Message: m}
	case org.OrganizationNotEmpty:
		return &organizations.OrganizationNotEmptyException{Message: m}
	case org.OrganizationalUnitNotEmpty:
		return &organizations.OrganizationalUnitNotEmptyException{Message: m}
	case org.OrganizationalUnitNotFound:
		return &organizations.OrganizationalUnitNotFoundException{Message: m}
	case org.ParentNotFound:
		return &organizations.ParentNotFoundException{Message: m}
	case org.PolicyChangesInProgress:
		return &organizations.PolicyChangesInProgressException{Message: m}
	case org.PolicyInUse:
		return &organizations.PolicyInUseException{Message: m}
	case org.PolicyNotAttached:
		return &organizations.PolicyNotAttachedException{Message: m}
	case org.PolicyNotFound:
		return &organizations.PolicyNotFoundException{Message: m}
	case org.PolicyTypeAlreadyEnabled:
		return &organizations.PolicyTypeAlreadyEnabledException{Message: m}
	case org.PolicyTypeNotAvailableForOrganization:
		return &organizations.PolicyTypeNotAvailableForOrganizationException{Message: m}
	case org.PolicyTypeNotEnabled:
		return &organizations.PolicyTypeNotEnabledException{Message: m}
	case org.ResourcePolicyNotFound:
		return &organizations.ResourcePolicyNotFoundException{Message: m}
	case org.ResponsibilityTransferAlreadyInStatus:
		return &organizations.ResponsibilityTransferAlreadyInStatusException{Message: m}
	case org.ResponsibilityTransferNotFound:
		return &organizations.ResponsibilityTransferNotFoundException{Message: m}
	case org.RootNotFound:
		return &organizations.RootNotFoundException{Message: m}
	case org.SourceParentNotFound:
		return &organizations.SourceParentNotFoundException{Message: m}
	case org.TargetNotFound:
		return &organizations.TargetNotFoundException{Message: m}
	case org.TooManyRequests:
		return &organizations.TooManyRequestsException{Message: m, Type: string(e.Reason)}
	case org.UnsupportedAPIEndpoint:
		return &organizations.UnsupportedAPIEndpointException{Message: m}
	}
	return nil
}
