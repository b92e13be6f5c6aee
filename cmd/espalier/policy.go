package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/espalier-cloud/espalier/effective"
	"github.com/espalier-cloud/espalier/policy"
)

// policyCommands work on policies in files.
type policyCommands struct {
	Lint    lintPolicyCommand    `cmd:"" help:"Find what is wrong with policies, or most likely not meant."`
	Eval    evalPolicyCommand    `cmd:"" help:"Decide a request by the policies of a directory."`
	Actions policyActionsCommand `cmd:"" help:"Make a list of actions, for --actions, of AWS's service reference in JSON."`
}

type lintPolicyCommand struct {
	Files      []string `arg:"" name:"file" help:"Policies in JSON; - is the standard input."`
	Kind       string   `enum:",scp,rcp,identity,boundary,session,resource,trust,delegation,endpoint,tag_policy,backup_policy,aiservices_opt_out_policy,chatbot_policy,declarative_policy_ec2,securityhub_policy,inspector_policy,upgrade_rollout_policy,bedrock_policy,s3_policy,network_security_director_policy,guardduty_policy" default:"" help:"What the policies are for: scp, rcp, identity, boundary, session, resource, trust, delegation, endpoint, or a type of management policy such as tag_policy (default: guessed for each, and said)." placeholder:"KIND"`
	Format     string   `enum:"text,json,sarif" default:"text" help:"How to print: ${enum}."`
	Minify     bool     `help:"Print the policies in as few characters as possible, one a line, instead of checking them."`
	BreakGlass []string `help:"Role that no SCP or RCP may lock out, by the pattern of its name or ARN; may be repeated." placeholder:"PATTERN"`
	Actions    string   `type:"existingfile" help:"List of the actions that exist, instead of the built-in one: see espalier policy actions." placeholder:"FILE"`
	Disable    []string `help:"Rule that shall not be applied; may be repeated." placeholder:"RULE"`
}

// linted is one file with what was found in it.
type linted struct {
	name       string
	kind       policy.Kind
	management effective.Type // the type of a management policy, which has no kind, or ""
	guessed    bool
	findings   []policy.Finding
}

// Run prints what is found in the files. The process ends with 0 when there is nothing beyond notes, with 1 when there
// is, and with 2 when a file cannot be read.
func (c *lintPolicyCommand) Run(t terminal) error {
	if c.Minify {
		return c.minify(t)
	}
	options, err := c.options()
	if err != nil {
		return exited(t.fail(exitUsage, err))
	}
	files := make([]linted, len(c.Files))
	for i, name := range c.Files {
		text, err := readInput(name)
		if err != nil {
			return exited(t.fail(exitUsage, err))
		}
		files[i] = c.lint(name, text, options)
	}
	if err := c.print(t, files); err != nil {
		return err
	}
	if slices.ContainsFunc(files, linted.serious) {
		return exited(exitError)
	}
	return nil
}

// lint looks at one file.
func (c *lintPolicyCommand) lint(name string, text []byte, options policy.LintOptions) linted {
	file := linted{name: name, kind: kindNames[c.Kind], management: managementType(c.Kind), guessed: c.Kind == ""}
	if file.guessed {
		if file.management = guessManagementType(text); file.management == "" {
			file.kind = guessKind(name, text)
		}
	}
	if file.management != "" {
		file.findings = lintManagement(file.management, text, func(rule string) bool { return slices.Contains(c.Disable, rule) })
	} else {
		file.findings = policy.Lint(file.kind, text, options)
	}
	return file
}

func (f linted) serious() bool {
	return slices.ContainsFunc(f.findings, func(f policy.Finding) bool { return f.Severity >= policy.Warning })
}

func (c *lintPolicyCommand) print(t terminal, files []linted) error {
	switch c.Format {
	case "json":
		return printFindingsJSON(t.out, files)
	case "sarif":
		return printSARIF(t.out, files)
	default:
		printFindings(t, files)
		return nil
	}
}

func (c *lintPolicyCommand) options() (policy.LintOptions, error) {
	options := policy.LintOptions{BreakGlass: c.BreakGlass, Disabled: c.Disable}
	for _, id := range c.Disable {
		if !slices.ContainsFunc(policy.LintRules(), func(r policy.LintRule) bool { return r.ID == id }) {
			return options, fmt.Errorf("--disable: there is no rule %s", id)
		}
	}
	if c.Actions == "" {
		return options, nil
	}
	text, err := os.ReadFile(c.Actions)
	if err != nil {
		return options, err
	}
	if options.Actions, err = policy.ParseActions(string(text)); err != nil {
		return options, fmt.Errorf("%s: %w", c.Actions, err)
	}
	return options, nil
}

func (c *lintPolicyCommand) minify(t terminal) error {
	for _, name := range c.Files {
		text, err := readInput(name)
		if err != nil {
			return exited(t.fail(exitUsage, err))
		}
		small, err := policy.Minify(text)
		if err != nil {
			return exited(t.fail(exitUsage, fmt.Errorf("%s: %w", name, err)))
		}
		fmt.Fprintf(t.out, "%s\n", small)
	}
	return nil
}

// readInput reads a file, or the standard input where its name is -.
func readInput(name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(os.Stdin)
	}
	return os.ReadFile(name) //nolint:gosec // the user names the file
}

// kindNames are the kinds of policies as --kind spells them.
var kindNames = map[string]policy.Kind{
	"scp":        policy.ServiceControlPolicy,
	"rcp":        policy.ResourceControlPolicy,
	"identity":   policy.IdentityPolicy,
	"boundary":   policy.PermissionsBoundary,
	"session":    policy.SessionPolicy,
	"resource":   policy.ResourcePolicy,
	"trust":      policy.TrustPolicy,
	"delegation": policy.DelegationPolicy,
	"endpoint":   policy.EndpointPolicy,
}

// kindName returns how --kind spells a kind.
func kindName(kind policy.Kind) string {
	for name, k := range kindNames {
		if k == kind {
			return name
		}
	}
	return strings.ToLower(kind.String())
}
