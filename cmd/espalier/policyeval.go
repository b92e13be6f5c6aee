package main

import (
	"fmt"
	"os"

	"github.com/espalier-cloud/espalier/policy"
)

type evalPolicyCommand struct {
	Policies string `required:"" type:"existingdir" help:"Directory with the policies: scp/LEVEL/*.json, rcp/LEVEL/*.json, identity/*.json, boundary.json, session.json, endpoint.json, resource.json; what is missing does not limit." placeholder:"DIR"`
	Request  string `required:"" help:"Request in JSON: principal, action, resource, context and more; - is the standard input." placeholder:"FILE"`
	Explain  bool   `help:"Tell what became of every statement."`
	Format   string `enum:"text,json" default:"text" help:"How to print: ${enum}."`
}

// Run prints the decision. The process ends with 0 when the request is allowed, with 1 when it is denied, and with 2 when
// the policies or the request cannot be read.
func (c *evalPolicyCommand) Run(t terminal) error {
	policies, err := policyFiles{os.DirFS(c.Policies)}.read()
	if err != nil {
		return exited(t.fail(exitUsage, fmt.Errorf("%s: %w", c.Policies, err)))
	}
	text, err := readInput(c.Request)
	if err != nil {
		return exited(t.fail(exitUsage, err))
	}
	request, err := parseRequest(text)
	if err != nil {
		return exited(t.fail(exitUsage, fmt.Errorf("%s: %w", c.Request, err)))
	}
	answer := policy.Explain(request, policies)
	if c.Format == "json" {
		if err := printIndented(t.out, answerJSON(request, &answer, c.Explain)); err != nil {
			return err
		}
	} else {
		printAnswer(t.out, request, &answer)
		if c.Explain {
			printReasons(t.out, &answer)
		}
		hint(t.err, policies, &answer)
	}
	if answer.Result != policy.Allowed {
		return exited(exitError)
	}
	return nil
}
