package e2e_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
	"testing"
)

// cli runs the AWS CLI as one principal against one server.
type cli struct {
	t       *testing.T
	program string
	server  *server
	as      credentials
}

func newCLI(t *testing.T, s *server, as credentials) cli {
	return cli{t: t, program: needs(t, "aws"), server: s, as: as}
}

// needsOperation skips a story for which the AWS CLI at hand is too old: that of a distribution knows nothing of the
// operations that came after it.
func needsOperation(t *testing.T, service, operation string) {
	t.Helper()
	if exec.Command(needs(t, "aws"), service, operation, "--generate-cli-skeleton").Run() != nil {
		t.Skipf("the AWS CLI does not know %s", operation)
	}
}

func (c cli) command(arguments []string) (stdout, stderr string, err error) {
	var out, problems bytes.Buffer
	// Releases before 2.13 do not know AWS_ENDPOINT_URL.
	command := exec.Command(c.program, append(arguments, "--output", "json", "--endpoint-url", c.server.endpoint())...)
	command.Env = c.server.environment(c.as)
	command.Stdout, command.Stderr = &out, &problems
	err = command.Run()
	return out.String(), problems.String(), err
}

// try runs a command and reads its output, if an answer is wanted, into it.
func (c cli) try(answer any, arguments ...string) error {
	stdout, stderr, err := c.command(arguments)
	if err != nil {
		return fmt.Errorf("aws %s: %w\n%s", strings.Join(arguments, " "), err, stderr)
	}
	if answer == nil {
		return nil
	}
	if err := json.Unmarshal([]byte(stdout), answer); err != nil {
		return fmt.Errorf("aws %s printed %q: %w", strings.Join(arguments, " "), stdout, err)
	}
	return nil
}

// do runs a command that must succeed; its output does not matter.
func (c cli) do(arguments ...string) {
	c.t.Helper()
	c.ask(nil, arguments...)
}

// ask runs a command that must succeed and reads its output into an answer.
func (c cli) ask(answer any, arguments ...string) {
	c.t.Helper()
	if err := c.try(answer, arguments...); err != nil {
		c.t.Fatal(err)
	}
}

// value runs a command and returns the one string that its --query selects.
func (c cli) value(query string, arguments ...string) string {
	c.t.Helper()
	var found string
	c.ask(&found, append(arguments, "--query", query)...)
	return found
}

// values runs a command and returns the strings that its --query selects.
func (c cli) values(query string, arguments ...string) []string {
	c.t.Helper()
	var found []string
	c.ask(&found, append(arguments, "--query", query)...)
	return found
}

// refused runs a command that the server must refuse with an error code.
func (c cli) refused(code string, arguments ...string) {
	c.t.Helper()
	_, stderr, err := c.command(arguments)
	if err == nil {
		c.t.Fatalf("aws %s succeeded, want %s", strings.Join(arguments, " "), code)
	}
	if !strings.Contains(stderr, "("+code+")") {
		c.t.Fatalf("aws %s answered %q, want %s", strings.Join(arguments, " "), stderr, code)
	}
}

// organizations prefixes the commands of the service that most of them call.
func organizations(arguments ...string) []string {
	return append([]string{"organizations"}, arguments...)
}
