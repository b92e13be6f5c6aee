package main

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/outbox"
	"github.com/espalier-cloud/espalier/internal/provisioner"
	"github.com/espalier-cloud/espalier/internal/server"
	"github.com/espalier-cloud/espalier/internal/webhook"
)

// hook is a webhook in the configuration. Its secret is in a file that only its owner reads, or in a variable of the
// environment, never in the configuration itself.
type hook struct {
	URL            string          `json:"url"`
	SecretFile     string          `json:"secretFile"`
	SecretVariable string          `json:"secretVariable"`
	Timeout        server.Duration `json:"timeout"` // of one call
}

// endpoint returns the webhook, which may take so long to answer unless the configuration says otherwise.
func (h *hook) endpoint(timeout time.Duration) (*webhook.Endpoint, error) {
	secret, err := h.secret()
	if err != nil {
		return nil, err
	}
	if h.Timeout > 0 {
		timeout = time.Duration(h.Timeout)
	}
	return webhook.New(h.URL, secret, timeout, time.Now, http.DefaultTransport)
}

func (h *hook) secret() (identity.Secret, error) {
	switch {
	case (h.SecretFile == "") == (h.SecretVariable == ""):
		return identity.Secret{}, errors.New(`a webhook needs either "secretFile" or "secretVariable"`)
	case h.SecretVariable != "":
		return identity.NewSecret(os.Getenv(h.SecretVariable)), nil
	}
	if err := requirePrivate(h.SecretFile); err != nil {
		return identity.Secret{}, err
	}
	text, err := os.ReadFile(h.SecretFile)
	return identity.NewSecret(string(text)), err
}

// outward is whom the server calls.
type outward struct {
	receivers   []outbox.Receiver
	provisioner *provisioner.Provisioner // nil when there is none
}

// outward returns whom the configuration names. It reads their secrets.
func (c *config) outward() (out outward, err error) {
	if out.receivers, err = c.outboxReceivers(); err != nil {
		return out, err
	}
	out.provisioner, err = c.provisioner()
	return out, err
}

// receiver is somebody in the configuration who is told of events: a webhook or a file.
type receiver struct {
	hook
	Name     string          `json:"name"`
	Events   []string        `json:"events"` // names or patterns such as Create*; none means all
	File     string          `json:"file"`
	Patience server.Duration `json:"patience"` // how long an event is offered to a receiver that does not answer
	Refusals int             `json:"refusals"` // how often an event is offered to a receiver that will not have it
}

// receiverTimeout is how long a receiver may take to answer.
const receiverTimeout = 10 * time.Second

// outboxReceivers returns the receivers as the outbox knows them.
func (c *config) outboxReceivers() ([]outbox.Receiver, error) {
	var all []outbox.Receiver
	names := map[string]bool{}
	for _, r := range c.Receivers {
		known := outbox.Receiver{Name: r.Name, Events: r.Events, Patience: time.Duration(r.Patience), Refusals: r.Refusals}
		if err := known.Check(); err != nil {
			return nil, err
		}
		if names[r.Name] {
			return nil, fmt.Errorf("there are two receivers with the name %s", r.Name)
		}
		names[r.Name] = true
		var err error
		if known.Target, err = r.target(); err != nil {
			return nil, fmt.Errorf("receiver %s: %w", r.Name, err)
		}
		all = append(all, known)
	}
	return all, nil
}

// target returns where the receiver's events go.
func (r *receiver) target() (outbox.Target, error) {
	if r.File != "" {
		if r.hook != (hook{}) {
			return nil, errors.New("it is either a file or a webhook")
		}
		path, err := filepath.Abs(r.File)
		return outbox.ToFile(path), err
	}
	endpoint, err := r.endpoint(receiverTimeout)
	if err != nil {
		return nil, err
	}
	return outbox.ToWebhook(endpoint), nil
}
