package server

import (
	"context"
	"net/http"

	"github.com/espalier-cloud/espalier/internal/authn"
	"github.com/espalier-cloud/espalier/internal/registry"
	"github.com/espalier-cloud/espalier/internal/wire"
)

// checkSession refuses a session that has ended.
func (c *call) checkSession(of *registry.View) error {
	session := c.verified.Session
	if session == nil {
		return nil
	}
	if err := of.Account.CheckSession(session); err != nil {
		return c.unrecognized()
	}
	if session.Expired(c.start) { // by the server's clock, which test suites put forward
		return &authn.Error{Kind: authn.ExpiredToken, Protocol: c.service().Protocol, Message: "The security token included in the request is expired"}
	}
	return nil
}

// checkCredentials refuses a session whose credentials are not for the operation, whatever its policies say. IAM
// does not know them at all.
func (c *call) checkCredentials(context.Context) error {
	session := c.verified.Session
	if session == nil || session.MayCall(c.binding.service.Name, c.binding.Name) {
		return nil
	}
	if c.binding.service.Name == "iam" {
		return c.unrecognized()
	}
	return wire.Error{Code: "AccessDenied", Message: "Cannot call " + c.binding.Name + " with session credentials", Status: http.StatusForbidden}
}

// unrecognized refuses credentials that were good once.
func (c *call) unrecognized() error {
	return &authn.Error{Kind: authn.UnrecognizedClient, Protocol: c.service().Protocol, Message: "The security token included in the request is invalid."}
}
