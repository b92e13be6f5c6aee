package server

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/espalier-cloud/espalier/internal/api"
)

// report counts the call and writes its one event. Nothing in it is secret or tells who a person is: no signature, no
// token, no e-mail address, no body.
func (c *call) report(w *countingWriter, refusal api.Error, err error) {
	took := c.server.Clock().Sub(c.start)
	code := ""
	if refusal != nil {
		code = refusal.ErrorCode()
	}
	c.server.metrics.count(c.routed.Operation, code, took)

	level := c.level(w.status, err)
	log := c.server.Log
	if !log.Enabled(context.Background(), level) {
		return
	}
	attributes := make([]slog.Attr, 0, 16)
	attributes = append(attributes, slog.String("id", c.id), slog.String("source", c.sourceIP()), slog.String("method", c.request.Method))
	if c.binding != nil {
		attributes = append(attributes, slog.String("service", c.binding.service.Name), slog.String("operation", c.binding.Name))
	}
	if caller := &c.verified.Caller; caller.ARN != "" {
		attributes = append(attributes, slog.String("account", string(caller.Account)), slog.String("principal", caller.ARN),
			slog.String("accessKey", string(caller.AccessKeyID)))
	}
	if c.caller.Organization != "" {
		attributes = append(attributes, slog.String("organization", string(c.caller.Organization)))
	}
	attributes = append(attributes, slog.Int("status", w.status))
	if code != "" {
		attributes = append(attributes, slog.String("error", code))
	}
	if level == slog.LevelError {
		attributes = append(attributes, slog.String("cause", err.Error()))
	}
	attributes = append(attributes, slog.Float64("ms", float64(took.Microseconds())/float64(time.Millisecond/time.Microsecond)),
		slog.Int("in", len(c.body)), slog.Int("out", w.bytes))
	// Not LogAttrs, which finds out for every line that it was called from here.
	event := slog.NewRecord(c.start.Add(took), level, "request", 0)
	event.AddAttrs(attributes...)
	_ = log.Handler().Handle(context.Background(), event) // there is nowhere to say that the log cannot be written
}

// level is Error for what the operator must look into. A client that went away is none of it.
func (c *call) level(status int, err error) slog.Level {
	if status >= http.StatusInternalServerError && !errors.Is(err, context.Canceled) {
		return slog.LevelError
	}
	return slog.LevelInfo
}
