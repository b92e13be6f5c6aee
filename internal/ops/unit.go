package ops

import (
	"context"

	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
)

// CreateOrganizationalUnit adds a unit below a root or a unit.
func (o *Organizations) CreateOrganizationalUnit(ctx context.Context, by Caller, in *organizations.CreateOrganizationalUnitInput) (*organizations.CreateOrganizationalUnitOutput, error) {
	return write(ctx, &o.Core, by, func(_ *registry.Tx, d *org.Draft) (*organizations.CreateOrganizationalUnitOutput, error) {
		unit, err := d.CreateOrganizationalUnit(org.ParentID(in.ParentId), in.Name, tagsOf(in.Tags))
		if err != nil {
			return nil, err
		}
		return &organizations.CreateOrganizationalUnitOutput{OrganizationalUnit: new(showUnit(d.Organization, unit))}, o.enforceTags(by, typeUnit, in.Tags)
	})
}

// UpdateOrganizationalUnit renames a unit.
func (o *Organizations) UpdateOrganizationalUnit(ctx context.Context, by Caller, in *organizations.UpdateOrganizationalUnitInput) (*organizations.UpdateOrganizationalUnitOutput, error) {
	return write(ctx, &o.Core, by, func(_ *registry.Tx, d *org.Draft) (*organizations.UpdateOrganizationalUnitOutput, error) {
		unit, err := d.UpdateOrganizationalUnit(org.OUID(in.OrganizationalUnitId), in.Name)
		if err != nil {
			return nil, err
		}
		return &organizations.UpdateOrganizationalUnitOutput{OrganizationalUnit: new(showUnit(d.Organization, unit))}, nil
	})
}

// DeleteOrganizationalUnit removes an empty unit.
func (o *Organizations) DeleteOrganizationalUnit(ctx context.Context, by Caller, in *organizations.DeleteOrganizationalUnitInput) (*organizations.DeleteOrganizationalUnitOutput, error) {
	return write(ctx, &o.Core, by, func(_ *registry.Tx, d *org.Draft) (*organizations.DeleteOrganizationalUnitOutput, error) {
		return &organizations.DeleteOrganizationalUnitOutput{}, d.DeleteOrganizationalUnit(org.OUID(in.OrganizationalUnitId))
	})
}

// DescribeOrganizationalUnit shows a unit.
func (o *Organizations) DescribeOrganizationalUnit(_ context.Context, by Caller, in *organizations.DescribeOrganizationalUnitInput) (*organizations.DescribeOrganizationalUnitOutput, error) {
	unit, err := by.View.Organization.OrganizationalUnit(org.OUID(in.OrganizationalUnitId))
	if err != nil {
		return nil, err
	}
	return &organizations.DescribeOrganizationalUnitOutput{OrganizationalUnit: new(showUnit(by.View.Organization, unit))}, nil
}

// ListOrganizationalUnitsForParent lists the units directly below a parent.
func (o *Organizations) ListOrganizationalUnitsForParent(_ context.Context, by Caller, in *organizations.ListOrganizationalUnitsForParentInput) (*organizations.ListOrganizationalUnitsForParentOutput, error) {
	p, err := o.page(by, in.MaxResults, in.NextToken, in.ParentId)
	if err != nil {
		return nil, err
	}
	units, err := by.View.Organization.OrganizationalUnits(org.ParentID(in.ParentId), p.after)
	if err != nil {
		return nil, err
	}
	shown, next := collect(p, units, func(u *org.OrganizationalUnit) organizations.OrganizationalUnit {
		return showUnit(by.View.Organization, u)
	})
	return &organizations.ListOrganizationalUnitsForParentOutput{OrganizationalUnits: shown, NextToken: next}, nil
}

func showUnit(o *org.Organization, u *org.OrganizationalUnit) organizations.OrganizationalUnit {
	return organizations.OrganizationalUnit{
		Id: new(string(u.ID)), Arn: new(o.UnitARN(u.ID)), Name: new(u.Name), Path: new(o.UnitPath(u)),
	}
}
