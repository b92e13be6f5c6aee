package server

import (
	"context"
	"net/http"
	"time"
)

// pingPeriod is how long the database may take to answer before the server is not ready.
const pingPeriod = 2 * time.Second

// alive answers that the process lives.
func (s *Server) alive(w http.ResponseWriter, _ *http.Request) { writeText(w, http.StatusOK, "ok") }

// ready answers whether requests should be sent here: the database answers, and the server is not stopping.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	if s.draining.Load() {
		writeText(w, http.StatusServiceUnavailable, "stopping")
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), pingPeriod)
	defer cancel()
	if err := s.Ping(ctx); err != nil {
		s.Log.Error("the database does not answer", "error", err)
		writeText(w, http.StatusServiceUnavailable, "the database does not answer")
		return
	}
	writeText(w, http.StatusOK, "ready")
}

func writeText(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	w.Write([]byte(text + "\n"))
}
