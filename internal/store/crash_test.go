//go:build unix

package store_test

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"github.com/espalier-cloud/espalier/internal/store"
)

// crashFile names, in the environment of a process that is to be killed, the database
// it writes.
const crashFile = "ESPALIER_CRASH_FILE"

// TestCrash kills a process that commits, again and again: nothing it acknowledged
// may be lost, and nothing may be half done. Every sixteenth commit begins a checkpoint,
// in the middle of which it is killed.
func TestCrash(t *testing.T) {
	if path := os.Getenv(crashFile); path != "" {
		commitForEver(t, path)
	}
	path := file(t)
	for round := range 5 {
		acknowledged := crash(t, path, 20+round*17)
		checkWhole(t, path, acknowledged)
	}
}

// commitForEver commits version after version and prints each that was acknowledged.
func commitForEver(t *testing.T, path string) {
	s := open(t, store.Config{SQLitePath: path})
	versions, err := s.Versions(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	for version := versions["a"]; ; version++ {
		batch := oneRow("a", version, 1)
		batch.Claims = []store.Claim{{Space: "s", Value: fmt.Sprint(version + 1), Owner: "a"}}
		batch.Aggregates = append(batch.Aggregates, store.Advance{ID: "b", From: version, To: version + 1})
		batch.Entities = append(batch.Entities, store.Entity{Aggregate: "b", Kind: "large", ID: "b", Doc: large(version + 1)})
		if err := s.Commit(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
		fmt.Println("acknowledged", version+1)
	}
}

// large is a document of more than a sixteenth of the pages after which there is a checkpoint. It tells its version.
func large(version int64) []byte { return bytes.Repeat(fmt.Appendf(nil, "%8d", version), 72<<10) }

// crash kills a process after it has acknowledged some versions and returns the last.
func crash(t *testing.T, path string, after int) int64 {
	t.Helper()
	child := exec.Command(os.Args[0], "-test.run=^TestCrash$")
	child.Env = append(os.Environ(), crashFile+"="+path)
	output, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	last, count := int64(0), 0
	for lines := bufio.NewScanner(output); lines.Scan(); {
		var version int64
		if _, err := fmt.Sscanf(lines.Text(), "acknowledged %d", &version); err != nil {
			t.Fatalf("the process said %q", lines.Text())
		}
		last = version
		if count++; count == after {
			refuseOpen(t, store.Config{SQLitePath: path}, "another process is using it")
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := child.Wait(); err == nil || count < after {
		t.Fatalf("the process ended after %d versions: %v", count, err)
	}
	return last
}

// checkWhole opens what a crash left.
func checkWhole(t *testing.T, path string, acknowledged int64) {
	t.Helper()
	s, err := store.Open(t.Context(), store.Config{SQLitePath: path})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	versions, err := s.Versions(t.Context(), "a")
	version := versions["a"]
	if err != nil || version < acknowledged || version > acknowledged+1 {
		t.Errorf("the version is %d, %v; acknowledged was %d", version, err, acknowledged)
	}
	if _, rows, err := s.Entities(t.Context(), "a"); err != nil {
		t.Error(err)
	} else {
		count := int64(0)
		for _, err := range rows {
			if err != nil {
				t.Fatal(err)
			}
			count++
		}
		if count != version {
			t.Errorf("version %d has %d entities", version, count)
		}
	}
	if _, rows, err := s.Entities(t.Context(), "b"); err != nil {
		t.Error(err)
	} else {
		for b, err := range rows {
			if err != nil || !bytes.Equal(b.Doc, large(version)) {
				t.Errorf("version %d: the large document is %.8s, %v", version, b.Doc, err)
			}
		}
	}
	if rows, err := s.TrailChain(t.Context(), "a", 0, -1, int(version)+9); err != nil || int64(len(rows)) != version {
		t.Errorf("version %d has %d events, %v", version, len(rows), err)
	}
	_, last, err := s.Claim(t.Context(), "s", strconv.FormatInt(version, 10))
	_, next, err2 := s.Claim(t.Context(), "s", strconv.FormatInt(version+1, 10))
	if !last || next || err != nil || err2 != nil {
		t.Errorf("version %d: its claim %v, the next one's %v, %v, %v", version, last, next, err, err2)
	}
}
