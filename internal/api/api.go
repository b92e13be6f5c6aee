// Package api is the runtime shared by the packages generated from the service models beside it:
// what a service, an operation, an exception and a broken constraint are.
//
// The models are the service descriptions that the AWS SDKs publish, stripped of their prose.
// Updating one is replacing its file and running go generate.
package api

//go:generate go run ../apigen organizations iam sts account cloudtrail tagging

import (
	"context"
	"fmt"
)

// Protocol is how a service carries its operations over HTTP.
type Protocol int

// The protocols of the services served here.
const (
	JSON     Protocol = iota // AWS JSON 1.1: one path, the operation named by X-Amz-Target
	Query                    // AWS Query: a form in, XML out, the operation named by Action
	RestJSON                 // REST-JSON: one path for each operation
)

// Service describes one AWS service.
type Service struct {
	Name         string   // the name in a credential scope, such as "organizations"
	Title        string   // the name for people, such as "AWS Organizations"
	Protocol     Protocol // how its operations travel
	APIVersion   string   // the date that names the version, such as "2016-11-28"
	TargetPrefix string   // what precedes the operation in X-Amz-Target; JSON only
	XMLNamespace string   // the namespace of its answers; Query only
	Operations   map[string]*Description
}

// Description is what the model says about an operation.
type Description struct {
	Name          string
	Path          string       // the request path; RestJSON only
	ResultWrapper string       // the XML element around the output; Query only
	NoOutput      bool         // the model gives the operation no output
	Anonymous     bool         // callers need no credentials
	Errors        []string     // codes of the exceptions that the model lists
	New           func() Input // makes an empty input
	NewOutput     func() any   // makes a pointer to an empty output
}

// Input is a pointer to the input of an operation.
type Input interface {
	// Validate reports every constraint of the model that the input breaks, in the order of its
	// members.
	Validate() []Violation
}

// Answer is a pointer to an output that travels as JSON.
type Answer interface {
	// AppendJSON appends the output. Members without a value are left out.
	AppendJSON(b []byte) []byte
}

// Operation is an operation bound to its implementation. C is what the implementation is told
// about the caller.
type Operation[C any] struct {
	*Description
	// Invoke runs the operation. The input must be what New makes, the output is a pointer.
	Invoke func(ctx context.Context, caller C, in any) (any, error)
}

// Bind makes an operation of a method of an implementation.
func Bind[C, In, Out any](d *Description, method func(context.Context, C, *In) (*Out, error)) Operation[C] {
	invoke := func(ctx context.Context, caller C, in any) (any, error) {
		input, ok := in.(*In)
		if !ok {
			return nil, fmt.Errorf("%s: the input is a %T", d.Name, in)
		}
		out, err := method(ctx, caller, input)
		if err != nil {
			return nil, err
		}
		return out, nil
	}
	return Operation[C]{Description: d, Invoke: invoke}
}

// Error is an answer that tells the client what went wrong. The generated exceptions are Errors.
type Error interface {
	error
	ErrorCode() string    // the name that clients match, such as "AccountNotFoundException"
	HTTPStatus() int      // the status of the response
	ErrorMessage() string // the sentence for people
}
