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
	"time"

	"github.com/espalier-cloud/espalier/internal/ops"
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
	err := c.ask(ctx, http.MethodPost, "tokens", in, &token, func(core ops.Core) error {
		tokens := ops.BearerTokens{Core: core}
		made, text, err := tokens.Create(ctx, in.AccountID, in.Name, time.Duration(c.TTL))
		if errors.Is(err, registry.ErrNotFound) {
			return fmt.Errorf("there is no account %q", in.AccountID)
		}
		token = server.IssuedToken{TokenSummary: server.SummaryOfToken(made), Token: text.Reveal()}
		return err
	})
	if err != nil {
		return err
	}
	if c.Format == "json" {
		return json.NewEncoder(t.out).Encode(token)
	}
	fmt.Fprintf(t.out, "token id  %s\nexpires   %s\ntoken     %s\n", token.TokenID, token.Expires.Format(time.RFC3339), token.Token)
	return nil
}

type listTokensCommand struct{ listFlags }

// Run lists the tokens.
func (c *listTokensCommand) Run(t terminal) error {
	return list[server.TokenPage, server.TokenSummary]{
		path:  "tokens",
		items: func(p server.TokenPage) ([]server.TokenSummary, string) { return p.Tokens, p.After },
		read: func(ctx context.Context, core ops.Core, after string) (server.TokenPage, error) {
			return server.ListTokens(ctx, &ops.BearerTokens{Core: core}, after)
		},
	}.print(t, c.listFlags, tokenColumns)
}

func tokenColumns(token server.TokenSummary) []string {
	used := "never used"
	if !token.LastUsed.IsZero() {
		used = "used " + token.LastUsed.Format(time.RFC3339)
	}
	return []string{token.TokenID, token.AccountID, "expires " + token.Expires.Format(time.RFC3339), used, token.Name}
}

type revokeTokenCommand struct {
	databaseFlags
	ID string `arg:"" help:"Id of the token, as it is listed: tok-…"`
}

// Run ends a token.
func (c *revokeTokenCommand) Run(terminal) error {
	ctx := context.Background()
	return c.ask(ctx, http.MethodDelete, "tokens/"+url.PathEscape(c.ID), nil, &struct{}{}, func(core ops.Core) error {
		tokens := ops.BearerTokens{Core: core}
		return tokens.Revoke(ctx, c.ID)
	})
}
