package main

import (
	"errors"
	"fmt"
	"os"
	"runtime/pprof"
)

// profiled does something and writes to a file where the processor time went meanwhile. Without a path it does only that.
func profiled(path string, do func() error) (err error) {
	if path == "" {
		return do()
	}
	file, err := os.Create(path) //nolint:gosec // the operator names the file
	if err != nil {
		return fmt.Errorf("CPU profile: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if err := pprof.StartCPUProfile(file); err != nil {
		return fmt.Errorf("CPU profile: %w", err)
	}
	defer pprof.StopCPUProfile()
	return do()
}
