package identity

// OrganizationsService is the service principal of AWS Organizations.
const OrganizationsService = "organizations.amazonaws.com"

const serviceRolePath = "/aws-service-role/"

// serviceLinkedRole is what AWS fixes about the role of a service.
type serviceLinkedRole struct {
	name, description, managedPolicy string
}

func serviceLinkedRoleOf(service string) (serviceLinkedRole, bool) {
	switch service {
	case OrganizationsService:
		return serviceLinkedRole{
			name:          "AWSServiceRoleForOrganizations",
			description:   "Service-linked role used by AWS Organizations to enable integration of other AWS services with Organizations.",
			managedPolicy: "aws-service-role/AWSOrganizationsServiceTrustPolicy",
		}, true
	default:
		return serviceLinkedRole{}, false
	}
}

// CreateServiceLinkedRole adds the role through which a service acts in the account. It refuses a service that has none
// as InvalidInput, and a second role as InvalidInput too, which is what iam:CreateServiceLinkedRole answers.
func (d *Draft) CreateServiceLinkedRole(service string) (*Role, error) {
	linked, ok := serviceLinkedRoleOf(service)
	if !ok {
		return nil, refuse(InvalidInput, "Service linked role is not supported for service %s", service)
	}
	if _, taken := d.Role(linked.name); taken {
		return nil, refuse(InvalidInput, "Service role name %s has been taken in this account, "+
			"please try a different suffix.", linked.name)
	}
	return d.addRole(Role{
		Name: linked.name, Path: serviceRolePath + service + "/", Description: linked.description,
		TrustPolicy: trustDocument("Service", service), MaxSessionDuration: minMaxSession,
		ManagedPolicies: []string{ManagedPolicyARN(d.Partition(), linked.managedPolicy)},
	})
}

// EnsureServiceLinkedRole returns the service's role, and adds it when the account has none: a
// standalone account keeps it from the organization it was in. It refuses as [Draft.CreateServiceLinkedRole] does.
func (d *Draft) EnsureServiceLinkedRole(service string) (*Role, error) {
	if linked, ok := serviceLinkedRoleOf(service); ok {
		if r, ok := d.Role(linked.name); ok {
			return r, nil
		}
	}
	return d.CreateServiceLinkedRole(service)
}

// DeleteServiceLinkedRole deletes a service's role with its policies. Whether the service still needs it
// is for the caller to ask. It refuses a name that is no service-linked role's as NoSuchEntity.
func (d *Draft) DeleteServiceLinkedRole(name string) error {
	r, ok := d.Role(name)
	if !ok || !r.ServiceLinked() {
		return refuse(NoSuchEntity, "The role with name %s cannot be found.", name)
	}
	d.removeRole(r)
	return nil
}
