package main

import (
	"fmt"
	"time"

	"github.com/espalier-cloud/espalier/internal/provisioner"
	"github.com/espalier-cloud/espalier/internal/server"
)

// provision is the webhook in the configuration that makes and removes what accounts stand for.
type provision struct {
	hook
	Patience server.Duration `json:"patience"` // how long an account may take altogether
}

const (
	provisionTimeout  = 5 * time.Second
	provisionPatience = time.Hour

	// longestProvision is how long a call may take at most: a job is given to another server after ten seconds.
	longestProvision = 8 * time.Second
)

// provisioner returns the provisioner as operations know it, nil when there is none.
func (c *config) provisioner() (*provisioner.Provisioner, error) {
	p := c.Provisioner
	if p == nil {
		return nil, nil
	}
	if time.Duration(p.Timeout) > longestProvision {
		return nil, fmt.Errorf("provisioner: a call takes at most %v", longestProvision)
	}
	endpoint, err := p.endpoint(provisionTimeout)
	if err != nil {
		return nil, fmt.Errorf("provisioner: %w", err)
	}
	patience := time.Duration(p.Patience)
	if patience == 0 {
		patience = provisionPatience
	}
	return &provisioner.Provisioner{Endpoint: endpoint, Patience: patience}, nil
}
