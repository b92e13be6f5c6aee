package org

import (
	_ "embed" // the list of services
	"fmt"
	"maps"
	"strconv"
	"strings"
)

// Service is a service that an organization can trust.
type Service struct {
	Principal       ServicePrincipal
	DelegatedAdmins int        // how many accounts may be its delegated administrators; 0 when it supports none
	BoundPolicyType PolicyType // the policy type that needs trusted access for this service, or ""
}

// Catalogue is the set of services that an organization can trust. It never
// changes.
type Catalogue struct{ byPrincipal map[ServicePrincipal]Service }

//go:embed services.tsv
var servicesOfAWS string

// AWSServices returns the services that AWS documents.
func AWSServices() *Catalogue {
	services, err := parseServices(servicesOfAWS)
	if err != nil {
		panic(err) // the list is a part of the program
	}
	return new(Catalogue).With(services...)
}

// With returns a catalogue that holds more services; one of a principal that c
// holds takes its place.
func (c *Catalogue) With(extra ...Service) *Catalogue {
	all := make(map[ServicePrincipal]Service, len(c.byPrincipal)+len(extra))
	maps.Copy(all, c.byPrincipal)
	for _, service := range extra {
		all[service.Principal] = service
	}
	return &Catalogue{byPrincipal: all}
}

// Service returns the service of a principal, and whether there is one.
func (c *Catalogue) Service(principal ServicePrincipal) (Service, bool) {
	service, known := c.byPrincipal[principal]
	return service, known
}

// boundTo returns the services that must be trusted before a policy type can be
// enabled.
func (c *Catalogue) boundTo(t PolicyType) []ServicePrincipal {
	var bound []ServicePrincipal
	for principal, service := range c.byPrincipal {
		if service.BoundPolicyType == t {
			bound = append(bound, principal)
		}
	}
	return bound
}

// parseServices reads lines of a principal, a number of delegated administrators
// and perhaps a policy type.
func parseServices(text string) ([]Service, error) {
	var services []Service
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) == 0 || strings.HasPrefix(line, "#") {
			continue
		}
		if len(fields) < 2 || len(fields) > 3 {
			return nil, fmt.Errorf("org: service list: %q has %d fields", strings.TrimSpace(line), len(fields))
		}
		admins, err := strconv.Atoi(fields[1])
		if err != nil {
			return nil, fmt.Errorf("org: service list: %s: %w", fields[0], err)
		}
		service := Service{Principal: ServicePrincipal(fields[0]), DelegatedAdmins: admins}
		if len(fields) == 3 {
			service.BoundPolicyType = PolicyType(fields[2])
		}
		services = append(services, service)
	}
	return services, nil
}
