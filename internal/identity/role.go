package identity

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// The quotas of IAM that apply to roles.
const (
	MaxRoles           = 1000
	MaxPoliciesPerRole = 10
	MaxTagsPerRole     = 50
)

// The bounds of a role's maximum session duration, in seconds.
const (
	minMaxSession int32 = 3600
	maxMaxSession int32 = 43200
)

// Role is an IAM role.
type Role struct {
	Name               string         `json:"name"`
	Path               string         `json:"path"` // begins and ends with a slash
	ID                 RoleID         `json:"id"`
	Created            time.Time      `json:"created"`
	Description        string         `json:"description,omitzero"`
	TrustPolicy        string         `json:"trust"`            // who may assume it: a policy document
	MaxSessionDuration int32          `json:"maxSession"`       // in seconds
	ManagedPolicies    []string       `json:"managed,omitzero"` // ARNs, in the order in which they were attached
	InlinePolicies     []InlinePolicy `json:"inline,omitzero"`  // in the order of their names
	Tags               []Tag          `json:"tags,omitzero"`    // in the order in which they were set
}

// InlinePolicy is a policy that is part of one role.
type InlinePolicy struct {
	Name     string `json:"name"`
	Document string `json:"document"`
}

// ServiceLinked reports whether only an AWS service may change the role.
func (r *Role) ServiceLinked() bool { return strings.HasPrefix(r.Path, serviceRolePath) }

// NewRole is what CreateRole is asked for. Zero members take IAM's defaults: the path "/" and one hour.
type NewRole struct {
	Name               string
	Path               string
	Description        string
	TrustPolicy        string
	MaxSessionDuration int32 // in seconds
	Tags               []Tag
}

// CreateRole adds a role without policies. It refuses a name that is taken, case apart, as EntityAlreadyExists,
// the 1,001st role as LimitExceeded, a trust policy that is none as MalformedPolicyDocument,
// and members outside iam:CreateRole's constraints as InvalidInput.
func (d *Draft) CreateRole(in NewRole) (*Role, error) {
	return d.createRole(in, nil)
}

func (d *Draft) createRole(in NewRole, managedPolicies []string) (*Role, error) {
	if in.Path == "" {
		in.Path = "/"
	}
	if in.MaxSessionDuration == 0 {
		in.MaxSessionDuration = minMaxSession
	}
	if err := checkNewRole(in); err != nil {
		return nil, err
	}
	if d.roles.Len() >= MaxRoles {
		return nil, refuse(LimitExceeded, "Cannot exceed quota for RolesPerAccount: %d", MaxRoles)
	}
	return d.addRole(Role{
		Name: in.Name, Path: in.Path, Description: in.Description, TrustPolicy: in.TrustPolicy,
		MaxSessionDuration: in.MaxSessionDuration, Tags: slices.Clone(in.Tags), ManagedPolicies: managedPolicies,
	})
}

// DeleteRole deletes a role. It refuses an unknown one as NoSuchEntity, one with policies as DeleteConflict
// and a service-linked one as UnmodifiableEntity.
func (d *Draft) DeleteRole(name string) error {
	r, err := d.modifiableRole(name)
	if err != nil {
		return err
	}
	if len(r.ManagedPolicies) > 0 {
		return refuse(DeleteConflict, "Cannot delete entity, must detach all policies first.")
	}
	if len(r.InlinePolicies) > 0 {
		return refuse(DeleteConflict, "Cannot delete entity, must delete policies first.")
	}
	d.removeRole(r)
	return nil
}

// AttachRolePolicy attaches a managed policy to a role; attaching it again changes nothing. It refuses an unknown role
// as NoSuchEntity, the eleventh policy as LimitExceeded and a service-linked role as UnmodifiableEntity.
func (d *Draft) AttachRolePolicy(name, policyARN string) error {
	r, err := d.modifiableRole(name)
	if err != nil {
		return err
	}
	if slices.Contains(r.ManagedPolicies, policyARN) {
		return nil
	}
	if len(r.ManagedPolicies) >= MaxPoliciesPerRole {
		return refuse(LimitExceeded, "Cannot exceed quota for PoliciesPerRole: %d", MaxPoliciesPerRole)
	}
	changed := *r
	changed.ManagedPolicies = append(slices.Clip(r.ManagedPolicies), policyARN)
	d.setRole(&changed)
	return nil
}

// DetachRolePolicy detaches a managed policy from a role. It refuses an unknown role and a policy that
// is not attached as NoSuchEntity, and a service-linked role as UnmodifiableEntity.
func (d *Draft) DetachRolePolicy(name, policyARN string) error {
	r, err := d.modifiableRole(name)
	if err != nil {
		return err
	}
	i := slices.Index(r.ManagedPolicies, policyARN)
	if i < 0 {
		return refuse(NoSuchEntity, "Policy %s was not found.", policyARN)
	}
	changed := *r
	changed.ManagedPolicies = slices.Delete(slices.Clone(r.ManagedPolicies), i, i+1)
	d.setRole(&changed)
	return nil
}

// CreateOrganizationAccessRole adds the role that organizations:CreateAccount puts into every account it makes: the
// management account may assume it, and it may do everything. It refuses as [Draft.CreateRole] does.
func (d *Draft) CreateOrganizationAccessRole(name string, management AccountID) (*Role, error) {
	trust := trustDocument("AWS", RootARN(d.Partition(), management))
	return d.createRole(NewRole{Name: name, TrustPolicy: trust}, []string{AdministratorAccess(d.Partition())})
}

func checkNewRole(in NewRole) error {
	switch {
	case len(in.Name) > 64 || !namePattern.MatchString(in.Name):
		return refuse(InvalidInput, "The specified value for roleName is invalid. "+
			"It must contain only alphanumeric characters and/or the following: +=,.@_-")
	case len(in.Path) > 512 || !pathPattern.MatchString(in.Path) || strings.HasPrefix(in.Path, serviceRolePath):
		return refuse(InvalidInput, "The specified value for path is invalid. "+
			"It must begin and end with / and contain only alphanumeric characters and/or / characters.")
	case utf8.RuneCountInString(in.Description) > 1000:
		return refuse(InvalidInput, "The description must be at most 1000 characters long.")
	case in.MaxSessionDuration < minMaxSession || in.MaxSessionDuration > maxMaxSession:
		return refuse(InvalidInput, "The maximum session duration must be between %d and %d seconds.",
			minMaxSession, maxMaxSession)
	case len(in.Tags) > MaxTagsPerRole:
		return refuse(LimitExceeded, "Cannot exceed quota for TagsPerRole: %d", MaxTagsPerRole)
	}
	_, err := ParseTrustPolicy(in.TrustPolicy)
	return err
}

// addRole adds r under a new id.
func (d *Draft) addRole(r Role) (*Role, error) {
	if _, taken := d.Role(r.Name); taken {
		return nil, refuse(EntityAlreadyExists, "Role with name %s already exists.", r.Name)
	}
	id, err := uniqueID(d.rand, prefixRole, 17)
	if err != nil {
		return nil, err
	}
	r.ID, r.Created = RoleID(id), d.now
	d.setRole(&r)
	return &r, nil
}

func (d *Draft) modifiableRole(name string) (*Role, error) {
	r, ok := d.Role(name)
	if !ok {
		return nil, refuse(NoSuchEntity, "The role with name %s cannot be found.", name)
	}
	if r.ServiceLinked() {
		return nil, refuse(UnmodifiableEntity, "Cannot perform the operation on the protected role '%s' - "+
			"this role is only modifiable by AWS", r.Name)
	}
	return r, nil
}

func (d *Draft) setRole(r *Role) {
	d.roles.Set(roleKey(r.Name), r)
	d.touch(KindRole, roleKey(r.Name))
}

func (d *Draft) removeRole(r *Role) {
	d.roles.Delete(roleKey(r.Name))
	d.touch(KindRole, roleKey(r.Name))
}

// roleKey is the key of a role: IAM does not distinguish names by case, and allows only ASCII in them.
func roleKey(name string) string { return strings.ToLower(name) }

var pathPattern = regexp.MustCompile(`^/([!-~]+/)?$`)
