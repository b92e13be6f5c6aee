package authn

import (
	"fmt"
	"net/http"
)

// Protocol is the family that a service's errors belong to.
type Protocol int

// The protocols.
const (
	JSON     Protocol = iota // AWS JSON: Organizations, CloudTrail
	RESTJSON                 // REST with JSON: Account
	Query                    // AWS Query: STS, IAM
)

// Kind is the reason for which a request is not authenticated.
type Kind int

// The kinds of refusal.
const (
	// MissingToken refuses a request that does not say who makes it.
	MissingToken Kind = iota
	// Incomplete refuses a request that says it in a form that cannot be read.
	Incomplete
	// InvalidSignature refuses a signature that does not fit the request, or not the time or the service.
	InvalidSignature
	// UnrecognizedClient refuses an access key or a session token that is not known or no longer accepted.
	UnrecognizedClient
	// ExpiredToken refuses the token of a session that has ended.
	ExpiredToken
	// RequestExpired refuses a presigned request after its time.
	RequestExpired
)

// The texts of AWS that do not depend on the request.
const (
	msgMissing      = "Missing Authentication Token"
	msgMissingQuery = "Request is missing Authentication Token"
	msgMismatch     = "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
	msgUnrecognized = "The security token included in the request is invalid."
	msgExpiredToken = "The security token included in the request is expired"
	msgExpired      = "Request has expired."
)

// Error refuses to authenticate a request.
type Error struct {
	Kind     Kind
	Protocol Protocol
	Message  string // what the client is told
}

// Error returns the code and the message.
func (e *Error) Error() string { return e.ErrorCode() + ": " + e.ErrorMessage() }

// ErrorCode returns AWS's name for the refusal, which the Query protocol spells differently.
func (e *Error) ErrorCode() string {
	names := [...]struct{ json, query string }{
		MissingToken:       {"MissingAuthenticationTokenException", "MissingAuthenticationToken"},
		Incomplete:         {"IncompleteSignatureException", "IncompleteSignature"},
		InvalidSignature:   {"InvalidSignatureException", "SignatureDoesNotMatch"},
		UnrecognizedClient: {"UnrecognizedClientException", "InvalidClientTokenId"},
		ExpiredToken:       {"ExpiredTokenException", "ExpiredToken"},
		RequestExpired:     {"RequestExpired", "RequestExpired"},
	}
	if e.Protocol == Query {
		return names[e.Kind].query
	}
	return names[e.Kind].json
}

// HTTPStatus returns 400 for the JSON protocol, and 403 or 400 for the others.
func (e *Error) HTTPStatus() int {
	if e.Protocol == JSON || e.Kind == Incomplete || e.Kind == RequestExpired {
		return http.StatusBadRequest
	}
	return http.StatusForbidden
}

// ErrorMessage returns what the client is told.
func (e *Error) ErrorMessage() string {
	if e.Kind == MissingToken && e.Protocol == Query {
		return msgMissingQuery
	}
	return e.Message
}

func refuse(kind Kind, format string, args ...any) *Error {
	message := format
	if len(args) > 0 {
		message = fmt.Sprintf(format, args...)
	}
	return &Error{Kind: kind, Message: message}
}
