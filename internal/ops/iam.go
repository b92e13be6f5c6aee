package ops

import (
	"context"
	"iter"
	"net/url"

	"github.com/espalier-cloud/espalier/internal/api/iam"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
)

// IAM is Identity and Access Management.
type IAM struct {
	iam.Unimplemented[Caller]
	Core
	Tokens *Tokens
}

// GetRole shows a role of the caller's account, or answers NoSuchEntity.
func (i *IAM) GetRole(_ context.Context, by Caller, in *iam.GetRoleInput) (*iam.GetRoleOutput, error) {
	role, ok := by.View.Account.Role(in.RoleName)
	if !ok {
		return nil, &identity.Error{Kind: identity.NoSuchEntity, Message: "The role with name " + in.RoleName + " cannot be found."}
	}
	shown := showRole(by.View.Account, role)
	shown.MaxSessionDuration = new(role.MaxSessionDuration)
	for _, t := range role.Tags {
		shown.Tags = append(shown.Tags, iam.Tag{Key: t.Key, Value: new(t.Value)})
	}
	return &iam.GetRoleOutput{Role: &shown}, nil
}

// rolesPerPage is the size of a page of ListRoles for which the caller gives no
// size.
const rolesPerPage = 100

// ListRoles lists the roles of the caller's account.
func (i *IAM) ListRoles(_ context.Context, by Caller, in *iam.ListRolesInput) (*iam.ListRolesOutput, error) {
	prefix := "/"
	if in.PathPrefix != nil {
		prefix = *in.PathPrefix
	}
	p, err := i.Tokens.page(string(by.Account)+"/ListRoles/"+prefix, in.MaxItems, rolesPerPage, in.Marker)
	if err != nil {
		return nil, &refusal{"ValidationError", "Invalid Marker.", badRequest}
	}
	roles, marker := collect(p, byName(by.View.Account.Roles(prefix, string(p.after))), func(r *identity.Role) iam.Role {
		return showRole(by.View.Account, r)
	})
	return &iam.ListRolesOutput{Roles: roles, Marker: marker, IsTruncated: new(marker != nil)}, nil
}

// byName gives each role its name as the place in the list.
func byName(roles iter.Seq[*identity.Role]) iter.Seq2[org.Cursor, *identity.Role] {
	return func(yield func(org.Cursor, *identity.Role) bool) {
		for r := range roles {
			if !yield(org.Cursor(r.Name), r) {
				return
			}
		}
	}
}

func showRole(a *identity.Account, r *identity.Role) iam.Role {
	shown := iam.Role{
		Path: r.Path, RoleName: r.Name, RoleId: string(r.ID), Arn: a.RoleARN(r), CreateDate: r.Created,
		AssumeRolePolicyDocument: new(url.PathEscape(r.TrustPolicy)),
		MaxSessionDuration:       new(r.MaxSessionDuration),
	}
	if r.Description != "" {
		shown.Description = new(r.Description)
	}
	return shown
}
