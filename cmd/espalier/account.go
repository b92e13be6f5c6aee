package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/ops"
	"github.com/espalier-cloud/espalier/internal/server"
)

// accountCommands are about accounts, whether or not the server is running.
type accountCommands struct {
	Create createAccountCommand `cmd:"" help:"Create a standalone account and print its root access key."`
	List   listAccountsCommand  `cmd:"" help:"List all accounts."`

	Set       setAccountCommand       `cmd:"" help:"Say what is known of an account: what it lacks, from whom it buys, whether it is suspended."`
	Reinstate reinstateAccountCommand `cmd:"" help:"Make an account active again that was closed less than ninety days ago."`
}

type createAccountCommand struct {
	databaseFlags
	Email  string `required:"" help:"E-mail address of the root user; no other account has it."`
	Name   string `required:"" help:"Name of the account."`
	Format string `enum:"text,json" default:"text" help:"How to print: ${enum}."`
}

// Run creates an account.
func (c *createAccountCommand) Run(t terminal) error {
	ctx := context.Background()
	in := server.NewAccount{Email: c.Email, Name: c.Name}
	var key server.AccountKey
	err := call(ctx, c.directory(), http.MethodPost, "accounts", in, &key)
	if errors.Is(err, errNotRunning) {
		err = c.withCore(ctx, func(core ops.Core) error {
			key, err = deskOf(core).CreateAccount(ctx, in.Email, in.Name)
			return err
		})
	}
	if err != nil {
		return err
	}
	if c.Format == "json" {
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
func (a *accountDesk) CreateAccount(ctx context.Context, email, name string) (server.AccountKey, error) {
	id, key, err := a.Create(ctx, name, email)
	if errors.Is(err, ops.ErrEmailTaken) {
		return server.AccountKey{}, &server.InvalidAccountError{Message: ops.ErrEmailTaken.Error()}
	}
	if err != nil {
		return server.AccountKey{}, refusedAccount(err)
	}
	return server.AccountKey{AccountID: string(id), AccessKeyID: string(key.AccessKeyID), SecretAccessKey: key.Secret.Reveal()}, nil
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
