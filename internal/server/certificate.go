package server

import (
	"crypto/tls"
	"fmt"
	"os"
	"sync"
	"time"
)

// Certificate is a TLS certificate and its key in two PEM files. It is loaded again when the files
// change, so that a renewed certificate needs no restart. It is safe for concurrent use.
type Certificate struct {
	certFile, keyFile string
	clock             func() time.Time

	mu      sync.Mutex
	loaded  *tls.Certificate
	stamp   [2]fileStamp // of what was loaded last, or was tried to
	checked time.Time
	failure error // why the files as they are now could not be loaded
}

// fileStamp tells whether a file has changed.
type fileStamp struct {
	modified time.Time
	size     int64
}

// recheck is how often the files are looked at, at most.
const recheck = time.Second

// LoadCertificate loads a certificate and its key. It fails when they cannot be read or do not belong together.
func LoadCertificate(certFile, keyFile string, clock func() time.Time) (*Certificate, error) {
	c := &Certificate{certFile: certFile, keyFile: keyFile, clock: clock}
	if err := c.Reload(); err != nil {
		return nil, err
	}
	return c, nil
}

// Reload loads the files now. When it fails, the certificate loaded before stays in use.
func (c *Certificate) Reload() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.checked = c.clock()
	stamp, err := c.stamps()
	if err != nil {
		c.failure = err
		return err
	}
	return c.load(stamp)
}

// Get returns the certificate for a handshake, as tls.Config.GetCertificate asks for it.
func (c *Certificate) Get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := c.clock(); now.Sub(c.checked) >= recheck {
		c.checked = now
		if stamp, err := c.stamps(); err != nil {
			c.failure = err
		} else if stamp != c.stamp {
			_ = c.load(stamp) // kept in c.failure
		}
	}
	return c.loaded, nil
}

// Failure returns why the files as they are now could not be loaded, or nil.
func (c *Certificate) Failure() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.failure
}

func (c *Certificate) load(stamp [2]fileStamp) error {
	c.stamp = stamp
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		c.failure = fmt.Errorf("load certificate %s with key %s: %w", c.certFile, c.keyFile, err)
		return c.failure
	}
	c.loaded, c.failure = &pair, nil
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
