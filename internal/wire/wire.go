// Package wire turns requests into the inputs of operations and their outputs and errors into
// responses, in the protocols of AWS: JSON 1.1, Query with XML answers, and REST-JSON.
//
// What errors look like:
//
//   - An exception of a model is written with the members that the model gives it, so that an
//     Organizations error has Message and Reason.
//   - Every other error, such as one of authentication, is written with __type and message in lower
//     case, which is what AWS sends for what happens before a service is reached. The SDKs read
//     either spelling.
//   - In Query, both become an ErrorResponse.
package wire

import (
	"net/http"

	"github.com/espalier-cloud/espalier/internal/api"
	"github.com/espalier-cloud/espalier/internal/api/account"
	"github.com/espalier-cloud/espalier/internal/api/cloudtrail"
	"github.com/espalier-cloud/espalier/internal/api/iam"
	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/api/sts"
	"github.com/espalier-cloud/espalier/internal/api/tagging"
)

// Services returns the services that travel on the endpoint, in no particular order.
func Services() []*api.Service {
	return []*api.Service{
		organizations.Service(), iam.Service(), sts.Service(), account.Service(), cloudtrail.Service(), tagging.Service(),
	}
}

// Error is an error that belongs to no model: of the protocol, of authentication, of throttling.
type Error struct {
	Code    string // such as "SerializationException"
	Message string // the sentence for people
	Status  int    // the HTTP status
}

// Error returns the code and the message.
func (e Error) Error() string { return e.Code + ": " + e.Message }

// ErrorCode returns the name that clients match.
func (e Error) ErrorCode() string { return e.Code }

// ErrorMessage returns the sentence for people.
func (e Error) ErrorMessage() string { return e.Message }

// HTTPStatus returns the status of the response.
func (e Error) HTTPStatus() int { return e.Status }

// TooLarge is the answer to a body that is larger than the server reads.
func TooLarge() Error {
	return Error{"RequestEntityTooLargeException", "The request is larger than the service accepts.", http.StatusRequestEntityTooLarge}
}

// Internal is the answer to a failure that is not the client's. It tells nothing about the cause.
// The service may be nil when the failure comes before one is known.
func Internal(service *api.Service) api.Error {
	const again = "The request could not be completed because of an internal error. Try again later."
	switch service {
	case organizations.Service():
		return &organizations.ServiceException{Message: "AWS Organizations can't complete your request because of an internal service error. Try again later."}
	case iam.Service():
		return &iam.ServiceFailureException{Message: again}
	case account.Service():
		return &account.InternalServerException{Message: again}
	case tagging.Service():
		return &tagging.InternalServiceException{Message: again}
	}
	return Error{"InternalFailure", again, http.StatusInternalServerError}
}

// malformed is the answer to a JSON body that cannot be read into the input of the operation.
func malformed(message string) Error {
	return Error{"SerializationException", message, http.StatusBadRequest}
}

// malformedForm is the same for a form.
func malformedForm(message string) Error {
	return Error{"MalformedInput", message, http.StatusBadRequest}
}
