package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/pprof"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// process is a server process that this one started.
type process struct{ *exec.Cmd }

// stop ends the process.
func (p *process) stop() {
	_ = p.Process.Signal(syscall.SIGTERM)
	_ = p.Wait()
}

// resident returns the bytes of memory that the process occupies.
func (p *process) resident() (float64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.Process.Pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(text), "VmRSS:")
	kilobytes, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	n, err := strconv.ParseFloat(kilobytes, 64)
	return n * 1024, err
}

// busy returns the processor time that the process has used.
func (p *process) busy() (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.Process.Pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest) // from the third of proc(5)
	if len(fields) < 13 {
		return 0, errors.New("/proc/…/stat is not as proc(5) says")
	}
	user, err1 := strconv.Atoi(fields[11])
	system, err2 := strconv.Atoi(fields[12])
	const tick = 10 * time.Millisecond // USER_HZ is 100
	return time.Duration(user+system) * tick, errors.Join(err1, err2)
}

// installation is an espalier program and where its servers keep their data.
type installation struct {
	program, config, directory string
	profiles                   bool // servers under load write CPU profiles, NAME.pprof in the directory
}

// configuration raises the quotas out of the way. Everything else is the default.
const configuration = `{"quotas": {"accounts": 100000000, "organizationalUnits": 100000000, "concurrentClosures": 100000000, "closuresPerMonth": 100000000}}`

// install builds the program and makes a directory for everything. The directory should be on the disk that is to be
// measured.
func install(directory string) (*installation, error) {
	in := &installation{program: filepath.Join(directory, "espalier"), config: filepath.Join(directory, "espalier.json"), directory: directory}
	build := exec.Command("go", "build", "-trimpath", "-pgo=bench/"+profileFile, "-o", in.program, "./cmd/espalier") // as make build
	build.Dir, build.Env = "..", append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go build: %w\n%s", err, out)
	}
	return in, os.WriteFile(in.config, []byte(configuration), 0o600)
}

// espalier is a running server.
type espalier struct {
	process
	endpoint
	data string // its data directory
}

// start starts a server on the data directory of that name, with an empty database when there is none, with more flags.
// Its log is written, and thrown away.
func (in *installation) start(name string, flags ...string) (*espalier, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	data := filepath.Join(in.directory, name)
	command := exec.Command(in.program, "serve", "--data-dir", data, "--listen", address, "--config", in.config)
	command.Args = append(command.Args, flags...)
	if in.profiles {
		command.Args = append(command.Args, "--cpu-profile", filepath.Join(in.directory, name+".pprof"))
	}
	return &espalier{process{command}, endpoint{address: address}, data}, command.Start()
}

// run starts a server, waits until it is ready and reads its credentials.
func (in *installation) run(name string) (*espalier, error) {
	s, err := in.start(name)
	if err != nil {
		return nil, err
	}
	if err := s.await(s.ready); err != nil {
		return nil, err
	}
	text, err := exec.Command(in.program, "env", "--data-dir", s.data, "--format", "json").Output()
	if err != nil {
		return nil, fmt.Errorf("espalier env: %w", err)
	}
	var variables map[string]string
	if err := json.Unmarshal(text, &variables); err != nil {
		return nil, err
	}
	s.credentials = aws.Credentials{AccessKeyID: variables["AWS_ACCESS_KEY_ID"], SecretAccessKey: variables["AWS_SECRET_ACCESS_KEY"]}
	return s, nil
}

// await waits until a condition of the server holds.
func (s *espalier) await(condition func() bool) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !condition() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			s.stop()
			return errors.New("waited in vain for the server")
		}
	}
	return nil
}

// ready reports whether the server says that it is ready.
func (s *espalier) ready() bool {
	response, err := http.Get("http://" + s.address + "/readyz")
	if err != nil {
		return false
	}
	defer response.Body.Close()
	return response.StatusCode == http.StatusOK
}

func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	return listener.Addr().String(), nil
}

// profileFile is the profile for which the program is compiled.
const profileFile = "default.pgo"

// profiled does work in this process, which writes a profile of it where servers do.
func (in *installation) profiled(name string, work func() error) (err error) {
	if !in.profiles {
		return work()
	}
	file, err := os.Create(filepath.Join(in.directory, name+".pprof"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if err := pprof.StartCPUProfile(file); err != nil {
		return err
	}
	defer pprof.StopCPUProfile()
	return work()
}

// profileOf joins profiles into one file.
func (in *installation) profileOf(file string, names ...string) error {
	arguments := []string{"tool", "pprof", "-proto", "-output", file}
	for _, name := range names {
		arguments = append(arguments, filepath.Join(in.directory, name+".pprof"))
	}
	if out, err := exec.Command("go", arguments...).CombinedOutput(); err != nil {
		return fmt.Errorf("go tool pprof: %w\n%s", err, out)
	}
	return nil
}
