package wire

import (
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/espalier-cloud/espalier/internal/api"
)

// Request is a request whose protocol is known. Route fills in the service and the operation; they
// stay nil when the request names none.
type Request struct {
	Protocol  api.Protocol
	Service   *api.Service
	Operation *api.Description

	body []byte     // JSON and RestJSON
	form url.Values // Query
}

// jsonContentType is the media type of AWS JSON 1.1, in both directions.
const jsonContentType = "application/x-amz-json-1.1"

// Route finds the operation that a request names. Scope is the service in the request's credential
// scope, "" when it has none; body is the whole body. The request that Route returns is never nil
// and can write the error that Route returns with it.
//
// It tells the protocols apart as the services themselves do: X-Amz-Target is JSON, a path of a
// REST-JSON service is RestJSON, a form or an Action is Query.
func Route(r *http.Request, scope string, body []byte) (*Request, error) {
	scoped := serviceNamed(scope)
	switch {
	case r.Header.Get("X-Amz-Target") != "":
		q := &Request{Protocol: api.JSON, body: body}
		return q, q.routeTarget(r)
	case scoped != nil && scoped.Protocol == api.RestJSON:
		q := &Request{Protocol: api.RestJSON, Service: scoped, body: body}
		return q, q.routePath(r)
	case isForm(r) || r.URL.Query().Has("Action") || (scoped != nil && scoped.Protocol == api.Query):
		q := &Request{Protocol: api.Query, Service: scoped}
		return q, q.routeAction(r, body)
	}
	return &Request{Protocol: api.JSON, Service: scoped}, unknownOperation()
}

// Decode reads the input of the operation. It reads what is there and leaves the constraints of
// the model to the input's Validate.
func (q *Request) Decode() (api.Input, error) {
	in := q.Operation.New()
	var err error
	if q.Protocol == api.Query {
		err = decodeForm(q.form, in)
	} else {
		err = decodeJSON(q.body, in)
	}
	return in, err
}

// routeTarget routes AWS JSON: X-Amz-Target is the service's prefix, a dot and the operation.
func (q *Request) routeTarget(r *http.Request) error {
	target := r.Header.Get("X-Amz-Target")
	dot := strings.LastIndexByte(target, '.')
	if dot < 0 || len(r.Header.Values("X-Amz-Target")) > 1 || r.Method != http.MethodPost {
		return unknownOperation()
	}
	for _, s := range Services() {
		if s.Protocol == api.JSON && s.TargetPrefix == target[:dot] {
			q.Service, q.Operation = s, s.Operations[target[dot+1:]]
		}
	}
	if q.Operation == nil {
		return unknownOperation()
	}
	if mediaType(r) != jsonContentType {
		return malformed("The content type must be " + jsonContentType + ".")
	}
	return nil
}

// routePath routes REST-JSON, where every operation has a path of its own.
func (q *Request) routePath(r *http.Request) error {
	for _, op := range q.Service.Operations {
		if op.Path == r.URL.Path && r.Method == http.MethodPost {
			q.Operation = op
			return nil
		}
	}
	return Error{"UnknownOperationException", "The service has no such operation.", http.StatusNotFound}
}

// routeAction routes AWS Query: the parameters Action and Version in the form or the query string.
// Without a credential scope, as in a call without credentials, the version tells the service.
func (q *Request) routeAction(r *http.Request, body []byte) error {
	form, err := parseForm(r, body)
	if err != nil {
		return err
	}
	q.form = form
	action, version := form.Get("Action"), form.Get("Version")
	if action == "" {
		return Error{"MissingAction", "The request is missing an action or a required parameter.", http.StatusBadRequest}
	}
	if version == "" {
		version = "NO_VERSION_SPECIFIED"
	}
	if q.Service == nil || q.Service.Protocol != api.Query {
		q.Service = serviceOfVersion(version)
	}
	if q.Service != nil && q.Service.APIVersion == version {
		q.Operation = q.Service.Operations[action]
	}
	if q.Operation == nil {
		return Error{"InvalidAction", "Could not find operation " + shorten(action) + " for version " + shorten(version), http.StatusBadRequest}
	}
	return nil
}

// parseForm returns the parameters of a Query request, wherever they are. A parameter that is given
// twice has no meaning.
func parseForm(r *http.Request, body []byte) (url.Values, error) {
	bad := Error{"MalformedQueryString", "The query string contains a syntax error.", http.StatusBadRequest}
	form, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, bad
	}
	if isForm(r) {
		inBody, err := url.ParseQuery(string(body))
		if err != nil {
			return nil, bad
		}
		for name, values := range inBody {
			form[name] = append(form[name], values...)
		}
	}
	for _, values := range form {
		if len(values) > 1 {
			return nil, bad
		}
	}
	return form, nil
}

func isForm(r *http.Request) bool {
	return r.Method == http.MethodPost && mediaType(r) == "application/x-www-form-urlencoded"
}

// mediaType is the content type without parameters, in lower case; "" when there is none.
func mediaType(r *http.Request) string {
	if r.Header.Get("Content-Type") == jsonContentType {
		return jsonContentType
	}
	t, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return t
}

func serviceNamed(name string) *api.Service {
	for _, s := range Services() {
		if s.Name == name {
			return s
		}
	}
	return nil
}

func serviceOfVersion(version string) *api.Service {
	for _, s := range Services() {
		if s.Protocol == api.Query && s.APIVersion == version {
			return s
		}
	}
	return nil
}

func unknownOperation() Error {
	return Error{"UnknownOperationException", "The service has no such operation.", http.StatusBadRequest}
}
