package ops

import (
	"context"
	"errors"
	"fmt"

	"github.com/espalier-cloud/espalier/internal/api/account"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
	"github.com/espalier-cloud/espalier/internal/store"
)

// AccountManagement is AWS Account Management. Its operations are about the
// caller's own account or, when they name one, about a member account:
// https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-api-modes-of-operation.html.
type AccountManagement struct {
	Core
	Tokens *Tokens
}

// accountService is the service principal of Account Management.
const accountService org.ServicePrincipal = "account.amazonaws.com"

// about returns the account that a call is about: the caller's own when it names
// none. It refuses callers who may not name this one.
func (a *AccountManagement) about(by Caller, named *string) (identity.AccountID, error) {
	if named == nil {
		return by.Account, nil
	}
	o, id := by.View.Organization, org.AccountID(*named)
	switch {
	case o == nil || o.Settings().FeatureSet != org.AllFeatures:
		return "", mayNotManage(by, "")
	case o.Standing(org.AccountID(by.Account)) == org.Management && id == org.AccountID(by.Account):
		return "", mayNotManage(by, "The management account can only be managed using the standalone context from the management account.")
	case !administers(o, org.AccountID(by.Account), accountService), o.Standing(id) != org.Member:
		return "", mayNotManage(by, "")
	case !trusts(o, accountService):
		return "", mayNotManage(by, "Your organization must first enable trusted access with AWS Account Management.")
	}
	return identity.AccountID(id), nil
}

// mayNotManage refuses a caller in AWS's sentence, which may give a reason.
func mayNotManage(by Caller, reason string) error {
	message := fmt.Sprintf("User: %s is not authorized to perform: %s:%s", by.ARN, account.ServiceName, by.Call.Name)
	if reason != "" {
		message += " (" + reason + ")"
	}
	return &account.AccessDeniedException{Message: message}
}

// read returns the account that a call is about.
func (a *AccountManagement) read(ctx context.Context, by Caller, named *string) (*identity.Account, error) {
	id, err := a.about(by, named)
	if err != nil || id == by.Account {
		return by.View.Account, err
	}
	return a.Registry.Account(ctx, id)
}

// manage applies a rule to the account that a call is about, records its event in
// the same commit, and answers with what the rule makes. The event stays in the
// trail of the caller.
func manage[Out any](ctx context.Context, a *AccountManagement, by Caller, named *string, rule func(*registry.Tx, *identity.Draft) (*Out, error)) (*Out, error) {
	id, err := a.about(by, named)
	if err != nil {
		return nil, err
	}
	out, err := commit(ctx, &a.Core, by, registry.AccountKey(id), func(tx *registry.Tx) (*Out, error) {
		d, err := managed(tx, by, id)
		if err != nil {
			return nil, err
		}
		return rule(tx, d)
	})
	return out, accountException(err)
}

// managed returns the account that a call is about to work on, unless it left the
// organization of the caller meanwhile.
func managed(tx *registry.Tx, by Caller, id identity.AccountID) (*identity.Draft, error) {
	d, err := tx.Account(id)
	if err == nil && id != by.Account && d.Organization() != by.View.Account.Organization() {
		return nil, mayNotManage(by, "")
	}
	return d, err
}

// alter is manage for an operation whose answer is empty.
func alter[Out any](ctx context.Context, a *AccountManagement, by Caller, named *string, rule func(*identity.Draft) error) (*Out, error) {
	return manage(ctx, a, by, named, func(_ *registry.Tx, d *identity.Draft) (*Out, error) { return new(Out), rule(d) })
}

// accountException makes the errors of rules exceptions of Account Management.
func accountException(err error) error {
	if refused, ok := errors.AsType[*identity.Error](err); ok {
		return refusedByRule(refused)
	}
	if _, ok := errors.AsType[*store.ClaimedError](err); ok {
		return emailTaken() // nothing else is claimed here
	}
	if errors.Is(err, registry.ErrConcurrentModification) {
		return &account.TooManyRequestsException{Message: "Somebody else changed the account at the same time. Try again later."}
	}
	return err
}

// refusedByRule maps the kinds of package identity to the exceptions of Account
// Management. What no rule about accounts returns stays as it is.
func refusedByRule(e *identity.Error) error {
	switch e.Kind { //nolint:exhaustive // most kinds are for users and roles
	case identity.ValidationError:
		return invalidField(e.Field, e.Message)
	case identity.InvalidInput:
		return &account.ValidationException{Message: e.Message, Reason: account.ValidationExceptionReasonInvalidRegionOptTarget}
	case identity.NoSuchEntity:
		return &account.ResourceNotFoundException{Message: e.Message}
	case identity.EntityAlreadyExists, identity.Conflict:
		return &account.ConflictException{Message: e.Message}
	case identity.LimitExceeded:
		return &account.TooManyRequestsException{Message: e.Message}
	}
	return e
}

// invalidField refuses the value of a member.
func invalidField(field, message string) error {
	e := &account.ValidationException{Message: message, Reason: account.ValidationExceptionReasonFieldValidationFailed}
	if field != "" {
		e.FieldList = []account.ValidationExceptionField{{Name: &field, Message: &message}}
	}
	return e
}
