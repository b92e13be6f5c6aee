package ops

import (
	"fmt"
	"net/http"

	"github.com/espalier-cloud/espalier/internal/api"
	"github.com/espalier-cloud/espalier/internal/api/sts"
	"github.com/espalier-cloud/espalier/internal/identity"
)

// refusal is an exception that services answer with although their models do
// not list it.
type refusal struct {
	code, message string
	status        int
}

const (
	badRequest = http.StatusBadRequest
	forbidden  = http.StatusForbidden
)

// Error returns the code and the message.
func (r *refusal) Error() string { return r.code + ": " + r.message }

// ErrorCode returns the name that clients match.
func (r *refusal) ErrorCode() string { return r.code }

// ErrorMessage returns the sentence for people.
func (r *refusal) ErrorMessage() string { return r.message }

// HTTPStatus returns the status of the answer.
func (r *refusal) HTTPStatus() int { return r.status }

// denied is the refusal of a Query service, in AWS's sentence.
func denied(by Caller, action, resource string) error {
	return &refusal{"AccessDenied", fmt.Sprintf("User: %s is not authorized to perform: %s on resource: %s", by.ARN, action, resource), forbidden}
}

// identityException maps the kinds of package identity to the exceptions of
// IAM and STS, or returns nil for what is a defect.
func identityException(e *identity.Error) api.Error {
	switch e.Kind {
	case identity.NoSuchEntity:
		return &refusal{"NoSuchEntity", e.Message, http.StatusNotFound}
	case identity.EntityAlreadyExists:
		return &refusal{"EntityAlreadyExists", e.Message, http.StatusConflict}
	case identity.LimitExceeded:
		return &refusal{"LimitExceeded", e.Message, http.StatusConflict}
	case identity.ValidationError:
		return &refusal{"ValidationError", e.Message, badRequest}
	case identity.InvalidParameterValue:
		return &refusal{"InvalidParameterValue", e.Message, badRequest}
	case identity.PackedPolicyTooLarge:
		return &sts.PackedPolicyTooLargeException{Message: e.Message}
	case identity.InvalidInput:
		return &refusal{"InvalidInput", e.Message, badRequest}
	case identity.PolicyNotAttachable:
		return &refusal{"PolicyNotAttachable", e.Message, badRequest}
	case identity.MalformedPolicyDocument:
		return &refusal{"MalformedPolicyDocument", e.Message, badRequest}
	case identity.DeleteConflict:
		return &refusal{"DeleteConflict", e.Message, http.StatusConflict}
	case identity.UnmodifiableEntity:
		return &refusal{"UnmodifiableEntity", e.Message, badRequest}
	case identity.AccessDenied:
		return &refusal{"AccessDenied", e.Message, forbidden}
	case identity.AlreadyInOrganization, identity.NotInOrganization, identity.AccountClosed, identity.SessionRevoked:
		return nil // rules of memberships and sessions: other layers explain them
	}
	return nil
}
