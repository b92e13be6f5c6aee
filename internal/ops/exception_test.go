package ops_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/ops"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
)

// Every kind of refusal has an exception of its own, that carries the message and
// the reason to the client, but not the cause.
func TestEveryKindHasAnException(t *testing.T) {
	seen := map[string]org.Kind{}
	for kind := org.Internal + 1; kind <= org.UnsupportedAPIEndpoint; kind++ {
		e := ops.Exception(fmt.Errorf("wrapped: %w", &org.Error{Kind: kind, Reason: "REASON", Message: "message", Err: errors.New("secret cause")}))
		if e == nil {
			t.Errorf("kind %d has no exception", kind)
			continue
		}
		if other, taken := seen[e.ErrorCode()]; taken {
			t.Errorf("kinds %d and %d are both %s", kind, other, e.ErrorCode())
		}
		seen[e.ErrorCode()] = kind
		if e.ErrorMessage() != "message" || e.HTTPStatus() != 400 || e.Error() != e.ErrorCode()+": message" {
			t.Errorf("%s: status %d, %v", e.ErrorCode(), e.HTTPStatus(), e)
		}
		if reason := reasonOf(e); reason != "" && reason != "REASON" {
			t.Errorf("%s: the reason is %s", e.ErrorCode(), reason)
		}
	}
}

func TestIdentityExceptions(t *testing.T) {
	for _, c := range []struct {
		kind   identity.ErrorKind
		code   string
		status int
	}{
		{identity.NoSuchEntity, "NoSuchEntity", 404},
		{identity.EntityAlreadyExists, "EntityAlreadyExists", 409},
		{identity.LimitExceeded, "LimitExceeded", 409},
		{identity.ValidationError, "ValidationError", 400},
		{identity.InvalidInput, "InvalidInput", 400},
		{identity.PolicyNotAttachable, "PolicyNotAttachable", 400},
		{identity.MalformedPolicyDocument, "MalformedPolicyDocument", 400},
		{identity.DeleteConflict, "DeleteConflict", 409},
		{identity.UnmodifiableEntity, "UnmodifiableEntity", 400},
		{identity.AccessDenied, "AccessDenied", 403},
	} {
		e := ops.Exception(&identity.Error{Kind: c.kind, Message: "message"})
		if e == nil || e.ErrorCode() != c.code || e.HTTPStatus() != c.status || e.ErrorMessage() != "message" || e.Error() != c.code+": message" {
			t.Errorf("%s: %v", c.code, e)
		}
	}
}

// What is nobody's business but the log's has no exception.
func TestErrorsThatStayInside(t *testing.T) {
	for _, err := range []error{
		errors.New("disk full"),
		&org.Error{Kind: org.Internal, Message: "damaged"},
		&org.Error{Kind: -1},
		&identity.Error{Kind: identity.AccountClosed},
		&identity.Error{Kind: identity.SessionRevoked},
		&identity.Error{Kind: -1},
		registry.ErrNotFound,
	} {
		if e := ops.Exception(err); e != nil {
			t.Errorf("%v is told the client as %v", err, e)
		}
	}
	conflict := ops.Exception(fmt.Errorf("wrapped: %w", registry.ErrConcurrentModification))
	if e, ok := conflict.(*organizations.ConcurrentModificationException); !ok || e.Message != sentence("", "ConcurrentModification", "") {
		t.Errorf("a conflict is %v", conflict)
	}
	known := &organizations.TooManyRequestsException{Message: "later"}
	if e := ops.Exception(fmt.Errorf("wrapped: %w", known)); e != known {
		t.Errorf("an exception became %v", e)
	}
}
