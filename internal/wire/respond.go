package wire

import (
	"net/http"
	"reflect"
	"strconv"
	"sync"

	"github.com/espalier-cloud/espalier/internal/api"
)

// buffers holds what answers are written into. One that has grown beyond maxKept is let go.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

const maxKept = 64 << 10

// WriteOutput answers with the output of the operation, a pointer to it. Operations without output
// answer an empty body in JSON.
func (q *Request) WriteOutput(w http.ResponseWriter, requestID string, out any) {
	q.write(w, requestID, http.StatusOK, func(b []byte) []byte { return q.appendOutput(b, requestID, out) })
}

// WriteError answers with an error.
func (q *Request) WriteError(w http.ResponseWriter, requestID string, err api.Error) {
	if q.Protocol == api.RestJSON {
		w.Header().Set("X-Amzn-ErrorType", err.ErrorCode())
	}
	q.write(w, requestID, err.HTTPStatus(), func(b []byte) []byte { return q.appendError(b, requestID, err) })
}

// appendOutput appends the body of an answer.
func (q *Request) appendOutput(b []byte, requestID string, out any) []byte {
	if q.Protocol == api.Query {
		return appendXMLOutput(b, q, requestID, out)
	}
	answer, isJSON := out.(api.Answer)
	if q.Operation.NoOutput || !isJSON || reflect.ValueOf(out).IsNil() {
		return b
	}
	return answer.AppendJSON(b)
}

// appendError appends the body of an error.
func (q *Request) appendError(b []byte, requestID string, err api.Error) []byte {
	if q.Protocol == api.Query {
		namespace, fault := "", "Sender"
		if q.Service != nil {
			namespace = q.Service.XMLNamespace
		}
		if err.HTTPStatus() >= http.StatusInternalServerError {
			fault = "Receiver"
		}
		return appendXMLError(b, namespace, requestID, fault, err.ErrorCode(), err.ErrorMessage())
	}
	e := jsonEncoder{b: b}
	if s := reflect.ValueOf(err); q.models(s) {
		e.structure(s.Elem(), planOf(s.Type().Elem()), err.ErrorCode())
		return e.b
	}
	e.b = append(e.b, `{"__type":`...)
	e.text(err.ErrorCode())
	e.b = append(e.b, `,"message":`...)
	e.text(err.ErrorMessage())
	e.b = append(e.b, '}')
	return e.b
}

// models reports whether an error is an exception that a package generated from a model declares.
func (q *Request) models(err reflect.Value) bool {
	if q.Operation == nil || err.Kind() != reflect.Pointer {
		return false
	}
	input := reflect.TypeOf(q.Operation.New()).Elem()
	return err.Type().Elem().PkgPath() == input.PkgPath()
}

func (q *Request) write(w http.ResponseWriter, requestID string, status int, body func([]byte) []byte) {
	buffer := buffers.Get().(*[]byte)
	b := body((*buffer)[:0])
	h := w.Header()
	h.Set("X-Amzn-Requestid", requestID)
	h.Set("Content-Type", contentType[q.Protocol])
	h.Set("Content-Length", strconv.Itoa(len(b)))
	w.WriteHeader(status)
	_, _ = w.Write(b) // a client that has gone away is not told anything
	if cap(b) <= maxKept {
		*buffer = b
		buffers.Put(buffer)
	}
}

// contentType is the media type of the answers in a protocol.
var contentType = map[api.Protocol]string{
	api.JSON:     jsonContentType,
	api.Query:    "text/xml",
	api.RestJSON: "application/json",
}
