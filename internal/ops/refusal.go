package ops

import (
	"fmt"
	"net/http"

	"github.com/espalier-cloud/espalier/internal/api"
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

// identityStatuses are the statuses of the exceptions of IAM and STS by the kinds of
// package identity, which have their names. The rules of memberships and sessions
// are not among them: other layers explain them.
var identityStatuses = map[identity.ErrorKind]int{
	identity.NoSuchEntity:            http.StatusNotFound,
	identity.EntityAlreadyExists:     http.StatusConflict,
	identity.LimitExceeded:           http.StatusConflict,
	identity.DeleteConflict:          http.StatusConflict,
	identity.AccessDenied:            http.StatusForbidden,
	identity.ValidationError:         http.StatusBadRequest,
	identity.InvalidInput:            http.StatusBadRequest,
	identity.InvalidParameterValue:   http.StatusBadRequest,
	identity.PackedPolicyTooLarge:    http.StatusBadRequest,
	identity.InvalidIdentityToken:    http.StatusBadRequest,
	identity.IDPCommunicationError:   http.StatusBadRequest,
	identity.ExpiredToken:            http.StatusBadRequest,
	identity.PolicyNotAttachable:     http.StatusBadRequest,
	identity.MalformedPolicyDocument: http.StatusBadRequest,
	identity.UnmodifiableEntity:      http.StatusBadRequest,
}

// identityException maps the kinds of package identity to the exceptions of
// IAM and STS, or returns nil for what is a defect.
func identityException(e *identity.Error) api.Error {
	status, told := identityStatuses[e.Kind]
	if !told {
		return nil
	}
	return &refusal{e.Kind.String(), e.Message, status}
}
