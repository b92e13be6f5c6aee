package api

import "net/http"

// UnimplementedError answers an operation of the model that this version does not implement.
type UnimplementedError struct {
	Service   *Service
	Operation string
}

// Error names the operation.
func (e *UnimplementedError) Error() string { return e.ErrorCode() + ": " + e.ErrorMessage() }

// ErrorCode returns UnsupportedAPIEndpointException for AWS Organizations, whose model has it for
// what an endpoint does not offer, and NotImplemented otherwise.
func (e *UnimplementedError) ErrorCode() string {
	if e.Service.Name == "organizations" {
		return "UnsupportedAPIEndpointException"
	}
	return "NotImplemented"
}

// ErrorMessage returns the sentence for people.
func (e *UnimplementedError) ErrorMessage() string {
	return "This version of Espalier does not implement " + e.Service.Title + " " + e.Operation + "."
}

// HTTPStatus returns a status that clients do not retry.
func (e *UnimplementedError) HTTPStatus() int { return http.StatusBadRequest }
