package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/ops"
	"github.com/espalier-cloud/espalier/internal/registry"
	"github.com/espalier-cloud/espalier/internal/server"
)

// accountCommands are about accounts, whether or not the server is running.
type accountCommands struct {
	Create createAccountCommand `cmd:"" help:"Create a standalone account and print its root access key."`
	List   listAccountsCommand  `cmd:"" help:"List all accounts."`

	GovCloud govCloudAccountCommand `cmd:"" name:"govcloud" help:"Create the account in AWS GovCloud (US) that is paired with an account, and print its root access key."`

	Set       setAccountCommand       `cmd:"" help:"Say what is known of an account: what it lacks, from whom it buys, whether it is suspended."`
	Reinstate reinstateAccountCommand `cmd:"" help:"Make an account active again that was closed less than ninety days ago."`
	EmailCode emailCodeCommand        `cmd:"" help:"Print the code with which the new e-mail address of an account is accepted."`
}

type createAccountCommand struct {
	databaseFlags
	Email  string `required:"" help:"E-mail address of the root user; no other account has it."`
	Name   string `required:"" help:"Name of the account."`
	Format string `enum:"text,json" default:"text" help:"How to print: ${enum}."`
}

// Run creates an account.
func (c *createAccountCommand) Run(t terminal) error {
	return c.createAccount(t, c.Format, server.NewAccount{Email: c.Email, Name: c.Name})
}

type govCloudAccountCommand struct {
	databaseFlags
	ID     string `arg:"" help:"Id of the account, whose name and e-mail address the new one has."`
	Format string `enum:"text,json" default:"text" help:"How to print: ${enum}."`
}

// Run creates the account in AWS GovCloud (US) that is paired with an account.
func (c *govCloudAccountCommand) Run(t terminal) error {
	return c.createAccount(t, c.Format, server.NewAccount{GovCloudOf: c.ID})
}

// createAccount creates an account and prints its root access key.
func (f databaseFlags) createAccount(t terminal, format string, in server.NewAccount) error {
	ctx := context.Background()
	var key server.AccountKey
	err := f.ask(ctx, http.MethodPost, "accounts", in, &key, func(core ops.Core) (err error) {
		key, err = deskOf(core).CreateAccount(ctx, in)
		return err
	})
	if err != nil {
		return err
	}
	if format == "json" {
		return json.NewEncoder(t.out).Encode(key)
	}
	fmt.Fprintf(t.out, "account            %s\naccess key id      %s\nsecret access key  %s\n", key.AccountID, key.AccessKeyID, key.SecretAccessKey)
	return nil
}

type listAccountsCommand struct{ listFlags }

// Run lists the accounts.
func (c *listAccountsCommand) Run(t terminal) error {
	return list[server.AccountPage, server.AccountSummary]{
		path:  "accounts",
		items: func(p server.AccountPage) ([]server.AccountSummary, string) { return p.Accounts, p.After },
		read: func(ctx context.Context, core ops.Core, after string) (server.AccountPage, error) {
			return server.PageOfAccounts(ctx, deskOf(core), after, 0)
		},
	}.print(t, c.listFlags, func(a server.AccountSummary) []string {
		return []string{a.AccountID, a.State, a.Name, a.Email, a.Organization}
	})
}

// accountDesk creates and lists accounts for the operator.
type accountDesk struct{ *ops.Accounts }

func deskOf(core ops.Core) *accountDesk { return &accountDesk{&ops.Accounts{Core: core}} }

// CreateAccount makes a standalone account with a root access key.
func (a *accountDesk) CreateAccount(ctx context.Context, in server.NewAccount) (server.AccountKey, error) {
	if in.GovCloudOf != "" && in.Email+in.Name != "" {
		return server.AccountKey{}, &server.InvalidAccountError{Message: "An account in AWS GovCloud (US) takes over the e-mail address and the name of the one that it is paired with."}
	}
	id, key, err := a.create(ctx, in)
	switch {
	case errors.Is(err, ops.ErrEmailTaken):
		return server.AccountKey{}, &server.InvalidAccountError{Message: ops.ErrEmailTaken.Error()}
	case errors.Is(err, registry.ErrNotFound):
		return server.AccountKey{}, &server.InvalidAccountError{Message: fmt.Sprintf("There is no account %q.", in.GovCloudOf)}
	case err != nil:
		return server.AccountKey{}, refusedAccount(err)
	}
	return server.AccountKey{AccountID: string(id), AccessKeyID: string(key.AccessKeyID), SecretAccessKey: key.Secret.Reveal()}, nil
}

func (a *accountDesk) create(ctx context.Context, in server.NewAccount) (identity.AccountID, ops.RootKey, error) {
	if in.GovCloudOf != "" {
		return a.CreateGovCloud(ctx, identity.AccountID(in.GovCloudOf))
	}
	return a.Create(ctx, in.Name, in.Email)
}

// ListAccounts lists accounts in the order of their ids.
func (a *accountDesk) ListAccounts(ctx context.Context, after string, limit int) ([]server.AccountSummary, error) {
	ids, err := a.Registry.Accounts(ctx, identity.AccountID(after), limit)
	if err != nil {
		return nil, err
	}
	accounts := make([]server.AccountSummary, 0, len(ids))
	for _, id := range ids {
		account, err := a.Registry.Account(ctx, id)
		if err != nil {
			return nil, err
		}
		p := account.Profile()
		accounts = append(accounts, server.AccountSummary{
			AccountID: string(id), Name: p.Name, Email: p.Email, State: string(p.State), Organization: string(p.Organization),
			Lacks: p.Circumstances.Lacks, Seller: p.Circumstances.Seller,
		})
	}
	return accounts, nil
}
