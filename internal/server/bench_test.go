package server

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"testing"
)

// discard is an answer that nobody reads.
type discard struct{ header http.Header }

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(b []byte) (int, error) { return len(b), nil }
func (d *discard) WriteHeader(int)             {}

func BenchmarkDescribeOrganization(b *testing.B) {
	f := newFixture(b, func(_ *fixture, cfg *Config) { cfg.Log = slog.New(slog.NewTextHandler(io.Discard, nil)) })
	f.call("CreateOrganization", `{}`)
	request := f.signed(jsonRequest("DescribeOrganization", `{}`), "organizations", f.root())
	b.ReportAllocs()
	for b.Loop() {
		request.Body = io.NopCloser(bytes.NewReader([]byte(`{}`)))
		f.ServeHTTP(&discard{http.Header{}}, request)
	}
}
