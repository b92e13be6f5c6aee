package main

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/espalier-cloud/espalier/internal/ops"
)

// tagCheckCommand checks tags before they are set, such as those of a template.
type tagCheckCommand struct {
	databaseFlags
	Account string            `required:"" help:"Id of the account." placeholder:"ID"`
	Type    string            `required:"" help:"Type of the resource, such as ec2:instance." placeholder:"TYPE"`
	Tags    map[string]string `arg:"" optional:"" mapsep:"none" help:"Tags of the resource, as KEY=VALUE." placeholder:"KEY=VALUE"`
	Format  string            `enum:"text,json" default:"text" help:"How to print: ${enum}."`
}

// Run prints what the tag policy says. It ends with 1 when the tags do not comply.
func (c *tagCheckCommand) Run(t terminal) error {
	ctx := context.Background()
	asked := ops.TagCheck{AccountID: c.Account, ResourceType: c.Type, Tags: c.Tags}
	found := new(ops.TagCompliance)
	err := c.aboutAccount(ctx, c.Account, http.MethodPost, "tags/check", asked, found, func(g *ops.Governance) (err error) {
		found, err = g.CheckTags(ctx, asked)
		return err
	})
	if err != nil {
		return err
	}
	if c.Format == "json" {
		err = printIndented(t.out, found)
	} else {
		printCompliance(t.out, found)
	}
	if err == nil && !found.Complies() {
		return exited(exitError)
	}
	return err
}

func printCompliance(w io.Writer, found *ops.TagCompliance) {
	for _, n := range found.Noncompliant {
		enforced := ""
		if n.Enforced {
			enforced = " (refused when it is set)"
		}
		fmt.Fprintf(w, "%s%s\n", n.Problem, enforced)
	}
	for _, key := range found.Missing {
		fmt.Fprintf(w, "tag %q: missing\n", key)
	}
}
