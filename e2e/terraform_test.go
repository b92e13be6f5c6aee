package e2e_test

import (
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

// terraform runs Terraform in a directory against a server.
type terraform struct {
	t         *testing.T
	program   string
	directory string
	env       []string
}

// run runs a Terraform command and returns its exit status.
func (tf terraform) run(arguments ...string) int {
	tf.t.Helper()
	command := exec.Command(tf.program, arguments...)
	command.Dir, command.Env = tf.directory, tf.env
	out, err := command.CombinedOutput()
	if status := command.ProcessState; status != nil && status.Exited() {
		if status.ExitCode() != 0 {
			tf.t.Logf("terraform %v:\n%s", arguments, out)
		}
		return status.ExitCode()
	}
	tf.t.Fatalf("terraform %v: %v\n%s", arguments, err, out)
	return -1
}

// must runs a Terraform command that has to succeed.
func (tf terraform) must(arguments ...string) {
	tf.t.Helper()
	if status := tf.run(arguments...); status != 0 {
		tf.t.Fatalf("terraform %s ended with status %d", arguments[0], status)
	}
}

// newTerraform prepares a copy of a configuration, with the AWS provider from a local directory.
func newTerraform(t *testing.T, s *server, configuration string) terraform {
	t.Helper()
	plugins := cmp.Or(os.Getenv("TF_PLUGIN_DIR"), "/opt/tf-plugins")
	if _, err := os.Stat(filepath.Join(plugins, "registry.terraform.io/hashicorp/aws/5.100.0")); err != nil {
		t.Skipf("no Terraform AWS provider 5.100.0 in %s (TF_PLUGIN_DIR)", plugins)
	}
	tf := terraform{t: t, program: lookPath(t, "terraform"), directory: t.TempDir()}
	text, err := os.ReadFile(configuration)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(tf.directory, "main.tf"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	tf.env = append(s.environment(s.root()),
		"TF_VAR_endpoint="+s.endpoint(), "TF_CLI_CONFIG_FILE=", "TF_IN_AUTOMATION=1", "TF_INPUT=0", "CHECKPOINT_DISABLE=1")
	tf.must("init", "-no-color", "-plugin-dir", plugins)
	return tf
}

// lookPath finds a program that not every CI machine can have; without it the story is skipped.
func lookPath(t *testing.T, program string) string {
	t.Helper()
	found, err := exec.LookPath(program)
	if err != nil {
		t.Skip(program + " is not on PATH")
	}
	return found
}

func TestTerraformAppliesAndDestroys(t *testing.T) {
	lookPath(t, "terraform")
	onBothDatabases(t, func(t *testing.T, db database) {
		s := start(t, db)
		tf := newTerraform(t, s, "testdata/terraform/main.tf")
		client := s.client(s.root())

		tf.must("apply", "-no-color", "-auto-approve")
		if status := tf.run("plan", "-no-color", "-detailed-exitcode"); status != 0 {
			t.Errorf("a plan right after the apply wants to change something (status %d)", status)
		}
		if accounts := call(t, client.ListAccounts, &sdk.ListAccountsInput{}).Accounts; len(accounts) != 4 {
			t.Errorf("the organization has %d accounts, want the management account and three members", len(accounts))
		}

		tf.must("destroy", "-no-color", "-auto-approve")
		refused[*types.AWSOrganizationsNotInUseException](t, client.DescribeOrganization, &sdk.DescribeOrganizationInput{})
	})
}
