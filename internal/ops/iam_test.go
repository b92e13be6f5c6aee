package ops_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/espalier-cloud/espalier/internal/api/iam"
	"github.com/espalier-cloud/espalier/internal/identity"
)

func TestGetRole(t *testing.T) {
	w := newWorld(t)
	by := w.standalone(t, "Somebody")
	trust := trusting("123456789012", "")
	w.addRole(t, by.Account, identity.NewRole{
		Name: "Gardener", Path: "/team/", Description: "Digs", TrustPolicy: trust, MaxSessionDuration: 7200, Tags: []identity.Tag{{Key: "a", Value: "1"}},
	})
	role := give[iam.GetRoleOutput](t, w, by, &iam.GetRoleInput{RoleName: "gardener"}).Role
	document, err := url.PathUnescape(*role.AssumeRolePolicyDocument)
	if role.RoleName != "Gardener" || role.Path != "/team/" || role.Arn != "arn:aws:iam::"+string(by.Account)+":role/team/Gardener" || !strings.HasPrefix(role.RoleId, "AROA") ||
		*role.Description != "Digs" || *role.MaxSessionDuration != 7200 || role.CreateDate.IsZero() || document != trust || err != nil ||
		len(role.Tags) != 1 || role.Tags[0].Key != "a" || *role.Tags[0].Value != "1" {
		t.Errorf("the role is %+v", role)
	}
	e := w.refuse(t, by, &iam.GetRoleInput{RoleName: "Nobody"})
	if e.ErrorCode() != "NoSuchEntity" || e.HTTPStatus() != 404 || e.ErrorMessage() != "The role with name Nobody cannot be found." {
		t.Errorf("refused with status %d, %v", e.HTTPStatus(), e)
	}
	if e := w.refuse(t, by, &iam.GetRoleInput{RoleName: "no role"}); e.ErrorCode() != "ValidationError" {
		t.Errorf("refused with %v", e)
	}
}

func TestListRoles(t *testing.T) {
	w := newWorld(t)
	by := w.standalone(t, "Somebody")
	for i := range 120 {
		path := "/"
		if i%2 == 0 {
			path = "/even/"
		}
		w.addRole(t, by.Account, identity.NewRole{Name: fmt.Sprintf("Role%03d", i), Path: path, TrustPolicy: trusting("*", "")})
	}
	walk := func(prefix *string, size *int32) (names []string, pages int) {
		in := &iam.ListRolesInput{PathPrefix: prefix, MaxItems: size}
		for {
			out := give[iam.ListRolesOutput](t, w, by, in)
			pages++
			for _, role := range out.Roles {
				names = append(names, role.RoleName)
			}
			if *out.IsTruncated != (out.Marker != nil) {
				t.Fatalf("truncated is %v, the marker %v", *out.IsTruncated, out.Marker)
			}
			if in.Marker = out.Marker; in.Marker == nil {
				return names, pages
			}
		}
	}
	all, pages := walk(nil, nil)
	if len(all) != 120 || pages != 2 || !slices.IsSorted(all) {
		t.Errorf("%d roles on %d pages", len(all), pages)
	}
	if names, pages := walk(nil, new(int32(7))); !slices.Equal(names, all) || pages != 18 {
		t.Errorf("by sevens: %d roles on %d pages", len(names), pages)
	}
	if names, pages := walk(new("/even/"), new(int32(60))); len(names) != 60 || pages != 1 {
		t.Errorf("with the path: %d roles on %d pages", len(names), pages)
	}
	marker := give[iam.ListRolesOutput](t, w, by, &iam.ListRolesInput{MaxItems: new(int32(1))}).Marker
	for name, in := range map[string]*iam.ListRolesInput{
		"another path": {Marker: marker, PathPrefix: new("/even/")},
		"no marker":    {Marker: new("marker")},
	} {
		if e := w.refuse(t, by, in); e.ErrorCode() != "ValidationError" || e.ErrorMessage() != "Invalid Marker." {
			t.Errorf("%s: %v", name, e)
		}
	}
	if e := w.refuse(t, w.standalone(t, "Stranger"), &iam.ListRolesInput{Marker: marker}); e.ErrorCode() != "ValidationError" {
		t.Errorf("a stranger uses the marker: %v", e)
	}
}
