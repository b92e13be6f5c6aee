package ops

import (
	"context"
	"iter"
	"slices"

	"github.com/espalier-cloud/espalier/internal/api/iam"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
)

// CreateGroup adds a group to the caller's account.
func (i *IAM) CreateGroup(ctx context.Context, by Caller, in *iam.CreateGroupInput) (*iam.CreateGroupOutput, error) {
	return change(ctx, i, by, func(_ *registry.Tx, d *identity.Draft) (*iam.CreateGroupOutput, error) {
		g, err := d.CreateGroup(in.GroupName, given(in.Path))
		if err != nil {
			return nil, err
		}
		return &iam.CreateGroupOutput{Group: new(showGroup(d.Account(), g))}, nil
	})
}

// GetGroup shows a group and lists its users.
func (i *IAM) GetGroup(_ context.Context, by Caller, in *iam.GetGroupInput) (*iam.GetGroupOutput, error) {
	account := by.View.Account
	g, ok := account.Group(in.GroupName)
	if !ok {
		return nil, missing(account, identity.GroupNamed(in.GroupName))
	}
	users, page, err := list(i, by, paging{in.MaxItems, in.Marker}, g.Name, func(after string) iter.Seq2[org.Cursor, *identity.User] {
		return named(account.Members(g.Name, after), userName)
	}, func(u *identity.User) iam.User { return summarizeUser(account, u) })
	if err != nil {
		return nil, err
	}
	return &iam.GetGroupOutput{Group: new(showGroup(account, g)), Users: users, IsTruncated: page.truncated, Marker: page.marker}, nil
}

// ListGroups lists the groups of the caller's account.
func (i *IAM) ListGroups(_ context.Context, by Caller, in *iam.ListGroupsInput) (*iam.ListGroupsOutput, error) {
	prefix, account := underPath(in.PathPrefix), by.View.Account
	groups, page, err := list(i, by, paging{in.MaxItems, in.Marker}, prefix, func(after string) iter.Seq2[org.Cursor, *identity.Group] {
		return named(account.Groups(prefix, after), groupName)
	}, func(g *identity.Group) iam.Group { return showGroup(account, g) })
	if err != nil {
		return nil, err
	}
	return &iam.ListGroupsOutput{Groups: groups, IsTruncated: page.truncated, Marker: page.marker}, nil
}

// ListGroupsForUser lists the groups that a user is in.
func (i *IAM) ListGroupsForUser(_ context.Context, by Caller, in *iam.ListGroupsForUserInput) (*iam.ListGroupsForUserOutput, error) {
	account := by.View.Account
	u, ok := account.User(in.UserName)
	if !ok {
		return nil, missing(account, identity.UserNamed(in.UserName))
	}
	groups, page, err := list(i, by, paging{in.MaxItems, in.Marker}, u.Name, func(after string) iter.Seq2[org.Cursor, *identity.Group] {
		return named(account.GroupsOf(u, after), groupName)
	}, func(g *identity.Group) iam.Group { return showGroup(account, g) })
	if err != nil {
		return nil, err
	}
	return &iam.ListGroupsForUserOutput{Groups: groups, IsTruncated: page.truncated, Marker: page.marker}, nil
}

// AddUserToGroup makes a user a member of a group.
func (i *IAM) AddUserToGroup(ctx context.Context, by Caller, in *iam.AddUserToGroupInput) (*iam.AddUserToGroupOutput, error) {
	return apply[iam.AddUserToGroupOutput](ctx, i, by, func(d *identity.Draft) error {
		return d.AddUserToGroup(in.UserName, in.GroupName)
	})
}

// RemoveUserFromGroup ends a membership.
func (i *IAM) RemoveUserFromGroup(ctx context.Context, by Caller, in *iam.RemoveUserFromGroupInput) (*iam.RemoveUserFromGroupOutput, error) {
	return apply[iam.RemoveUserFromGroupOutput](ctx, i, by, func(d *identity.Draft) error {
		return d.RemoveUserFromGroup(in.UserName, in.GroupName)
	})
}

// DeleteGroup deletes a group.
func (i *IAM) DeleteGroup(ctx context.Context, by Caller, in *iam.DeleteGroupInput) (*iam.DeleteGroupOutput, error) {
	return apply[iam.DeleteGroupOutput](ctx, i, by, func(d *identity.Draft) error { return d.DeleteGroup(in.GroupName) })
}

func groupName(g *identity.Group) string { return g.Name }

func groupNames(groups iter.Seq[*identity.Group]) []string {
	var names []string
	for g := range groups {
		names = append(names, g.Name)
	}
	return slices.Clip(names)
}

func showGroup(a *identity.Account, g *identity.Group) iam.Group {
	return iam.Group{Path: g.Path, GroupName: g.Name, GroupId: string(g.ID), Arn: a.GroupARN(g), CreateDate: g.Created}
}
