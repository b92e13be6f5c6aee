package server

import (
	"context"
	"errors"
	"net/http"

	"github.com/espalier-cloud/espalier/internal/registry"
)

// AccountChange is what an operator says about an account. What is absent stays as it is.
type AccountChange struct {
	Lacks  *[]string `json:"lacks,omitempty"`  // all the requirements that it does not meet from now on
	Seller *string   `json:"seller,omitempty"` // of record, empty for the usual one
	State  *string   `json:"state,omitempty"`  // ACTIVE, SUSPENDED or PENDING_ACTIVATION
}

func (s *Server) setAccount(_ http.ResponseWriter, r *http.Request) (any, error) {
	var change AccountChange
	if err := readControl(r, &change); err != nil {
		return nil, err
	}
	return s.changeAccount(r, "account set", func(ctx context.Context, id string) error {
		return s.Accounts.SetAccount(ctx, id, change)
	})
}

func (s *Server) reinstateAccount(_ http.ResponseWriter, r *http.Request) (any, error) {
	if err := readControl(r, &struct{}{}); err != nil {
		return nil, err
	}
	return s.changeAccount(r, "account reinstated", s.Accounts.ReinstateAccount)
}

// changeAccount does something to the account that the path names.
func (s *Server) changeAccount(r *http.Request, done string, change func(context.Context, string) error) (any, error) {
	return during(s, func() (any, error) {
		id := r.PathValue("id")
		err := change(r.Context(), id)
		var invalid *InvalidAccountError
		switch {
		case errors.Is(err, registry.ErrNotFound):
			return nil, refuse(http.StatusNotFound, "there is no account %q", id)
		case errors.As(err, &invalid):
			return nil, refuse(http.StatusBadRequest, "%w", invalid)
		case err != nil:
			return nil, err
		}
		s.Log.Info(done, "account", id)
		return struct{}{}, nil
	})
}
