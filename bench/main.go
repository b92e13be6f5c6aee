// Command bench measures what Espalier promises, each figure beside its target.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// bench is one run.
type bench struct {
	*installation
	report
	accounts int           // of the large organization
	rounds   int           // in which peers take turns
	period   time.Duration // of a load
}

func run() error {
	var b bench
	isPeer := flag.Bool("peer", false, "be the peer; for the benchmark's own use")
	groups := flag.String("only", "start,write,read,policy,authorization,authzen,effective,time", "`groups` of figures to measure")
	profile := flag.String("profile", "", "`file` for a CPU profile of the servers that answer reads and writes, and of the policy engine")
	directory := flag.String("dir", ".", "`directory` on the disk to measure")
	flag.IntVar(&b.accounts, "accounts", 1_000_000, "`number` of accounts of the large organization")
	flag.IntVar(&b.rounds, "rounds", 5, "`number` of rounds in which those that are compared take turns")
	flag.DurationVar(&b.period, "period", time.Second, "`time` that one load lasts")
	flag.Parse()
	if *isPeer {
		return servePeer()
	}
	parent, err := filepath.Abs(*directory)
	if err != nil {
		return err
	}
	work, err := os.MkdirTemp(parent, "run-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt, syscall.SIGTERM)
	done := make(chan error, 1)
	go func() { done <- b.measure(work, strings.Split(*groups, ","), *profile) }()
	select {
	case err := <-done:
		return err
	case s := <-interrupted:
		return fmt.Errorf("%v", s)
	}
}

// measure builds the program and measures the groups of figures. It writes a profile where it is given a file.
func (b *bench) measure(directory string, groups []string, profile string) (err error) {
	start := time.Now()
	b.out = os.Stdout
	if b.installation, err = install(directory); err != nil {
		return err
	}
	b.profiles = profile != ""
	fmt.Fprintf(b.out, "Espalier on %d processors, %s/%s, %s, SQLite with synchronous=FULL\n", runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version())
	known := map[string]func() error{
		"start": b.starts, "write": b.writes, "read": b.reads, "authorization": b.authorization, "authzen": b.authzen,
		"effective": b.effective, "time": b.time,
		"policy": func() error { return b.profiled("policy", b.policy) },
	}
	for _, group := range groups {
		measure, ok := known[group]
		if !ok {
			return fmt.Errorf("there is no group %q", group)
		}
		if err := measure(); err != nil {
			return fmt.Errorf("%s: %w", group, err)
		}
	}
	if b.profiles {
		return b.profileOf(profile, "small", "write", "policy")
	}
	fmt.Fprintf(b.out, "\n%d missed, %v\n", b.missed, time.Since(start).Round(time.Second))
	return nil
}
