package ops

import (
	"context"
	"errors"

	"github.com/espalier-cloud/espalier/internal/api/iam"
	"github.com/espalier-cloud/espalier/internal/api/sts"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
	"github.com/espalier-cloud/espalier/internal/trail"
	"github.com/espalier-cloud/espalier/policy"
)

// entry is what a service asks for that calls in its own name: a session of a role.
type entry struct {
	*STS
	tx           *registry.Tx
	account      *identity.Draft   // of the role
	organization *org.Organization // of the account, once it matters; nil when there is none
	by           Caller
	arn          string // of the role
}

// assumeForService begins a session for a service that calls in its own name: in
// its service-linked role of an account, or in a role whose trust policy names it.
// The service-linked role comes into being here when it is not there yet and the
// account is in an organization that trusts the service. All of it is in the trail
// of the role's account; whatever stands in the way, the answer is the same.
func (s *STS) assumeForService(ctx context.Context, by Caller, in *sts.AssumeRoleInput) (*sts.AssumeRoleOutput, error) {
	refused := denied(by, identity.AssumeRoleAction, in.RoleArn)
	account, ok := identity.AccountOf(in.RoleArn)
	if !ok {
		return nil, refused
	}
	var out *sts.AssumeRoleOutput
	err := s.Registry.Write(ctx, registry.AccountKey(account), by.Call.Name, func(tx *registry.Tx) error {
		d, err := tx.Account(account)
		if errors.Is(err, registry.ErrNotFound) || err == nil && !d.State().Usable() {
			return refused
		}
		if err != nil {
			return err
		}
		e := &entry{STS: s, tx: tx, account: d, by: by, arn: in.RoleArn}
		role, err := e.role()
		if err != nil {
			return err
		}
		if role == nil {
			return refused
		}
		session, answer, err := s.begin(by, in, d.Account(), role, e.may)
		if err != nil {
			return err
		}
		if role.ServiceLinked() {
			d.UseServiceLinkedRole(role, session)
		}
		out = answer
		return recordIn(tx, account, by.Call, out)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// role returns the role if the service may assume it, or nil.
func (e *entry) role() (*identity.Role, error) {
	role, exists := e.account.RoleByARN(e.arn)
	linked, unknown := e.ServiceRoles.Role(e.by.ARN)
	if exists && role.ServiceLinked() {
		switch {
		case identity.LinkedService(e.arn) != e.by.ARN:
			return nil, nil
		case unknown != nil: // the configuration knew it once
			return role, nil
		}
		return e.account.RenewServiceLinkedRole(role, linked), nil
	}
	var err error
	if e.organization, err = organizationOf(e.tx, e.account); err != nil {
		return nil, err
	}
	switch {
	case exists && e.may(identity.AssumeRoleAction):
		return role, nil
	case !exists && unknown == nil && e.mayLink(linked):
		return e.link(linked)
	}
	return nil, nil
}

// mayLink tells whether the role is the service's own, and can come into being.
func (e *entry) mayLink(linked identity.ServiceLinkedRole) bool {
	_, taken := e.account.Role(linked.Name)
	return e.arn == e.account.ServiceLinkedRoleARN(linked) && e.organization.Trusts(org.ServicePrincipal(e.by.ARN)) && !taken
}

// may tells whether the trust policy of the role lets the service do something that
// assuming it needs, and no resource control policy keeps the service from it.
func (e *entry) may(action string) bool {
	r, err := e.by.Request(policy.NewAction(action), e.arn, e.by.Context)
	if err != nil {
		return false
	}
	return e.Decide(r, &e.by.Caller, nil, nil, e.account.Account(), e.organization).Result == policy.Allowed
}

// link adds the service-linked role of the service to the account, of which the
// account's trail tells.
func (e *entry) link(linked identity.ServiceLinkedRole) (*identity.Role, error) {
	role, err := e.account.CreateServiceLinkedRole(linked, "", linked.Description)
	if err != nil {
		return nil, err
	}
	creation := *e.by.Call
	creation.Source, creation.Name, creation.ReadOnly = "iam.amazonaws.com", "CreateServiceLinkedRole", false
	creation.Input = &iam.CreateServiceLinkedRoleInput{AWSServiceName: linked.Service}
	return role, recordIn(e.tx, e.account.ID(), &creation, &iam.CreateServiceLinkedRoleOutput{Role: new(showRole(e.account.Account(), role))})
}

// organizationOf returns the organization that an account belongs to, or nil.
func organizationOf(tx *registry.Tx, d *identity.Draft) (*org.Organization, error) {
	if d.Organization() == "" {
		return nil, nil
	}
	o, err := tx.Organization(org.ID(d.Organization()))
	if err != nil {
		return nil, err
	}
	return o.Organization, nil
}

// recordIn records a call by a service in the trail of the account where it acts.
func recordIn(tx *registry.Tx, account identity.AccountID, call *trail.Call, out any) error {
	event := call.Event(out)
	event.Account = account
	return tx.Record(event)
}
