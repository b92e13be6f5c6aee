package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/espalier-cloud/espalier/internal/api"
	"github.com/espalier-cloud/espalier/internal/authn"
	"github.com/espalier-cloud/espalier/internal/authz"
	"github.com/espalier-cloud/espalier/internal/authzen"
	"github.com/espalier-cloud/espalier/internal/ops"
	"github.com/espalier-cloud/espalier/internal/wire"
)

// The paths of the AuthZEN Authorization API, version 1.0.
const (
	evaluationPath  = "/access/v1/evaluation"
	evaluationsPath = "/access/v1/evaluations"
	metadataPath    = "/.well-known/authzen-configuration"
)

// A door is an endpoint at which decisions are asked for. It is an operation to
// the log and the metrics.
type door struct {
	binding
	answer authzen.Operation
}

// doors returns the doors by their paths.
func doors() map[string]*door {
	service := &api.Service{Name: "authzen"}
	open := func(name string) binding {
		return binding{Operation: api.Operation[ops.Caller]{Description: &api.Description{Name: name}}, service: service, rule: &ops.Rule{Operation: name, Access: ops.Read}}
	}
	return map[string]*door{
		evaluationPath:  {open("evaluation"), (*authzen.Evaluator).Evaluate},
		evaluationsPath: {open("evaluations"), (*authzen.Evaluator).EvaluateAll},
	}
}

// doorError is an answer that is no decision: a status and a sentence.
type doorError struct {
	status  int
	message string
}

// Error returns the sentence.
func (e *doorError) Error() string { return e.message }

// ErrorCode returns the name of the status.
func (e *doorError) ErrorCode() string { return strings.ReplaceAll(http.StatusText(e.status), " ", "") }

// ErrorMessage returns the sentence.
func (e *doorError) ErrorMessage() string { return e.message }

// HTTPStatus returns the status.
func (e *doorError) HTTPStatus() int { return e.status }

// evaluate answers a request for decisions.
func (s *Server) evaluate(w http.ResponseWriter, r *http.Request, d *door) {
	s.metrics.inFlight.Inc()
	defer s.metrics.inFlight.Dec()
	c := &call{server: s, request: r, id: s.newID(), start: s.Clock(), routed: &wire.Request{Operation: d.Description}, binding: &d.binding}
	counted := &countingWriter{ResponseWriter: w}
	out, err := c.decide(r.Context(), d)
	header := counted.Header()
	header.Set("X-Request-Id", c.requestID())
	header.Set("Cache-Control", "no-store")
	refusal := doorRefusal(err)
	if refusal == nil {
		header.Set("Content-Type", "application/json")
		header.Set("Content-Length", strconv.Itoa(len(out)))
		counted.WriteHeader(http.StatusOK)
		_, _ = counted.Write(out) // a client that has gone away
		c.report(counted, nil, nil)
		return
	}
	switch refusal.status {
	case http.StatusUnauthorized:
		header.Set("Www-Authenticate", `Bearer realm="espalier"`)
	case http.StatusMethodNotAllowed:
		header.Set("Allow", http.MethodPost)
	}
	writeText(counted, refusal.status, refusal.message)
	c.report(counted, refusal, err)
}

// decide leads a request for decisions through its steps.
func (c *call) decide(ctx context.Context, d *door) (out []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	if err := c.readQuestion(); err != nil {
		return nil, err
	}
	err = c.server.Development.During(func() error {
		if err := c.admitAsking(ctx); err != nil {
			return err
		}
		deciding, cancel := context.WithTimeout(ctx, c.server.Limits.Decisions)
		defer cancel()
		out, err = d.answer(&c.server.Evaluator, deciding, c.caller.View.Organization, c.start, c.body)
		return err
	})
	return out, err
}

// readQuestion reads the body.
func (c *call) readQuestion() error {
	if c.request.Method != http.MethodPost {
		return &doorError{http.StatusMethodNotAllowed, "decisions are asked for by POST"}
	}
	if kind, _, err := mime.ParseMediaType(c.request.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return &doorError{http.StatusUnsupportedMediaType, "the content type must be application/json"}
	}
	limit := c.server.Limits.BodyBytes
	var body bytes.Buffer
	if length := c.request.ContentLength; 0 < length && length <= limit {
		body.Grow(int(length) + bytes.MinRead)
	}
	if _, err := body.ReadFrom(io.LimitReader(c.request.Body, limit+1)); err != nil {
		return &doorError{http.StatusBadRequest, "the body did not arrive"}
	}
	if int64(body.Len()) > limit {
		return &doorError{http.StatusRequestEntityTooLarge, fmt.Sprintf("the body is larger than %d bytes", limit)}
	}
	c.body = body.Bytes()
	return nil
}

// admitAsking finds out who asks, and whether he may.
func (c *call) admitAsking(ctx context.Context) error {
	if token, ok := strings.CutPrefix(c.request.Header.Get("Authorization"), "Bearer "); ok {
		var err error
		if c.verified.Caller, err = c.server.Bearers.Verify(ctx, token); err != nil {
			return err
		}
	} else if err := c.verifySignature(ctx); err != nil {
		return err
	}
	if err := c.resolve(ctx); err != nil {
		return err
	}
	if c.caller.View == nil {
		return &doorError{http.StatusForbidden, "a service asks for decisions through a role"}
	}
	return c.server.Evaluator.Chains.AuthorizeAsking(&c.caller.Caller, c.caller.View.Account, c.caller.View.Organization)
}

// verifySignature verifies a signature that was made for Espalier, or for
// execute-api, as clients for services other than AWS's own sign.
func (c *call) verifySignature(ctx context.Context) (err error) {
	service := authn.Service{Name: "espalier", Protocol: authn.RESTJSON}
	if scope, _ := authn.ScopeOf(c.request); scope.Service == "execute-api" {
		service.Name = scope.Service
	}
	c.verified, err = c.server.Verifier.Verify(ctx, c.request, c.body, service)
	return err
}

// doorRefusal is what the client learns of an error: nothing of one that is the
// server's own business.
func doorRefusal(err error) *doorError {
	var known *doorError
	var malformed *authzen.RequestError
	var unauthentic *authn.Error
	var denied *authz.DeniedError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known):
		return known
	case errors.As(err, &malformed):
		return &doorError{http.StatusBadRequest, malformed.Message}
	case errors.As(err, &unauthentic):
		return &doorError{http.StatusUnauthorized, unauthentic.ErrorMessage()}
	case errors.Is(err, ops.ErrNoToken):
		return &doorError{http.StatusUnauthorized, "the token is not valid"}
	case errors.As(err, &denied):
		return &doorError{http.StatusForbidden, denied.Error()}
	case errors.Is(err, context.DeadlineExceeded):
		return &doorError{http.StatusServiceUnavailable, "the decisions take too long: ask for fewer in one request"}
	}
	return &doorError{http.StatusInternalServerError, "internal error"}
}

// requestID is the client's own id of the request, or else the server's.
func (c *call) requestID() string {
	const longest = 128
	given := c.request.Header.Get("X-Request-Id")
	if given == "" || len(given) > longest {
		return c.id
	}
	for i := range len(given) {
		if given[i] <= ' ' || given[i] > '~' {
			return c.id
		}
	}
	return given
}

// metadata describes the door: https://openid.net/specs/authorization-api-1_0.html, policy decision point metadata.
func (s *Server) metadata(w http.ResponseWriter, r *http.Request) {
	if !isRead(r) {
		w.Header().Set("Allow", "GET, HEAD")
		writeText(w, http.StatusMethodNotAllowed, "the metadata is read by GET")
		return
	}
	base := "http://" + r.Host
	if r.TLS != nil {
		base = "https://" + r.Host
	}
	s.answerControl(w, r, map[string]string{
		"policy_decision_point":       base,
		"access_evaluation_endpoint":  base + evaluationPath,
		"access_evaluations_endpoint": base + evaluationsPath,
	}, nil)
}
