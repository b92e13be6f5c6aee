package server

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/espalier-cloud/espalier/internal/ops"
	"github.com/espalier-cloud/espalier/internal/registry"
)

// NewToken is what a bearer token is made from.
type NewToken struct {
	AccountID string `json:"accountId"`
	Name      string `json:"name,omitzero"`
	Seconds   int64  `json:"seconds"` // how long it lasts
}

// TokenSummary is a line of the list of bearer tokens.
type TokenSummary struct {
	TokenID   string    `json:"tokenId"`
	AccountID string    `json:"accountId"`
	Name      string    `json:"name,omitzero"`
	Created   time.Time `json:"created"`
	Expires   time.Time `json:"expires"`
	LastUsed  time.Time `json:"lastUsed,omitzero"` // to a quarter of an hour; absent when never
}

// IssuedToken is a new bearer token with its text, which is shown this one time.
type IssuedToken struct {
	TokenSummary
	Token string `json:"token"`
}

// TokenPage is one page of the list of bearer tokens.
type TokenPage struct {
	Tokens []TokenSummary `json:"tokens"`
	After  string         `json:"after,omitzero"` // continues the list; empty at its end
}

// tokensPerPage is the size of a page of bearer tokens.
const tokensPerPage = 100

// tokenControls are the control endpoints for bearer tokens.
func (s *Server) tokenControls(handle func(pattern string, c control)) {
	handle("POST /_espalier/tokens", s.createToken)
	handle("GET /_espalier/tokens", s.listTokens)
	handle("DELETE /_espalier/tokens/{id}", s.revokeToken)
}

func (s *Server) createToken(_ http.ResponseWriter, r *http.Request) (any, error) {
	var in NewToken
	if err := readControl(r, &in); err != nil {
		return nil, err
	}
	return during(s, func() (any, error) {
		if in.Seconds > int64(ops.MaxTokenLife/time.Second) {
			return nil, refuse(http.StatusBadRequest, "%w", ops.ErrInvalidToken)
		}
		t, text, err := s.Bearers.Create(r.Context(), in.AccountID, in.Name, time.Duration(in.Seconds)*time.Second)
		switch {
		case errors.Is(err, ops.ErrInvalidToken):
			return nil, refuse(http.StatusBadRequest, "%w", err)
		case errors.Is(err, registry.ErrNotFound):
			return nil, refuse(http.StatusNotFound, "there is no account %q", in.AccountID)
		case err != nil:
			return nil, err
		}
		s.Log.Info("token created", "token", t.ID, "account", string(t.Account))
		return IssuedToken{SummaryOfToken(t), text.Reveal()}, nil
	})
}

func (s *Server) listTokens(_ http.ResponseWriter, r *http.Request) (any, error) {
	return during(s, func() (any, error) {
		return ListTokens(r.Context(), s.Bearers, r.URL.Query().Get("after"))
	})
}

func (s *Server) revokeToken(_ http.ResponseWriter, r *http.Request) (any, error) {
	return during(s, func() (any, error) {
		id := r.PathValue("id")
		err := s.Bearers.Revoke(r.Context(), id)
		if errors.Is(err, ops.ErrNoToken) {
			return nil, refuse(http.StatusNotFound, "%w", err)
		}
		if err == nil {
			s.Log.Info("token revoked", "token", id)
		}
		return struct{}{}, err
	})
}

// during does work on the state while nobody replaces it.
func during(s *Server, work func() (any, error)) (out any, err error) {
	err = s.Development.During(func() (err error) {
		out, err = work()
		return err
	})
	return out, err
}

// ListTokens returns a page of the list of bearer tokens, from behind one.
func ListTokens(ctx context.Context, all *ops.BearerTokens, after string) (TokenPage, error) {
	tokens, err := all.List(ctx, after, tokensPerPage)
	if err != nil {
		return TokenPage{}, err
	}
	page := TokenPage{Tokens: make([]TokenSummary, 0, len(tokens))}
	for _, t := range tokens {
		page.Tokens = append(page.Tokens, SummaryOfToken(t))
	}
	if len(tokens) == tokensPerPage {
		page.After = tokens[len(tokens)-1].ID
	}
	return page, nil
}

// SummaryOfToken returns what may be told of a bearer token.
func SummaryOfToken(t ops.BearerToken) TokenSummary {
	return TokenSummary{TokenID: t.ID, AccountID: string(t.Account), Name: t.Name, Created: t.Created, Expires: t.Expires, LastUsed: t.LastUsed}
}
