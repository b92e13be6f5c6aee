package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/ops"
	"github.com/espalier-cloud/espalier/internal/org"
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
	key, err := createThrough(ctx, c.directory(), in)
	if errors.Is(err, errNotRunning) {
		err = c.withAccounts(ctx, func(a *accountDesk) error {
			key, err = a.CreateAccount(ctx, in.Email, in.Name)
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

type listAccountsCommand struct {
	databaseFlags
	Format string `enum:"text,json" default:"text" help:"How to print: ${enum}, one account in a line."`
}

// Run lists the accounts.
func (c *listAccountsCommand) Run(t terminal) error {
	ctx := context.Background()
	show, finish := c.printer(t)
	err := eachAccount(func(after string) (server.AccountPage, error) { return listThrough(ctx, c.directory(), after) }, show)
	if errors.Is(err, errNotRunning) {
		err = c.withAccounts(ctx, func(a *accountDesk) error {
			return eachAccount(func(after string) (server.AccountPage, error) { return server.PageOfAccounts(ctx, a, after, 0) }, show)
		})
	}
	return errors.Join(err, finish())
}

// eachAccount shows the accounts of all pages.
func eachAccount(page func(after string) (server.AccountPage, error), show func(server.AccountSummary) error) error {
	after := ""
	for {
		p, err := page(after)
		if err != nil {
			return err
		}
		for _, account := range p.Accounts {
			if err := show(account); err != nil {
				return err
			}
		}
		if after = p.After; after == "" {
			return nil
		}
	}
}

// printer returns what shows an account and what ends the list.
func (c *listAccountsCommand) printer(t terminal) (show func(server.AccountSummary) error, finish func() error) {
	if c.Format == "json" {
		encoder := json.NewEncoder(t.out)
		return func(a server.AccountSummary) error { return encoder.Encode(a) }, func() error { return nil }
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	show = func(a server.AccountSummary) error {
		_, err := fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", a.AccountID, a.State, a.Name, a.Email, a.Organization)
		return err
	}
	return show, w.Flush
}

// withAccounts opens the database itself, for when no server runs.
func (f databaseFlags) withAccounts(ctx context.Context, do func(*accountDesk) error) (err error) {
	db, err := f.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.store.Close()) }()
	rules := org.AWSRules()
	rules.Partition = f.Partition
	return do(&accountDesk{&ops.Accounts{Core: db.core(rules, time.Now, nil)}})
}

// accountDesk creates and lists accounts for the operator.
type accountDesk struct{ *ops.Accounts }

// CreateAccount makes a standalone account with a root access key.
func (a *accountDesk) CreateAccount(ctx context.Context, email, name string) (server.AccountKey, error) {
	id, key, err := a.Create(ctx, name, email)
	var refused *identity.Error
	if errors.As(err, &refused) {
		return server.AccountKey{}, &server.InvalidAccountError{Message: refused.Message}
	}
	if errors.Is(err, ops.ErrEmailTaken) {
		return server.AccountKey{}, &server.InvalidAccountError{Message: ops.ErrEmailTaken.Error()}
	}
	if err != nil {
		return server.AccountKey{}, err
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
