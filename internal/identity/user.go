package identity

import (
	"iter"
	"slices"
	"strings"
)

// maxUserName is the longest name of a user.
const maxUserName = 64

// User is an IAM user.
type User struct {
	Entity
	ID     UserID   `json:"id"`
	Groups []string `json:"groups,omitzero"` // keys, in the order in which the user joined
}

func (u *User) links(key string) []link {
	links := u.policyLinks(KindUser, key)
	for _, g := range u.Groups {
		links = append(links, link{contains, g, KindUser, key})
	}
	return links
}

// NewUser is what CreateUser is asked for. An empty path stands for "/".
type NewUser struct {
	Name                string
	Path                string
	PermissionsBoundary string // ARN, or empty for none
	Tags                []Tag
}

// CreateUser adds a user without keys and policies. It refuses a name that is taken, case apart, as EntityAlreadyExists,
// a user too many as LimitExceeded, and a boundary and tags as [Draft.SetPermissionsBoundary] and [Draft.Tag] do.
func (d *Draft) CreateUser(in NewUser) (*User, error) {
	e, err := d.newEntity(UserNamed(in.Name), in.Path, maxUserName)
	if err != nil {
		return nil, err
	}
	if limit := d.quotas.Users; d.users.Len() >= limit {
		return nil, exceeded("UsersPerAccount", limit)
	}
	if err := d.equip(&e, UserNamed(in.Name), in.PermissionsBoundary, in.Tags); err != nil {
		return nil, err
	}
	id, err := uniqueID(d.rand, prefixUser, 17)
	if err != nil {
		return nil, err
	}
	u := &User{Entity: e, ID: UserID(id)}
	d.setUser(u)
	return u, nil
}

// equip gives a new entity the boundary and the tags that it is to begin with.
func (d *Draft) equip(e *Entity, of Ref, boundary string, tags []Tag) (err error) {
	if e.Tags, err = d.tagged(nil, tags); err != nil {
		return err
	}
	if boundary != "" {
		e.PermissionsBoundary = boundary
		return d.attachable(of, boundary)
	}
	return nil
}

// UpdateUser gives a user another name, another path or both; nil leaves one as it is. His id, policies, groups and
// keys stay his. It refuses an unknown user as NoSuchEntity and a name that another one has as EntityAlreadyExists.
func (d *Draft) UpdateUser(name string, newName, newPath *string) (*User, error) {
	u, ok := d.User(name)
	if !ok {
		return nil, UserNamed(name).missing()
	}
	changed := *u
	if newPath != nil {
		changed.Path = *newPath
	}
	if newName != nil {
		changed.Name = *newName
	}
	if err := checkName("newUserName", changed.Name, maxUserName); err != nil {
		return nil, err
	}
	if err := checkPath(changed.Path); err != nil {
		return nil, err
	}
	if other, taken := d.User(changed.Name); taken && other.ID != u.ID {
		return nil, refuse(EntityAlreadyExists, "User with name %s already exists.", changed.Name)
	}
	keys := slices.Collect(d.AccessKeysOf(u.Name))
	if nameKey(changed.Name) != nameKey(u.Name) {
		d.removeUser(u)
	}
	d.setUser(&changed)
	for _, k := range keys {
		moved := *k
		moved.Principal = changed.Name
		d.setAccessKey(&moved)
	}
	return &changed, nil
}

// DeleteUser deletes a user. It refuses an unknown one as NoSuchEntity, and one who still has policies, access keys or
// groups as DeleteConflict.
func (d *Draft) DeleteUser(name string) error {
	u, ok := d.User(name)
	if !ok {
		return UserNamed(name).missing()
	}
	if err := u.unencumbered(); err != nil {
		return err
	}
	if d.referrerCount(owns, nameKey(name)) > 0 {
		return refuse(DeleteConflict, "Cannot delete entity, must delete access keys first.")
	}
	if len(u.Groups) > 0 {
		return refuse(DeleteConflict, "Cannot delete entity, must remove users from group first.")
	}
	d.removeUser(u)
	return nil
}

// User returns the user of that name. As in IAM, names are not distinguished by case.
func (s *state) User(name string) (*User, bool) { return s.users.Get(nameKey(name)) }

// UserByARN returns the user of that ARN, which has to be exact: the path included and case distinguished.
func (s *state) UserByARN(arn string) (*User, bool) {
	u, ok := s.User(NameOf(arn))
	if !ok || s.UserARN(u) != arn {
		return nil, false
	}
	return u, true
}

// Users yields the users whose path begins with pathPrefix and whose name comes after the name after, in the order of
// their lower-case names.
func (s *state) Users(pathPrefix, after string) iter.Seq[*User] {
	return func(yield func(*User) bool) {
		for u := range walk(s.users, nameKey(after)) {
			if strings.HasPrefix(u.Path, pathPrefix) && !yield(u) {
				return
			}
		}
	}
}

// UserARN returns the ARN of one of the account's users.
func (s *state) UserARN(u *User) string { return UserARN(s.Partition(), s.ID(), u.Path, u.Name) }

func (d *Draft) setUser(u *User) {
	setIn(&d.state, d.users, nameKey(u.Name), u)
	d.touch(KindUser, nameKey(u.Name))
}

func (d *Draft) removeUser(u *User) {
	removeFrom(&d.state, d.users, nameKey(u.Name))
	d.touch(KindUser, nameKey(u.Name))
}
