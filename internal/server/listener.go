package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// Limits bound what one client may take of the server.
type Limits struct {
	HeaderBytes    int           // of a request's header
	BodyBytes      int64         // of a request's body
	ReadHeader     time.Duration // for the header to arrive
	Read           time.Duration // for the whole request to arrive
	Write          time.Duration // for the answer to be taken
	Idle           time.Duration // between two requests on a connection
	Decisions      time.Duration // for those that one request asks for to be made
	ShutdownPeriod time.Duration // for requests under way when the server stops
}

// DefaultLimits returns limits that no ordinary client notices.
func DefaultLimits() Limits {
	return Limits{
		HeaderBytes: 16 << 10,
		BodyBytes:   256 << 10,
		ReadHeader:  10 * time.Second,
		Read:        30 * time.Second,
		Write:       60 * time.Second,
		// Longer than SDKs keep idle connections, so that the client closes first and never writes into a closed one.
		Idle: 2 * time.Minute,
		// A thousand decisions take a millisecond, and where policies are as hostile as they may be, seconds.
		Decisions:      2 * time.Second,
		ShutdownPeriod: 15 * time.Second,
	}
}

// Address is where a server listens, and how.
type Address struct {
	HostPort    string       // such as 127.0.0.1:4566; port 0 means any free one
	Certificate *Certificate // nil for plaintext
	Plaintext   bool         // allows plaintext where other machines reach the address
	Connections int          // open at once; 0 means any number
}

// Listen opens an address. Without a certificate it opens only those that other machines do not reach,
// unless plaintext is allowed.
func Listen(ctx context.Context, a Address) (net.Listener, error) {
	if a.Certificate == nil && !a.Plaintext {
		if err := RequireLoopback(a.HostPort); err != nil {
			return nil, fmt.Errorf("%w, and requests would cross the network unencrypted: give --tls-cert and --tls-key, or --insecure-plaintext where something else encrypts", err)
		}
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", a.HostPort)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	if a.Connections > 0 {
		listener = &boundedListener{Listener: listener, free: make(chan struct{}, a.Connections)}
	}
	if a.Certificate != nil {
		// HTTP/1.1 alone, as AWS's own endpoints for these services.
		listener = tls.NewListener(listener, &tls.Config{
			MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}, GetCertificate: a.Certificate.Get,
		})
	}
	return listener, nil
}

// RequireLoopback returns an error unless only this machine reaches the address.
func RequireLoopback(hostPort string) error {
	host, _, err := net.SplitHostPort(hostPort)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	if !isLoopback(host) {
		return fmt.Errorf("%s is not a loopback address", hostPort)
	}
	return nil
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// serve answers requests from a listener until ctx is done, then lets those under way finish.
func serve(ctx context.Context, listener net.Listener, handler http.Handler, limits Limits, log *slog.Logger, draining func()) error {
	web := &http.Server{
		Handler:           handler,
		MaxHeaderBytes:    limits.HeaderBytes - headerSlop,
		ReadHeaderTimeout: limits.ReadHeader,
		ReadTimeout:       limits.Read,
		WriteTimeout:      limits.Write,
		IdleTimeout:       limits.Idle,
		// What clients do to their connections is not worth a line.
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	failed := make(chan error, 1)
	go func() { failed <- web.Serve(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	draining()
	// The requests under way have a time of their own: ctx is over.
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), limits.ShutdownPeriod)
	defer cancel()
	if err := web.Shutdown(last); err != nil {
		return errors.Join(fmt.Errorf("stop: requests under way did not finish in %v: %w", limits.ShutdownPeriod, err), web.Close())
	}
	return nil
}

// headerSlop is what net/http reads beyond MaxHeaderBytes.
const headerSlop = 4096

// boundedListener accepts a connection only while fewer than a number of them are open.
type boundedListener struct {
	net.Listener
	free chan struct{}
}

// Accept waits for a connection, and before it for a place.
func (l *boundedListener) Accept() (net.Conn, error) {
	l.free <- struct{}{}
	conn, err := l.Listener.Accept()
	if err != nil {
		<-l.free
		return nil, err
	}
	return &boundedConn{Conn: conn, release: sync.OnceFunc(func() { <-l.free })}, nil
}

// boundedConn gives its place back when it is closed.
type boundedConn struct {
	net.Conn
	release func()
}

// Close closes the connection.
func (c *boundedConn) Close() error {
	defer c.release()
	return c.Conn.Close()
}
