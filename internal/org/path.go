package org

// AccountPath returns the place of an account in the tree, in AWS's notation:
// "o-…/r-…/ou-…/123456789012/".
func (o *Organization) AccountPath(a *Account) string {
	return o.path(a.Parent, string(a.ID)+"/")
}

// UnitPath returns the place of a unit in the tree: "o-…/r-…/ou-…/ou-…/".
func (o *Organization) UnitPath(u *OrganizationalUnit) string {
	return o.path(u.Parent, string(u.ID)+"/")
}

// ParentPath returns the place of a root or a unit of the organization. That of
// an account's parent is what aws:PrincipalOrgPaths holds for the account.
func (o *Organization) ParentPath(parent ParentID) string { return o.path(parent, "") }

// path returns the place of what is below a parent.
func (o *Organization) path(parent ParentID, below string) string {
	var room [192]byte // most paths are shorter: one allocation
	return string(append(o.appendPath(room[:0], parent), below...))
}

func (o *Organization) appendPath(b []byte, parent ParentID) []byte {
	if unit, ok := o.units.Get(string(parent)); ok {
		b = append(o.appendPath(b, unit.Parent), unit.ID...)
	} else {
		b = append(append(append(b, o.settings.ID...), '/'), o.root.ID...)
	}
	return append(b, '/')
}
