package org

import (
	"iter"
	"time"
)

// OrganizationalUnit groups accounts and other units under a root or a unit.
type OrganizationalUnit struct {
	ID      OUID      `json:"id"`
	Parent  ParentID  `json:"parent"`
	Name    string    `json:"name"`
	Created time.Time `json:"created"`
	Tags    Tags      `json:"tags,omitempty"`
}

func (u *OrganizationalUnit) kind() string { return kindUnit }
func (u *OrganizationalUnit) id() string   { return string(u.ID) }

func (u *OrganizationalUnit) put(o *Organization) {
	o.units.Set(string(u.ID), u)
	o.unitsByParent.Set(key(string(u.Parent), at(u.Created), string(u.ID)), u)
	o.unitsByCreation.Set(key(at(u.Created), string(u.ID)), u)
	o.unitNames.Set(key(string(u.Parent), u.Name), u.ID)
}

func (u *OrganizationalUnit) remove(o *Organization) {
	o.units.Delete(string(u.ID))
	o.unitsByParent.Delete(key(string(u.Parent), at(u.Created), string(u.ID)))
	o.unitsByCreation.Delete(key(at(u.Created), string(u.ID)))
	o.unitNames.Delete(key(string(u.Parent), u.Name))
}

// OrganizationalUnit returns a unit, or OrganizationalUnitNotFound.
func (o *Organization) OrganizationalUnit(id OUID) (*OrganizationalUnit, error) {
	unit, ok := o.units.Get(string(id))
	if !ok {
		return nil, refuse(OrganizationalUnitNotFound)
	}
	return unit, nil
}

// OrganizationalUnits lists the units directly below a parent in the order of
// their creation, from behind the cursor. It returns ParentNotFound.
func (o *Organization) OrganizationalUnits(parent ParentID, after Cursor) (iter.Seq2[Cursor, *OrganizationalUnit], error) {
	if !o.hasParent(parent) {
		return nil, refuse(ParentNotFound)
	}
	return walk(o.unitsByParent, key(string(parent), ""), after), nil
}

// hasParent tells whether the id is the root's or that of a unit.
func (o *Organization) hasParent(id ParentID) bool {
	if string(id) == string(o.root.ID) {
		return true
	}
	_, ok := o.units.Get(string(id))
	return ok
}

// CreateOrganizationalUnit adds a unit below a parent. It returns
// ParentNotFound, DuplicateOrganizationalUnit, InvalidInput for the tags, and
// ConstraintViolation OU_DEPTH_LIMIT_EXCEEDED, OU_NUMBER_LIMIT_EXCEEDED or
// MAX_TAG_LIMIT_EXCEEDED.
func (d *Draft) CreateOrganizationalUnit(parent ParentID, name string, tags Tags) (*OrganizationalUnit, error) {
	if !d.hasParent(parent) {
		return nil, refuse(ParentNotFound)
	}
	if _, taken := d.unitNames.Get(key(string(parent), name)); taken {
		return nil, refuse(DuplicateOrganizationalUnit)
	}
	if d.depth(parent) >= d.rules.OUDepth {
		return nil, violate("OU_DEPTH_LIMIT_EXCEEDED")
	}
	if d.units.Len() >= d.rules.OUs {
		return nil, violate("OU_NUMBER_LIMIT_EXCEEDED")
	}
	tags, err := d.newTags(tags)
	if err != nil {
		return nil, err
	}
	unit := &OrganizationalUnit{
		ID:     OUID("ou-" + string(d.root.ID[len("r-"):]) + "-" + random(d.rand, lowerAlnum, 8)),
		Parent: parent, Name: name, Created: d.now, Tags: tags,
	}
	d.put(unit)
	return unit, nil
}

// depth counts the units from the root down to a parent: 0 for the root.
func (o *Organization) depth(parent ParentID) int {
	n := 0
	for parent.IsOU() {
		unit, _ := o.units.Get(string(parent))
		parent, n = unit.Parent, n+1
	}
	return n
}

// UpdateOrganizationalUnit gives a unit a new name; nil keeps the old one, and
// so does its present name. It returns OrganizationalUnitNotFound and
// DuplicateOrganizationalUnit.
func (d *Draft) UpdateOrganizationalUnit(id OUID, name *string) (*OrganizationalUnit, error) {
	unit, err := d.OrganizationalUnit(id)
	if err != nil || name == nil || *name == unit.Name {
		return unit, err
	}
	if _, taken := d.unitNames.Get(key(string(unit.Parent), *name)); taken {
		return nil, refuse(DuplicateOrganizationalUnit)
	}
	renamed := *unit
	renamed.Name = *name
	d.put(&renamed)
	return &renamed, nil
}

// DeleteOrganizationalUnit removes an empty unit, its tags and its policy
// attachments. It returns OrganizationalUnitNotFound and
// OrganizationalUnitNotEmpty.
func (d *Draft) DeleteOrganizationalUnit(id OUID) error {
	unit, err := d.OrganizationalUnit(id)
	if err != nil {
		return err
	}
	prefix := key(string(id), "")
	if occupied(d.unitsByParent, prefix) || occupied(d.accountsByParent, prefix) {
		return refuse(OrganizationalUnitNotEmpty)
	}
	d.dropAttachments(TargetID(id))
	d.drop(unit)
	return nil
}
