package ops

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/espalier-cloud/espalier/internal/api/iam"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
)

// GetAccountAuthorizationDetails shows everything that decides what the
// principals of the caller's account may do. Of AWS's policies it shows those
// that are in use.
func (i *IAM) GetAccountAuthorizationDetails(_ context.Context, by Caller, in *iam.GetAccountAuthorizationDetailsInput) (*iam.GetAccountAuthorizationDetailsOutput, error) {
	wanted := details{by.View.Account, in.Filter}
	all, page, err := list(i, by, paging{in.MaxItems, in.Marker}, fmt.Sprint(in.Filter), wanted.behind, same)
	if err != nil {
		return nil, err
	}
	out := &iam.GetAccountAuthorizationDetailsOutput{
		UserDetailList: []iam.UserDetail{}, GroupDetailList: []iam.GroupDetail{}, RoleDetailList: []iam.RoleDetail{},
		Policies: []iam.ManagedPolicyDetail{}, IsTruncated: page.truncated, Marker: page.marker,
	}
	for _, showIn := range all {
		showIn(out)
	}
	return out, nil
}

// details is what GetAccountAuthorizationDetails is asked for.
type details struct {
	account *identity.Account
	filter  []iam.EntityType // empty for all
}

// A detail shows one user, group, role or policy in the answer.
type detail func(*iam.GetAccountAuthorizationDetailsOutput)

// behind lists the details from behind a place, which is the number of a section
// and a name.
func (d *details) behind(after string) iter.Seq2[org.Cursor, detail] {
	first, name := 0, ""
	if after != "" {
		first, name = int(after[0]-'0'), after[1:]
	}
	sections := []struct {
		entity iam.EntityType
		behind func(name string) iter.Seq2[string, detail]
	}{
		{iam.EntityTypeUser, d.users}, {iam.EntityTypeGroup, d.groups}, {iam.EntityTypeRole, d.roles},
		{iam.EntityTypeLocalManagedPolicy, d.policies}, {iam.EntityTypeAWSManagedPolicy, d.policiesOfAWS},
	}
	return func(yield func(org.Cursor, detail) bool) {
		for n := first; n < len(sections); n++ {
			if len(d.filter) > 0 && !slices.Contains(d.filter, sections[n].entity) {
				continue
			}
			if n > first {
				name = ""
			}
			for name, show := range sections[n].behind(name) {
				if !yield(org.Cursor(fmt.Sprint(n, name)), show) {
					return
				}
			}
		}
	}
}

// detailed gives each element its name and the way in which it is shown.
func detailed[T any](elements iter.Seq[T], name func(T) string, show func(T, *iam.GetAccountAuthorizationDetailsOutput)) iter.Seq2[string, detail] {
	return func(yield func(string, detail) bool) {
		for e := range elements {
			if !yield(name(e), func(out *iam.GetAccountAuthorizationDetailsOutput) { show(e, out) }) {
				return
			}
		}
	}
}

func (d *details) users(after string) iter.Seq2[string, detail] {
	return detailed(d.account.Users("/", after), userName, func(u *identity.User, out *iam.GetAccountAuthorizationDetailsOutput) {
		out.UserDetailList = append(out.UserDetailList, iam.UserDetail{
			Path: &u.Path, UserName: &u.Name, UserId: new(string(u.ID)), Arn: new(d.account.UserARN(u)), CreateDate: u.Created,
			UserPolicyList: showInline(&u.Entity), GroupList: groupNames(d.account.GroupsOf(u, "")),
			AttachedManagedPolicies: showAttached(&u.Entity), PermissionsBoundary: showBoundary(&u.Entity), Tags: showTags(u.Tags),
		})
	})
}

func (d *details) groups(after string) iter.Seq2[string, detail] {
	return detailed(d.account.Groups("/", after), groupName, func(g *identity.Group, out *iam.GetAccountAuthorizationDetailsOutput) {
		out.GroupDetailList = append(out.GroupDetailList, iam.GroupDetail{
			Path: &g.Path, GroupName: &g.Name, GroupId: new(string(g.ID)), Arn: new(d.account.GroupARN(g)), CreateDate: g.Created,
			GroupPolicyList: showInline(&g.Entity), AttachedManagedPolicies: showAttached(&g.Entity),
		})
	})
}

func (d *details) roles(after string) iter.Seq2[string, detail] {
	return detailed(d.account.Roles("/", after), roleName, func(r *identity.Role, out *iam.GetAccountAuthorizationDetailsOutput) {
		out.RoleDetailList = append(out.RoleDetailList, iam.RoleDetail{
			Path: &r.Path, RoleName: &r.Name, RoleId: new(string(r.ID)), Arn: new(d.account.RoleARN(r)), CreateDate: r.Created,
			AssumeRolePolicyDocument: new(encoded(r.TrustPolicy)), InstanceProfileList: []iam.InstanceProfile{},
			RolePolicyList: showInline(&r.Entity), AttachedManagedPolicies: showAttached(&r.Entity),
			PermissionsBoundary: showBoundary(&r.Entity), Tags: showTags(r.Tags), RoleLastUsed: showRoleUse(r),
		})
	})
}

func (d *details) policies(after string) iter.Seq2[string, detail] {
	return detailed(d.account.Policies("/", after), policyName, d.showPolicy)
}

func (d *details) policiesOfAWS(after string) iter.Seq2[string, detail] {
	used := func(yield func(*identity.Policy) bool) {
		for p := range d.account.PoliciesOfAWS("/", after) {
			if arn := d.account.PolicyARN(p); d.account.AttachmentCount(arn)+d.account.BoundaryCount(arn) > 0 && !yield(p) {
				return
			}
		}
	}
	return detailed(used, policyName, d.showPolicy)
}

func policyName(p *identity.Policy) string { return p.Name }

func (d *details) showPolicy(p *identity.Policy, out *iam.GetAccountAuthorizationDetailsOutput) {
	s := summarizePolicy(d.account, p)
	out.Policies = append(out.Policies, iam.ManagedPolicyDetail{
		PolicyName: s.PolicyName, PolicyId: s.PolicyId, Arn: s.Arn, Path: s.Path, DefaultVersionId: s.DefaultVersionId,
		AttachmentCount: s.AttachmentCount, PermissionsBoundaryUsageCount: s.PermissionsBoundaryUsageCount, IsAttachable: s.IsAttachable,
		Description: optional(p.Description), CreateDate: s.CreateDate, UpdateDate: s.UpdateDate, PolicyVersionList: showVersions(p),
	})
}
