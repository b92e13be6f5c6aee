package ops

import (
	"context"
	"iter"

	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
)

// ListChildren lists the accounts or the units directly below a parent.
func (o *Organizations) ListChildren(_ context.Context, by Caller, in *organizations.ListChildrenInput) (*organizations.ListChildrenOutput, error) {
	p, err := o.page(by, in.MaxResults, in.NextToken, in.ParentId, string(in.ChildType))
	if err != nil {
		return nil, err
	}
	children, err := by.View.Organization.Children(org.ParentID(in.ParentId), org.ChildType(in.ChildType), p.after)
	if err != nil {
		return nil, err
	}
	shown, next := collect(p, children, func(id org.ChildID) organizations.Child {
		return organizations.Child{Id: new(string(id)), Type: new(in.ChildType)}
	})
	return &organizations.ListChildrenOutput{Children: shown, NextToken: next}, nil
}

// ListParents shows the one parent of an account or a unit.
func (o *Organizations) ListParents(_ context.Context, by Caller, in *organizations.ListParentsInput) (*organizations.ListParentsOutput, error) {
	p, err := o.page(by, in.MaxResults, in.NextToken, in.ChildId)
	if err != nil {
		return nil, err
	}
	parent, err := by.View.Organization.Parent(org.ChildID(in.ChildId))
	if err != nil {
		return nil, err
	}
	one := iter.Seq2[org.Cursor, org.ParentID](func(yield func(org.Cursor, org.ParentID) bool) {
		if p.after == "" {
			yield(org.Cursor(parent), parent)
		}
	})
	shown, next := collect(p, one, func(id org.ParentID) organizations.Parent {
		return organizations.Parent{Id: new(string(id)), Type: new(organizations.ParentType(id.Type()))}
	})
	return &organizations.ListParentsOutput{Parents: shown, NextToken: next}, nil
}

// MoveAccount moves an account to another root or organizational unit.
func (o *Organizations) MoveAccount(ctx context.Context, by Caller, in *organizations.MoveAccountInput) (*organizations.MoveAccountOutput, error) {
	return write(ctx, &o.Core, by, func(_ *registry.Tx, d *org.Draft) (*organizations.MoveAccountOutput, error) {
		return &organizations.MoveAccountOutput{}, d.MoveAccount(org.AccountID(in.AccountId), org.ParentID(in.SourceParentId), org.ParentID(in.DestinationParentId))
	})
}
