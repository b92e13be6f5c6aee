package org

import "iter"

// ParentType says what a parent is.
type ParentType string

// The parent types of the model.
const (
	ParentRoot ParentType = "ROOT"
	ParentOU   ParentType = "ORGANIZATIONAL_UNIT"
)

// Type returns what the id names by its form.
func (p ParentID) Type() ParentType {
	if p.IsOU() {
		return ParentOU
	}
	return ParentRoot
}

// ChildType says what a child is.
type ChildType string

// The child types of the model.
const (
	ChildAccount ChildType = "ACCOUNT"
	ChildOU      ChildType = "ORGANIZATIONAL_UNIT"
)

// Parent returns what directly contains an account or a unit, or ChildNotFound.
func (o *Organization) Parent(child ChildID) (ParentID, error) {
	if account, ok := o.accounts.Get(string(child)); ok {
		return account.Parent, nil
	}
	if unit, ok := o.units.Get(string(child)); ok {
		return unit.Parent, nil
	}
	return "", refuse(ChildNotFound)
}

// Children lists the accounts or the units directly below a parent in the order
// in which they came, from behind the cursor. It returns ParentNotFound.
func (o *Organization) Children(parent ParentID, of ChildType, after Cursor) (iter.Seq2[Cursor, ChildID], error) {
	if !o.hasParent(parent) {
		return nil, refuse(ParentNotFound)
	}
	below := key(string(parent), "")
	if of == ChildAccount {
		return mapped(walk(o.accountsByParent, below, after), func(a *Account) ChildID { return ChildID(a.ID) }), nil
	}
	return mapped(walk(o.unitsByParent, below, after), func(u *OrganizationalUnit) ChildID { return ChildID(u.ID) }), nil
}
