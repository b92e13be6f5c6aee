package server

import (
	"errors"
	"net/http"
	"strings"

	"github.com/espalier-cloud/espalier/internal/ops"
	"github.com/espalier-cloud/espalier/internal/registry"
)

// governanceControls are the control endpoints for effective policies and tags.
func (s *Server) governanceControls(mux *http.ServeMux, handle func(pattern string, c control)) {
	handle("GET /_espalier/effective", s.effective)
	handle("GET /_espalier/tags/report", s.tagReport)
	mux.HandleFunc("POST /_espalier/tags/check", s.checkTags)
}

func (s *Server) effective(_ http.ResponseWriter, r *http.Request) (any, error) {
	query := r.URL.Query()
	return s.governed(func() (any, error) {
		return s.Governance.Effective(r.Context(), query.Get("account"), query.Get("type"), query.Has("explain"))
	})
}

func (s *Server) tagReport(_ http.ResponseWriter, r *http.Request) (any, error) {
	return s.governed(func() (any, error) { return s.Governance.TagReport(r.Context(), r.URL.Query().Get("after")) })
}

// checkTags checks tags for whoever has the operator's token, or a bearer token of
// an account of the same organization.
func (s *Server) checkTags(w http.ResponseWriter, r *http.Request) {
	answer, err := s.governed(func() (any, error) {
		var in ops.TagCheck
		admitted, err := s.admit(r), readControl(r, &in)
		if admitted != nil && (err != nil || !s.admitsBearer(r, in.AccountID)) {
			return nil, admitted
		}
		if err != nil {
			return nil, err
		}
		return s.Governance.CheckTags(r.Context(), in)
	})
	s.answerControl(w, r, answer, err)
}

// admitsBearer tells whether a request has a bearer token of an account that is in
// the same organization.
func (s *Server) admitsBearer(r *http.Request, account string) bool {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok || r.Header.Get("Origin") != "" {
		return false
	}
	caller, err := s.Bearers.Verify(r.Context(), token)
	if err != nil {
		return false
	}
	same, err := s.Governance.SameOrganization(r.Context(), caller.Account, account)
	return err == nil && same
}

// governed does work on the state, and makes refusals of errors that are the asker's.
func (s *Server) governed(work func() (any, error)) (any, error) {
	answer, err := during(s, work)
	switch refused := ops.Exception(err); {
	case errors.Is(err, registry.ErrNotFound):
		return nil, refuse(http.StatusNotFound, "there is no such account")
	case errors.Is(err, ops.ErrNoOrganization):
		return nil, refuse(http.StatusNotFound, "%w", err)
	case err != nil && refused != nil:
		return nil, refuse(refused.HTTPStatus(), "%s", refused.ErrorMessage())
	}
	return answer, err
}
