package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/espalier-cloud/espalier/internal/ops"
)

// tagCommands are about tags and tag policies, whether or not the server is running.
type tagCommands struct {
	Check  tagCheckCommand  `cmd:"" help:"Check the tags that a resource is to get against the tag policy of its account."`
	Report tagReportCommand `cmd:"" help:"Report the tags of everything that lives here against the tag policies of all accounts."`
}

type tagReportCommand struct {
	databaseFlags
	Format string `enum:"csv,json" default:"csv" help:"How to print: ${enum}, one resource in a line."`
	All    bool   `help:"Print also what complies."`
}

// Run prints the report. It ends with 1 when anything does not comply.
func (c *tagReportCommand) Run(t terminal) error {
	show, finish := c.printer(t.out)
	broken := false
	err := list[ops.TagReport, ops.ReportedResource]{
		path:  "tags/report",
		items: func(p ops.TagReport) ([]ops.ReportedResource, string) { return p.Resources, p.After },
		read: func(ctx context.Context, core ops.Core, after string) (ops.TagReport, error) {
			g := ops.Governance{Core: core}
			return g.TagReport(ctx, after)
		},
	}.each(c.databaseFlags, func(r ops.ReportedResource) error {
		broken = broken || !r.Complies()
		if r.Complies() && !c.All {
			return nil
		}
		return show(r)
	})
	if err := errors.Join(err, finish()); err != nil {
		return err
	}
	if broken {
		return exited(exitError)
	}
	return nil
}

// printer returns what shows a resource and what ends the report.
func (c *tagReportCommand) printer(w io.Writer) (show func(ops.ReportedResource) error, finish func() error) {
	if c.Format == "json" {
		encoder := json.NewEncoder(w)
		return func(r ops.ReportedResource) error { return encoder.Encode(r) }, func() error { return nil }
	}
	table := csv.NewWriter(w)
	header := table.Write([]string{"AccountId", "ResourceType", "ResourceArn", "ComplianceStatus", "NoncompliantKeys", "MissingKeys", "Problems", "Enforced"})
	show = func(r ops.ReportedResource) error { return errors.Join(header, table.Write(tagRow(r))) }
	return show, func() error {
		table.Flush()
		return table.Error()
	}
}

// tagRow returns the line of a resource.
func tagRow(r ops.ReportedResource) []string {
	var keys, problems []string
	for _, n := range r.Noncompliant {
		keys, problems = append(keys, n.Key), append(problems, n.Problem)
	}
	return []string{
		r.AccountID, r.ResourceType, r.ARN, strconv.FormatBool(r.Complies()),
		strings.Join(keys, ";"), strings.Join(r.Missing, ";"), strings.Join(problems, "; "), strconv.FormatBool(r.Refused),
	}
}
