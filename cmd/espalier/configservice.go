package main

import (
	"fmt"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
)

// service is one that organizations may trust: of the operator's own platform, or one of AWS of which something else is
// to hold. In the file it may also be its principal alone.
type service struct {
	Principal               string         `json:"principal"`
	DelegatedAdministrators *int           `json:"delegatedAdministrators"` // how many accounts can be; nil is any number, or AWS's
	PolicyType              org.PolicyType `json:"policyType"`              // which can only be enabled while the service is trusted
	Role                    *serviceRole   `json:"role"`                    // through which it acts in accounts
}

// serviceRole is the service-linked role of a service.
type serviceRole struct {
	Name        string         `json:"name"`
	Description string         `json:"description"`
	Policy      jsontext.Value `json:"policy"` // what the role may do
}

// UnmarshalJSONFrom reads a service, or its principal.
func (s *service) UnmarshalJSONFrom(in *jsontext.Decoder) error {
	if in.PeekKind() == '"' {
		return json.UnmarshalDecode(in, &s.Principal)
	}
	type plain service
	return json.UnmarshalDecode(in, (*plain)(s))
}

func (s *service) check() error {
	if err := identity.CheckServicePrincipal(s.Principal); err != nil {
		return err
	}
	if n := s.DelegatedAdministrators; n != nil && *n < 0 {
		return fmt.Errorf("the number of delegated administrators of %s is negative", s.Principal)
	}
	if s.PolicyType != "" && !slices.Contains(org.PolicyTypes(), s.PolicyType) {
		return fmt.Errorf("%s: unknown policy type %q; there are %v", s.Principal, s.PolicyType, org.PolicyTypes())
	}
	return nil
}

// in returns the service as organizations know it, given the services that they know already.
func (s *service) in(known *org.Catalogue) org.Service {
	described, ofAWS := known.Service(org.ServicePrincipal(s.Principal))
	if !ofAWS {
		described = org.Service{Principal: org.ServicePrincipal(s.Principal), DelegatedAdmins: anyNumber}
	}
	if s.DelegatedAdministrators != nil {
		described.DelegatedAdmins = *s.DelegatedAdministrators
	}
	if s.PolicyType != "" {
		described.BoundPolicyType = s.PolicyType
	}
	return described
}

// anyNumber of accounts may administer a service of the operator's own.
const anyNumber = 1 << 30

// catalogue returns the services that organizations may trust.
func (c *config) catalogue() *org.Catalogue {
	all := org.AWSServices()
	for i := range c.Services {
		all = all.With(c.Services[i].in(all))
	}
	return all
}

// serviceRoles returns the service-linked roles that services act through.
func (c *config) serviceRoles() (*identity.ServiceRoles, error) {
	all := identity.AWSServiceRoles()
	for i := range c.Services {
		role := c.Services[i].Role
		if role == nil {
			continue
		}
		var err error
		all, err = all.With(identity.ServiceLinkedRole{
			Service: c.Services[i].Principal, Name: role.Name, Description: role.Description, Document: string(role.Policy),
		})
		if err != nil {
			return nil, fmt.Errorf("the role of %s: %w", c.Services[i].Principal, err)
		}
	}
	return all, nil
}
