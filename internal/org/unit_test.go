package org

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"testing"
)

func TestCreateOrganizationalUnit(t *testing.T) {
	d := founded(t)
	root := ParentID(d.root.ID)
	ou, err := d.CreateOrganizationalUnit(root, "A", Tags{{"z", "1"}, {"a", "2"}})
	must(t, err)
	if !regexp.MustCompile(`^ou-` + string(d.root.ID)[2:] + `-[a-z0-9]{8}$`).MatchString(string(ou.ID)) {
		t.Errorf("id %s under root %s", ou.ID, d.root.ID)
	}
	got, err := d.OrganizationalUnit(ou.ID)
	must(t, err)
	if got.Name != "A" || got.Parent != root || !got.Created.Equal(day0) || !slices.Equal(got.Tags, Tags{{"a", "2"}, {"z", "1"}}) {
		t.Errorf("unit: %+v", got)
	}
}

func TestCreateOrganizationalUnitRefusals(t *testing.T) {
	rules := AWSRules()
	rules.Tags, rules.OUs = 1, 7
	d := foundedBy(t, rules)
	root := ParentID(d.root.ID)
	deepest := root
	for depth := 1; depth <= 5; depth++ {
		deepest = unit(t, d, deepest, "A")
	}
	for _, c := range []struct {
		name, unit string
		parent     ParentID
		tags       Tags
		kind       Kind
		reason     Reason
	}{
		{"unknown unit", "B", "ou-xxxx-xxxxxxxx", nil, ParentNotFound, ""},
		{"unknown root", "B", "r-xxxx", nil, ParentNotFound, ""},
		{"no parent at all", "B", "", nil, ParentNotFound, ""},
		{"name taken", "A", root, nil, DuplicateOrganizationalUnit, ""},
		{"sixth level", "A", deepest, nil, ConstraintViolation, "OU_DEPTH_LIMIT_EXCEEDED"},
		{"reserved tag", "B", root, Tags{{"aws:a", ""}}, InvalidInput, "INVALID_SYSTEM_TAGS_PARAMETER"},
		{"tag twice", "B", root, Tags{{"a", ""}, {"a", ""}}, InvalidInput, "DUPLICATE_TAG_KEY"},
		{"too many tags", "B", root, Tags{{"a", ""}, {"b", ""}}, ConstraintViolation, "MAX_TAG_LIMIT_EXCEEDED"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := d.CreateOrganizationalUnit(c.parent, c.unit, c.tags)
			refused(t, err, c.kind, c.reason)
		})
	}
	unit(t, d, root, "a") // names differ by case
	unit(t, d, root, "B")
	_, err := d.CreateOrganizationalUnit(root, "C", nil)
	refused(t, err, ConstraintViolation, "OU_NUMBER_LIMIT_EXCEEDED")
}

func TestUpdateOrganizationalUnit(t *testing.T) {
	d := founded(t)
	root := ParentID(d.root.ID)
	a := OUID(unit(t, d, root, "A"))
	unit(t, d, root, "B")
	_, err := d.UpdateOrganizationalUnit("ou-xxxx-xxxxxxxx", new("C"))
	refused(t, err, OrganizationalUnitNotFound, "")
	_, err = d.UpdateOrganizationalUnit(a, new("B"))
	refused(t, err, DuplicateOrganizationalUnit, "")

	changes := len(d.Changes())
	for _, name := range []*string{nil, new("A")} {
		same, err := d.UpdateOrganizationalUnit(a, name)
		if err != nil || same.Name != "A" || len(d.Changes()) != changes {
			t.Errorf("unchanged: %+v %v", same, err)
		}
	}
	renamed, err := d.UpdateOrganizationalUnit(a, new("C"))
	must(t, err)
	if renamed.Name != "C" || renamed.ID != a {
		t.Errorf("renamed: %+v", renamed)
	}
	unit(t, d, root, "A") // the old name is free
}

func TestDeleteOrganizationalUnit(t *testing.T) {
	d := founded(t)
	root := ParentID(d.root.ID)
	a := unit(t, d, root, "A")
	b := unit(t, d, a, "B")
	refused(t, d.DeleteOrganizationalUnit("ou-xxxx-xxxxxxxx"), OrganizationalUnitNotFound, "")
	refused(t, d.DeleteOrganizationalUnit(OUID(a)), OrganizationalUnitNotEmpty, "")
	must(t, d.MoveAccount(management.ID, root, b))
	refused(t, d.DeleteOrganizationalUnit(OUID(b)), OrganizationalUnitNotEmpty, "")
	must(t, d.MoveAccount(management.ID, b, root))
	must(t, d.DeleteOrganizationalUnit(OUID(b)))
	must(t, d.DeleteOrganizationalUnit(OUID(a)))
	_, err := d.OrganizationalUnit(OUID(a))
	refused(t, err, OrganizationalUnitNotFound, "")
	_, err = d.OrganizationalUnits(a, "")
	refused(t, err, ParentNotFound, "")
	if again := unit(t, d, root, "A"); again == a {
		t.Error("an id was used twice")
	}
}

func TestDepthIsUnboundedByTheRulesOfAnotherDay(t *testing.T) {
	rules := AWSRules()
	rules.OUDepth = 12
	d := foundedBy(t, rules)
	parent := ParentID(d.root.ID)
	for i := range 12 {
		parent = unit(t, d, parent, fmt.Sprint(i))
	}
	_, err := d.CreateOrganizationalUnit(parent, "too deep", nil)
	var refusal *Error
	if !errors.As(err, &refusal) || refusal.Reason != "OU_DEPTH_LIMIT_EXCEEDED" {
		t.Errorf("error: %v", err)
	}
}
