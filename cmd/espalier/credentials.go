package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
)

// credentials are the first account's root access key, as the data directory keeps them for `espalier env`.
type credentials struct {
	AccountID       string `json:"accountId"`
	AccessKeyID     string `json:"accessKeyId"`
	SecretAccessKey string `json:"secretAccessKey"`
}

// Format prints the account only: the secret is revealed by its field.
func (c credentials) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "credentials of %s", c.AccountID) }

func (c credentials) write(directory string) error {
	if err := writePrivateJSON(filepath.Join(directory, credentialsFile), c); err != nil {
		return fmt.Errorf("credentials: %w", err)
	}
	return nil
}

func readCredentials(directory string) (c credentials, err error) {
	err = readJSON(filepath.Join(directory, credentialsFile), &c)
	if errors.Is(err, fs.ErrNotExist) {
		return c, fmt.Errorf("there are no credentials in %s: start the server once, or give its --data-dir (%w)", directory, err)
	}
	return c, err
}
