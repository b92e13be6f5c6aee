package ops_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/espalier-cloud/espalier/internal/api/iam"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/ops"
	"github.com/espalier-cloud/espalier/internal/wire"
)

func TestGetUser(t *testing.T) {
	e := newEstate(t)
	e.do(t, e.root, &iam.TagUserInput{UserName: "Ann", Tags: []iam.Tag{{Key: "a", Value: new("1")}}})
	named := give[iam.GetUserOutput](t, e.world, e.root, &iam.GetUserInput{UserName: new("ann")}).User
	self := give[iam.GetUserOutput](t, e.world, e.ann, &iam.GetUserInput{}).User
	for _, u := range []*iam.User{named, self} {
		if u.UserName != "Ann" || u.Path != "/team/" || u.Arn != e.ann.ARN || u.UserId != e.ann.UserID || u.CreateDate.IsZero() ||
			*u.PermissionsBoundary.PermissionsBoundaryArn != e.boundary || *u.PermissionsBoundary.PermissionsBoundaryType != "PermissionsBoundaryPolicy" || len(u.Tags) != 1 {
			t.Errorf("the user is %+v", u)
		}
	}
	root := give[iam.GetUserOutput](t, e.world, e.root, &iam.GetUserInput{}).User
	if root.UserId != string(e.root.Account) || root.Arn != e.root.ARN || root.CreateDate.IsZero() {
		t.Errorf("the root user is %+v", root)
	}
	for _, u := range give[iam.ListUsersOutput](t, e.world, e.root, &iam.ListUsersInput{PathPrefix: new("/team/")}).Users {
		if u.UserName != "Ann" || u.Tags != nil || u.PermissionsBoundary != nil {
			t.Errorf("the list shows %+v", u)
		}
	}
}

// A user's session cannot rename him and stay: his name is looked up again.
func TestCallerWhoIsGone(t *testing.T) {
	e := newEstate(t)
	e.do(t, e.root, &iam.UpdateUserInput{UserName: "Ann", NewUserName: new("Anna")})
	if refused := e.refuse(t, e.ann, &iam.GetUserInput{}); refused.ErrorCode() != "ValidationError" {
		t.Errorf("refused with %v", refused)
	}
	if by := e.keyCaller(t, e.root.Account, e.key); !strings.HasSuffix(by.ARN, ":user/team/Anna") || by.UserID != e.ann.UserID {
		t.Errorf("the key speaks for %+v", by)
	}
}

func TestAccessKeys(t *testing.T) {
	e := newEstate(t)
	created := give[iam.CreateAccessKeyOutput](t, e.world, e.ann, &iam.CreateAccessKeyInput{}).AccessKey // for himself
	if created.UserName != "Ann" || created.Status != "Active" || len(*created.SecretAccessKey) != 40 || created.CreateDate.IsZero() {
		t.Errorf("the key is %+v", created)
	}
	shown := string(wire.TrailParameters(&iam.CreateAccessKeyOutput{AccessKey: created}))
	if event := e.trail(t, e.root)[0]; event.EventName != "CreateAccessKey" || strings.Contains(event.doc+shown, *created.SecretAccessKey) || !strings.Contains(shown, created.AccessKeyId) {
		t.Errorf("the event is %s, with %s", event.doc, shown)
	}
	keys := give[iam.ListAccessKeysOutput](t, e.world, e.ann, &iam.ListAccessKeysInput{}).AccessKeyMetadata
	if len(keys) != 2 || *keys[0].UserName != "Ann" || *keys[0].Status != "Active" {
		t.Errorf("the keys are %+v", keys)
	}
	owner := func(id string) string {
		account, ok, err := e.registry.AccessKeyOwner(t.Context(), id)
		if err != nil || !ok {
			t.Errorf("%s belongs to %q: %v", id, account, err)
		}
		return string(account)
	}
	if got := owner(created.AccessKeyId); got != string(e.root.Account) {
		t.Errorf("the key belongs to %s", got)
	}
	e.do(t, e.ann, &iam.UpdateAccessKeyInput{AccessKeyId: created.AccessKeyId, Status: "Inactive"})
	e.do(t, e.ann, &iam.DeleteAccessKeyInput{AccessKeyId: created.AccessKeyId})
	e.boot()
	if _, ok, err := e.registry.AccessKeyOwner(t.Context(), created.AccessKeyId); ok || err != nil {
		t.Errorf("a deleted key still has an owner: %v", err)
	}
	rootKey := give[iam.CreateAccessKeyOutput](t, e.world, e.root, &iam.CreateAccessKeyInput{}).AccessKey
	if rootKey.UserName != "" || e.keyCaller(t, e.root.Account, rootKey.AccessKeyId).Type != identity.Root {
		t.Errorf("the key of the root user is %+v", rootKey)
	}
}

// The last use of a key and of a role is known to the quarter of an hour.
func TestNoteUse(t *testing.T) {
	e := newEstate(t)
	core := ops.Core{Registry: e.registry, Clock: e.clock.Now}
	note := func(by identity.Caller) int64 {
		t.Helper()
		caller, err := e.caller(t.Context(), by, &iam.GetUserInput{})
		if err == nil {
			err = core.NoteUse(t.Context(), caller)
		}
		if err != nil {
			t.Fatal(err)
		}
		return e.accountVersion(t, e.root)
	}
	used := func() *iam.AccessKeyLastUsed {
		return give[iam.GetAccessKeyLastUsedOutput](t, e.world, e.root, &iam.GetAccessKeyLastUsedInput{AccessKeyId: e.key}).AccessKeyLastUsed
	}
	if u := used(); !u.LastUsedDate.IsZero() || *u.ServiceName != "N/A" || *u.Region != "N/A" {
		t.Errorf("before it is used: %+v", u)
	}
	first := note(e.ann)
	if u := used(); u.LastUsedDate.IsZero() || *u.ServiceName != "iam" || *u.Region != "eu-central-1" {
		t.Errorf("after it was used: %+v", u)
	}
	if note(e.ann) != first {
		t.Error("the same use is written again")
	}
	note(e.session)
	role := give[iam.GetRoleOutput](t, e.world, e.root, &iam.GetRoleInput{RoleName: "Reader"}).Role
	if role.RoleLastUsed.LastUsedDate.IsZero() || *role.RoleLastUsed.Region != "eu-central-1" {
		t.Errorf("the role was used %+v", role.RoleLastUsed)
	}
	if idle := give[iam.GetRoleOutput](t, e.world, e.root, &iam.GetRoleInput{RoleName: "Idle"}).Role; !idle.RoleLastUsed.LastUsedDate.IsZero() {
		t.Errorf("a role that was never used was used %+v", idle.RoleLastUsed)
	}
	e.store.Close()
	e.clock.advance(1 << 50)
	caller, err := e.caller(t.Context(), e.ann, &iam.GetUserInput{})
	if err != nil {
		t.Fatal(err)
	}
	if err := core.NoteUse(t.Context(), caller); err == nil {
		t.Error("what cannot be written is no error")
	}
}

func TestPolicyAnswers(t *testing.T) {
	e := newEstate(t)
	p := give[iam.GetPolicyOutput](t, e.world, e.root, &iam.GetPolicyInput{PolicyArn: e.full}).Policy
	if *p.PolicyName != "Full" || *p.Path != "/" || *p.DefaultVersionId != "v2" || *p.AttachmentCount != 3 || *p.PermissionsBoundaryUsageCount != 0 || !*p.IsAttachable || *p.Description != "" {
		t.Errorf("the policy is %+v", p)
	}
	if b := give[iam.GetPolicyOutput](t, e.world, e.root, &iam.GetPolicyInput{PolicyArn: e.boundary}).Policy; *b.AttachmentCount != 0 || *b.PermissionsBoundaryUsageCount != 1 {
		t.Errorf("the boundary is %+v", b)
	}
	if a := give[iam.GetPolicyOutput](t, e.world, e.root, &iam.GetPolicyInput{PolicyArn: administratorAccess}).Policy; *a.PolicyId != "ANPAIWMBCKSKIEE64ZLYK" || *a.AttachmentCount != 0 || *a.DefaultVersionId != "v1" {
		t.Errorf("AdministratorAccess is %+v", a)
	}
	v := give[iam.GetPolicyVersionOutput](t, e.world, e.root, &iam.GetPolicyVersionInput{PolicyArn: e.full, VersionId: "v2"}).PolicyVersion
	if document, err := url.PathUnescape(*v.Document); err != nil || document != denying || !*v.IsDefaultVersion || strings.ContainsAny(*v.Document, `":{} +`) {
		t.Errorf("the document is %s, encoded as %s", document, *v.Document)
	}
	attached := give[iam.ListAttachedUserPoliciesOutput](t, e.world, e.root, &iam.ListAttachedUserPoliciesInput{UserName: "Ann", PathPrefix: new("/")}).AttachedPolicies
	if len(attached) != 1 || *attached[0].PolicyName != "Full" || *attached[0].PolicyArn != e.full {
		t.Errorf("attached are %+v", attached)
	}
	if under := give[iam.ListAttachedUserPoliciesOutput](t, e.world, e.root, &iam.ListAttachedUserPoliciesInput{UserName: "Ann", PathPrefix: new("/x/")}).AttachedPolicies; len(under) != 0 {
		t.Errorf("under another path are %+v", under)
	}
}

// walk goes through a list by pages of one and returns what is on them.
func walk(t *testing.T, page func(marker *string) ([]string, *bool, *string)) []string {
	t.Helper()
	var all []string
	var marker *string
	for range 1000 {
		shown, truncated, next := page(marker)
		if *truncated != (next != nil) || len(shown) > 1 {
			t.Fatalf("a page of %d, truncated is %t, the marker %v", len(shown), *truncated, next)
		}
		all = append(all, shown...)
		if marker = next; marker == nil {
			return all
		}
	}
	t.Fatal("the list does not end")
	return nil
}

func TestListPolicies(t *testing.T) {
	e := newEstate(t)
	e.do(t, e.root, &iam.AttachUserPolicyInput{UserName: "Bob", PolicyArn: readOnlyAccess})
	list := func(in iam.ListPoliciesInput) []string {
		return walk(t, func(marker *string) (names []string, _ *bool, _ *string) {
			in.Marker, in.MaxItems = marker, new(int32(1))
			out := give[iam.ListPoliciesOutput](t, e.world, e.root, &in)
			for _, p := range out.Policies {
				if names = append(names, *p.PolicyName); p.Description != nil || p.Tags != nil {
					t.Errorf("the list shows %+v", p)
				}
			}
			return names, out.IsTruncated, out.Marker
		})
	}
	all := list(iam.ListPoliciesInput{})
	if len(all) < 60 || !slices.Equal(all[:3], []string{"Boundary", "Full", "Spare"}) || !slices.Contains(all, "AdministratorAccess") {
		t.Errorf("all are %q", all)
	}
	for name, c := range map[string]struct {
		in   iam.ListPoliciesInput
		want []string
	}{
		"local":       {iam.ListPoliciesInput{Scope: new(iam.PolicyScopeTypeLocal)}, []string{"Boundary", "Full", "Spare"}},
		"AWS":         {iam.ListPoliciesInput{Scope: new(iam.PolicyScopeTypeAws)}, all[3:]},
		"all":         {iam.ListPoliciesInput{Scope: new(iam.PolicyScopeTypeAll)}, all},
		"path":        {iam.ListPoliciesInput{PathPrefix: new("/job-function/")}, []string{"ViewOnlyAccess"}},
		"boundaries":  {iam.ListPoliciesInput{PolicyUsageFilter: new(iam.PolicyUsageTypePermissionsBoundary)}, []string{"Boundary"}},
		"permissions": {iam.ListPoliciesInput{PolicyUsageFilter: new(iam.PolicyUsageTypePermissionsPolicy), Scope: new(iam.PolicyScopeTypeLocal)}, []string{"Full", "Spare"}},
	} {
		if got := list(c.in); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	attached := list(iam.ListPoliciesInput{OnlyAttached: new(true)})
	if !slices.Contains(attached, "ReadOnlyAccess") || !slices.Contains(attached, "Full") || slices.Contains(attached, "Spare") {
		t.Errorf("attached are %q", attached)
	}
}

func TestListEntitiesForPolicy(t *testing.T) {
	e := newEstate(t)
	e.do(t, e.root, &iam.PutUserPermissionsBoundaryInput{UserName: "Bob", PermissionsBoundary: e.full})
	list := func(in iam.ListEntitiesForPolicyInput) []string {
		in.PolicyArn = e.full
		return walk(t, func(marker *string) (names []string, _ *bool, _ *string) {
			in.Marker, in.MaxItems = marker, new(int32(1))
			out := give[iam.ListEntitiesForPolicyOutput](t, e.world, e.root, &in)
			for _, u := range out.PolicyUsers {
				names = append(names, *u.UserName+" "+(*u.UserId)[:4])
			}
			for _, g := range out.PolicyGroups {
				names = append(names, *g.GroupName+" "+(*g.GroupId)[:4])
			}
			for _, r := range out.PolicyRoles {
				names = append(names, *r.RoleName+" "+(*r.RoleId)[:4])
			}
			return names, out.IsTruncated, out.Marker
		})
	}
	for name, c := range map[string]struct {
		in   iam.ListEntitiesForPolicyInput
		want []string
	}{
		"all":        {iam.ListEntitiesForPolicyInput{}, []string{"Staff AGPA", "Reader AROA", "Ann AIDA", "Bob AIDA"}},
		"users":      {iam.ListEntitiesForPolicyInput{EntityFilter: new(iam.EntityTypeUser)}, []string{"Ann AIDA", "Bob AIDA"}},
		"groups":     {iam.ListEntitiesForPolicyInput{EntityFilter: new(iam.EntityTypeGroup)}, []string{"Staff AGPA"}},
		"no entity":  {iam.ListEntitiesForPolicyInput{EntityFilter: new(iam.EntityTypeLocalManagedPolicy)}, nil},
		"path":       {iam.ListEntitiesForPolicyInput{PathPrefix: new("/team/")}, []string{"Ann AIDA"}},
		"boundaries": {iam.ListEntitiesForPolicyInput{PolicyUsageFilter: new(iam.PolicyUsageTypePermissionsBoundary)}, []string{"Bob AIDA"}},
		"attached":   {iam.ListEntitiesForPolicyInput{PolicyUsageFilter: new(iam.PolicyUsageTypePermissionsPolicy)}, []string{"Staff AGPA", "Reader AROA", "Ann AIDA"}},
	} {
		if got := list(c.in); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestAuthorizationDetails(t *testing.T) {
	e := newEstate(t)
	list := func(filter ...iam.EntityType) []string {
		return walk(t, func(marker *string) (names []string, _ *bool, _ *string) {
			out := give[iam.GetAccountAuthorizationDetailsOutput](t, e.world, e.root, &iam.GetAccountAuthorizationDetailsInput{Filter: filter, Marker: marker, MaxItems: new(int32(1))})
			for _, u := range out.UserDetailList {
				names = append(names, fmt.Sprint(*u.UserName, u.GroupList, len(u.UserPolicyList), len(u.AttachedManagedPolicies), u.PermissionsBoundary != nil))
			}
			for _, g := range out.GroupDetailList {
				names = append(names, fmt.Sprint(*g.GroupName, len(g.GroupPolicyList), len(g.AttachedManagedPolicies)))
			}
			for _, r := range out.RoleDetailList {
				names = append(names, fmt.Sprint(*r.RoleName, len(r.RolePolicyList), len(r.AttachedManagedPolicies)))
			}
			for _, p := range out.Policies {
				names = append(names, fmt.Sprint(*p.PolicyName, len(p.PolicyVersionList), *p.AttachmentCount))
			}
			return names, out.IsTruncated, out.Marker
		})
	}
	users := []string{"Ann[Staff] 1 1 true", "Bob[] 0 0 false", "Grouped[Crowd] 0 0 false", "Keyed[] 0 0 false"}
	groups := []string{"Crowd0 0", "Empty0 0", "Staff1 1"}
	roles := []string{"AWSServiceRoleForOrganizations0 1", "AWSServiceRoleForSSO0 1", "Idle0 0", "Reader1 1"}
	local := []string{"Boundary1 0", "Full5 3", "Spare1 0"}
	aws := []string{"AWSOrganizationsServiceTrustPolicy1 1", "AWSSSOServiceRolePolicy1 1"}
	for _, c := range []struct {
		filter []iam.EntityType
		want   []string
	}{
		{nil, slices.Concat(users, groups, roles, local, aws)},
		{[]iam.EntityType{"User"}, users},
		{[]iam.EntityType{"Role", "Group"}, slices.Concat(groups, roles)},
		{[]iam.EntityType{"AWSManagedPolicy"}, aws},
	} {
		if got := list(c.filter...); !slices.Equal(got, c.want) {
			t.Errorf("%v: %q, want %q", c.filter, got, c.want)
		}
	}
}

func TestAccountSummary(t *testing.T) {
	e := newEstate(t)
	summary := give[iam.GetAccountSummaryOutput](t, e.world, e.root, &iam.GetAccountSummaryInput{}).SummaryMap
	for key, want := range map[iam.SummaryKeyType]int32{
		"Users": 4, "UsersQuota": 5000, "Groups": 3, "GroupsQuota": 300, "Roles": 2, "RolesQuota": 1000, "Policies": 3, "PoliciesQuota": 1500,
		"PolicyVersionsInUse": 7, "Providers": 1, "AccountAccessKeysPresent": 1, "AccessKeysPerUserQuota": 2, "MFADevices": 0, "InstanceProfiles": 0,
	} {
		if got, ok := summary[key]; !ok || got != want {
			t.Errorf("%s is %d, want %d", key, got, want)
		}
	}
	if want := len(iam.SummaryKeyType("").Values()); len(summary) != want {
		t.Errorf("the summary has %d keys, want %d", len(summary), want)
	}
	e.limit(&identity.Quotas{Users: 7})
	if got := give[iam.GetAccountSummaryOutput](t, e.world, e.root, &iam.GetAccountSummaryInput{}).SummaryMap["UsersQuota"]; got != 7 {
		t.Errorf("the quota of users is %d", got)
	}
}

// An alias is free for others once it is given up.
func TestAliases(t *testing.T) {
	e := newEstate(t)
	alias := func(by identity.Caller) []string {
		return give[iam.ListAccountAliasesOutput](t, e.world, by, &iam.ListAccountAliasesInput{}).AccountAliases
	}
	e.do(t, e.root, &iam.CreateAccountAliasInput{AccountAlias: "renamed"})
	e.do(t, e.outsider, &iam.CreateAccountAliasInput{AccountAlias: "estate"})
	if got := slices.Concat(alias(e.root), alias(e.outsider), alias(e.member)); !slices.Equal(got, []string{"renamed", "estate"}) {
		t.Errorf("the aliases are %q", got)
	}
	e.do(t, e.outsider, &iam.DeleteAccountAliasInput{AccountAlias: "estate"})
	e.do(t, e.member, &iam.CreateAccountAliasInput{AccountAlias: "estate"})
}

func TestServiceLinkedRoleDeletion(t *testing.T) {
	e := newEstate(t)
	status := func(id string) *iam.GetServiceLinkedRoleDeletionStatusOutput {
		return give[iam.GetServiceLinkedRoleDeletionStatusOutput](t, e.world, e.root, &iam.GetServiceLinkedRoleDeletionStatusInput{DeletionTaskId: id})
	}
	if got := status(e.deletions); got.Status != "SUCCEEDED" || got.Reason != nil {
		t.Errorf("got %+v", got)
	}
	needed := give[iam.DeleteServiceLinkedRoleOutput](t, e.world, e.root, &iam.DeleteServiceLinkedRoleInput{RoleName: organizationsRole}).DeletionTaskId
	got := status(needed)
	if got.Status != "FAILED" || *got.Reason.Reason == "" || !strings.HasPrefix(got.Reason.RoleUsageList[0].Resources[0], "arn:aws:organizations::") {
		t.Errorf("got %+v", got)
	}
	e.do(t, e.root, &iam.GetRoleInput{RoleName: organizationsRole})
}

func TestOIDCProviderChanges(t *testing.T) {
	e := newEstate(t)
	show := func() *iam.GetOpenIDConnectProviderOutput {
		return give[iam.GetOpenIDConnectProviderOutput](t, e.world, e.root, &iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: e.provider})
	}
	if p := show(); *p.Url != "token.example.com" || !slices.Equal(p.ClientIDList, []string{"app"}) || len(p.ThumbprintList) != 1 || p.CreateDate.IsZero() || p.Tags != nil {
		t.Errorf("the provider is %+v", p)
	}
	print := strings.Repeat("0b", 20)
	e.do(t, e.root, &iam.AddClientIDToOpenIDConnectProviderInput{OpenIDConnectProviderArn: e.provider, ClientID: "web"})
	e.do(t, e.root, &iam.RemoveClientIDFromOpenIDConnectProviderInput{OpenIDConnectProviderArn: e.provider, ClientID: "app"})
	e.do(t, e.root, &iam.UpdateOpenIDConnectProviderThumbprintInput{OpenIDConnectProviderArn: e.provider, ThumbprintList: []string{print}})
	e.do(t, e.root, &iam.TagOpenIDConnectProviderInput{OpenIDConnectProviderArn: e.provider, Tags: []iam.Tag{{Key: "team", Value: new("red")}, {Key: "stage", Value: new("")}}})
	e.do(t, e.root, &iam.UntagOpenIDConnectProviderInput{OpenIDConnectProviderArn: e.provider, TagKeys: []string{"stage"}})
	if p := show(); !slices.Equal(p.ClientIDList, []string{"web"}) || !slices.Equal(p.ThumbprintList, []string{print}) || len(p.Tags) != 1 {
		t.Errorf("the provider is %+v", p)
	}
	tags := give[iam.ListOpenIDConnectProviderTagsOutput](t, e.world, e.root, &iam.ListOpenIDConnectProviderTagsInput{OpenIDConnectProviderArn: e.provider})
	if len(tags.Tags) != 1 || tags.Tags[0].Key != "team" || *tags.Tags[0].Value != "red" || *tags.IsTruncated {
		t.Errorf("the tags are %+v", tags)
	}
}

// A marker is good for its list only.
func TestMarkers(t *testing.T) {
	e := newEstate(t)
	marker := give[iam.ListUsersOutput](t, e.world, e.root, &iam.ListUsersInput{MaxItems: new(int32(1))}).Marker
	if refused := e.refuse(t, e.root, &iam.ListGroupsInput{Marker: marker}); refused.ErrorMessage() != "Invalid Marker." {
		t.Errorf("another list takes it: %v", refused)
	}
	if refused := e.refuse(t, e.member, &iam.ListUsersInput{Marker: marker}); refused.ErrorMessage() != "Invalid Marker." {
		t.Errorf("another account takes it: %v", refused)
	}
}
