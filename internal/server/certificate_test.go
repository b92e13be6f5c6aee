package server

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// writeCertificate writes a self-signed certificate for localhost with a serial number, and its key.
func writeCertificate(t *testing.T, directory string, serial int64) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certFile, keyFile = filepath.Join(directory, "cert.pem"), filepath.Join(directory, "key.pem")
	writePEM(t, certFile, "CERTIFICATE", certificate)
	writePEM(t, keyFile, "PRIVATE KEY", private)
	return certFile, keyFile
}

func writePEM(t *testing.T, path, kind string, der []byte) {
	t.Helper()
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}

func serialOf(t *testing.T, c *Certificate) int64 {
	t.Helper()
	pair, err := c.Get(&tls.ClientHelloInfo{})
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(pair.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	return leaf.SerialNumber.Int64()
}

func TestCertificateFollowsItsFiles(t *testing.T) {
	now, directory := noon, t.TempDir()
	certFile, keyFile := writeCertificate(t, directory, 1)
	c, err := LoadCertificate(certFile, keyFile, func() time.Time { return now }, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	writeCertificate(t, directory, 2)
	touch(t, noon, certFile, keyFile)
	if got := serialOf(t, c); got != 1 {
		t.Errorf("within a second the certificate is %d, want 1: the files are not looked at so often", got)
	}
	now = now.Add(recheck)
	if got := serialOf(t, c); got != 2 {
		t.Errorf("after a second the certificate is %d, want 2", got)
	}
	writeCertificate(t, directory, 3)
	c.Reload()
	if got := serialOf(t, c); got != 3 {
		t.Errorf("when told to reload, the certificate is %d, want 3", got)
	}
}

// touch gives files a time at which they were changed.
func touch(t *testing.T, at time.Time, files ...string) {
	t.Helper()
	for _, file := range files {
		if err := os.Chtimes(file, at, at); err != nil {
			t.Fatal(err)
		}
	}
}

func TestCertificateOutlivesBadFiles(t *testing.T) {
	now, directory, log := noon, t.TempDir(), new(bytes.Buffer)
	certFile, keyFile := writeCertificate(t, directory, 1)
	c, err := LoadCertificate(certFile, keyFile, func() time.Time { return now }, slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(certFile, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		now = now.Add(recheck)
		if got := serialOf(t, c); got != 1 {
			t.Errorf("with a bad file the certificate is %d, want 1", got)
		}
	}
	if err := os.Remove(certFile); err != nil {
		t.Fatal(err)
	}
	c.Reload()
	if got := serialOf(t, c); got != 1 {
		t.Errorf("without a file the certificate is %d, want 1", got)
	}
	if n := strings.Count(log.String(), "could not be loaded"); n != 2 {
		t.Errorf("two failures are told %d times:\n%s", n, log)
	}
	writeCertificate(t, directory, 2)
	c.Reload()
	if got := serialOf(t, c); got != 2 {
		t.Errorf("when the files are good again the certificate is %d, want 2", got)
	}
}

func TestLoadCertificateFails(t *testing.T) {
	certFile, _ := writeCertificate(t, t.TempDir(), 1)
	_, otherKey := writeCertificate(t, t.TempDir(), 2)
	for name, files := range map[string][2]string{
		"no file":           {"absent.pem", "absent.key"},
		"the key of others": {certFile, otherKey},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := LoadCertificate(files[0], files[1], at(noon), slog.New(slog.DiscardHandler)); err == nil {
				t.Error("loaded")
			}
		})
	}
}
