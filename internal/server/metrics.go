package server

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/espalier-cloud/espalier/internal/api"
	"github.com/espalier-cloud/espalier/internal/wire"
)

// metrics count requests. Their labels are names of our own, never what a client sent.
type metrics struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	inFlight prometheus.Gauge

	operations map[*api.Description]operationMetrics
	unknown    operationMetrics // of requests that name no operation
}

// operationMetrics are the metrics of one operation, found once.
type operationMetrics struct {
	service, operation string
	succeeded          prometheus.Counter
	seconds            prometheus.Observer
}

// unnamed is the label of requests that name no service or operation that exists.
const unnamed = "unknown"

// succeeded is the code under which answers that are no errors are counted.
const succeeded = "OK"

func newMetrics(registerer prometheus.Registerer) *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "espalier_requests_total", Help: "Requests answered, by the code of the error or OK.",
		}, []string{"service", "operation", "code"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "espalier_request_seconds", Help: "Time from a request's header to its answer.",
			Buckets: []float64{.00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"service", "operation"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "espalier_requests_in_flight", Help: "Requests that are being answered.",
		}),
		operations: map[*api.Description]operationMetrics{},
	}
	registerer.MustRegister(m.requests, m.seconds, m.inFlight)
	for _, service := range wire.Services() {
		for _, operation := range service.Operations {
			m.operations[operation] = m.resolve(service.Name, operation.Name)
		}
	}
	m.unknown = m.resolve(unnamed, unnamed)
	return m
}

func (m *metrics) resolve(service, operation string) operationMetrics {
	return operationMetrics{
		service: service, operation: operation,
		succeeded: m.requests.WithLabelValues(service, operation, succeeded),
		seconds:   m.seconds.WithLabelValues(service, operation),
	}
}

// count counts an answer: code is the error's, or "".
func (m *metrics) count(operation *api.Description, code string, took time.Duration) {
	o, known := m.operations[operation]
	if !known {
		o = m.unknown
	}
	o.seconds.Observe(took.Seconds())
	if code == "" {
		o.succeeded.Inc()
		return
	}
	m.requests.WithLabelValues(o.service, o.operation, code).Inc()
}

// countingWriter notes the status of an answer and its size.
type countingWriter struct {
	http.ResponseWriter
	status int
	bytes  int
}

// WriteHeader notes the status.
func (w *countingWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Write counts the bytes.
func (w *countingWriter) Write(b []byte) (int, error) {
	n, err := w.ResponseWriter.Write(b)
	w.bytes += n
	return n, err
}

// Unwrap is for http.ResponseController.
func (w *countingWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
