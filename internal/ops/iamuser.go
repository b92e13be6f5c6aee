package ops

import (
	"context"
	"iter"

	"github.com/espalier-cloud/espalier/internal/api/iam"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
)

// CreateUser adds a user to the caller's account.
func (i *IAM) CreateUser(ctx context.Context, by Caller, in *iam.CreateUserInput) (*iam.CreateUserOutput, error) {
	return change(ctx, i, by, func(_ *registry.Tx, d *identity.Draft) (*iam.CreateUserOutput, error) {
		u, err := d.CreateUser(identity.NewUser{
			Name: in.UserName, Path: given(in.Path), PermissionsBoundary: given(in.PermissionsBoundary), Tags: identityTags(in.Tags),
		})
		if err != nil {
			return nil, err
		}
		return &iam.CreateUserOutput{User: new(showUser(d.Account(), u))}, i.enforceTags(by, typeIAMUser, in.Tags)
	})
}

// GetUser shows a user, or the caller himself when it names none.
func (i *IAM) GetUser(_ context.Context, by Caller, in *iam.GetUserInput) (*iam.GetUserOutput, error) {
	account := by.View.Account
	name, err := userOr(by, in.UserName)
	if err != nil {
		return nil, err
	}
	if name == identity.RootPrincipal {
		return &iam.GetUserOutput{User: &iam.User{UserId: by.UserID, Arn: by.ARN, CreateDate: account.Profile().Created}}, nil
	}
	u, ok := account.User(name)
	if !ok {
		return nil, missing(account, identity.UserNamed(name))
	}
	return &iam.GetUserOutput{User: new(showUser(account, u))}, nil
}

// userOr returns the name of a user, which is the caller's own, or RootPrincipal,
// when none is given.
func userOr(by Caller, name *string) (string, error) {
	switch {
	case name != nil:
		return *name, nil
	case by.Type == identity.Root:
		return identity.RootPrincipal, nil
	case by.Type == identity.IAMUser:
		if u, ok := by.View.Account.UserByARN(by.ARN); ok {
			return u.Name, nil
		}
	}
	return "", &refusal{"ValidationError", "Must specify userName when calling with non-User credentials", badRequest}
}

// missing is IAM's answer to a name that nothing in the account has.
func missing(account *identity.Account, of identity.Ref) error {
	_, err := account.Entity(of)
	return err
}

// ListUsers lists the users of the caller's account.
func (i *IAM) ListUsers(_ context.Context, by Caller, in *iam.ListUsersInput) (*iam.ListUsersOutput, error) {
	prefix, account := underPath(in.PathPrefix), by.View.Account
	users, page, err := list(i, by, paging{in.MaxItems, in.Marker}, prefix, func(after string) iter.Seq2[org.Cursor, *identity.User] {
		return named(account.Users(prefix, after), userName)
	}, func(u *identity.User) iam.User { return summarizeUser(account, u) })
	if err != nil {
		return nil, err
	}
	return &iam.ListUsersOutput{Users: users, IsTruncated: page.truncated, Marker: page.marker}, nil
}

// UpdateUser gives a user another name, another path or both.
func (i *IAM) UpdateUser(ctx context.Context, by Caller, in *iam.UpdateUserInput) (*iam.UpdateUserOutput, error) {
	return apply[iam.UpdateUserOutput](ctx, i, by, func(d *identity.Draft) error {
		_, err := d.UpdateUser(in.UserName, in.NewUserName, in.NewPath)
		return err
	})
}

// DeleteUser deletes a user.
func (i *IAM) DeleteUser(ctx context.Context, by Caller, in *iam.DeleteUserInput) (*iam.DeleteUserOutput, error) {
	return apply[iam.DeleteUserOutput](ctx, i, by, func(d *identity.Draft) error { return d.DeleteUser(in.UserName) })
}

func userName(u *identity.User) string { return u.Name }

// showUser shows a user in full.
func showUser(a *identity.Account, u *identity.User) iam.User {
	shown := summarizeUser(a, u)
	shown.Tags, shown.PermissionsBoundary = showTags(u.Tags), showBoundary(&u.Entity)
	return shown
}

// summarizeUser shows a user as lists do.
func summarizeUser(a *identity.Account, u *identity.User) iam.User {
	return iam.User{Path: u.Path, UserName: u.Name, UserId: string(u.ID), Arn: a.UserARN(u), CreateDate: u.Created}
}
