package identity

import (
	"iter"
	"strings"
	"unicode/utf8"

	"github.com/espalier-cloud/espalier/policy"
)

const (
	maxRoleName        = 64
	maxRoleDescription = 1000 // characters
)

// The bounds of a role's maximum session duration, in seconds.
const (
	minMaxSession int32 = 3600
	maxMaxSession int32 = 43200
)

// Role is an IAM role.
type Role struct {
	Entity
	ID                 RoleID  `json:"id"`
	Description        string  `json:"description,omitzero"`
	TrustPolicy        string  `json:"trust"`             // who may assume it: a policy document
	MaxSessionDuration int32   `json:"maxSession"`        // in seconds
	LastUsed           *Access `json:"lastUsed,omitzero"` // by one of its sessions, nil for never

	// InUse is the session that the service of a service-linked role began and that ends last, nil for none yet.
	InUse *ServiceUse `json:"inUse,omitzero"`
}

func (r *Role) links(key string) []link {
	links := r.policyLinks(KindRole, key)
	if r.ServiceLinked() {
		links = append(links, link{serves, "", KindRole, key})
	}
	return links
}

// ServiceLinked reports whether only an AWS service may change the role.
func (r *Role) ServiceLinked() bool { return strings.HasPrefix(r.Path, serviceRolePath) }

// NewRole is what CreateRole is asked for. Zero members take IAM's defaults: the path "/" and one hour.
type NewRole struct {
	Name                string
	Path                string
	Description         string
	TrustPolicy         string
	MaxSessionDuration  int32  // in seconds
	PermissionsBoundary string // ARN, or empty for none
	Tags                []Tag
}

// CreateRole adds a role without policies. It refuses a name that is taken, case apart, as EntityAlreadyExists,
// a role too many and a trust policy that is too long as LimitExceeded, a trust policy that is none, or that names a user
// or role which the account does not have, as MalformedPolicyDocument, a boundary and tags as
// [Draft.SetPermissionsBoundary] and [Draft.Tag] do, and members outside iam:CreateRole's constraints as ValidationError.
func (d *Draft) CreateRole(in NewRole) (*Role, error) {
	of := RoleNamed(in.Name)
	e, err := d.newEntity(of, in.Path, maxRoleName)
	if err != nil {
		return nil, err
	}
	if limit := d.quotas.Roles; d.ordinaryRoles() >= limit {
		return nil, exceeded("RolesPerAccount", limit)
	}
	if in.MaxSessionDuration == 0 {
		in.MaxSessionDuration = minMaxSession
	}
	if err := checkRole(in.Description, in.MaxSessionDuration); err != nil {
		return nil, err
	}
	if err := d.checkTrustPolicy(in.TrustPolicy); err != nil {
		return nil, err
	}
	if err := d.equip(&e, of, in.PermissionsBoundary, in.Tags); err != nil {
		return nil, err
	}
	return d.addRole(Role{
		Entity: e, Description: in.Description, TrustPolicy: in.TrustPolicy, MaxSessionDuration: in.MaxSessionDuration,
	})
}

// UpdateRole gives a role another description, another maximum session duration or both; nil leaves one as it is. It
// refuses an unknown role as NoSuchEntity, members outside iam:UpdateRole's constraints as ValidationError, and as
// UnmodifiableEntity to change of a service-linked role anything but its description.
func (d *Draft) UpdateRole(name string, description *string, maxSession *int32) error {
	r, ok := d.Role(name)
	if !ok {
		return RoleNamed(name).missing()
	}
	changed := *r
	if description != nil {
		changed.Description = *description
	}
	if maxSession != nil {
		changed.MaxSessionDuration = *maxSession
	}
	if r.ServiceLinked() && maxSession != nil {
		return r.protected()
	}
	if err := checkRole(changed.Description, changed.MaxSessionDuration); err != nil {
		return err
	}
	d.setRole(&changed)
	return nil
}

// UpdateAssumeRolePolicy gives a role another trust policy. It refuses an unknown role as NoSuchEntity, a document that
// is too long as LimitExceeded, one that is none, or that names a user or role which the account does not have, as
// MalformedPolicyDocument, and a service-linked role as UnmodifiableEntity.
func (d *Draft) UpdateAssumeRolePolicy(name, document string) error {
	r, err := d.modifiableRole(name)
	if err != nil {
		return err
	}
	if err := d.checkTrustPolicy(document); err != nil {
		return err
	}
	changed := *r
	changed.TrustPolicy = document
	d.setRole(&changed)
	return nil
}

// DeleteRole deletes a role. It refuses an unknown one as NoSuchEntity, one with policies as DeleteConflict
// and a service-linked one as UnmodifiableEntity.
func (d *Draft) DeleteRole(name string) error {
	r, err := d.modifiableRole(name)
	if err != nil {
		return err
	}
	if err := r.unencumbered(); err != nil {
		return err
	}
	d.removeRole(r)
	return nil
}

// CreateOrganizationAccessRole adds the role that organizations:CreateAccount puts into every account it makes: the
// management account may assume it, and it may do everything. It refuses as [Draft.CreateRole] does.
func (d *Draft) CreateOrganizationAccessRole(name string, management AccountID) (*Role, error) {
	trust := trustDocument("AWS", RootARN(d.Partition(), management))
	if _, err := d.CreateRole(NewRole{Name: name, TrustPolicy: trust}); err != nil {
		return nil, err
	}
	err := d.AttachPolicy(RoleNamed(name), AdministratorAccess(d.Partition()))
	r, _ := d.Role(name)
	return r, err
}

// Role returns the role of that name. As in IAM, names are not distinguished by case.
func (s *state) Role(name string) (*Role, bool) { return s.roles.Get(nameKey(name)) }

// Roles yields the roles whose path begins with pathPrefix and whose name comes after the name after, in the order of
// their lower-case names. IAM documents no order of its own.
func (s *state) Roles(pathPrefix, after string) iter.Seq[*Role] {
	return func(yield func(*Role) bool) {
		for r := range walk(s.roles, nameKey(after)) {
			if strings.HasPrefix(r.Path, pathPrefix) && !yield(r) {
				return
			}
		}
	}
}

// RoleARN returns the ARN of one of the account's roles.
func (s *state) RoleARN(r *Role) string { return RoleARN(s.Partition(), s.ID(), r.Path, r.Name) }

// RoleByARN returns the role of that ARN, which has to be exact: the path included and case distinguished.
func (s *state) RoleByARN(arn string) (*Role, bool) {
	r, ok := s.Role(NameOf(arn))
	if !ok || s.RoleARN(r) != arn {
		return nil, false
	}
	return r, true
}

func checkRole(description string, maxSession int32) error {
	switch {
	case utf8.RuneCountInString(description) > maxRoleDescription:
		return refuse(ValidationError, "The description must be at most %d characters long.", maxRoleDescription)
	case maxSession < minMaxSession || maxSession > maxMaxSession:
		return refuse(ValidationError, "The maximum session duration must be between %d and %d seconds.",
			minMaxSession, maxMaxSession)
	}
	return nil
}

func (d *Draft) checkTrustPolicy(document string) error {
	if limit := d.quotas.TrustPolicyCharacters; documentSize(document) > limit {
		return exceeded("ACLSizePerRole", limit)
	}
	trust, err := parseDocument(policy.TrustPolicy, document)
	if err != nil {
		return err
	}
	return d.checkPrincipals(trust)
}

// addRole adds r under a new id.
func (d *Draft) addRole(r Role) (*Role, error) {
	id, err := uniqueID(d.rand, prefixRole, 17)
	if err != nil {
		return nil, err
	}
	r.ID = RoleID(id)
	d.setRole(&r)
	return &r, nil
}

func (d *Draft) modifiableRole(name string) (*Role, error) {
	r, ok := d.Role(name)
	if !ok {
		return nil, RoleNamed(name).missing()
	}
	if r.ServiceLinked() {
		return nil, r.protected()
	}
	return r, nil
}

func (r *Role) protected() error {
	return refuse(UnmodifiableEntity, "Cannot perform the operation on the protected role '%s' - "+
		"this role is only modifiable by AWS", r.Name)
}

func (d *Draft) setRole(r *Role) {
	setIn(&d.state, d.roles, nameKey(r.Name), r)
	d.touch(KindRole, nameKey(r.Name))
}

func (d *Draft) removeRole(r *Role) {
	removeFrom(&d.state, d.roles, nameKey(r.Name))
	d.touch(KindRole, nameKey(r.Name))
}
