// Package e2e_test tells stories to the real server through real clients: the AWS CLI, boto3, the AWS
// SDK for Go and Terraform, on SQLite and on PostgreSQL.
package e2e_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/espalier-cloud/espalier/internal/store/storetest"
)

// binary is the server under test, built once by TestMain.
var binary string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	directory, err := os.MkdirTemp("", "espalier-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(directory)

	binary = filepath.Join(directory, "espalier")
	build := exec.Command("go", "build", "-o", binary, "../cmd/espalier")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "building the server: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// database says where a server keeps its rows; empty means SQLite in its data directory.
type database struct{ url string }

// onBothDatabases tells the same story on SQLite and on PostgreSQL, at the same time.
func onBothDatabases(t *testing.T, story func(*testing.T, database)) {
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		story(t, database{})
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		story(t, database{url: storetest.Postgres(t)})
	})
}

// onEverySite tells the same story on SQLite, and on PostgreSQL with two servers, so that the parties to it are at
// different ones.
func onEverySite(t *testing.T, configuration string, story func(t *testing.T, one, other *server)) {
	onBothDatabases(t, func(t *testing.T, db database) {
		one := startConfigured(t, t.TempDir(), db, configuration)
		other := one
		if db.url != "" {
			other = startConfigured(t, one.dataDir, db, configuration)
		}
		story(t, one, other)
	})
}

// server is one running process of espalier.
type server struct {
	t       *testing.T
	dataDir string
	address string
	args    []string
	process *exec.Cmd
	log     *syncBuffer
	secrets secrets
}

// configuration lets a created account leave its organization at once, so that a story can tidy up after itself.
const configuration = `{"waitPeriod": "0s"}`

// start starts a server with an empty database and waits until it is ready.
func start(t *testing.T, db database) *server {
	t.Helper()
	return startIn(t, t.TempDir(), db)
}

// startIn starts a server in a data directory, which holds its master key and, with SQLite, its rows.
func startIn(t *testing.T, dataDir string, db database) *server {
	t.Helper()
	return startConfigured(t, dataDir, db, configuration)
}

// startConfigured starts a server with a configuration of its own.
func startConfigured(t *testing.T, dataDir string, db database, configuration string) *server {
	t.Helper()
	config := filepath.Join(t.TempDir(), "espalier.json")
	if err := os.WriteFile(config, []byte(configuration), 0o600); err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, dataDir: dataDir, address: freeAddress(t), log: new(syncBuffer)}
	s.args = []string{"serve", "--data-dir", dataDir, "--listen", s.address, "--config", config}
	if db.url != "" {
		s.args = append(s.args, "--database-url", db.url)
	}
	s.launch()
	t.Cleanup(func() {
		s.keepsSecrets()
		s.kill()
		if t.Failed() {
			t.Logf("log of the server at %s:\n%s", s.address, s.log)
		}
	})
	return s
}

// endpoint is the URL at which clients find the server.
func (s *server) endpoint() string { return "http://" + s.address }

// kill ends the process as a power cut does: it cannot finish or flush anything.
func (s *server) kill() {
	if s.process == nil {
		return
	}
	_ = s.process.Process.Kill()
	_ = s.process.Wait()
	s.process = nil
}

// restart kills the process and starts it again on the same data and address.
func (s *server) restart() {
	s.t.Helper()
	s.kill()
	s.launch()
}

func (s *server) launch() {
	s.t.Helper()
	s.process = exec.Command(binary, s.args...)
	s.process.Stdout, s.process.Stderr = s.log, s.log
	if err := s.process.Start(); err != nil {
		s.t.Fatal(err)
	}
	eventually(s.t, "the server to be ready", func() bool {
		response, err := http.Get(s.endpoint() + "/readyz")
		if err != nil {
			return false
		}
		response.Body.Close()
		return response.StatusCode == http.StatusOK
	})
}

// credentials are those of one principal, as every AWS client takes them.
type credentials struct{ accessKeyID, secretAccessKey, sessionToken string }

// root returns the credentials of the first account's root user, as `espalier env` prints them.
func (s *server) root() credentials {
	s.t.Helper()
	out, err := exec.Command(binary, "env", "--data-dir", s.dataDir, "--format", "shell").Output()
	if err != nil {
		s.t.Fatalf("espalier env: %v", err)
	}
	variables := map[string]string{}
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		if name, value, ok := strings.Cut(strings.TrimPrefix(lines.Text(), "export "), "="); ok {
			variables[name] = strings.Trim(value, `'"`)
		}
	}
	found := credentials{accessKeyID: variables["AWS_ACCESS_KEY_ID"], secretAccessKey: variables["AWS_SECRET_ACCESS_KEY"]}
	if found.accessKeyID == "" || found.secretAccessKey == "" {
		s.t.Fatalf("espalier env printed no credentials:\n%s", out)
	}
	return found
}

// environment is what a client process needs to reach the server as a principal, and nothing else of AWS.
func (s *server) environment(as credentials) []string {
	s.secrets.add(as.secretAccessKey, as.sessionToken)
	environment := []string{
		"AWS_ENDPOINT_URL=" + s.endpoint(),
		"AWS_ACCESS_KEY_ID=" + as.accessKeyID,
		"AWS_SECRET_ACCESS_KEY=" + as.secretAccessKey,
		"AWS_REGION=us-east-1",
		"AWS_DEFAULT_REGION=us-east-1",
		"AWS_CONFIG_FILE=" + os.DevNull,
		"AWS_SHARED_CREDENTIALS_FILE=" + os.DevNull,
		"AWS_EC2_METADATA_DISABLED=true",
		"AWS_RETRY_MODE=standard",
		"AWS_MAX_ATTEMPTS=20",
		"AWS_PAGER=",
	}
	if as.sessionToken != "" {
		environment = append(environment, "AWS_SESSION_TOKEN="+as.sessionToken)
	}
	for _, entry := range os.Environ() {
		if !strings.HasPrefix(entry, "AWS_") {
			environment = append(environment, entry)
		}
	}
	return environment
}

// freeAddress returns a loopback address on which nothing listens now.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// eventually waits until a condition in another process holds, and fails after half a minute.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !condition() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// needs returns the path of a client program; without it the story is skipped, or fails in CI.
func needs(t *testing.T, program string) string {
	t.Helper()
	found, err := exec.LookPath(program)
	if err != nil {
		missing(t, program+" is not on PATH")
	}
	return found
}

func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal(what)
	}
	t.Skip(what)
}

// syncBuffer collects the output of a process while a test may read it.
type syncBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}
