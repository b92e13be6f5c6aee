package e2e_test

import (
	"os/exec"
	"strings"
	"testing"
)

func TestBoto3Story(t *testing.T) {
	t.Parallel()
	python := lookPath(t, "python3")
	if err := exec.Command(python, "-c", "import boto3").Run(); err != nil {
		t.Skip("python3 has no boto3")
	}
	onBothDatabases(t, func(t *testing.T, db database) {
		s := start(t, db)
		command := exec.Command(python, "testdata/boto3_story.py")
		command.Env = s.environment(s.root())
		out, err := command.CombinedOutput()
		if err != nil || !strings.HasSuffix(strings.TrimSpace(string(out)), "done") {
			t.Fatalf("the story broke off: %v\n%s", err, out)
		}
	})
}
