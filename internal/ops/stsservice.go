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
		organization, err := organizationOf(tx, d)
		if err != nil {
			return err
		}
		may := func(action string) bool { return s.trustsService(by, action, d.Account(), organization, in.RoleArn) }
		role, err := s.roleForService(tx, d, by, in.RoleArn, organization, may)
		if err != nil {
			return err
		}
		if role == nil {
			return refused
		}
		session, answer, err := s.begin(by, in, d.Account(), role, may)
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

// roleForService returns the role of an ARN that a service may assume, or nil. The
// organization is that of the account, or nil; may asks the trust policy.
func (s *STS) roleForService(tx *registry.Tx, d *identity.Draft, by Caller, arn string, organization *org.Organization, may func(action string) bool) (*identity.Role, error) {
	role, exists := d.RoleByARN(arn)
	linked, unknown := s.ServiceRoles.Role(by.ARN)
	switch {
	case exists && !role.ServiceLinked():
		if may(identity.AssumeRoleAction) {
			return role, nil
		}
	case exists && identity.LinkedService(arn) == by.ARN && unknown == nil:
		return d.RenewServiceLinkedRole(role, linked), nil
	case exists && identity.LinkedService(arn) == by.ARN:
		return role, nil
	case !exists && unknown == nil && arn == d.ServiceLinkedRoleARN(linked) && organization.Trusts(org.ServicePrincipal(by.ARN)):
		return linkRole(tx, d, by, linked)
	}
	return nil, nil
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

// trustsService tells whether the trust policy of a role lets a service do something
// that assuming it needs, and no resource control policy keeps the service from it.
func (s *STS) trustsService(by Caller, action string, owner *identity.Account, ownedIn *org.Organization, role string) bool {
	r, err := by.Request(action, role, by.Context)
	if err != nil {
		return false
	}
	r.Principal = policy.Principal{Type: policy.Service, ARN: by.ARN} // also where its name is not one of AWS's
	return s.Decide(r, &by.Caller, nil, nil, owner, ownedIn).Result == policy.Allowed
}

// linkRole adds the service-linked role of a service to an account, of which the
// account's trail tells.
func linkRole(tx *registry.Tx, d *identity.Draft, by Caller, linked identity.ServiceLinkedRole) (*identity.Role, error) {
	role, err := d.CreateServiceLinkedRole(linked, "", "")
	if err != nil {
		return nil, err
	}
	creation := *by.Call
	creation.Source, creation.Name, creation.ReadOnly = "iam.amazonaws.com", "CreateServiceLinkedRole", false
	creation.Input = &iam.CreateServiceLinkedRoleInput{AWSServiceName: linked.Service}
	return role, recordIn(tx, d.ID(), &creation, &iam.CreateServiceLinkedRoleOutput{Role: new(showRole(d.Account(), role))})
}

// recordIn records a call by a service in the trail of the account where it acts.
func recordIn(tx *registry.Tx, account identity.AccountID, call *trail.Call, out any) error {
	event := call.Event(out)
	event.Account = account
	return tx.Record(event)
}
