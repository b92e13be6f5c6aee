package identity

import (
	_ "embed" // the list of service-linked roles
	"fmt"
	"strings"
	"sync"
)

// OrganizationsService is the service principal of AWS Organizations.
const OrganizationsService = "organizations.amazonaws.com"

const serviceRolePath = "/aws-service-role/"

// ServiceRolePath returns the path of a service's service-linked roles.
func ServiceRolePath(service string) string { return serviceRolePath + service + "/" }

// serviceLinkedRole is what AWS fixes about the role of a service.
type serviceLinkedRole struct {
	service       string // principal
	name          string
	managedPolicy string // its name with its path, but for the first slash
	suffix        bool   // whether a service can have several, told apart by a suffix
	description   string
}

//go:embed servicerole.tsv
var serviceRoles string

// serviceLinkedRoles returns the service-linked roles of AWS by the principals of their services.
var serviceLinkedRoles = sync.OnceValue(func() map[string]serviceLinkedRole {
	roles, err := parseServiceRoles(serviceRoles)
	if err != nil {
		panic(err) // the list is a part of the program
	}
	return roles
})

// parseServiceRoles reads lines of a principal, the name of its role, the role's managed policy, whether it takes a
// suffix, and its description.
func parseServiceRoles(text string) (map[string]serviceLinkedRole, error) {
	roles := map[string]serviceLinkedRole{}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Split(line, "\t")
		if len(fields) != 5 {
			return nil, fmt.Errorf("identity: service-linked roles: %q has %d fields", line, len(fields))
		}
		roles[fields[0]] = serviceLinkedRole{
			service: fields[0], name: fields[1], managedPolicy: serviceRolePath[1:] + fields[2],
			suffix: fields[3] == "suffix", description: fields[4],
		}
	}
	return roles, nil
}

// CreateServiceLinkedRole adds the role through which a service acts in the account. An empty description stands for
// AWS's, and a suffix tells several roles of one service apart. It refuses as InvalidInput a service that has no
// such role, a suffix where there can be none, and a role that is there already.
func (d *Draft) CreateServiceLinkedRole(service, suffix, description string) (*Role, error) {
	linked, ok := serviceLinkedRoles()[service]
	if !ok {
		return nil, refuse(InvalidInput, "Service linked role is not supported for service %s", service)
	}
	name := linked.name
	if suffix != "" {
		if !linked.suffix {
			return nil, refuse(InvalidInput, "Custom suffix is not allowed for %s", service)
		}
		name += "_" + suffix
	}
	if description == "" {
		description = linked.description
	}
	if err := checkRole(description, minMaxSession); err != nil {
		return nil, err
	}
	if err := checkName("customSuffix", name, maxRoleName); err != nil {
		return nil, err
	}
	if _, taken := d.Role(name); taken {
		return nil, refuse(InvalidInput, "Service role name %s has been taken in this account, "+
			"please try a different suffix.", name)
	}
	return d.addRole(Role{
		Entity: Entity{
			Name: name, Path: ServiceRolePath(service), Created: d.now,
			ManagedPolicies: []string{ManagedPolicyARN(d.Partition(), linked.managedPolicy)},
		},
		Description: description, TrustPolicy: trustDocument("Service", service), MaxSessionDuration: minMaxSession,
	})
}

// EnsureServiceLinkedRole returns the service's role, and adds it when the account has none: a
// standalone account keeps it from the organization it was in. It refuses as [Draft.CreateServiceLinkedRole] does.
func (d *Draft) EnsureServiceLinkedRole(service string) (*Role, error) {
	if linked, ok := serviceLinkedRoles()[service]; ok {
		if r, ok := d.Role(linked.name); ok {
			return r, nil
		}
	}
	return d.CreateServiceLinkedRole(service, "", "")
}

// ordinaryRoles returns how many roles count against the quota.
func (s *state) ordinaryRoles() int { return s.roles.Len() - s.referrerCount(serves, "") }
