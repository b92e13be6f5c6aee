//go:build unix

package storetest

import (
	"bufio"
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Postgres returns the URL of a fresh, empty PostgreSQL database that is dropped when
// the test ends. One server is started for the whole test binary and stops with it.
// Where PostgreSQL is not installed the test is skipped, or fails if CI is set in the
// environment.
func Postgres(t testing.TB) string {
	t.Helper()
	server, err := startedServer()
	switch {
	case err != nil:
		t.Fatalf("start PostgreSQL: %v", err)
	case server == nil && os.Getenv("CI") != "":
		t.Fatal("PostgreSQL is not installed: there is no initdb on PATH or in /usr/lib/postgresql")
	case server == nil:
		t.Skip("PostgreSQL is not installed: there is no initdb on PATH or in /usr/lib/postgresql")
	}
	name := "test_" + strconv.FormatInt(server.databases.Add(1), 10)
	if err := server.administer("CREATE DATABASE " + name); err != nil {
		t.Fatalf("create a database: %v", err)
	}
	t.Cleanup(func() {
		if err := server.administer("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			t.Errorf("drop the database: %v", err)
		}
	})
	return server.url(name)
}

// startedServer starts the server of this test binary when it is first called. The
// server is nil when PostgreSQL is not installed.
var startedServer = sync.OnceValues(startServer)

// postgresServer is a server that listens on a socket in its own directory.
type postgresServer struct {
	directory string
	databases atomic.Int64
	// alive is the standard input of the process that watches over the server. The
	// kernel closes it when the test binary ends, in whatever way; the watcher then
	// stops the server and removes the directory.
	alive *os.File
}

// watch starts the server, says so, and stops it when its standard input ends. It is
// called with the directory of the programs, the server's directory and its options.
const watch = `
"$1/pg_ctl" -D "$2/data" -l "$2/log" -o "$3" -w start >/dev/null || { cat "$2/log"; exit 1; }
echo ready
cat >/dev/null
"$1/pg_ctl" -D "$2/data" -m immediate -w stop >/dev/null
rm -rf "$2"`

func startServer() (*postgresServer, error) {
	programs := findPrograms()
	if programs == "" {
		return nil, nil
	}
	directory, err := os.MkdirTemp("", "espalier-postgres-")
	if err != nil {
		return nil, err
	}
	attributes, err := serverUser(directory)
	if err != nil {
		return nil, err
	}
	if err := initialize(programs, directory, attributes); err != nil {
		return nil, err
	}
	options := "-k " + directory + " -c listen_addresses= -c max_connections=300 -c fsync=off -c full_page_writes=off"
	watcher := exec.Command("/bin/sh", "-c", watch, "sh", programs, directory, options)
	watcher.SysProcAttr = attributes
	watcher.Dir = directory
	input, alive, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	watcher.Stdin = input
	output, err := watcher.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := watcher.Start(); err != nil {
		return nil, err
	}
	if err := input.Close(); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(output)
	var said []string
	for lines.Scan() {
		if lines.Text() == "ready" {
			return &postgresServer{directory: directory, alive: alive}, nil
		}
		said = append(said, lines.Text())
	}
	return nil, fmt.Errorf("it did not start: %s", strings.Join(said, "\n"))
}

// findPrograms returns the directory of PostgreSQL's programs, "" when there is none.
func findPrograms() string {
	if path, err := exec.LookPath("initdb"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			return filepath.Dir(path)
		}
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb") // fails on a malformed pattern only
	if len(found) == 0 {
		return ""
	}
	return filepath.Dir(slices.Max(found))
}

// serverUser makes the directory belong to the user that the server will run as.
// PostgreSQL does not run as root.
func serverUser(directory string) (*syscall.SysProcAttr, error) {
	// A group of its own: an interrupt from the terminal reaches the tests alone.
	attributes := &syscall.SysProcAttr{Setpgid: true}
	if os.Geteuid() != 0 {
		return attributes, nil
	}
	account, err := user.Lookup("postgres")
	if err != nil {
		return nil, err
	}
	uid, err := strconv.ParseUint(account.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(account.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	attributes.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return attributes, os.Chown(directory, int(uid), int(gid))
}

// initialize makes the server's files. Its default order of text is that of English,
// where PostgreSQL knows it, so that a column which should be ordered by bytes and is
// not shows in the tests.
func initialize(programs, directory string, attributes *syscall.SysProcAttr) error {
	var output []byte
	var err error
	for _, order := range [][]string{{"--locale-provider=icu", "--icu-locale=en-US"}, nil} {
		arguments := append([]string{
			"--pgdata=" + filepath.Join(directory, "data"), "--username=espalier", "--auth=trust",
			"--encoding=UTF8", "--locale=C", "--no-sync",
		}, order...)
		command := exec.Command(filepath.Join(programs, "initdb"), arguments...)
		command.SysProcAttr = attributes
		command.Dir = directory
		if output, err = command.CombinedOutput(); err == nil {
			return nil
		}
	}
	return fmt.Errorf("initdb: %w\n%s", err, output)
}

func (p *postgresServer) url(database string) string {
	values := url.Values{"host": {p.directory}, "user": {"espalier"}}
	return "postgres:///" + database + "?" + values.Encode()
}

func (p *postgresServer) administer(statement string) error {
	ctx := context.Background()
	connection, err := pgx.Connect(ctx, p.url("postgres"))
	if err != nil {
		return err
	}
	_, err = connection.Exec(ctx, statement)
	if closeErr := connection.Close(ctx); err == nil {
		err = closeErr
	}
	return err
}
