package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"database/sql"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) { testscript.Main(m, map[string]func(){"espalier": main}) }

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"ready":       ready,
			"capture":     capture,
			"freeport":    findPort,
			"sql":         execSQL,
			"certificate": makeCertificate,
			"mode":        checkMode,
			"status":      expectStatus,
			"kinds":       expectKind,
			"sarif":       checkSARIF,
		},
	})
}

// capture sets a variable to what the group of an expression matches in the last output: capture VARIABLE EXPRESSION.
func capture(ts *testscript.TestScript, _ bool, args []string) {
	found := regexp.MustCompile(args[1]).FindStringSubmatch(ts.ReadFile("stdout"))
	if len(found) != 2 {
		ts.Fatalf("the output has no %s", args[1])
	}
	ts.Setenv(args[0], found[1])
}

// ready waits until the server of a data directory is ready, or a URL answers: ready DIR, ready URL.
func ready(ts *testscript.TestScript, _ bool, args []string) {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for end := time.After(20 * time.Second); ; {
		if answers(ts, args[0]) {
			return
		}
		select {
		case <-tick.C:
		case <-end:
			ts.Fatalf("%s does not get ready", args[0])
		}
	}
}

func answers(ts *testscript.TestScript, what string) bool {
	o := operator{URL: what}
	if !strings.HasPrefix(what, "http") {
		var err error
		if o, err = readOperator(ts.MkAbs(what)); err != nil {
			return false
		}
		o.URL += "/readyz"
	}
	client, err := o.client()
	if err != nil {
		return false
	}
	response, err := client.Get(o.URL)
	if err != nil {
		return false
	}
	response.Body.Close()
	return response.StatusCode == http.StatusOK
}

// findPort sets a variable to a port that is free: freeport VARIABLE.
func findPort(ts *testscript.TestScript, _ bool, args []string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	ts.Check(err)
	ts.Setenv(args[0], port)
}

// execSQL changes a SQLite database: sql FILE STATEMENT.
func execSQL(ts *testscript.TestScript, _ bool, args []string) {
	db, err := sql.Open("sqlite", ts.MkAbs(args[0]))
	ts.Check(err)
	defer db.Close()
	_, err = db.Exec(args[1])
	ts.Check(err)
}

// makeCertificate writes a self-signed certificate for a name and its key: certificate NAME CERT KEY.
func makeCertificate(ts *testscript.TestScript, _ bool, args []string) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ts.Check(err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: args[0]}, DNSNames: []string{args[0]},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	ts.Check(err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	ts.Check(err)
	for i, block := range []*pem.Block{{Type: "CERTIFICATE", Bytes: certificate}, {Type: "PRIVATE KEY", Bytes: private}} {
		ts.Check(os.WriteFile(ts.MkAbs(args[i+1]), pem.EncodeToMemory(block), 0o600))
	}
}

// checkMode compares the permissions of files: mode OCTAL FILE….
func checkMode(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range args[1:] {
		info, err := os.Stat(filepath.Clean(ts.MkAbs(name)))
		ts.Check(err)
		if got := info.Mode().Perm().String()[1:]; got != args[0] {
			ts.Fatalf("%s has mode %s, want %s", name, got, args[0])
		}
	}
}
