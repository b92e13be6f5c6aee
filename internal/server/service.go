package server

import (
	"github.com/espalier-cloud/espalier/internal/authz"
	"github.com/espalier-cloud/espalier/policy"
)

// authorizeService refuses what a service asks in its own name, but for who it is and for a session of a role: everything
// else it does through one.
func (c *call) authorizeService() error {
	if c.binding.rule.ForServices {
		return nil
	}
	question, err := c.caller.Request(c.binding.rule.Action(), "*", c.caller.Context)
	if err != nil {
		return err
	}
	return &authz.DeniedError{Decision: policy.Decision{Kind: policy.IdentityPolicy, Statement: -1}, Request: question}
}
