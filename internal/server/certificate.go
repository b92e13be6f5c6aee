package server

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// Certificate is a TLS certificate and its key in two PEM files. It is loaded again when the files
// change, so that a renewed certificate needs no restart. It is safe for concurrent use.
type Certificate struct {
	certFile, keyFile string
	clock             func() time.Time
	log               *slog.Logger

	mu      sync.Mutex
	loaded  *tls.Certificate
	stamp   [2]fileStamp // of what was loaded last, or was tried to
	checked time.Time
	failure string // why the files as they are now could not be loaded, "" when they could
}

// fileStamp tells whether a file has changed.
type fileStamp struct {
	modified time.Time
	size     int64
}

// recheck is how often the files are looked at, at most.
const recheck = time.Second

// LoadCertificate loads a certificate and its key. It fails when they cannot be read or do not belong together. Later
// failures are told to the log, and the certificate loaded before stays in use.
func LoadCertificate(certFile, keyFile string, clock func() time.Time, log *slog.Logger) (*Certificate, error) {
	c := &Certificate{certFile: certFile, keyFile: keyFile, clock: clock, log: log, checked: clock()}
	stamp, err := c.stamps()
	if err != nil {
		return nil, err
	}
	if err := c.load(stamp); err != nil {
		return nil, err
	}
	return c, nil
}

// Reload loads the files now, whether or not they have changed.
func (c *Certificate) Reload() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stamp = [2]fileStamp{}
	c.reload()
}

// reload loads the files when they have changed. A failure is told once.
func (c *Certificate) reload() {
	c.checked = c.clock()
	stamp, err := c.stamps()
	if err == nil && stamp != c.stamp {
		if err = c.load(stamp); err == nil {
			c.failure = ""
			c.log.Info("certificate loaded")
		}
	}
	if err != nil && err.Error() != c.failure {
		c.failure = err.Error()
		c.log.Error("the certificate could not be loaded again; the one loaded before stays in use", "error", err)
	}
}

// Get returns the certificate for a handshake, as tls.Config.GetCertificate asks for it.
func (c *Certificate) Get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.clock().Sub(c.checked) >= recheck {
		c.reload()
	}
	return c.loaded, nil
}

func (c *Certificate) load(stamp [2]fileStamp) error {
	c.stamp = stamp
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return fmt.Errorf("load certificate %s with key %s: %w", c.certFile, c.keyFile, err)
	}
	c.loaded = &pair
	return nil
}

func (c *Certificate) stamps() (stamps [2]fileStamp, err error) {
	for i, name := range []string{c.certFile, c.keyFile} {
		info, err := os.Stat(name)
		if err != nil {
			return stamps, fmt.Errorf("load certificate: %w", err)
		}
		stamps[i] = fileStamp{info.ModTime(), info.Size()}
	}
	return stamps, nil
}
