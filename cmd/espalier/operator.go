package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/espalier-cloud/espalier/internal/ops"
)

// operator is how commands on the same machine reach a running server and show that they may. The server writes it
// into its data directory and removes it when it stops.
type operator struct {
	URL         string `json:"url"`
	Token       string `json:"token"`
	Certificate string `json:"certificate,omitempty"` // PEM file of the server's certificate, with TLS
}

// newOperator returns an operator with a new token, for a server whose URL is not known yet.
func newOperator(certificate string) operator {
	return operator{Token: rand.Text(), Certificate: certificate}
}

// at returns the operator of a server that listens there.
func (o operator) at(url string) operator {
	o.URL = url
	return o
}

// write replaces what an earlier server left.
func (o operator) write(directory string) error {
	if err := writePrivateJSON(filepath.Join(directory, operatorFile), o); err != nil {
		return fmt.Errorf("operator's token: %w", err)
	}
	return nil
}

// remove removes the file, unless another server has replaced it.
func (o operator) remove(directory string) error {
	if current, err := readOperator(directory); err != nil || current.Token != o.Token {
		return nil //nolint:nilerr // then there is nothing of ours to remove
	}
	return os.Remove(filepath.Join(directory, operatorFile))
}

func readOperator(directory string) (o operator, err error) {
	err = readJSON(filepath.Join(directory, operatorFile), &o)
	return o, err
}

// errNotRunning says that no server answers where the data directory says.
var errNotRunning = errors.New("the server is not running")

// callPeriod is how long a server may take to answer a command.
const callPeriod = 30 * time.Second

// call sends a request to the running server of a data directory. It returns errNotRunning when there is none.
func call(ctx context.Context, directory, method, path string, in, out any) error {
	o, err := readOperator(directory)
	if errors.Is(err, fs.ErrNotExist) {
		return errNotRunning
	}
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, callPeriod)
	defer cancel()
	request, err := o.request(ctx, method, path, in)
	if err != nil {
		return err
	}
	client, err := o.client()
	if err != nil {
		return err
	}
	response, err := client.Do(request)
	if errors.Is(err, syscall.ECONNREFUSED) {
		return errNotRunning // it was killed before it could remove the file
	}
	if err != nil {
		return fmt.Errorf("the running server: %w", err)
	}
	defer response.Body.Close()
	return readAnswer(response, out)
}

// ask asks the running server. When there is none, it does the same itself.
func (f databaseFlags) ask(ctx context.Context, method, path string, in, out any, itself func(ops.Core) error) error {
	err := call(ctx, f.directory(), method, path, in, out)
	if errors.Is(err, errNotRunning) {
		return f.withCore(ctx, itself)
	}
	return err
}

func (o operator) request(ctx context.Context, method, path string, in any) (*http.Request, error) {
	target, err := url.JoinPath(o.URL, "/_espalier/")
	if err != nil {
		return nil, err
	}
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, target+path, body)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+o.Token)
	request.Header.Set("Content-Type", "application/json")
	return request, nil
}

// client returns a client that talks to the server alone: no proxy, and with TLS no certificate but the server's own,
// which need not be issued for the loopback address.
func (o operator) client() (*http.Client, error) {
	transport := &http.Transport{DisableKeepAlives: true}
	if o.Certificate == "" {
		return &http.Client{Transport: transport}, nil
	}
	text, err := os.ReadFile(o.Certificate)
	if err != nil {
		return nil, fmt.Errorf("certificate of the running server: %w", err)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("certificate of the running server: %s holds none", o.Certificate)
	}
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("certificate of the running server: %w", err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	transport.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots, ServerName: anyName(leaf)}
	return &http.Client{Transport: transport}, nil
}

// anyName returns a name for which a certificate was issued.
func anyName(certificate *x509.Certificate) string {
	switch {
	case len(certificate.DNSNames) > 0:
		return certificate.DNSNames[0]
	case len(certificate.IPAddresses) > 0:
		return certificate.IPAddresses[0].String()
	}
	return certificate.Subject.CommonName
}

func readAnswer(response *http.Response, out any) error {
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return fmt.Errorf("the running server: %w", err)
	}
	if response.StatusCode != http.StatusOK {
		var refusal struct{ Error string }
		if json.Unmarshal(text, &refusal) == nil && refusal.Error != "" {
			return errors.New(refusal.Error)
		}
		return fmt.Errorf("the running server answered %s", response.Status)
	}
	return json.Unmarshal(text, out)
}
