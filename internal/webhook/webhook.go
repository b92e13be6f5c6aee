// Package webhook sends signed messages over HTTP, as Standard Webhooks 1.0 says
// (https://www.standardwebhooks.com): the receiver checks the signature with the
// secret that both know, refuses what is old, and recognizes what it was sent before
// by the message's id.
package webhook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/espalier-cloud/espalier/internal/identity"
)

// The headers of a message.
const (
	IDHeader        = "Webhook-Id"
	TimestampHeader = "Webhook-Timestamp"
	SignatureHeader = "Webhook-Signature"
)

const (
	secretPrefix = "whsec_" // of a secret as Standard Webhooks writes it
	leastSecret  = 24       // bytes
	mostAnswer   = 64 << 10 // bytes of an answer that are read
)

// Endpoint is where messages go, and the key that signs them.
type Endpoint struct {
	url    string
	key    identity.Secret // the bytes of the secret
	client *http.Client
	clock  func() time.Time
}

// New returns an endpoint. The secret is "whsec_" and at least 24 bytes in base64. A message is sent over transport
// and waits for its answer as long as timeout says; redirects are not followed. The clock is the time of day, which
// the receiver compares with his own. The error does not show the secret.
func New(address string, secret identity.Secret, timeout time.Duration, clock func() time.Time, transport http.RoundTripper) (*Endpoint, error) {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil {
		return nil, errors.New("the address of a webhook is an http or https URL without a user")
	}
	encoded, ok := strings.CutPrefix(strings.TrimSpace(secret.Reveal()), secretPrefix)
	key, err := base64.StdEncoding.DecodeString(encoded)
	if !ok || err != nil || len(key) < leastSecret {
		return nil, fmt.Errorf("the secret of a webhook is %q and at least %d bytes in base64", secretPrefix, leastSecret)
	}
	client := &http.Client{
		Transport: transport, Timeout: timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return &Endpoint{url: address, key: identity.NewSecret(string(key)), client: client, clock: clock}, nil
}

// Message is what is sent.
type Message struct {
	ID          string // the same whenever the message is sent again; without a dot
	ContentType string
	Body        []byte
}

// Answer is what the receiver says to a message that it took.
type Answer struct {
	Status     int // 2xx
	RetryAfter time.Duration
	Body       []byte
}

// RefusedError is the answer of a receiver that does not take a message.
type RefusedError struct {
	Status int
}

// Error names the status. What else the receiver said is not repeated: nobody knows what is in it.
func (e *RefusedError) Error() string {
	return strings.TrimSpace(fmt.Sprintf("the receiver answered %d %s", e.Status, http.StatusText(e.Status)))
}

// Final tells whether the receiver would answer the same again: it is there and objects to the message itself.
func (e *RefusedError) Final() bool {
	switch e.Status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return false
	}
	return e.Status >= 400 && e.Status < 500
}

// Send sends a message once. It returns a *RefusedError for an answer other than 2xx, and another error when there is
// no answer. Errors do not show the address, which may hold a secret.
func (e *Endpoint) Send(ctx context.Context, m Message) (Answer, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, e.url, bytes.NewReader(m.Body))
	if err != nil {
		return Answer{}, withoutURL(err)
	}
	at := e.clock()
	request.Header.Set("Content-Type", m.ContentType)
	request.Header.Set("User-Agent", "espalier")
	request.Header.Set(IDHeader, m.ID)
	request.Header.Set(TimestampHeader, strconv.FormatInt(at.Unix(), 10))
	request.Header.Set(SignatureHeader, e.sign(m, at))
	response, err := e.client.Do(request)
	if err != nil {
		return Answer{}, withoutURL(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, mostAnswer))
	if err != nil {
		return Answer{}, withoutURL(err)
	}
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return Answer{}, &RefusedError{response.StatusCode}
	}
	return Answer{Status: response.StatusCode, RetryAfter: retryAfter(response.Header, at), Body: body}, nil
}

// sign returns the signature of a message that is sent at a time.
func (e *Endpoint) sign(m Message, at time.Time) string {
	mac := hmac.New(sha256.New, []byte(e.key.Reveal()))
	fmt.Fprintf(mac, "%s.%d.", m.ID, at.Unix())
	mac.Write(m.Body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// retryAfter returns how long the receiver asks to wait, 0 when it does not say.
func retryAfter(h http.Header, now time.Time) time.Duration {
	text := h.Get("Retry-After")
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}

// withoutURL returns what went wrong with a request, without its address.
func withoutURL(err error) error {
	if failed, ok := errors.AsType[*url.Error](err); ok {
		return failed.Err
	}
	return err
}
