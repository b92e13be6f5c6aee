package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"text/tabwriter"

	"github.com/espalier-cloud/espalier/internal/ops"
	"github.com/espalier-cloud/espalier/internal/registry"
)

// effectiveCommand prints an effective policy, whether or not the server is running.
type effectiveCommand struct {
	databaseFlags
	Account string `required:"" help:"Id of the account." placeholder:"ID"`
	Type    string `required:"" help:"Type of management policy, such as TAG_POLICY." placeholder:"TYPE"`
	Explain bool   `help:"Print of every setting which policy at which level said what, and what was ignored because a policy above forbids it."`
	Format  string `enum:"text,json" default:"text" help:"How to print: ${enum}."`
}

// Run prints an effective policy.
func (c *effectiveCommand) Run(t terminal) error {
	ctx := context.Background()
	query := url.Values{"account": {c.Account}, "type": {c.Type}}
	if c.Explain {
		query.Set("explain", "")
	}
	report := new(ops.EffectiveReport)
	err := c.aboutAccount(ctx, c.Account, http.MethodGet, "effective?"+query.Encode(), nil, report, func(g *ops.Governance) (err error) {
		report, err = g.Effective(ctx, c.Account, c.Type, c.Explain)
		return err
	})
	if err != nil {
		return err
	}
	if c.Format == "json" {
		return printIndented(t.out, report)
	}
	return c.print(t.out, report)
}

// aboutAccount asks a running server about an account. When none runs it does the same itself.
func (f databaseFlags) aboutAccount(ctx context.Context, account, method, path string, in, out any, itself func(*ops.Governance) error) error {
	err := f.ask(ctx, method, path, in, out, func(core ops.Core) error { return itself(&ops.Governance{Core: core}) })
	if errors.Is(err, registry.ErrNotFound) {
		return fmt.Errorf("there is no account %s", account)
	}
	return err
}

func (c *effectiveCommand) print(w io.Writer, r *ops.EffectiveReport) error {
	if !c.Explain {
		fmt.Fprintf(w, "%s\n", indented(r.Content))
	}
	for _, setting := range r.Settings {
		printSetting(w, setting)
	}
	if r.Valid {
		return nil
	}
	fmt.Fprintf(w, "\nWhat the policies come to is not valid; what was valid last stays in force:\n")
	for _, e := range r.Errors {
		var policies []string
		for _, policy := range e.Policies {
			policies = append(policies, policyText(policy))
		}
		fmt.Fprintf(w, "  %s at %s: %s (by %s)\n", e.Code, e.Path, e.Message, strings.Join(policies, ", "))
	}
	return nil
}

// indented returns a JSON document in lines.
func indented(content string) string {
	var lines bytes.Buffer
	if json.Indent(&lines, []byte(content), "", "  ") != nil {
		return content
	}
	return lines.String()
}

// printSetting prints a setting, its values with their sources, and below them what each policy does to it.
func printSetting(w io.Writer, s ops.Setting) {
	var values []string
	for _, value := range s.Values {
		from := "by default"
		if value.Source != nil {
			from = "from " + sourceText(*value.Source)
		}
		values = append(values, fmt.Sprintf("%q %s", value.Value, from))
	}
	switch {
	case !s.Set:
		values = []string{"not set"}
	case len(values) == 0:
		values = []string{"empty"}
	}
	fmt.Fprintf(w, "%s: %s\n", s.Path, strings.Join(values, ", "))
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, step := range s.Steps {
		fmt.Fprintf(table, "  %s\t%s %q\t%s%s\n", sourceText(step.PolicySource), step.Operator, step.Values, step.Outcome, becauseText(step))
	}
	_ = table.Flush() // w has failed already, or never does
}

func becauseText(step ops.SettingStep) string {
	var sources []string
	for _, source := range step.Because {
		sources = append(sources, sourceText(source))
	}
	if len(sources) == 0 {
		return ""
	}
	return " by " + strings.Join(sources, ", ")
}

func sourceText(s ops.PolicySource) string { return policyText(s.PolicyRef) + " at " + s.Target }

func policyText(p ops.PolicyRef) string {
	if p.Name == "" {
		return p.PolicyID
	}
	return fmt.Sprintf("%s (%s)", p.PolicyID, p.Name)
}
