package identity

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCreateRole(t *testing.T) {
	d := newDraft(t)
	trust := trustDocument("AWS", "111122223333")
	r, err := d.CreateRole(NewRole{Name: "Reader", TrustPolicy: trust})
	must(t, err)
	want := &Role{Entity: Entity{Name: "Reader", Path: "/", Created: testTime}, ID: r.ID, TrustPolicy: trust, MaxSessionDuration: 3600}
	if diff := cmp.Diff(want, r); diff != "" {
		t.Error(diff)
	}
	if len(r.ID) != 21 || !strings.HasPrefix(string(r.ID), "AROA") {
		t.Errorf("id = %s", r.ID)
	}
	if got, ok := d.Role("rEADER"); !ok || got != r {
		t.Error("the role is not found by its name in other case")
	}
	_, err = d.CreateRole(NewRole{Name: "READER", TrustPolicy: trust})
	wantRefusal(t, err, EntityAlreadyExists, "Role with name READER already exists.")

	in := NewRole{Name: "Full", Path: "/team/", Description: "d", TrustPolicy: trust, MaxSessionDuration: 43200, Tags: []Tag{{"k", "v"}}}
	r, err = d.CreateRole(in)
	must(t, err)
	want = &Role{Entity: Entity{Name: "Full", Path: "/team/", Created: testTime, Tags: []Tag{{"k", "v"}}}, ID: r.ID, Description: "d",
		TrustPolicy: trust, MaxSessionDuration: 43200}
	if diff := cmp.Diff(want, r); diff != "" {
		t.Error(diff)
	}
	in.Tags[0].Value = "changed"
	if r.Tags[0].Value != "v" {
		t.Error("the role shares the tags of its caller")
	}
	for arn, found := range map[string]bool{
		"arn:aws:iam::111122223333:role/team/Full":    true,
		"arn:aws:iam::111122223333:role/Full":         false,
		"arn:aws:iam::111122223333:role/team/full":    false,
		"arn:aws-cn:iam::111122223333:role/team/Full": false,
		"arn:aws:iam::111122223334:role/team/Full":    false,
		"Full": false,
		"":     false,
	} {
		if got, ok := d.RoleByARN(arn); ok != found || found && got != r {
			t.Errorf("%s: found %t", arn, ok)
		}
	}
}

func TestCreateRoleRefuses(t *testing.T) {
	for _, tt := range []struct {
		in   func(*NewRole)
		kind ErrorKind
		text string
	}{
		{func(r *NewRole) { r.Name = "" }, ValidationError, "roleName"},
		{func(r *NewRole) { r.Name = "a b" }, ValidationError, "roleName"},
		{func(r *NewRole) { r.Name = strings.Repeat("x", 65) }, ValidationError, "roleName"},
		{func(r *NewRole) { r.Path = "x" }, ValidationError, "path"},
		{func(r *NewRole) { r.Path = "/x" }, ValidationError, "path"},
		{func(r *NewRole) { r.Path = "/" + strings.Repeat("x", 512) + "/" }, ValidationError, "path"},
		{func(r *NewRole) { r.Path = "/aws-service-role/x.amazonaws.com/" }, ValidationError, "path"},
		{func(r *NewRole) { r.Description = strings.Repeat("é", 1001) }, ValidationError, "description"},
		{func(r *NewRole) { r.MaxSessionDuration = 3599 }, ValidationError, "between 3600 and 43200"},
		{func(r *NewRole) { r.MaxSessionDuration = 43201 }, ValidationError, "between 3600 and 43200"},
		{func(r *NewRole) { r.Tags = manyTags(51) }, LimitExceeded, "number of tags"},
		{func(r *NewRole) { r.TrustPolicy = "" }, MalformedPolicyDocument, "invalid Json"},
	} {
		d := newDraft(t)
		in := NewRole{Name: "r", TrustPolicy: trustDocument("AWS", "*")}
		tt.in(&in)
		_, err := d.CreateRole(in)
		wantRefusal(t, err, tt.kind, tt.text)
		if n := len(d.Changes()); n != 1 {
			t.Errorf("%s: %d changes", tt.text, n)
		}
	}
}

func TestRoleQuota(t *testing.T) {
	d := newDraft(t)
	trust := trustDocument("AWS", "*")
	for i := range AWSQuotas().Roles {
		_, err := d.CreateRole(NewRole{Name: fmt.Sprint("r", i), TrustPolicy: trust})
		must(t, err)
	}
	_, err := d.CreateRole(NewRole{Name: "one-more", TrustPolicy: trust})
	wantRefusal(t, err, LimitExceeded, "RolesPerAccount: 1000")
	if _, err := d.EnsureOrganizationsRole(); err != nil {
		t.Errorf("service-linked roles are not counted, but: %v", err)
	}
}

func TestServiceLinkedRole(t *testing.T) {
	d := newDraft(t)
	r, err := d.EnsureOrganizationsRole()
	must(t, err)
	if got, want := d.RoleARN(r), "arn:aws:iam::111122223333:role/aws-service-role/organizations.amazonaws.com/AWSServiceRoleForOrganizations"; got != want {
		t.Errorf("ARN = %s, want %s", got, want)
	}
	if diff := cmp.Diff([]string{"arn:aws:iam::aws:policy/aws-service-role/AWSOrganizationsServiceTrustPolicy"}, r.ManagedPolicies); diff != "" {
		t.Error(diff)
	}
	if !r.ServiceLinked() || !strings.Contains(r.TrustPolicy, `{"Service":"organizations.amazonaws.com"}`) {
		t.Errorf("got %+v", r)
	}
	if again, err := d.EnsureOrganizationsRole(); err != nil || again != r {
		t.Errorf("got %+v, %v", again, err)
	}
	_, err = d.CreateServiceLinkedRole(linkedRole(t, OrganizationsService), "", "")
	wantRefusal(t, err, InvalidInput, "AWSServiceRoleForOrganizations has been taken")
	for _, err := range []error{
		d.DeleteRole(r.Name), d.AttachPolicy(RoleNamed(r.Name), "x"), d.DetachPolicy(RoleNamed(r.Name), "x"),
		d.SetPermissionsBoundary(RoleNamed(r.Name), "x"), d.PutInlinePolicy(RoleNamed(r.Name), "x", "{}"),
		d.UpdateAssumeRolePolicy(r.Name, "{}"), d.UpdateRole(r.Name, nil, new(int32(7200))),
	} {
		wantRefusal(t, err, UnmodifiableEntity, "protected role 'AWSServiceRoleForOrganizations'")
	}
	must(t, d.UpdateRole(r.Name, new("ours"), nil))
	must(t, d.Tag(RoleNamed(r.Name), []Tag{{"k", "v"}}))
	if r, _ = d.Role(r.Name); r.Description != "ours" || len(r.Tags) != 1 {
		t.Errorf("got %+v", r)
	}
}

func TestOrganizationAccessRole(t *testing.T) {
	d := newDraft(t)
	r, err := d.CreateOrganizationAccessRole("OrganizationAccountAccessRole", "999999999999")
	must(t, err)
	if diff := cmp.Diff([]string{AdministratorAccess(PartitionAWS)}, r.ManagedPolicies); diff != "" {
		t.Error(diff)
	}
	if want := trustDocument("AWS", RootARN(PartitionAWS, "999999999999")); r.TrustPolicy != want {
		t.Errorf("trusts %s, want %s", r.TrustPolicy, want)
	}
	_, err = d.CreateOrganizationAccessRole("organizationaccountaccessrole", "999999999999")
	wantRefusal(t, err, EntityAlreadyExists, "")
}

func manyTags(n int) []Tag {
	tags := make([]Tag, n)
	for i := range tags {
		tags[i].Key = fmt.Sprint("key", i)
	}
	return tags
}

func TestUpdateRole(t *testing.T) {
	d := newPopulation(t)
	must(t, d.UpdateRole("READER", new("reads"), new(int32(7200))))
	must(t, d.UpdateRole("Reader", nil, nil))
	must(t, d.UpdateAssumeRolePolicy("Reader", trustDocument("AWS", "*")))
	r, _ := d.Role("reader")
	if r.Description != "reads" || r.MaxSessionDuration != 7200 || r.TrustPolicy != trustDocument("AWS", "*") {
		t.Errorf("got %+v", r)
	}
	for _, c := range []struct {
		err  error
		kind ErrorKind
		text string
	}{
		{d.UpdateRole("Nobody", nil, nil), NoSuchEntity, "The role with name Nobody cannot be found."},
		{d.UpdateRole("Reader", new(strings.Repeat("x", 1001)), nil), ValidationError, "description"},
		{d.UpdateRole("Reader", nil, new(int32(1))), ValidationError, "between"},
		{d.UpdateAssumeRolePolicy("Nobody", trustAll), NoSuchEntity, "Nobody"},
		{d.UpdateAssumeRolePolicy("Reader", allowAll), MalformedPolicyDocument, "Syntax errors in policy."},
		{d.UpdateAssumeRolePolicy("Reader", strings.Repeat("x", 2049)), LimitExceeded, "Cannot exceed quota for ACLSizePerRole: 2048"},
	} {
		wantRefusal(t, c.err, c.kind, c.text)
	}
}
