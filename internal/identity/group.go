package identity

import (
	"iter"
	"slices"
	"strings"
)

// maxGroupName is the longest name of a group.
const maxGroupName = 128

// Group is an IAM group: users who share policies. Who is in it is told by the users.
type Group struct {
	Entity
	ID GroupID `json:"id"`
}

func (g *Group) links(key string) []link { return g.policyLinks(KindGroup, key) }

// CreateGroup adds a group without users and policies; an empty path stands for "/". It refuses a name that is taken,
// case apart, as EntityAlreadyExists, and a group too many as LimitExceeded.
func (d *Draft) CreateGroup(name, path string) (*Group, error) {
	e, err := d.newEntity(GroupNamed(name), path, maxGroupName)
	if err != nil {
		return nil, err
	}
	if limit := d.quotas.Groups; d.groups.Len() >= limit {
		return nil, exceeded("GroupsPerAccount", limit)
	}
	id, err := uniqueID(d.rand, prefixGroup, 17)
	if err != nil {
		return nil, err
	}
	g := &Group{Entity: e, ID: GroupID(id)}
	d.setGroup(g)
	return g, nil
}

// DeleteGroup deletes a group. It refuses an unknown one as NoSuchEntity, and one with policies or users as DeleteConflict.
func (d *Draft) DeleteGroup(name string) error {
	g, ok := d.Group(name)
	if !ok {
		return GroupNamed(name).missing()
	}
	if err := g.unencumbered(); err != nil {
		return err
	}
	if d.referrerCount(contains, nameKey(name)) > 0 {
		return refuse(DeleteConflict, "Cannot delete entity, must remove users from group first.")
	}
	removeFrom(&d.state, d.groups, nameKey(name))
	d.touch(KindGroup, nameKey(name))
	return nil
}

// AddUserToGroup makes a user a member of a group; one who is a member stays it. It refuses an unknown user or group as
// NoSuchEntity, and a group too many as LimitExceeded.
func (d *Draft) AddUserToGroup(user, group string) error {
	u, err := d.userAndGroup(user, group)
	if err != nil {
		return err
	}
	if slices.Contains(u.Groups, nameKey(group)) {
		return nil
	}
	if limit := d.quotas.GroupsPerUser; len(u.Groups) >= limit {
		return exceeded("GroupsPerUser", limit)
	}
	changed := *u
	changed.Groups = append(slices.Clip(u.Groups), nameKey(group))
	d.setUser(&changed)
	return nil
}

// RemoveUserFromGroup ends a membership. It refuses an unknown user or group as NoSuchEntity, and a user who is no member
// too.
func (d *Draft) RemoveUserFromGroup(user, group string) error {
	u, err := d.userAndGroup(user, group)
	if err != nil {
		return err
	}
	i := slices.Index(u.Groups, nameKey(group))
	if i < 0 {
		return refuse(NoSuchEntity, "User %s not in group %s", user, group)
	}
	changed := *u
	changed.Groups = slices.Delete(slices.Clone(u.Groups), i, i+1)
	if len(changed.Groups) == 0 {
		changed.Groups = nil
	}
	d.setUser(&changed)
	return nil
}

func (d *Draft) userAndGroup(user, group string) (*User, error) {
	if _, ok := d.Group(group); !ok {
		return nil, GroupNamed(group).missing()
	}
	u, ok := d.User(user)
	if !ok {
		return nil, UserNamed(user).missing()
	}
	return u, nil
}

// Group returns the group of that name. As in IAM, names are not distinguished by case.
func (s *state) Group(name string) (*Group, bool) { return s.groups.Get(nameKey(name)) }

// Groups yields the groups whose path begins with pathPrefix and whose name comes after the name after, in the order of
// their lower-case names.
func (s *state) Groups(pathPrefix, after string) iter.Seq[*Group] {
	return func(yield func(*Group) bool) {
		for g := range walk(s.groups, nameKey(after)) {
			if strings.HasPrefix(g.Path, pathPrefix) && !yield(g) {
				return
			}
		}
	}
}

// GroupsOf yields the groups of a user by their lower-case names, from behind the name after.
func (s *state) GroupsOf(u *User, after string) iter.Seq[*Group] {
	return func(yield func(*Group) bool) {
		for _, key := range slices.Sorted(slices.Values(u.Groups)) {
			g, ok := s.groups.Get(key)
			if ok && (after == "" || key > nameKey(after)) && !yield(g) {
				return
			}
		}
	}
}

// Members yields the users in a group by their lower-case names, from behind the name after.
func (s *state) Members(group, after string) iter.Seq[*User] {
	return func(yield func(*User) bool) {
		for l := range s.referrers(contains, nameKey(group), KindUser, nameKey(after)) {
			if u, ok := s.users.Get(l.from); ok && !yield(u) {
				return
			}
		}
	}
}

// GroupARN returns the ARN of one of the account's groups.
func (s *state) GroupARN(g *Group) string { return GroupARN(s.Partition(), s.ID(), g.Path, g.Name) }

func (d *Draft) setGroup(g *Group) {
	setIn(&d.state, d.groups, nameKey(g.Name), g)
	d.touch(KindGroup, nameKey(g.Name))
}
