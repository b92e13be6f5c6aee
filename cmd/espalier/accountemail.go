package main

import (
	"context"
	"fmt"
	"net/http"

	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/server"
)

type emailCodeCommand struct {
	databaseFlags
	ID string `arg:"" help:"Id of the account."`
}

// Run prints the code that confirms a new e-mail address.
func (c *emailCodeCommand) Run(t terminal) error {
	ctx := context.Background()
	var update server.EmailUpdate
	err := c.askAccount(ctx, http.MethodGet, c.ID, "/email-update", nil, &update, func(a *accountDesk) (err error) {
		update, err = a.EmailUpdate(ctx, c.ID)
		return err
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(t.out, "%s  %s\n", update.Code, update.Email)
	return err
}

// EmailUpdate returns the e-mail address that an account waits for.
func (a *accountDesk) EmailUpdate(ctx context.Context, id string) (server.EmailUpdate, error) {
	update, err := a.Accounts.EmailUpdate(ctx, identity.AccountID(id))
	return server.EmailUpdate{Email: update.Email, Code: update.Code.Reveal(), Until: update.Until}, err
}
