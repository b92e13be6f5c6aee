package server

import (
	"errors"
	"net/http"

	"github.com/espalier-cloud/espalier/internal/outbox"
)

// Redeliver names the receiver that is to be offered again what it did not take; every one where it is empty.
type Redeliver struct {
	Receiver string `json:"receiver"`
}

// Redelivery is how many events wait again.
type Redelivery struct {
	Deliveries int `json:"deliveries"`
}

func (s *Server) listEvents(_ http.ResponseWriter, r *http.Request) (any, error) {
	return during(s, func() (any, error) {
		page, err := outbox.List(r.Context(), s.Outbox.Store, r.URL.Query().Get("after"))
		if errors.Is(err, outbox.ErrPage) {
			return nil, refuse(http.StatusBadRequest, "%w", err)
		}
		return page, err
	})
}

func (s *Server) retryEvents(_ http.ResponseWriter, r *http.Request) (any, error) {
	var in Redeliver
	if err := readControl(r, &in); err != nil {
		return nil, err
	}
	return during(s, func() (any, error) {
		n, err := s.Outbox.Redeliver(r.Context(), in.Receiver)
		return Redelivery{n}, err
	})
}
