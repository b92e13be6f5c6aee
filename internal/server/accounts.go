package server

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/espalier-cloud/espalier/internal/ops"
	"github.com/espalier-cloud/espalier/internal/registry"
)

// Accounts is what the operator does with accounts, which no AWS API offers.
type Accounts interface {
	// CreateAccount makes a standalone account with a root access key. It returns an [InvalidAccountError]
	// for an e-mail address or a name that cannot be had, and for an account that cannot be paired.
	CreateAccount(context.Context, NewAccount) (AccountKey, error)
	// ListAccounts lists accounts in the order of their ids, from behind one.
	ListAccounts(ctx context.Context, after string, limit int) ([]AccountSummary, error)
	// SetAccount changes what is known of an account. It returns registry.ErrNotFound, and an
	// [InvalidAccountError] for what cannot be.
	SetAccount(ctx context.Context, id string, change AccountChange) error
	// ReinstateAccount makes a closed account active again. It returns registry.ErrNotFound, and an
	// [InvalidAccountError] for one that cannot be.
	ReinstateAccount(ctx context.Context, id string) error
	// EmailUpdate returns the e-mail address that an account waits for. It returns registry.ErrNotFound, and
	// ops.ErrNoEmailUpdate.
	EmailUpdate(ctx context.Context, id string) (EmailUpdate, error)
}

// AccountKey is an account's root access key.
type AccountKey struct {
	AccountID       string `json:"accountId"`
	AccessKeyID     string `json:"accessKeyId"`
	SecretAccessKey string `json:"secretAccessKey"`
}

// AccountSummary is a line of the list of accounts.
type AccountSummary struct {
	AccountID    string `json:"accountId"`
	Name         string `json:"name"`
	Email        string `json:"email"`
	State        string `json:"state"`
	Organization string `json:"organization,omitzero"`

	Lacks  []string `json:"lacks,omitzero"`  // requirements that it does not meet
	Seller string   `json:"seller,omitzero"` // of record, absent for the usual one
}

// AccountPage is one page of the list of accounts.
type AccountPage struct {
	Accounts []AccountSummary `json:"accounts"`
	After    string           `json:"after,omitzero"` // continues the list; empty at its end
}

// InvalidAccountError refuses to create or to change an account.
type InvalidAccountError struct{ Message string }

// Error returns the message.
func (e *InvalidAccountError) Error() string { return e.Message }

// NewAccount is what an account is created from: an e-mail address and a name, or an account whose own it takes over.
type NewAccount struct {
	Email string `json:"email,omitzero"`
	Name  string `json:"name,omitzero"`
	// GovCloudOf is the account that the new one is paired with: it is made in AWS GovCloud (US).
	GovCloudOf string `json:"govCloudOf,omitzero"`
}

// EmailUpdate is what confirms that an e-mail address belongs to the owner of an account.
type EmailUpdate struct {
	Email string    `json:"email"`
	Code  string    `json:"code"`
	Until time.Time `json:"until"`
}

func (s *Server) showEmailUpdate(_ http.ResponseWriter, r *http.Request) (any, error) {
	return during(s, func() (any, error) {
		id := r.PathValue("id")
		update, err := s.Accounts.EmailUpdate(r.Context(), id)
		switch {
		case errors.Is(err, registry.ErrNotFound):
			return nil, refuse(http.StatusNotFound, "there is no account %q", id)
		case errors.Is(err, ops.ErrNoEmailUpdate):
			return nil, refuse(http.StatusNotFound, "%w", err)
		}
		return update, err
	})
}

func (s *Server) createAccount(_ http.ResponseWriter, r *http.Request) (any, error) {
	var in NewAccount
	if err := readControl(r, &in); err != nil {
		return nil, err
	}
	var key AccountKey
	err := s.Development.During(func() (err error) {
		key, err = s.Accounts.CreateAccount(r.Context(), in)
		return err
	})
	var invalid *InvalidAccountError
	if errors.As(err, &invalid) {
		return nil, refuse(http.StatusBadRequest, "%w", invalid)
	}
	if err != nil {
		return nil, err
	}
	s.Log.Info("account created", "account", key.AccountID)
	return key, nil
}

// accountsPerPage is the size of a page of accounts, and the largest that can be asked for.
const accountsPerPage = 1000

// PageOfAccounts returns a page of the list of accounts, from behind one. A limit of 0 is the largest page.
func PageOfAccounts(ctx context.Context, all Accounts, after string, limit int) (AccountPage, error) {
	if limit == 0 {
		limit = accountsPerPage
	}
	accounts, err := all.ListAccounts(ctx, after, limit)
	if err != nil {
		return AccountPage{}, err
	}
	page := AccountPage{Accounts: accounts}
	if len(accounts) == limit {
		page.After = accounts[limit-1].AccountID
	}
	return page, nil
}

func (s *Server) listAccounts(_ http.ResponseWriter, r *http.Request) (any, error) {
	query, limit := r.URL.Query(), 0
	if text := query.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > accountsPerPage {
			return nil, refuse(http.StatusBadRequest, "limit is a number from 1 to %d", accountsPerPage)
		}
		limit = n
	}
	return PageOfAccounts(r.Context(), s.Accounts, query.Get("after"), limit)
}
