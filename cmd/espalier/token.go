package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/espalier-cloud/espalier/internal/ops"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
	"github.com/espalier-cloud/espalier/internal/server"
)

// tokenCommands are about the bearer tokens with which programs ask for decisions, whether or not the server is
// running.
type tokenCommands struct {
	Create createTokenCommand `cmd:"" help:"Make a token and print it, this one time."`
	List   listTokensCommand  `cmd:"" help:"List the tokens."`
	Revoke revokeTokenCommand `cmd:"" help:"End a token at once."`
}

// lifetime is a duration that may also be given in days: 90d.
type lifetime time.Duration

// UnmarshalText reads a lifetime.
func (l *lifetime) UnmarshalText(text []byte) error {
	if days, ok := strings.CutSuffix(string(text), "d"); ok {
		n, err := strconv.Atoi(days)
		if err != nil || n > int(ops.MaxTokenLife/day) {
			return fmt.Errorf("%q is no number of days", text)
		}
		*l = lifetime(time.Duration(n) * day)
		return nil
	}
	d, err := time.ParseDuration(string(text))
	*l = lifetime(d)
	return err
}

const day = 24 * time.Hour

type createTokenCommand struct {
	databaseFlags
	Account string   `required:"" help:"Account for which the token speaks: the management account of the organization that it asks about."`
	Name    string   `help:"What the token is for."`
	TTL     lifetime `name:"ttl" default:"90d" help:"How long it lasts, such as 12h or 90d."`
	Format  string   `enum:"text,json" default:"text" help:"How to print: ${enum}."`
}

// Run makes a token.
func (c *createTokenCommand) Run(t terminal) error {
	ctx := context.Background()
	in := server.NewToken{AccountID: c.Account, Name: c.Name, Seconds: int64(time.Duration(c.TTL) / time.Second)}
	var token server.IssuedToken
	err := call(ctx, c.directory(), http.MethodPost, "tokens", in, &token)
	if errors.Is(err, errNotRunning) {
		err = c.withTokens(ctx, func(b *ops.BearerTokens) error {
			made, text, err := b.Create(ctx, in.AccountID, in.Name, time.Duration(c.TTL))
			if errors.Is(err, registry.ErrNotFound) {
				return fmt.Errorf("there is no account %q", in.AccountID)
			}
			token = server.IssuedToken{TokenSummary: server.SummaryOfToken(made), Token: text.Reveal()}
			return err
		})
	}
	if err != nil {
		return err
	}
	if c.Format == "json" {
		return json.NewEncoder(t.out).Encode(token)
	}
	fmt.Fprintf(t.out, "token id  %s\nexpires   %s\ntoken     %s\n", token.TokenID, token.Expires.Format(time.RFC3339), token.Token)
	return nil
}

type listTokensCommand struct {
	databaseFlags
	Format string `enum:"text,json" default:"text" help:"How to print: ${enum}, one token in a line."`
}

// Run lists the tokens.
func (c *listTokensCommand) Run(t terminal) error {
	ctx := context.Background()
	show, finish := c.printer(t)
	err := eachToken(func(after string) (page server.TokenPage, err error) {
		err = call(ctx, c.directory(), http.MethodGet, "tokens?after="+url.QueryEscape(after), nil, &page)
		return page, err
	}, show)
	if errors.Is(err, errNotRunning) {
		err = c.withTokens(ctx, func(b *ops.BearerTokens) error {
			return eachToken(func(after string) (server.TokenPage, error) { return server.ListTokens(ctx, b, after) }, show)
		})
	}
	return errors.Join(err, finish())
}

// eachToken shows the tokens of all pages.
func eachToken(page func(after string) (server.TokenPage, error), show func(server.TokenSummary) error) error {
	after := ""
	for {
		p, err := page(after)
		if err != nil {
			return err
		}
		for _, token := range p.Tokens {
			if err := show(token); err != nil {
				return err
			}
		}
		if after = p.After; after == "" {
			return nil
		}
	}
}

// printer returns what shows a token and what ends the list.
func (c *listTokensCommand) printer(t terminal) (show func(server.TokenSummary) error, finish func() error) {
	if c.Format == "json" {
		encoder := json.NewEncoder(t.out)
		return func(token server.TokenSummary) error { return encoder.Encode(token) }, func() error { return nil }
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	show = func(token server.TokenSummary) error {
		used := "never used"
		if !token.LastUsed.IsZero() {
			used = "used " + token.LastUsed.Format(time.RFC3339)
		}
		_, err := fmt.Fprintf(w, "%s\t%s\texpires %s\t%s\t%s\n", token.TokenID, token.AccountID, token.Expires.Format(time.RFC3339), used, token.Name)
		return err
	}
	return show, w.Flush
}

type revokeTokenCommand struct {
	databaseFlags
	ID string `arg:"" help:"Id of the token, as it is listed: tok-…"`
}

// Run ends a token.
func (c *revokeTokenCommand) Run(terminal) error {
	ctx := context.Background()
	err := call(ctx, c.directory(), http.MethodDelete, "tokens/"+url.PathEscape(c.ID), nil, &struct{}{})
	if errors.Is(err, errNotRunning) {
		err = c.withTokens(ctx, func(b *ops.BearerTokens) error { return b.Revoke(ctx, c.ID) })
	}
	return err
}

// withTokens opens the database itself, for when no server runs.
func (f databaseFlags) withTokens(ctx context.Context, do func(*ops.BearerTokens) error) (err error) {
	db, err := f.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.store.Close()) }()
	return do(&ops.BearerTokens{Core: db.core(org.AWSRules(), time.Now, nil)})
}
