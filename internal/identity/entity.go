package identity

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// Entity is what users, groups and roles have in common: a name, and policies. Groups have no boundary and no tags.
type Entity struct {
	Name                string         `json:"name"`
	Path                string         `json:"path"` // begins and ends with a slash
	Created             time.Time      `json:"created"`
	ManagedPolicies     []string       `json:"managed,omitzero"`  // ARNs, in the order in which they were attached
	InlinePolicies      []InlinePolicy `json:"inline,omitzero"`   // in the order of their names
	PermissionsBoundary string         `json:"boundary,omitzero"` // ARN of a managed policy, or empty
	Tags                []Tag          `json:"tags,omitzero"`     // in the order in which they were set
}

// Ref names a user, a group or a role of the account.
type Ref struct{ kind, name string }

// Name returns the name.
func (r Ref) Name() string { return r.name }

// Kind returns KindUser, KindGroup or KindRole.
func (r Ref) Kind() string { return r.kind }

// UserNamed names a user.
func UserNamed(name string) Ref { return Ref{KindUser, name} }

// GroupNamed names a group.
func GroupNamed(name string) Ref { return Ref{KindGroup, name} }

// RoleNamed names a role.
func RoleNamed(name string) Ref { return Ref{KindRole, name} }

// missing is IAM's answer to a name that nothing has.
func (r Ref) missing() error {
	return refuse(NoSuchEntity, "The %s with name %s cannot be found.", r.kind, r.name)
}

// title begins sentences and names of quotas: User, Group or Role.
func (r Ref) title() string { return strings.ToUpper(r.kind[:1]) + r.kind[1:] }

// Entity returns what a user, a group or a role has in common with the others. It refuses a name that
// nothing has as NoSuchEntity.
func (s *state) Entity(of Ref) (*Entity, error) {
	key := nameKey(of.name)
	switch of.kind {
	case KindUser:
		if u, ok := s.users.Get(key); ok {
			return &u.Entity, nil
		}
	case KindGroup:
		if g, ok := s.groups.Get(key); ok {
			return &g.Entity, nil
		}
	case KindRole:
		if r, ok := s.roles.Get(key); ok {
			return &r.Entity, nil
		}
	}
	return nil, of.missing()
}

// change replaces a user, a group or a role by a copy that a rule has changed; what the rule refuses changes nothing. It
// refuses a name that nothing has as NoSuchEntity, and a service-linked role as UnmodifiableEntity.
func (d *Draft) change(of Ref, rule func(*Entity) error) error {
	if r, ok := d.Role(of.name); ok && of.kind == KindRole && r.ServiceLinked() {
		return r.protected()
	}
	return d.edit(of, rule)
}

// edit is change for what may be done to service-linked roles, too.
func (d *Draft) edit(of Ref, rule func(*Entity) error) error {
	e, set := d.copyOf(of)
	if e == nil {
		return of.missing()
	}
	if err := rule(e); err != nil {
		return err
	}
	set()
	return nil
}

// copyOf returns what a copy of a user, a group or a role has in common with the others, and a function that puts the
// copy in the place of the original. It returns nil for a name that nothing has.
func (d *Draft) copyOf(of Ref) (e *Entity, set func()) {
	key := nameKey(of.name)
	switch of.kind {
	case KindUser:
		if u, ok := d.users.Get(key); ok {
			changed := *u
			return &changed.Entity, func() { d.setUser(&changed) }
		}
	case KindGroup:
		if g, ok := d.groups.Get(key); ok {
			changed := *g
			return &changed.Entity, func() { d.setGroup(&changed) }
		}
	case KindRole:
		if r, ok := d.roles.Get(key); ok {
			changed := *r
			return &changed.Entity, func() { d.setRole(&changed) }
		}
	}
	return nil, nil
}

// newEntity returns an entity of a name that is not taken, case apart. An empty path stands for "/".
func (d *Draft) newEntity(of Ref, path string, maxName int) (Entity, error) {
	if path == "" {
		path = "/"
	}
	if err := checkName(of.kind+"Name", of.name, maxName); err != nil {
		return Entity{}, err
	}
	if err := checkPath(path); err != nil {
		return Entity{}, err
	}
	if _, err := d.Entity(of); err == nil {
		return Entity{}, refuse(EntityAlreadyExists, "%s with name %s already exists.", of.title(), of.name)
	}
	return Entity{Name: of.name, Path: path, Created: d.now}, nil
}

// unencumbered refuses to delete an entity that still has policies, as DeleteConflict.
func (e *Entity) unencumbered() error {
	if len(e.ManagedPolicies) > 0 {
		return refuse(DeleteConflict, "Cannot delete entity, must detach all policies first.")
	}
	if len(e.InlinePolicies) > 0 {
		return refuse(DeleteConflict, "Cannot delete entity, must delete policies first.")
	}
	return nil
}

// policyLinks returns the links to the managed policies of an entity.
func (e *Entity) policyLinks(kind, key string) []link {
	links := make([]link, 0, len(e.ManagedPolicies)+1)
	for _, arn := range e.ManagedPolicies {
		links = append(links, link{attached, arn, kind, key})
	}
	if e.PermissionsBoundary != "" {
		links = append(links, link{bounds, e.PermissionsBoundary, kind, key})
	}
	return links
}

func checkName(member, name string, longest int) error {
	if len(name) > longest || !namePattern.MatchString(name) {
		return refuse(ValidationError, "The specified value for %s is invalid. "+
			"It must contain only alphanumeric characters and/or the following: +=,.@_-", member)
	}
	return nil
}

func checkPath(path string) error {
	reserved := slices.ContainsFunc([]string{serviceRolePath, "/aws-reserved/"}, func(prefix string) bool {
		return strings.HasPrefix(path, prefix)
	})
	if len(path) > 512 || !pathPattern.MatchString(path) || reserved {
		return refuse(ValidationError, "The specified value for path is invalid. "+
			"It must begin and end with / and contain only alphanumeric characters and/or / characters.")
	}
	return nil
}

var (
	namePattern = regexp.MustCompile(`^[\w+=,.@-]+$`)
	pathPattern = regexp.MustCompile(`^/([!-~]+/)?$`)
)
