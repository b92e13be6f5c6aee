package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/espalier-cloud/espalier/internal/api"
	"github.com/espalier-cloud/espalier/internal/authn"
	"github.com/espalier-cloud/espalier/internal/authz"
	"github.com/espalier-cloud/espalier/internal/ops"
	"github.com/espalier-cloud/espalier/internal/registry"
	"github.com/espalier-cloud/espalier/internal/trail"
	"github.com/espalier-cloud/espalier/internal/wire"
	"github.com/espalier-cloud/espalier/policy"
)

// call is one request to an AWS API on its way through the server.
type call struct {
	server  *Server
	request *http.Request
	id      string
	start   time.Time

	body     []byte
	routed   *wire.Request
	routeErr error // reported to those who have authenticated
	verified authn.Verified
	caller   ops.Caller
	binding  *binding // nil until an operation is found
	input    api.Input
	record   trail.Call
	keys     policy.Context // that conditions may ask for
}

// call answers a request to an AWS API.
func (s *Server) call(w http.ResponseWriter, r *http.Request) {
	s.metrics.inFlight.Inc()
	defer s.metrics.inFlight.Dec()
	c := &call{server: s, request: r, id: s.newID(), start: s.Clock(), routed: new(wire.Request)}
	counted := &countingWriter{ResponseWriter: w}
	out, err := c.carryOut(r.Context())
	refusal := c.refusal(err)
	if refusal != nil {
		c.handOutReasons(counted.Header(), err)
		c.routed.WriteError(counted, c.id, refusal)
	} else {
		c.routed.WriteOutput(counted, c.id, out)
	}
	c.report(counted, refusal, err)
}

// carryOut leads the call through its steps. The order is that of the checks: who calls, what he asks, whether he may,
// whether the input is well formed; whether it makes sense is for the operation.
func (c *call) carryOut(ctx context.Context) (out any, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	for _, step := range [...]func(*call, context.Context) error{(*call).read, (*call).route, (*call).authenticate, (*call).slowDown} {
		if err := step(c, ctx); err != nil {
			return nil, err
		}
	}
	err = c.server.Development.During(func() (err error) {
		out, err = c.perform(ctx)
		return err
	})
	return out, err
}

// perform does what an authenticated caller asks, or refuses and leaves an event of that.
func (c *call) perform(ctx context.Context) (out any, err error) {
	if err := c.resolve(ctx); err != nil {
		return nil, err
	}
	c.noteUse()
	return c.invoke(ctx, (*call).decode, (*call).fail, (*call).checkCredentials, (*call).authorize, (*call).validate)
}

// invoke carries out the operation when all checks are passed, or refuses and leaves an event of that.
func (c *call) invoke(ctx context.Context, checks ...func(*call, context.Context) error) (out any, err error) {
	for _, check := range checks {
		if err := check(c, ctx); err != nil {
			return nil, c.recordRefusal(ctx, err)
		}
	}
	out, err = c.binding.Invoke(ctx, c.caller, c.input)
	if err != nil {
		return nil, c.recordRefusal(ctx, err)
	}
	c.makeStale(out)
	return out, nil
}

// Forward carries out another operation in the name of the caller, as a service does that has another one do its work.
func (c *call) Forward(ctx context.Context, operation *api.Description, in api.Input) error {
	next := *c
	next.binding, next.input = c.server.operations[operation], in
	next.caller.Call = &next.record
	next.begin()
	next.record.Input = in
	_, err := next.invoke(ctx, (*call).fail, (*call).authorize, (*call).validate)
	var denied *authz.DeniedError
	if errors.As(err, &denied) {
		return c.denied(denied)
	}
	return err
}

// read reads the body.
func (c *call) read(ctx context.Context) error {
	limit := c.server.Limits.BodyBytes
	body, err := readAll(c.request.Body, c.request.ContentLength, limit)
	if err == nil && int64(len(body)) <= limit {
		c.body = body
		return nil
	}
	_ = c.route(ctx) // for the protocol in which to say so
	if err != nil {
		return wire.Error{Code: "RequestTimeout", Message: "The body of the request did not arrive.", Status: http.StatusBadRequest}
	}
	return wire.TooLarge()
}

// readAll reads a body to its end, or to more than the limit. Its length is -1 when the client does not say.
func readAll(body io.Reader, length, limit int64) ([]byte, error) {
	if length < 0 || length > limit {
		return io.ReadAll(io.LimitReader(body, limit+1))
	}
	all := make([]byte, length)
	_, err := io.ReadFull(body, all)
	return all, err
}

// route finds the operation. That there is none is told after authentication, as everything else.
func (c *call) route(context.Context) error {
	var scope authn.Scope
	if c.request.Header.Get("X-Amz-Target") == "" { // which names the service by itself
		scope, _ = authn.ScopeOf(c.request)
	}
	c.routed, c.routeErr = wire.Route(c.request, scope.Service, c.body)
	c.binding = c.server.operations[c.routed.Operation]
	return nil
}

// anonymous tells whether nobody signs calls of the operation.
func (c *call) anonymous() bool { return c.binding != nil && c.binding.Anonymous }

// authenticate finds out who calls.
func (c *call) authenticate(ctx context.Context) error {
	if c.anonymous() {
		return nil
	}
	return c.server.Development.During(func() (err error) {
		c.verified, err = c.server.Verifier.Verify(ctx, c.request, c.body, c.service())
		return err
	})
}

// service is what the signature must be made for. Where the request names no service that exists, any will do, because
// no operation is going to be carried out.
func (c *call) service() authn.Service {
	service := authn.Service{Protocol: protocols[c.routed.Protocol]}
	if c.routed.Service != nil {
		service.Name = c.routed.Service.Name
	} else {
		scope, _ := authn.ScopeOf(c.request)
		service.Name = scope.Service
	}
	return service
}

// protocols are those of the services as authentication knows them.
var protocols = map[api.Protocol]authn.Protocol{api.JSON: authn.JSON, api.Query: authn.Query, api.RestJSON: authn.RESTJSON}

// resolve finds the account of the caller as it is now, and its organization. A service that calls in its own name, and
// who signs nothing, has neither.
func (c *call) resolve(ctx context.Context) error {
	c.caller = ops.Caller{Caller: c.verified.Caller, Call: &c.record, Forwarder: c}
	if c.caller.Account != "" {
		if err := c.resolveAccount(ctx); err != nil {
			return err
		}
	}
	if c.binding == nil {
		return c.routeErr
	}
	c.begin()
	return nil
}

// begin begins the event of the call.
func (c *call) begin() {
	c.record = trail.Call{
		Caller: &c.caller.Caller, Source: c.binding.source, Name: c.binding.Name, Region: c.verified.Scope.Region,
		SourceIP: c.sourceIP(), UserAgent: c.request.UserAgent(), RequestID: c.id, Time: c.start,
		ReadOnly: c.binding.rule.ReadOnly(), Masked: masked, NewID: c.server.newID,
	}
}

func (c *call) resolveAccount(ctx context.Context) error {
	view, err := c.server.Registry.View(ctx, c.verified.Caller.Account)
	if errors.Is(err, registry.ErrNotFound) {
		return c.unrecognized()
	}
	if err != nil {
		return err
	}
	if err := c.checkSession(view); err != nil {
		return err
	}
	c.caller.View, c.caller.Organization = view, view.Account.Organization()
	return nil
}

// sourceIP is the address of the client, or of what stands between.
func (c *call) sourceIP() string {
	host, _, err := net.SplitHostPort(c.request.RemoteAddr)
	if err != nil {
		return c.request.RemoteAddr
	}
	return host
}

// decode reads the input.
func (c *call) decode(context.Context) (err error) {
	if c.routeErr != nil {
		return c.routeErr
	}
	if c.input, err = c.routed.Decode(); err != nil {
		c.input = nil // half of an input is not to be shown
		return err
	}
	c.record.Input = c.input
	return nil
}

// slowDown lets the faults of a test hold the call up. It comes before the work on the state, which nobody could replace
// meanwhile.
func (c *call) slowDown(ctx context.Context) error {
	if d := c.server.Development; d != nil && c.binding != nil {
		return d.Faults.hold(ctx, c.binding.Name)
	}
	return nil
}

// fail lets the faults of a test strike.
func (c *call) fail(context.Context) error {
	if d := c.server.Development; d != nil {
		return d.Faults.call(c.binding.service, c.binding.Name)
	}
	return nil
}

// makeStale lets the faults of a test strike what a read shows.
func (c *call) makeStale(out any) {
	if d := c.server.Development; d != nil {
		if _, struck := d.Faults.strikeOnce(c.binding.Name, FaultStale); struck {
			showStale(out)
		}
	}
}

// authorize decides whether the caller may. Who gives tags to what he makes needs the permission to tag, too.
func (c *call) authorize(context.Context) error {
	subject := &c.binding.subject
	if excess := subject.Excess(c.input); len(excess) > 0 {
		return wire.Invalid(c.binding.service, c.binding.Name, excess)
	}
	c.describe()
	subject.Describe(c.input, c.caller.Context)
	if c.caller.View == nil && !c.anonymous() {
		return c.authorizeService()
	}
	if c.binding.rule.Open {
		return nil
	}
	request := authz.Request{
		Call:   c.caller.ToOrganization(c.binding.rule.Action(), subject.Resources(&c.caller, c.input)...),
		Caller: &c.caller.Caller, Account: c.caller.View.Account, Organization: c.caller.View.Organization,
		Callers: c.binding.rule.Callers,
	}
	if err := c.server.Evaluator.Chains.Authorize(request); err != nil {
		return err
	}
	var tags bool
	if request.Action, tags = subject.TagAction(c.input); tags {
		return c.server.Evaluator.Chains.Authorize(request)
	}
	return nil
}

// validate checks the constraints of the model.
func (c *call) validate(context.Context) error {
	if violations := c.input.Validate(); len(violations) > 0 {
		return wire.Invalid(c.binding.service, c.binding.Name, violations)
	}
	return nil
}

// recordRefusal leaves an event of a call that is refused, and returns why it is. Somebody unknown leaves none: he
// could fill the trail of any account. A service in its own name has no trail.
func (c *call) recordRefusal(ctx context.Context, err error) error {
	if c.caller.View == nil {
		return err
	}
	if errors.Is(err, context.Canceled) {
		return err // the client did not wait: nothing was refused, and a change that was made has left its event
	}
	refusal := c.refusal(err)
	event := c.record.Refused(refusal.ErrorCode(), refusal.ErrorMessage())
	// The client may have gone away, which does not undo that it was refused.
	recorded := c.server.Registry.Write(context.WithoutCancel(ctx), registry.AccountKey(c.verified.Caller.Account), "Refused",
		func(tx *registry.Tx) error { return tx.Record(event) })
	if recorded != nil {
		return errors.Join(err, fmt.Errorf("record the refusal: %w", recorded))
	}
	return err
}

// refusal is what the client learns of an error: nothing of one that is the server's own business.
func (c *call) refusal(err error) api.Error {
	if err == nil {
		return nil
	}
	if known := ops.Exception(err); known != nil {
		return known
	}
	var denied *authz.DeniedError
	if errors.As(err, &denied) {
		return c.denied(denied)
	}
	return wire.Internal(c.routed.Service)
}

// handOutReasons gives who was denied by policies the reasons, sealed, for those who may decode them.
func (c *call) handOutReasons(header http.Header, err error) {
	var denied *authz.DeniedError
	if !errors.As(err, &denied) || c.caller.View == nil {
		return
	}
	message := ops.AuthorizationMessage{By: &c.caller, Request: denied.Request, Decision: denied.Decision, Statement: denied.Statement}
	if encoded, err := message.Encode(c.server.Verifier.Keyring, c.start, c.server.Rand); err == nil {
		header.Set(messageHeader, encoded)
	}
}

// messageHeader carries an encoded authorization message: AWS's services that have one write it into the sentence, of
// which Organizations and IAM keep to theirs.
const messageHeader = "X-Espalier-Authorization-Message"

// denied is the exception of a service for what no policy allows.
func (c *call) denied(err *authz.DeniedError) api.Error {
	switch c.routed.Protocol {
	case api.Query:
		return wire.Error{Code: "AccessDenied", Message: err.Error(), Status: http.StatusForbidden}
	case api.RestJSON:
		return wire.Error{Code: "AccessDeniedException", Message: err.Error(), Status: http.StatusForbidden}
	case api.JSON:
	}
	return wire.Error{Code: "AccessDeniedException", Message: err.Error(), Status: http.StatusBadRequest}
}

func masked(v any) json.RawMessage { return json.RawMessage(wire.TrailParameters(v)) }

// newID returns a random id for a request or an event.
func (s *Server) newID() string {
	var random [16]byte
	if _, err := io.ReadFull(s.Rand, random[:]); err != nil {
		panic(fmt.Sprintf("server: no randomness: %v", err)) // crypto/rand never fails
	}
	return trail.NewID(random)
}
