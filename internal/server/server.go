// Package server answers requests: it listens, bounds what one client may take, leads each request through the steps of
// its life, and writes one event about each. Everything below it decides; the server only connects.
package server

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/espalier-cloud/espalier/internal/authn"
	"github.com/espalier-cloud/espalier/internal/authzen"
	"github.com/espalier-cloud/espalier/internal/ops"
	"github.com/espalier-cloud/espalier/internal/outbox"
	"github.com/espalier-cloud/espalier/internal/registry"
)

// Config is what a server is made of. Where a field says so it may be left out.
type Config struct {
	Verifier    *authn.Verifier
	Registry    *registry.Registry
	Operations  Operations
	Accounts    Accounts
	Bearers     *ops.BearerTokens
	Keys        *ops.Keys
	Evaluator   authzen.Evaluator
	Governance  *ops.Governance
	Outbox      *outbox.Outbox
	Token       string       // of the operator; empty in development, where none is needed
	Development *Development // nil unless the server is for test suites

	NoteUse func(context.Context, ops.Caller) error // keeps that a key or a role was used
	Ping    func(context.Context) error             // whether the database answers
	Clock   func() time.Time
	Rand    io.Reader // crypto/rand.Reader outside of tests
	Limits  Limits
	Log     *slog.Logger
	Metrics *prometheus.Registry
}

// Server answers the requests of AWS clients, of operators, and of what watches it. It is safe for concurrent use.
type Server struct {
	Config
	operations bindings
	doors      map[string]*door
	metrics    *metrics
	control    http.Handler
	measures   http.Handler
	draining   atomic.Bool
	uses       chan ops.Caller // to be noted
}

// New returns a server. It registers its metrics, which can be done once for a registry.
func New(cfg Config) *Server {
	s := &Server{
		Config:     cfg,
		operations: cfg.Operations.bind(),
		doors:      doors(),
		uses:       make(chan ops.Caller, maxUses),
		metrics:    newMetrics(cfg.Metrics),
		measures:   promhttp.HandlerFor(cfg.Metrics, promhttp.HandlerOpts{}),
	}
	s.control = s.controls()
	for _, d := range s.doors {
		s.metrics.operations[d.Description] = s.metrics.resolve(d.service.Name, d.Name)
	}
	return s
}

// Serve answers requests from a listener until ctx is done. Then it takes no more, and waits for those under way as long
// as the limits say.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	// Uses are noted as long as there are requests.
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	var noting sync.WaitGroup
	noting.Go(func() { s.noteUses(serving) })
	defer noting.Wait()
	defer stop()
	return serve(ctx, listener, s, s.Limits, s.Log, func() { s.draining.Store(true) })
}

// ServeMetrics answers requests for metrics alone, until ctx is done.
func (s *Server) ServeMetrics(ctx context.Context, listener net.Listener) error {
	return serve(ctx, listener, s.measures, s.Limits, s.Log, func() {})
}

// ServeHTTP tells AWS's requests from the server's own. It is no ServeMux, because that would redirect clients to tidier
// paths, which no AWS client expects.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if d, ok := s.doors[r.URL.Path]; ok {
		s.evaluate(w, r, d)
		return
	}
	switch {
	case strings.HasPrefix(r.URL.Path, controlPrefix):
		s.control.ServeHTTP(w, r)
	case r.URL.Path == "/healthz" && isRead(r):
		s.alive(w, r)
	case r.URL.Path == "/readyz" && isRead(r):
		s.ready(w, r)
	case r.URL.Path == "/metrics" && isRead(r):
		s.measures.ServeHTTP(w, r)
	case r.URL.Path == metadataPath:
		s.metadata(w, r)
	default:
		s.call(w, r)
	}
}

func isRead(r *http.Request) bool { return r.Method == http.MethodGet || r.Method == http.MethodHead }
