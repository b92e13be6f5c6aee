package identity

import (
	_ "embed" // the list of service-linked roles
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/espalier-cloud/espalier/policy"
)

// OrganizationsService is the service principal of AWS Organizations.
const OrganizationsService = "organizations.amazonaws.com"

const serviceRolePath = "/aws-service-role/"

// ServiceRolePath returns the path of a service's service-linked roles.
func ServiceRolePath(service string) string { return serviceRolePath + service + "/" }

// ServiceLinkedRole is what is fixed about the role through which a service acts in accounts.
type ServiceLinkedRole struct {
	Service       string // principal
	Name          string
	Description   string
	ManagedPolicy string // of AWS: its name with its path, but for the first slash; or empty
	Document      string // what the role may do beside that: a policy document, or empty
	Suffix        bool   // whether the service can have several, told apart by a suffix
}

// ServiceRoles are the service-linked roles that there are. They never change, and nil stands for AWS's.
type ServiceRoles struct {
	byService map[string]ServiceLinkedRole
}

//go:embed servicerole.tsv
var serviceRoles string

// serviceRolesOfAWS are the service-linked roles of AWS.
var serviceRolesOfAWS = sync.OnceValue(func() *ServiceRoles {
	roles, err := parseServiceRoles(serviceRoles)
	if err != nil {
		panic(err) // the list is a part of the program
	}
	return &ServiceRoles{roles}
})

// AWSServiceRoles returns the service-linked roles of AWS.
func AWSServiceRoles() *ServiceRoles { return serviceRolesOfAWS() }

// parseServiceRoles reads lines of a principal, the name of its role, the role's managed policy, whether it takes a
// suffix, and its description.
func parseServiceRoles(text string) (map[string]ServiceLinkedRole, error) {
	roles := map[string]ServiceLinkedRole{}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Split(line, "\t")
		if len(fields) != 5 {
			return nil, fmt.Errorf("identity: service-linked roles: %q has %d fields", line, len(fields))
		}
		roles[fields[0]] = ServiceLinkedRole{
			Service: fields[0], Name: fields[1], ManagedPolicy: serviceRolePath[1:] + fields[2],
			Suffix: fields[3] == "suffix", Description: fields[4],
		}
	}
	return roles, nil
}

// Role returns the role of a service. It refuses a service that has none as InvalidInput.
func (s *ServiceRoles) Role(service string) (ServiceLinkedRole, error) {
	if s == nil {
		s = AWSServiceRoles()
	}
	linked, ok := s.byService[service]
	if !ok {
		return linked, refuse(InvalidInput, "Service linked role is not supported for service %s", service)
	}
	return linked, nil
}

// With returns service roles that hold more; one of a service that s holds takes its place. It refuses the role of AWS
// Organizations, a principal or a name that is none, a name that the role of another service has, and a description
// that is too long, as ValidationError, and permissions that are no policy document as MalformedPolicyDocument.
func (s *ServiceRoles) With(extra ...ServiceLinkedRole) (*ServiceRoles, error) {
	if s == nil {
		s = AWSServiceRoles()
	}
	all := maps.Clone(s.byService)
	for _, linked := range extra {
		if err := linked.check(); err != nil {
			return nil, err
		}
		for service, other := range all {
			if service != linked.Service && nameKey(other.Name) == nameKey(linked.Name) {
				return nil, refuse(ValidationError, "The role name %s belongs to %s.", linked.Name, service)
			}
		}
		all[linked.Service] = linked
	}
	return &ServiceRoles{all}, nil
}

func (l *ServiceLinkedRole) check() error {
	if err := CheckServicePrincipal(l.Service); err != nil {
		return err
	}
	if l.Service == OrganizationsService {
		return refuse(ValidationError, "The role of %s is fixed.", l.Service)
	}
	if err := checkName("roleName", l.Name, maxRoleName); err != nil {
		return err
	}
	if err := checkRole(l.Description, minMaxSession); err != nil {
		return err
	}
	if l.Document == "" {
		return nil
	}
	return checkDocument(policy.IdentityPolicy, l.Document)
}

// CheckServicePrincipal refuses what cannot be the principal of a service, as ValidationError: it has the form of a
// domain name.
func CheckServicePrincipal(service string) error {
	if len(service) > 128 || !servicePattern.MatchString(service) {
		return refuse(ValidationError, "%q is no service principal: one looks like a domain name in lower case.", service)
	}
	return nil
}

var servicePattern = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$`)

// CreateServiceLinkedRole adds the role through which a service acts in the account. The description is who calls it's:
// a service gives its own, other people's is empty where they give none. A suffix tells several roles of one service
// apart. It refuses as InvalidInput a suffix where there can be none, and a role that is there already.
func (d *Draft) CreateServiceLinkedRole(linked ServiceLinkedRole, suffix, description string) (*Role, error) {
	name := linked.Name
	if suffix != "" {
		if !linked.Suffix {
			return nil, refuse(InvalidInput, "Custom suffix is not allowed for %s", linked.Service)
		}
		name += "_" + suffix
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
	r := Role{
		Entity:      Entity{Name: name, Path: ServiceRolePath(linked.Service), Created: d.now},
		Description: description, TrustPolicy: trustDocument("Service", linked.Service), MaxSessionDuration: minMaxSession,
	}
	linked.equip(&r, d.Partition())
	return d.addRole(r)
}

// equip gives a role the permissions that its service has.
func (l *ServiceLinkedRole) equip(r *Role, p Partition) {
	r.ManagedPolicies, r.InlinePolicies = nil, nil
	if l.ManagedPolicy != "" {
		r.ManagedPolicies = []string{ManagedPolicyARN(p, l.ManagedPolicy)}
	}
	if l.Document != "" {
		r.InlinePolicies = []InlinePolicy{{l.Name + "Policy", l.Document}}
	}
}

// EnsureOrganizationsRole returns the role of AWS Organizations, and adds it when the account has none: a standalone
// account keeps it from the organization it was in.
func (d *Draft) EnsureOrganizationsRole() (*Role, error) {
	linked, err := AWSServiceRoles().Role(OrganizationsService)
	if err != nil {
		return nil, err
	}
	if r, ok := d.Role(linked.Name); ok {
		return r, nil
	}
	return d.CreateServiceLinkedRole(linked, "", linked.Description)
}

// ServiceUse is a session that a service has begun in its role.
type ServiceUse struct {
	Session string    `json:"session"` // ARN
	Until   time.Time `json:"until"`
}

// UseServiceLinkedRole notes that a service begins a session in its role. Of several sessions the one that ends last is
// known.
func (d *Draft) UseServiceLinkedRole(r *Role, s *Session) {
	if use := r.InUse; use != nil && use.Until.After(s.Expires) {
		return
	}
	changed := *r
	changed.InUse = &ServiceUse{s.ARN, s.Expires}
	d.setRole(&changed)
}

// RenewServiceLinkedRole gives a role the permissions that its service has by now, and returns it.
func (d *Draft) RenewServiceLinkedRole(r *Role, linked ServiceLinkedRole) *Role {
	changed := *r
	linked.equip(&changed, d.Partition())
	if slices.Equal(changed.ManagedPolicies, r.ManagedPolicies) && slices.Equal(changed.InlinePolicies, r.InlinePolicies) {
		return r
	}
	d.setRole(&changed)
	return &changed
}

// ServiceLinkedRoleARN returns the ARN of a service's role, which the account may have or not.
func (s *state) ServiceLinkedRoleARN(linked ServiceLinkedRole) string {
	return RoleARN(s.Partition(), s.ID(), ServiceRolePath(linked.Service), linked.Name)
}

// LinkedService returns the principal of the service whose service-linked role a role is by its ARN, or "".
func LinkedService(roleARN string) string {
	_, path, _ := strings.Cut(roleARN, ":role"+serviceRolePath)
	service, _, _ := strings.Cut(path, "/")
	return service
}

// ordinaryRoles returns how many roles count against the quota.
func (s *state) ordinaryRoles() int { return s.roles.Len() - s.referrerCount(serves, "") }
