package server

import (
	"errors"
	"net/http"

	"github.com/espalier-cloud/espalier/internal/ops"
)

// keyControls are the control endpoints for access keys.
func (s *Server) keyControls(handle func(pattern string, c control)) {
	handle("POST /_espalier/keys", s.createKey)
	handle("DELETE /_espalier/keys/{id}", s.deleteKey)
	handle("GET /_espalier/accounts/{id}/keys", s.listKeysOfAccount)
	handle("GET /_espalier/services/keys", s.listKeysOfService)
	handle("GET /_espalier/services/{service}/keys", s.listKeysOfService)
}

func (s *Server) createKey(_ http.ResponseWriter, r *http.Request) (any, error) {
	var in ops.KeyHolder
	if err := readControl(r, &in); err != nil {
		return nil, err
	}
	return s.aboutKeys(func() (any, error) {
		key, err := s.Keys.Create(r.Context(), in)
		if err == nil {
			s.Log.Info("access key created", "key", string(key.AccessKeyID), "account", string(in.Account), "service", in.Service)
		}
		return key, err
	})
}

func (s *Server) deleteKey(_ http.ResponseWriter, r *http.Request) (any, error) {
	return s.aboutKeys(func() (any, error) {
		id := r.PathValue("id")
		err := s.Keys.Delete(r.Context(), id)
		if err == nil {
			s.Log.Info("access key deleted", "key", id)
		}
		return struct{}{}, err
	})
}

func (s *Server) listKeysOfAccount(_ http.ResponseWriter, r *http.Request) (any, error) {
	return s.aboutKeys(func() (any, error) { return s.Keys.OfAccount(r.Context(), r.PathValue("id")) })
}

func (s *Server) listKeysOfService(_ http.ResponseWriter, r *http.Request) (any, error) {
	return s.aboutKeys(func() (any, error) { return s.Keys.OfService(r.Context(), r.PathValue("service")) })
}

// aboutKeys does work on the state, and makes refusals of errors that are the asker's.
func (s *Server) aboutKeys(work func() (any, error)) (any, error) {
	answer, err := s.governed(work)
	switch {
	case errors.Is(err, ops.ErrNoKey):
		return nil, refuse(http.StatusNotFound, "%w", ops.ErrNoKey)
	case errors.Is(err, ops.ErrNoHolder):
		return nil, refuse(http.StatusBadRequest, "%w", ops.ErrNoHolder)
	}
	return answer, err
}
