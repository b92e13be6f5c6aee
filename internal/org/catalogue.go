package org

// Service is a service that an organization can trust.
type Service struct {
	Principal       ServicePrincipal
	DelegatedAdmins int        // how many accounts may be its delegated administrators; 0 when it supports none
	BoundPolicyType PolicyType // the policy type that needs trusted access for this service, or ""
}

// Catalogue is the set of services that an organization can trust.
type Catalogue struct{ byPrincipal map[ServicePrincipal]Service }

// AWSServices returns the services that AWS documents.
func AWSServices() *Catalogue { return &Catalogue{} }
