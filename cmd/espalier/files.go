package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// The files in a data directory.
const (
	databaseFile    = "espalier.db"
	masterKeyFile   = "master.key"
	credentialsFile = "credentials.json"
	operatorFile    = "operator.json"
)

// ensureDirectory makes a directory that only its owner enters, unless there is one.
func ensureDirectory(path string) error {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	return nil
}

// writePrivate writes a file that only its owner reads, as a whole: a reader sees the old text or the new one.
func writePrivate(path string, text []byte) error {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-") // with mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	if _, err := file.Write(text); err != nil {
		return errors.Join(err, file.Close())
	}
	if err := errors.Join(file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}

// writePrivateJSON is writePrivate for a value.
func writePrivateJSON(path string, value any) error {
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return err
	}
	return writePrivate(path, append(text, '\n'))
}

// readJSON reads a file that writePrivateJSON wrote.
func readJSON(path string, value any) error {
	text, err := os.ReadFile(path) //nolint:gosec // the operator names the directory
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, value); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// requirePrivate refuses a file that others than its owner may read.
func requirePrivate(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 && runtime.GOOS != "windows" { // where modes mean nothing
		return fmt.Errorf("%s can be read by others (mode %04o): run chmod 600 %s", path, mode, path)
	}
	return nil
}
