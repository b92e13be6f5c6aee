// Command espalier is AWS Organizations that you run yourself: a server, and what its operator does at the terminal.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/alecthomas/kong"
)

// commands is the command line: its grammar, its flags, their environment variables and the help.
type commands struct {
	Serve     serveCommand     `cmd:"" help:"Run the server."`
	Account   accountCommands  `cmd:"" help:"Create, list, change and reinstate accounts."`
	Jobs      jobCommands      `cmd:"" help:"Look at background work."`
	Events    eventCommands    `cmd:"" help:"Look at events that receivers were not told of."`
	Policy    policyCommands   `cmd:"" help:"Check policies and decide by them, without a server."`
	Effective effectiveCommand `cmd:"" help:"Print what applies to an account of a type of management policy, and which policies say so."`
	Tags      tagCommands      `cmd:"" help:"Check tags against tag policies."`
	Key       keyCommands      `cmd:"" help:"Make, list and delete the access keys of root users, users and services."`
	Service   serviceCommands  `cmd:"" help:"Make, list and delete the access keys of services."`
	Token     tokenCommands    `cmd:"" help:"Make, list and revoke the tokens with which programs ask for decisions."`
	Env       envCommand       `cmd:"" help:"Print how AWS clients reach the server, and the first account's credentials: eval \"$(espalier env)\"."`
	Version   versionCommand   `cmd:"" help:"Print the version."`
}

// terminal is where a command prints.
type terminal struct {
	out, err io.Writer
}

// The statuses with which the process ends.
const (
	exitOK    = 0
	exitError = 1
	exitUsage = 2
)

func main() { os.Exit(run(os.Args[1:], terminal{os.Stdout, os.Stderr})) }

// run carries out a command line and returns the status to exit with.
func run(args []string, t terminal) (status int) {
	defer func() {
		switch left := recover().(type) {
		case nil:
		case exited: // kong has printed help
			status = int(left)
		default:
			panic(left)
		}
	}()
	parser, err := kong.New(&commands{},
		kong.Name("espalier"),
		kong.Description("AWS Organizations that you run yourself. Every flag can be given as an environment variable: --data-dir as ESPALIER_DATA_DIR."),
		kong.DefaultEnvars("ESPALIER"),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Writers(t.out, t.err),
		kong.Exit(func(status int) { panic(exited(status)) }),
		kong.Bind(t),
	)
	if err != nil {
		return t.fail(exitError, err)
	}
	command, err := parser.Parse(args)
	if err != nil {
		return t.fail(exitUsage, err)
	}
	if err := command.Run(); err != nil {
		if silent, ok := errors.AsType[exited](err); ok {
			return int(silent)
		}
		return t.fail(exitError, err)
	}
	return exitOK
}

// exited carries the status with which kong, or a command that has said everything, wants to exit.
type exited int

// Error returns nothing that anybody reads.
func (e exited) Error() string { return fmt.Sprintf("status %d", int(e)) }

func (t terminal) fail(status int, err error) int {
	fmt.Fprintf(t.err, "espalier: %v\n", err)
	return status
}
