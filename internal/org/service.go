package org

import (
	"iter"
	"time"
)

// ServiceAccess is trusted access: a service may act in the organization's
// accounts.
type ServiceAccess struct {
	Principal ServicePrincipal `json:"principal"`
	Enabled   time.Time        `json:"enabled"`
}

func (s *ServiceAccess) kind() string           { return kindService }
func (s *ServiceAccess) id() string             { return string(s.Principal) }
func (s *ServiceAccess) put(o *Organization)    { o.services.Set(s.id(), s) }
func (s *ServiceAccess) remove(o *Organization) { o.services.Delete(s.id()) }

// Services lists the services that the organization trusts by their principals,
// from behind the cursor. It returns ConstraintViolation
// ORGANIZATION_NOT_IN_ALL_FEATURES_MODE.
func (o *Organization) Services(after Cursor) (iter.Seq2[Cursor, *ServiceAccess], error) {
	if err := o.requireAllFeatures(); err != nil {
		return nil, err
	}
	return walk(o.services, "", after), nil
}

// EnableService gives trusted access to a service. One that has it keeps it, and
// the date. It returns InvalidInput UNRECOGNIZED_SERVICE_PRINCIPAL and
// ConstraintViolation ORGANIZATION_NOT_IN_ALL_FEATURES_MODE.
func (d *Draft) EnableService(principal ServicePrincipal) error {
	if err := d.requireAllFeatures(); err != nil {
		return err
	}
	if _, known := d.rules.Services.Service(principal); !known {
		return invalid("UNRECOGNIZED_SERVICE_PRINCIPAL")
	}
	if !d.Trusts(principal) {
		d.put(&ServiceAccess{Principal: principal, Enabled: d.now})
	}
	return nil
}

// DisableService takes trusted access from a service; one that does not have it
// is no error. Its delegated administrators stay registered, as the service
// itself must dismiss them. It returns InvalidInput
// UNRECOGNIZED_SERVICE_PRINCIPAL, and ConstraintViolation
// ORGANIZATION_NOT_IN_ALL_FEATURES_MODE or POLICY_TYPE_ENABLED_FOR_THIS_SERVICE.
func (d *Draft) DisableService(principal ServicePrincipal) error {
	if err := d.requireAllFeatures(); err != nil {
		return err
	}
	service, known := d.rules.Services.Service(principal)
	access, trusted := d.services.Get(string(principal))
	switch {
	case !known && !trusted:
		return invalid("UNRECOGNIZED_SERVICE_PRINCIPAL")
	case !trusted:
		return nil
	case service.BoundPolicyType != "" && d.root.Status(service.BoundPolicyType) != "":
		return violate("POLICY_TYPE_ENABLED_FOR_THIS_SERVICE")
	}
	d.drop(access)
	return nil
}

// Trusts tells whether a service has trusted access. No organization, nil, trusts
// nobody.
func (o *Organization) Trusts(principal ServicePrincipal) bool {
	if o == nil {
		return false
	}
	_, trusted := o.services.Get(string(principal))
	return trusted
}
