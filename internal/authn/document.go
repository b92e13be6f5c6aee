package authn

import (
	"context"
	"crypto/sha1" //nolint:gosec // IAM's thumbprints of certificates are SHA-1
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/espalier-cloud/espalier/internal/identity"
)

// The bounds of what providers are asked for.
const (
	documentBytes = 1 << 20
	documentWait  = 5 * time.Second
	// documentPeriod is how long a document is believed, and failurePeriod that there is none. A provider publishes a
	// new key a minute before it signs with it, or more.
	documentPeriod = time.Minute
	failurePeriod  = 5 * time.Second
	maxDocuments   = 1024
)

// documents are what providers publish, each asked for once in a while however many tokens come: those who send
// tokens are unknown to the server, and providers are not for them to be worn out.
type documents struct {
	clock func() time.Time
	get   func(ctx context.Context, address string, thumbprints []string) ([]byte, error)

	mu    sync.Mutex
	known map[string]*document
}

// document is one that was asked for. Its lock is held while it is.
type document struct {
	mu    sync.Mutex
	until time.Time // when to ask again
	body  []byte
	err   error
}

// read reads a JSON document. It refuses one that cannot be had or read as IDPCommunicationError and
// InvalidIdentityToken.
func (d *documents) read(ctx context.Context, address string, thumbprints []string, into any) error {
	if u, err := url.Parse(address); err != nil || u.Scheme != "https" || u.Host == "" {
		return refuseToken(msgNoKeys, fmt.Errorf("%q is not the address of a document", address))
	}
	doc := d.find(address + " " + strings.Join(thumbprints, " "))
	doc.mu.Lock()
	defer doc.mu.Unlock()
	if now := d.clock(); !now.Before(doc.until) {
		// Others wait for the answer too: it does not depend on who asked first.
		doc.body, doc.err = d.get(context.WithoutCancel(ctx), address, thumbprints)
		doc.until = now.Add(documentPeriod)
		if doc.err != nil {
			doc.until = now.Add(failurePeriod)
		}
	}
	if doc.err != nil {
		return doc.err
	}
	if err := json.Unmarshal(doc.body, into); err != nil {
		return refuseToken(msgNoKeys, err)
	}
	return nil
}

func (d *documents) find(key string) *document {
	d.mu.Lock()
	defer d.mu.Unlock()
	doc, ok := d.known[key]
	if !ok {
		if d.known == nil || len(d.known) >= maxDocuments {
			d.known = map[string]*document{}
		}
		doc = new(document)
		d.known[key] = doc
	}
	return doc
}

// get asks a provider for a document. It follows no redirections: they could lead anywhere.
func get(ctx context.Context, address string, thumbprints []string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, documentWait)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return nil, refuseToken(msgNoKeys, err)
	}
	client := &http.Client{
		Transport:     &http.Transport{TLSClientConfig: trusting(request.URL.Hostname(), thumbprints), DisableKeepAlives: true, Proxy: http.ProxyFromEnvironment},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, &identity.Error{Kind: identity.IDPCommunicationError, Message: msgNoAnswer, Err: err}
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, refuseToken(msgNoKeys, errors.New(response.Status))
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, documentBytes+1))
	if err != nil {
		return nil, &identity.Error{Kind: identity.IDPCommunicationError, Message: msgNoAnswer, Err: err}
	}
	if len(body) > documentBytes {
		return nil, refuseToken(msgNoKeys, errors.New("the document is too large"))
	}
	return body, nil
}

// trusting returns how to tell the server of a provider: by an authority that this machine trusts or, as IAM does
// where there is none, by one of the certificates that the provider was registered with.
func trusting(host string, thumbprints []string) *tls.Config {
	return &tls.Config{
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: true, //nolint:gosec // VerifyConnection verifies
		VerifyConnection: func(state tls.ConnectionState) error {
			return verifyChain(state.PeerCertificates, host, thumbprints) // the state has no name for an IP address
		},
	}
}

func verifyChain(chain []*x509.Certificate, host string, thumbprints []string) error {
	options := x509.VerifyOptions{DNSName: host, Intermediates: x509.NewCertPool()}
	for _, c := range chain[1:] {
		options.Intermediates.AddCert(c)
	}
	_, err := chain[0].Verify(options)
	if err == nil {
		return nil
	}
	options.Roots = x509.NewCertPool()
	for _, c := range chain {
		sum := sha1.Sum(c.Raw) //nolint:gosec // see above
		if slices.ContainsFunc(thumbprints, func(t string) bool { return strings.EqualFold(t, hex.EncodeToString(sum[:])) }) {
			options.Roots.AddCert(c)
		}
	}
	if _, registered := chain[0].Verify(options); registered != nil {
		return err
	}
	return nil
}

func refuseToken(message string, cause error) error {
	return &identity.Error{Kind: identity.InvalidIdentityToken, Message: message, Err: cause}
}

func expiredToken(now, expired time.Time) error {
	return &identity.Error{
		Kind:    identity.ExpiredToken,
		Message: fmt.Sprintf("Token expired: current date/time %d must be before the expiration date/time %d", now.Unix(), expired.Unix()),
	}
}
