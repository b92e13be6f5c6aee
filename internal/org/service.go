package org

import "time"

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
