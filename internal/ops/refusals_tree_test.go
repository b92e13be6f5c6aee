package ops_test

import (
	"strings"

	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/org"
)

func (g *garden) treeRefusals() []refusal {
	in := func(parent, name string, tags ...organizations.Tag) *organizations.CreateOrganizationalUnitInput {
		return &organizations.CreateOrganizationalUnitInput{ParentId: parent, Name: name, Tags: tags}
	}
	update := func(id, name string) *organizations.UpdateOrganizationalUnitInput {
		return &organizations.UpdateOrganizationalUnitInput{OrganizationalUnitId: id, Name: &name}
	}
	return []refusal{
		{in: in("", "Name"), code: "InvalidInput", reason: "INPUT_REQUIRED:PARENT_ID"},
		{in: in(g.root, ""), code: "InvalidInput", reason: "INPUT_REQUIRED:NAME"},
		{in: in("x"+g.root, "Name"), code: "InvalidInput", reason: "INVALID_PATTERN:PARENT_ID"},
		{in: in(g.root, strings.Repeat("é", 129)), code: "InvalidInput", reason: "MAX_LENGTH_EXCEEDED:NAME"},
		{in: in(g.root, "Name", tagged("a", "1", "a", "2")...), code: "InvalidInput", reason: "DUPLICATE_TAG_KEY"},
		{in: in(g.root, "Name", tagged("aws:a", "1")...), code: "InvalidInput", reason: "INVALID_SYSTEM_TAGS_PARAMETER"},
		{in: in(g.root, "Name", tagged("a", "1", "b", "2", "c", "3")...), code: "ConstraintViolation", reason: "MAX_TAG_LIMIT_EXCEEDED",
			rules: func(r *org.Rules) { r.Tags = 2 }},
		{in: in(unknownRoot, "Name"), code: "ParentNotFound"},
		{in: in(unknownUnit, "Name"), code: "ParentNotFound"},
		{in: in(g.root, "Empty"), code: "DuplicateOrganizationalUnit"},
		{in: in(g.units[4], "Level 6"), code: "ConstraintViolation", reason: "OU_DEPTH_LIMIT_EXCEEDED"},
		{in: in(g.root, "Name"), code: "ConstraintViolation", reason: "OU_NUMBER_LIMIT_EXCEEDED", rules: func(r *org.Rules) { r.OUs = 6 }},

		{in: update("", "Name"), code: "InvalidInput", reason: "INPUT_REQUIRED:ORGANIZATIONAL_UNIT_ID"},
		{in: update(g.root, "Name"), code: "InvalidInput", reason: "INVALID_PATTERN:ORGANIZATIONAL_UNIT_ID"},
		{in: update(g.empty, ""), code: "InvalidInput", reason: "MIN_LENGTH_EXCEEDED:NAME"},
		{in: update(g.empty, strings.Repeat("x", 129)), code: "InvalidInput", reason: "MAX_LENGTH_EXCEEDED:NAME"},
		{in: update(unknownUnit, "Name"), code: "OrganizationalUnitNotFound"},
		{in: update(g.empty, "Level 1"), code: "DuplicateOrganizationalUnit"},

		{in: &organizations.DeleteOrganizationalUnitInput{}, code: "InvalidInput", reason: "INPUT_REQUIRED:ORGANIZATIONAL_UNIT_ID"},
		{in: &organizations.DeleteOrganizationalUnitInput{OrganizationalUnitId: unknownUnit}, code: "OrganizationalUnitNotFound"},
		{in: &organizations.DeleteOrganizationalUnitInput{OrganizationalUnitId: g.units[0]}, code: "OrganizationalUnitNotEmpty"},
		{in: &organizations.DescribeOrganizationalUnitInput{}, code: "InvalidInput", reason: "INPUT_REQUIRED:ORGANIZATIONAL_UNIT_ID"},
		{in: &organizations.DescribeOrganizationalUnitInput{OrganizationalUnitId: unknownUnit}, code: "OrganizationalUnitNotFound"},

		{in: &organizations.ListOrganizationalUnitsForParentInput{}, code: "InvalidInput", reason: "INPUT_REQUIRED:PARENT_ID"},
		{in: &organizations.ListOrganizationalUnitsForParentInput{ParentId: unknownUnit}, code: "ParentNotFound"},
		{in: &organizations.ListAccountsForParentInput{ParentId: string(g.member.Account)}, code: "InvalidInput", reason: "INVALID_PATTERN:PARENT_ID"},
		{in: &organizations.ListAccountsForParentInput{ParentId: unknownRoot}, code: "ParentNotFound"},
		{in: &organizations.ListChildrenInput{ParentId: g.root}, code: "InvalidInput", reason: "INPUT_REQUIRED:CHILD_TYPE"},
		{in: &organizations.ListChildrenInput{ParentId: g.root, ChildType: "ROOT"}, code: "InvalidInput", reason: "INVALID_ENUM:CHILD_TYPE"},
		{in: &organizations.ListChildrenInput{ParentId: unknownUnit, ChildType: "ACCOUNT"}, code: "ParentNotFound"},
		{in: &organizations.ListParentsInput{ChildId: g.root}, code: "InvalidInput", reason: "INVALID_PATTERN:CHILD_ID"},
		{in: &organizations.ListParentsInput{ChildId: unknownAccount}, code: "ChildNotFound"},
		{in: &organizations.ListParentsInput{ChildId: unknownUnit}, code: "ChildNotFound"},
		{in: &organizations.ListParentsInput{ChildId: string(g.outsider.Account)}, code: "ChildNotFound"},
	}
}

// listRefusals are those of the size of a page and of the place where it begins.
func (g *garden) listRefusals() []refusal {
	const token = "bm90IGEgdG9rZW4"
	size, next := new(int32(21)), new(token)
	lists := []refusal{
		{in: &organizations.ListRootsInput{MaxResults: new(int32(0))}, code: "InvalidInput", reason: "MIN_VALUE_EXCEEDED:MAX_RESULTS"},
		{in: &organizations.ListRootsInput{MaxResults: size}, code: "InvalidInput", reason: "MAX_VALUE_EXCEEDED:MAX_RESULTS"},
		{in: &organizations.ListAccountsInput{MaxResults: size}, code: "InvalidInput", reason: "MAX_VALUE_EXCEEDED:MAX_RESULTS"},
		{in: &organizations.ListAccountsInput{NextToken: new(strings.Repeat("x", 100_001))}, code: "InvalidInput", reason: "MAX_LENGTH_EXCEEDED:NEXT_TOKEN"},
		{in: &organizations.ListAccountsInput{NextToken: new("")}, code: "InvalidInput", reason: "INVALID_NEXT_TOKEN"},
	}
	for _, list := range g.lists() {
		list.page(nil, next)
		lists = append(lists, refusal{in: list.in, code: "InvalidInput", reason: "INVALID_NEXT_TOKEN"})
	}
	return lists
}
