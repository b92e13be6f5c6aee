package server

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json"
)

// controlPrefix begins the paths that are not AWS's but Espalier's own.
const controlPrefix = "/_espalier/"

// refusal is an answer of a control endpoint to a request that it does not carry out.
type refusal struct {
	status int
	err    error
}

func (r *refusal) Error() string { return r.err.Error() }
func (r *refusal) Unwrap() error { return r.err }

func refuse(status int, format string, args ...any) error {
	return &refusal{status, fmt.Errorf(format, args...)}
}

// A control handles a request to a control endpoint and returns what to answer as JSON, nil for nothing.
type control func(w http.ResponseWriter, r *http.Request) (any, error)

// controls are the control endpoints: those for the operator, and in development those for test suites.
func (s *Server) controls() http.Handler {
	mux := http.NewServeMux()
	handle := func(pattern string, c control) { mux.HandleFunc(pattern, s.controlled(c)) }
	handle("POST /_espalier/accounts", s.createAccount)
	handle("GET /_espalier/accounts", s.listAccounts)
	handle("PATCH /_espalier/accounts/{id}", s.setAccount)
	handle("POST /_espalier/accounts/{id}/reinstate", s.reinstateAccount)
	handle("GET /_espalier/accounts/{id}/email-update", s.showEmailUpdate)
	handle("GET /_espalier/jobs", s.listJobs)
	handle("GET /_espalier/events", s.listEvents)
	handle("POST /_espalier/events/retry", s.retryEvents)
	s.tokenControls(handle)
	s.keyControls(handle)
	s.governanceControls(mux, handle)
	if d := s.Development; d != nil {
		handle("POST /_espalier/reset", d.reset)
		handle("GET /_espalier/snapshot", d.snapshot)
		handle("POST /_espalier/restore", d.restore)
		handle("GET /_espalier/clock", d.showClock)
		handle("POST /_espalier/clock", d.moveClock)
		handle("GET /_espalier/faults", d.showFaults)
		handle("PUT /_espalier/faults", d.setFaults)
		handle("DELETE /_espalier/faults", d.clearFaults)
	}
	mux.HandleFunc("/", s.controlled(func(http.ResponseWriter, *http.Request) (any, error) {
		return nil, refuse(http.StatusNotFound, "there is no such control endpoint, or not for this method; some exist only with --dev")
	}))
	return mux
}

// controlled guards a control and writes its answer.
func (s *Server) controlled(c control) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var answer any
		err := s.admit(r)
		if err == nil {
			answer, err = c(w, r)
		}
		s.answerControl(w, r, answer, err)
	}
}

func (s *Server) answerControl(w http.ResponseWriter, r *http.Request, answer any, err error) {
	status := http.StatusOK
	if err != nil {
		var refused *refusal
		if errors.As(err, &refused) {
			status = refused.status
			answer = map[string]string{"error": refused.Error()}
		} else {
			status = http.StatusInternalServerError
			answer = map[string]string{"error": "internal error; the log says more"}
			s.Log.Error("control", "method", r.Method, "path", r.URL.Path, "error", err)
		}
	}
	if answer == nil {
		if w.Header().Get("Content-Type") == "" {
			w.WriteHeader(http.StatusNoContent)
		}
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.MarshalWrite(w, answer); err != nil {
		s.Log.Error("control", "path", r.URL.Path, "error", err)
	}
}

// admit refuses requests that a browser was made to send by somebody else's page, and those without the
// operator's token. In development there is none: everybody on the machine may do everything.
func (s *Server) admit(r *http.Request) error {
	if r.Header.Get("Origin") != "" {
		return refuse(http.StatusForbidden, "control endpoints are not for browsers")
	}
	if s.Development != nil && !isLoopback(hostOf(r)) {
		return refuse(http.StatusForbidden, "control endpoints are addressed as localhost")
	}
	if s.Token == "" {
		return nil
	}
	given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok || !sameText(given, s.Token) {
		return refuse(http.StatusUnauthorized, "the operator's token is required; it is in operator.json of the data directory")
	}
	return nil
}

// hostOf returns the name by which the client calls the server: another name than localhost for a loopback
// address is one that a page's author made resolve to it.
func hostOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = strings.Trim(r.Host, "[]")
	}
	return host
}

// sameText compares in a time that does not depend on the texts.
func sameText(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// readControl reads the JSON body of a control request, strictly.
func readControl(r *http.Request, into any) error {
	if err := requireContent(r, "application/json"); err != nil {
		return err
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxControl+1))
	if err != nil {
		return refuse(http.StatusBadRequest, "the body cannot be read: %w", err)
	}
	if len(body) > maxControl {
		return refuse(http.StatusRequestEntityTooLarge, "the body is larger than %d bytes", maxControl)
	}
	if err := json.Unmarshal(body, into, json.RejectUnknownMembers(true)); err != nil {
		return refuse(http.StatusBadRequest, "%w", err)
	}
	return nil
}

// maxControl is how large the body of a control request may be.
const maxControl = 256 << 10

// requireContent refuses other content types: those that a form can send need no permission of the browser.
func requireContent(r *http.Request, want string) error {
	if given, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || given != want {
		return refuse(http.StatusUnsupportedMediaType, "the content type must be %s", want)
	}
	return nil
}
