package server

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestListenRefusesPlaintextOffLoopback(t *testing.T) {
	for _, address := range []string{":0", "0.0.0.0:0", "[::]:0", "192.0.2.1:0", "example.com:0"} {
		if l, err := Listen(t.Context(), Address{HostPort: address}); err == nil {
			l.Close()
			t.Errorf("listens on %s", address)
		} else if !strings.Contains(err.Error(), "--insecure-plaintext") {
			t.Errorf("%s: %q does not tell the way out", address, err)
		}
	}
	for _, a := range []Address{{HostPort: "127.0.0.1:0"}, {HostPort: "localhost:0"}, {HostPort: "0.0.0.0:0", Plaintext: true}} {
		l, err := Listen(t.Context(), a)
		if err != nil {
			t.Errorf("%+v: %v", a, err)
			continue
		}
		l.Close()
	}
	if _, err := Listen(t.Context(), Address{HostPort: "no port"}); err == nil {
		t.Error("listens without a port")
	}
}

// serving serves with a handler until the test ends, and returns what stops it and waits.
func serving(t *testing.T, listener net.Listener, limits Limits, handler http.Handler, draining func()) (stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- serve(ctx, listener, handler, limits, slog.New(slog.DiscardHandler), draining) }()
	stop = func() error { cancel(); return <-done }
	t.Cleanup(cancel)
	return stop
}

func listen(t *testing.T, a Address) net.Listener {
	t.Helper()
	a.HostPort = "127.0.0.1:0"
	l, err := Listen(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func TestServeFinishesWhatIsUnderWay(t *testing.T) {
	l := listen(t, Address{})
	begun, finish := make(chan struct{}), make(chan struct{})
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(begun)
		<-finish
		io.WriteString(w, "done")
	})
	// The request ends only when the server is stopping already.
	stop := serving(t, l, DefaultLimits(), handler, func() { close(finish) })
	answer := make(chan string, 1)
	go func() {
		response, err := http.Get("http://" + l.Addr().String())
		if err != nil {
			answer <- err.Error()
			return
		}
		defer response.Body.Close()
		text, _ := io.ReadAll(response.Body)
		answer <- string(text)
	}()
	<-begun
	if err := stop(); err != nil {
		t.Errorf("stopping: %v", err)
	}
	if got := <-answer; got != "done" {
		t.Errorf("the request under way was answered %q", got)
	}
	if _, err := http.Get("http://" + l.Addr().String()); err == nil {
		t.Error("a request after the end was answered")
	}
}

func TestServeGivesUpOnWhatDoesNotEnd(t *testing.T) {
	l := listen(t, Address{})
	begun := make(chan struct{})
	handler := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(begun)
		<-r.Context().Done()
	})
	limits := DefaultLimits()
	limits.ShutdownPeriod = time.Millisecond
	stop := serving(t, l, limits, handler, func() {})
	go http.Get("http://" + l.Addr().String())
	<-begun
	if err := stop(); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("stopping: %v, want that a request did not finish", err)
	}
}

func TestServeLetsSlowClientsGo(t *testing.T) {
	limits := DefaultLimits()
	limits.ReadHeader, limits.Read = 20*time.Millisecond, 20*time.Millisecond
	l := listen(t, Address{})
	var read atomic.Value
	serving(t, l, limits, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(r.Body)
		read.Store(err)
	}), func() {})
	for name, sent := range map[string]string{
		"no header":   "",
		"half header": "POST / HTTP/1.1\r\nHost: x\r\nX-",
		"half a body": "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345",
	} {
		t.Run(name, func(t *testing.T) {
			conn, err := net.Dial("tcp", l.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			io.WriteString(conn, sent)
			if _, err := io.ReadAll(conn); err != nil {
				t.Errorf("the connection was not closed in order: %v", err)
			}
		})
	}
	if read.Load() == nil {
		t.Error("half a body was read as a whole one")
	}
}

func TestServeBoundsHeaders(t *testing.T) {
	l := listen(t, Address{})
	serving(t, l, DefaultLimits(), http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), func() {})
	for size, want := range map[int]int{8 << 10: 200, 17 << 10: 431} {
		request, _ := http.NewRequest(http.MethodGet, "http://"+l.Addr().String(), nil)
		request.Header.Set("X-Filler", strings.Repeat("x", size))
		request.Close = true // net/http allows a later request on a connection some more
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("a header of %d bytes is answered %d, want %d", size, response.StatusCode, want)
		}
	}
}

func TestListenBoundsConnections(t *testing.T) {
	l := listen(t, Address{Connections: 1})
	serving(t, l, DefaultLimits(), http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), func() {})
	dial := func() (net.Conn, *bufio.Reader) {
		conn, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		return conn, bufio.NewReader(conn)
	}
	first, answer := dial()
	if _, err := http.ReadResponse(answer, nil); err != nil {
		t.Fatal(err)
	}
	second, waiting := dial()
	defer second.Close()
	second.SetReadDeadline(time.Now().Add(30 * time.Millisecond))
	if _, err := waiting.ReadByte(); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("a second connection is answered beside the first: %v", err)
	}
	first.Close()
	second.SetReadDeadline(time.Time{})
	if _, err := http.ReadResponse(waiting, nil); err != nil {
		t.Errorf("when the first is closed, the second is not answered: %v", err)
	}
}

func TestListenWithTLS(t *testing.T) {
	certFile, keyFile := writeCertificate(t, t.TempDir(), 7)
	certificate, err := LoadCertificate(certFile, keyFile, time.Now, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	l := listen(t, Address{Certificate: certificate, Connections: 10})
	serving(t, l, DefaultLimits(), http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), func() {})
	text, err := os.ReadFile(certFile)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(text)
	for version, accepted := range map[uint16]bool{tls.VersionTLS11: false, tls.VersionTLS12: true, tls.VersionTLS13: true} {
		conn, err := tls.Dial("tcp", l.Addr().String(), &tls.Config{RootCAs: roots, ServerName: "localhost", MinVersion: version, MaxVersion: version})
		if (err == nil) != accepted {
			t.Errorf("%s: %v", tls.VersionName(version), err)
		}
		if err == nil {
			conn.Close()
		}
	}
}
