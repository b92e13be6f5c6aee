package main

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"sync"
	"time"
)

// logDelay is how late a line of the log may be.
const logDelay = 100 * time.Millisecond

// lateWriter gathers what is written and passes it on when it is logDelay old or when there is much of it: a system
// call for each line would be a tenth of what a read costs.
type lateWriter struct {
	mu      sync.Mutex
	out     *bufio.Writer
	waiting bool // for the flush of what is gathered
}

func newLateWriter(w io.Writer) *lateWriter { return &lateWriter{out: bufio.NewWriterSize(w, 64<<10)} }

// Write gathers p.
func (l *lateWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.waiting {
		l.waiting = true
		time.AfterFunc(logDelay, l.flush)
	}
	return l.out.Write(p)
}

// flush passes on what is gathered.
func (l *lateWriter) flush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting = false
	_ = l.out.Flush() // there is nowhere to say that the log cannot be written
}

// urgentHandler passes on at once what an operator must look into.
type urgentHandler struct {
	slog.Handler
	out *lateWriter
}

// Handle writes a record.
func (h urgentHandler) Handle(ctx context.Context, r slog.Record) error {
	err := h.Handler.Handle(ctx, r)
	if r.Level >= slog.LevelWarn {
		h.out.flush()
	}
	return err
}
