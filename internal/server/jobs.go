package server

import (
	"net/http"

	"github.com/espalier-cloud/espalier/internal/ops"
)

func (s *Server) listJobs(_ http.ResponseWriter, r *http.Request) (any, error) {
	return during(s, func() (any, error) {
		return ops.ListJobs(r.Context(), s.Registry.Store, r.URL.Query().Get("after"))
	})
}
