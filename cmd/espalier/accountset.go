package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/ops"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
	"github.com/espalier-cloud/espalier/internal/server"
)

type setAccountCommand struct {
	databaseFlags
	ID     string   `arg:"" help:"Id of the account."`
	Lacks  []string `placeholder:"REQUIREMENT,…" help:"Requirements that it does not meet, all of them, or none: payment-method, supported-payment-method, phone-verification, agreement, contact-information, valid-address, marketplace-address, verified-email, business-license, transferable-pricing, billing-prerequisites, settled-prepayments, settled-invoices, billing-permissions."`
	Seller *string  `help:"Seller of record; empty for the usual one. Accounts of different sellers cannot be in one organization."`
	State  *string  `placeholder:"STATE" help:"ACTIVE, SUSPENDED or PENDING_ACTIVATION."`
}

// Run changes what is known of an account.
func (c *setAccountCommand) Run(terminal) error {
	ctx := context.Background()
	change := server.AccountChange{Seller: c.Seller, State: c.State}
	if slices.Equal(c.Lacks, []string{"none"}) {
		change.Lacks = &[]string{}
	} else if c.Lacks != nil {
		change.Lacks = &c.Lacks
	}
	return c.askAccount(ctx, http.MethodPatch, c.ID, "", change, &struct{}{}, func(a *accountDesk) error { return a.SetAccount(ctx, c.ID, change) })
}

type reinstateAccountCommand struct {
	databaseFlags
	ID string `arg:"" help:"Id of the account."`
}

// Run makes an account active again.
func (c *reinstateAccountCommand) Run(terminal) error {
	ctx := context.Background()
	return c.askAccount(ctx, http.MethodPost, c.ID, "/reinstate", struct{}{}, &struct{}{}, func(a *accountDesk) error { return a.ReinstateAccount(ctx, c.ID) })
}

// askAccount asks the running server for what is done to an account, below its path. When there is none, it does the
// same itself.
func (f databaseFlags) askAccount(ctx context.Context, method, id, below string, in, out any, itself func(*accountDesk) error) error {
	err := f.ask(ctx, method, "accounts/"+url.PathEscape(id)+below, in, out, func(core ops.Core) error { return itself(deskOf(core)) })
	if errors.Is(err, registry.ErrNotFound) {
		return fmt.Errorf("there is no account %q", id)
	}
	return err
}

// SetAccount changes what is known of an account.
func (a *accountDesk) SetAccount(ctx context.Context, id string, change server.AccountChange) error {
	wanted := ops.AccountChange{Seller: change.Seller, State: (*identity.State)(change.State)}
	if change.Lacks != nil {
		lacks := []org.Requirement{}
		for _, l := range *change.Lacks {
			lacks = append(lacks, org.Requirement(l))
		}
		wanted.Lacks = &lacks
	}
	return refusedAccount(a.Set(ctx, identity.AccountID(id), wanted))
}

// ReinstateAccount makes an account active again.
func (a *accountDesk) ReinstateAccount(ctx context.Context, id string) error {
	return refusedAccount(a.Reinstate(ctx, identity.AccountID(id)))
}

// refusedAccount returns the refusal of a rule as the server tells it.
func refusedAccount(err error) error {
	if refused, ok := errors.AsType[*identity.Error](err); ok {
		return &server.InvalidAccountError{Message: refused.Message}
	}
	if refused, ok := errors.AsType[*org.Error](err); ok {
		return &server.InvalidAccountError{Message: refused.Message}
	}
	return err
}
